//! Random histories.

use std::cmp::Reverse;
use std::iter;

use quickcheck::{Arbitrary, Gen};
use storage_iter::RangeTombstone;

use super::history::History;
use super::support::below;

/// The greatest sequence number of a history, which is small, so that snapshots fall between versions.
pub(crate) const LATEST: u64 = 12;

/// User keys to choose from.
pub(crate) const USER_KEYS: [&[u8]; 9] = [b"", b"\0", b"a", b"a\0", b"a\0\xff", b"a\x01", b"ab", b"b", b"\xff"];

pub(crate) fn user_key(g: &mut Gen) -> Vec<u8> {
    g.choose(&USER_KEYS).expect("there are some").to_vec()
}

impl Arbitrary for History {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut history = History::default();
        for _ in 0..below(g, 25) {
            let (user_key, sequence) = (user_key(g), below(g, LATEST as usize + 1) as u64);
            let value = match below(g, 4) {
                0 => vec![],
                1 | 2 => format!("+{sequence}").into_bytes(),
                _ => format!("={sequence}").into_bytes(),
            };
            history.versions.insert((user_key, Reverse(sequence)), value);
        }
        for _ in 0..below(g, 4) {
            let sequence = below(g, LATEST as usize + 1) as u64;
            history.ranges.push(RangeTombstone { start: user_key(g), end: user_key(g), sequence });
        }
        history
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let (without_version, without_range) = (self.clone(), self.clone());
        let keys: Vec<_> = self.versions.keys().cloned().collect();
        let fewer_versions = keys.into_iter().map(move |key| {
            let mut fewer = without_version.clone();
            fewer.versions.remove(&key);
            fewer
        });
        let fewer_ranges = (0..self.ranges.len()).map(move |index| {
            let mut fewer = without_range.clone();
            fewer.ranges.remove(index);
            fewer
        });
        Box::new(fewer_versions.chain(fewer_ranges).chain(iter::empty()))
    }
}
