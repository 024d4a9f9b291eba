//! [`History`]: versions, and what should come out of the combinators over them, computed from the whole.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use storage_iter::testing::Entry;
use storage_iter::{OwnedVersionedKey, RangeTombstone, RangeTombstones};

/// Versions of a few user keys, some of which are prefixes of others or have zero bytes; and range tombstones.
///
/// Values: an empty one is a tombstone, one that begins with `+` an operand; the others tell their version.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) versions: BTreeMap<(Vec<u8>, Reverse<u64>), Vec<u8>>,
    pub(crate) ranges: Vec<RangeTombstone>,
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

    /// What `at` shows.
    pub(crate) fn at(&self, snapshot: u64) -> Vec<Entry> {
        self.seen(snapshot).into_iter().map(|(user_key, versions)| (user_key, versions[0].1.clone())).collect()
    }

    /// What `fold_versions` shows with an operator that appends.
    pub(crate) fn folded(&self, snapshot: u64) -> Vec<Entry> {
        let fold = |(user_key, versions): (Vec<u8>, Vec<(u64, Vec<u8>)>)| {
            let mut folded = vec![];
            // The oldest first, as they were written.
            for (_, value) in versions.into_iter().rev() {
                match value.strip_prefix(b"+") {
                    Some(operand) => folded.extend_from_slice(operand),
                    None => folded = value,
                }
            }
            (user_key, folded)
        };
        self.seen(snapshot).into_iter().map(fold).collect()
    }
}
