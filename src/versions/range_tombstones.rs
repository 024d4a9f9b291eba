use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

use super::Versioned;
use crate::Key;
use crate::key::Shown;

/// The deletion of all user keys from `start` up to, but without, `end`.
///
/// It masks the versions whose number is less than its own; one with the same number is not older, and is not masked.
///
/// ```
/// use storage_iter::{RangeTombstone, RangeTombstones};
///
/// let deleted = RangeTombstone { start: b"b".to_vec(), end: b"d".to_vec(), sequence: 5 };
/// let deleted: RangeTombstones = [deleted].into_iter().collect();
/// assert_eq!(deleted.newest(b"c", 9), Some(5));
/// assert_eq!(deleted.newest(b"d", 9), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RangeTombstone<O = Vec<u8>> {
    /// The first user key that is deleted.
    pub start: O,
    /// The first one behind that is not. There are none where it is not greater than `start`.
    pub end: O,
    /// When the range was deleted.
    pub sequence: u64,
}

/// Range tombstones, ready to be asked which one lies over a user key.
///
/// They are cut into *fragments* at all starts and ends, so that every fragment has the same tombstones throughout, as
/// Pebble and `RocksDB` do. It does not matter which layer a tombstone comes from: its number says what it masks. So
/// those of all layers that a merge reads are collected into one of these, and [`mask`](crate::StorageIterator::mask)
/// applies it above the merge.
///
/// # Complexity
///
/// Collecting *n* tombstones takes *O(n log n)* comparisons, and space for each fragment that a tombstone lies over. A
/// look-up is *O(log n)*.
///
/// ```
/// use storage_iter::{RangeTombstone, RangeTombstones};
///
/// let in_newer_layer = [RangeTombstone { start: 3, end: 6, sequence: 8 }];
/// let in_older_layer = [RangeTombstone { start: 1, end: 5, sequence: 4 }];
/// let all: RangeTombstones<u64> = in_newer_layer.into_iter().chain(in_older_layer).collect();
/// let fragments: Vec<_> = all.fragments().collect();
/// assert_eq!(fragments, [(&1, &3, [4].as_slice()), (&3, &5, &[8, 4]), (&5, &6, &[8])]);
/// assert_eq!((all.newest(&4, 9), all.newest(&4, 7), all.newest(&4, 3)), (Some(8), Some(4), None));
/// ```
pub struct RangeTombstones<K: ?Sized + ToOwned = [u8]> {
    /// Where a fragment starts, or a gap.
    boundaries: Vec<K::Owned>,
    /// For each boundary, where the numbers of what starts there end. They start where those before end.
    ends: Vec<usize>,
    /// The numbers of the tombstones over each fragment, the newest first.
    sequences: Vec<u64>,
}

impl<K: ?Sized + ToOwned> RangeTombstones<K> {
    /// None at all.
    ///
    /// ```
    /// # use storage_iter::RangeTombstones;
    /// assert!(<RangeTombstones>::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        RangeTombstones { boundaries: Vec::new(), ends: Vec::new(), sequences: Vec::new() }
    }

    /// Whether nothing is masked.
    ///
    /// ```
    /// # use storage_iter::{RangeTombstone, RangeTombstones};
    /// let nothing: RangeTombstones<u64> = [RangeTombstone { start: 5, end: 5, sequence: 1 }].into_iter().collect();
    /// assert!(nothing.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// The fragments in order: from where, up to where (exclusive), and the numbers of the tombstones over it, the
    /// newest first. A compaction writes them.
    ///
    /// ```
    /// # use storage_iter::{RangeTombstone, RangeTombstones};
    /// let tombstones: RangeTombstones<u64> = [RangeTombstone { start: 2, end: 5, sequence: 1 }].into_iter().collect();
    /// assert_eq!(tombstones.fragments().next(), Some((&2, &5, [1].as_slice())));
    /// ```
    pub fn fragments(&self) -> impl Iterator<Item = (&K, &K, &[u64])> {
        let bounds = self.boundaries.windows(2).enumerate();
        bounds.filter_map(|(index, bounds)| match self.sequences_from(index) {
            [] => None,
            sequences => Some((bounds[0].borrow(), bounds[1].borrow(), sequences)),
        })
    }

    /// The numbers of the tombstones over what starts at a boundary.
    #[inline]
    fn sequences_from(&self, boundary: usize) -> &[u64] {
        let start = if boundary == 0 { 0 } else { self.ends[boundary - 1] };
        &self.sequences[start..self.ends[boundary]]
    }
}

