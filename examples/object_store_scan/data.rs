//! What is in the runs and in the table, made up from numbers.

use std::collections::BTreeMap;

use storage_iter::MemTable;

use crate::arguments::Arguments;

/// A key is in two runs on average.
fn keys(arguments: &Arguments) -> u64 {
    (arguments.runs as u64 * arguments.entries).div_ceil(2)
}

fn key(number: u64) -> Vec<u8> {
    format!("user{number:012}").into_bytes()
}

/// One value in twenty is a deletion.
fn value(number: u64, layer: u64) -> Vec<u8> {
    let random = mix(number ^ mix(layer));
    if random.is_multiple_of(20) { vec![] } else { random.to_be_bytes().repeat(12) }
}

/// The entries of a run, in order of keys.
pub(crate) fn run(arguments: &Arguments, run: usize) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + use<> {
    let (keys, one_in, run) = (keys(arguments), (arguments.runs as u64).div_ceil(2), run as u64);
    (0..keys)
        .filter(move |number| mix(number.wrapping_mul(31).wrapping_add(run) ^ 0x9E37).is_multiple_of(one_in))
        .map(move |number| (key(number), value(number, run)))
}

/// Puts what is newer than all runs into the table: one key in a hundred. How many there are.
pub(crate) fn fill(arguments: &Arguments, table: &MemTable) -> u64 {
    let newest = arguments.runs as u64;
    let numbers = (0..keys(arguments)).step_by(100);
    numbers.map(|number| table.put(&key(number), &value(number, newest))).count() as u64
}

/// What the scans have to yield, found out by a map of everything.
pub(crate) fn expected(arguments: &Arguments) -> Digest {
    let mut everything: BTreeMap<Vec<u8>, Vec<u8>> =
        (0..arguments.runs).flat_map(|number| run(arguments, number)).collect();
    let newest = arguments.runs as u64;
    everything.extend((0..keys(arguments)).step_by(100).map(|number| (key(number), value(number, newest))));
    let mut digest = Digest::default();
    everything.iter().filter(|(_, value)| !value.is_empty()).for_each(|(key, value)| digest.add(key, value));
    digest
}

/// What has come out of a scan: how much, and a checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    sum: u64,
}

impl Digest {
    pub(crate) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.entries += 1;
        self.bytes += (key.len() + value.len()) as u64;
        for bytes in [key, value] {
            self.sum = bytes.iter().fold(mix(self.sum), |sum, byte| sum.rotate_left(7) ^ u64::from(*byte));
        }
    }
}

/// A number of which every bit depends on every bit of another (the finaliser of SplitMix64).
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
