//! [`History`]: what the tests of versions are fed with.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter;

use quickcheck::{Arbitrary, Gen};
use storage_iter::{OwnedVersionedKey, RangeTombstone, RangeTombstones};

use super::support::below;

/// The greatest sequence number of a history, which is small, so that snapshots fall between versions.
pub(crate) const LATEST: u64 = 12;

/// Versions of a few user keys, some of which are prefixes of others or have zero bytes; and range tombstones.
///
/// Values: an empty one is a tombstone, one that begins with `+` an operand; the others tell their version.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) versions: BTreeMap<(Vec<u8>, Reverse<u64>), Vec<u8>>,
    pub(crate) ranges: Vec<RangeTombstone>,
}

/// User keys to choose from.
pub(crate) const USER_KEYS: [&[u8]; 9] = [b"", b"\0", b"a", b"a\0", b"a\0\xff", b"a\x01", b"ab", b"b", b"\xff"];

pub(crate) fn user_key(g: &mut Gen) -> Vec<u8> {
    g.choose(&USER_KEYS).expect("there are some").to_vec()
}

impl History {
    /// The versions under encoded keys.
    pub(crate) fn entries(&self) -> Vec<(OwnedVersionedKey, Vec<u8>)> {
        let encode = |((user_key, Reverse(sequence)), value): (&(Vec<u8>, Reverse<u64>), &Vec<u8>)| {
            (OwnedVersionedKey::new(user_key, *sequence), value.clone())
        };
        self.versions.iter().map(encode).collect()
    }

    pub(crate) fn tombstones(&self) -> RangeTombstones {
        self.ranges.iter().cloned().collect()
    }

    /// The versions that no range tombstone deletes for `snapshot`: every version against every tombstone.
    pub(crate) fn unmasked(&self, snapshot: u64) -> Self {
        let is_masked = |user_key: &[u8], sequence: u64| {
            self.ranges.iter().any(|range| {
                range.sequence <= snapshot
                    && range.sequence > sequence
                    && *range.start <= *user_key
                    && *user_key < *range.end
            })
        };
        let versions = self.versions.iter().filter(|((user_key, sequence), _)| !is_masked(user_key, sequence.0));
        History {
            versions: versions.map(|(key, value)| (key.clone(), value.clone())).collect(),
            ranges: self.ranges.clone(),
        }
    }

    /// The versions of each user key that `snapshot` sees, the newest first.
    pub(crate) fn seen(&self, snapshot: u64) -> BTreeMap<Vec<u8>, Vec<(u64, Vec<u8>)>> {
        let mut seen = BTreeMap::<_, Vec<_>>::new();
        for ((user_key, Reverse(sequence)), value) in &self.versions {
            if *sequence <= snapshot {
                seen.entry(user_key.clone()).or_default().push((*sequence, value.clone()));
            }
        }
        seen
    }
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