impl<K: ?Sized + Key + ToOwned> RangeTombstones<K> {
    /// The number of the newest tombstone over `user_key` that `snapshot` sees: those with its number and with less.
    ///
    /// ```
    /// # use storage_iter::{RangeTombstone, RangeTombstones};
    /// let tombstones: RangeTombstones<u64> = [RangeTombstone { start: 2, end: 5, sequence: 4 }].into_iter().collect();
    /// assert_eq!((tombstones.newest(&2, 4), tombstones.newest(&2, 3)), (Some(4), None));
    /// assert_eq!(tombstones.newest(&5, 4), None);
    /// ```
    #[must_use]
    pub fn newest(&self, user_key: &K, snapshot: u64) -> Option<u64> {
        self.newest_near(user_key, snapshot, &mut 0)
    }

    /// Whether a tombstone that `snapshot` sees deletes this version.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{RangeTombstone, RangeTombstones};
    /// let tombstones: RangeTombstones<u64> = [RangeTombstone { start: 2, end: 5, sequence: 4 }].into_iter().collect();
    /// assert!(tombstones.masks(&(2, Reverse(3)), 9));
    /// assert!(!tombstones.masks(&(2, Reverse(4)), 9));
    /// assert!(!tombstones.masks(&(2, Reverse(3)), 3));
    /// ```
    #[must_use]
    pub fn masks<V: ?Sized + Versioned<UserKey = K>>(&self, version: &V, snapshot: u64) -> bool {
        self.masks_near(version, snapshot, &mut 0)
    }

    #[inline]
    pub(super) fn masks_near<V>(&self, version: &V, snapshot: u64, place: &mut usize) -> bool
    where
        V: ?Sized + Versioned<UserKey = K>,
    {
        let newest = self.newest_near(version.user_key(), snapshot, place);
        newest.is_some_and(|newest| newest > version.sequence())
    }

    /// Looks at `place` first, and writes where it has found the key.
    #[inline]
    fn newest_near(&self, user_key: &K, snapshot: u64, place: &mut usize) -> Option<u64> {
        if !self.is_at(*place, user_key) {
            *place = if self.is_at(*place + 1, user_key) { *place + 1 } else { self.find(user_key) };
        }
        let sequences = self.sequences_from(place.checked_sub(1)?);
        let visible = sequences.partition_point(|&sequence| sequence > snapshot);
        sequences.get(visible).copied()
    }

    /// Whether as many boundaries are not greater than `user_key`.
    #[inline]
    fn is_at(&self, place: usize, user_key: &K) -> bool {
        place <= self.boundaries.len()
            && place.checked_sub(1).is_none_or(|before| self.boundaries[before].borrow() <= user_key)
            && self.boundaries.get(place).is_none_or(|behind| user_key < behind.borrow())
    }

    #[cold]
    fn find(&self, user_key: &K) -> usize {
        self.boundaries.partition_point(|boundary| boundary.borrow() <= user_key)
    }

