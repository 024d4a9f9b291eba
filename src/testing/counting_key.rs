//! [`CountingKey`]: a key that announces its comparisons.

use std::cmp::Ordering;

use super::events::{Event, announce};
use crate::Key;

/// A key whose comparisons are [events](super::events).
///
/// It has the order of the key inside, but tells no merge of bytes or integers with that order, so whatever compares it has to call
/// it.
///
/// ```
/// use storage_iter::testing::CountingKey;
/// use storage_iter::testing::events::{Event, count_events};
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let [newer, older] = [[(CountingKey(1), 'a')], [(CountingKey(2), 'b')]];
/// let mut merged = SliceIterator::new(&newer).two_merge(SliceIterator::new(&older));
/// assert_eq!(count_events(|| merged.next()).1.of(Event::Compare), 1);
/// ```
#[derive(Debug, Default)]
pub struct CountingKey<K = Vec<u8>>(pub K);

impl<K: Key> Key for CountingKey<K> {}

impl<K: PartialEq> PartialEq for CountingKey<K> {
    fn eq(&self, other: &Self) -> bool {
        announce(Event::Compare);
        self.0 == other.0
    }
}

impl<K: Eq> Eq for CountingKey<K> {}

impl<K: Ord> PartialOrd for CountingKey<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord> Ord for CountingKey<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        announce(Event::Compare);
        self.0.cmp(&other.0)
    }
}

/// Reuses the buffer in `clone_from`, which a derived `Clone` would not.
impl<K: Clone> Clone for CountingKey<K> {
    fn clone(&self) -> Self {
        CountingKey(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}