    /// What a compaction has to write if nobody reads with a snapshot less than `watermark` any more: of the tombstones
    /// over each fragment all that are newer than it, and the newest of the others; but not that one where nothing
    /// older lies below the compaction, which `has_older` is to tell of the keys from its first argument up to its
    /// second. (What the compaction itself reads is [masked](crate::StorageIterator::mask) with `watermark`.)
    ///
    /// ```
    /// # use storage_iter::{RangeTombstone, RangeTombstones};
    /// let tombstones = [(1, 9, 3), (1, 9, 6), (1, 9, 8)];
    /// let tombstones = tombstones.map(|(start, end, sequence)| RangeTombstone { start, end, sequence });
    /// let tombstones: RangeTombstones<u64> = tombstones.into_iter().collect();
    /// let sequences = |left: RangeTombstones<u64>| left.fragments().next().map(|(_, _, all)| all.to_vec());
    /// assert_eq!(sequences(tombstones.collect_garbage(7, |_, _| true)), Some(vec![8, 6]));
    /// assert_eq!(sequences(tombstones.collect_garbage(7, |_, _| false)), Some(vec![8]));
    /// assert_eq!(sequences(tombstones.collect_garbage(8, |_, _| false)), None);
    /// ```
    #[must_use]
    pub fn collect_garbage(&self, watermark: u64, mut has_older: impl FnMut(&K, &K) -> bool) -> Self {
        let mut kept = vec![];
        for (start, end, sequences) in self.fragments() {
            let newer = sequences.partition_point(|&sequence| sequence > watermark);
            let keeps_one_more = newer < sequences.len() && has_older(start, end);
            kept.extend(sequences[..newer + usize::from(keeps_one_more)].iter().map(|&sequence| RangeTombstone {
                start: start.to_owned(),
                end: end.to_owned(),
                sequence,
            }));
        }
        kept.into_iter().collect()
    }
}

/// Cuts the tombstones into fragments.
impl<K: ?Sized + Key + ToOwned> FromIterator<RangeTombstone<K::Owned>> for RangeTombstones<K> {
    fn from_iter<T: IntoIterator<Item = RangeTombstone<K::Owned>>>(tombstones: T) -> Self {
        let mut all = RangeTombstones::new();
        all.extend(tombstones);
        all
    }
}

/// Adds tombstones, of another layer for example. All fragments are made anew, so it is better to add many at once.
impl<K: ?Sized + Key + ToOwned> Extend<RangeTombstone<K::Owned>> for RangeTombstones<K> {
    fn extend<T: IntoIterator<Item = RangeTombstone<K::Owned>>>(&mut self, tombstones: T) {
        let mut edges = vec![];
        let mut add = |start: K::Owned, end: K::Owned, sequence| {
            if start.borrow() < end.borrow() {
                edges.extend([Edge { at: start, sequence, starts: true }, Edge { at: end, sequence, starts: false }]);
            }
        };
        for (start, end, sequences) in self.fragments() {
            sequences.iter().for_each(|&sequence| add(start.to_owned(), end.to_owned(), sequence));
        }
        tombstones.into_iter().for_each(|tombstone| add(tombstone.start, tombstone.end, tombstone.sequence));
        edges.sort_by(|one, other| one.at.borrow().cmp(other.at.borrow()));
        *self = fragments_between(edges);
    }
}

/// Where a tombstone starts or ends.
struct Edge<O> {
    at: O,
    sequence: u64,
    starts: bool,
}

fn fragments_between<K: ?Sized + Key + ToOwned>(edges: Vec<Edge<K::Owned>>) -> RangeTombstones<K> {
    let mut fragments = RangeTombstones::<K>::new();
    // How many tombstones of each number lie over the place where the sweep is.
    let mut active = BTreeMap::<u64, usize>::new();
    let mut edges = edges.into_iter().peekable();
    while let Some(edge) = edges.next() {
        let count = active.entry(edge.sequence).or_default();
        *count = if edge.starts { *count + 1 } else { *count - 1 };
        if *count == 0 {
            active.remove(&edge.sequence);
        }
        if edges.peek().is_some_and(|following| following.at.borrow() == edge.at.borrow()) {
            continue;
        }
        let before = fragments.boundaries.len().checked_sub(1).map_or(&[][..], |last| fragments.sequences_from(last));
        if !before.iter().eq(active.keys().rev()) {
            fragments.sequences.extend(active.keys().rev());
            fragments.ends.push(fragments.sequences.len());
            fragments.boundaries.push(edge.at);
        }
    }
    fragments
}

impl<K: ?Sized + ToOwned> Default for RangeTombstones<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: ?Sized + ToOwned<Owned: Clone>> Clone for RangeTombstones<K> {
    fn clone(&self) -> Self {
        RangeTombstones {
            boundaries: self.boundaries.clone(),
            ends: self.ends.clone(),
            sequences: self.sequences.clone(),
        }
    }
}

impl<K: ?Sized + Key + ToOwned> fmt::Debug for RangeTombstones<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.fragments().map(|(start, end, sequences)| (Shown(start), Shown(end), sequences)))
            .finish()
    }
}
