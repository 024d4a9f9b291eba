use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use storage_iter::StorageIterator;

use super::{source, visit_all};
use crate::data::{BenchKey, Entry};

/// The merge of the textbooks: all sources in one `BinaryHeap`, moved in place through `PeekMut`. It never fails over
/// slices, and must not: a source that fails would be sifted with an error in its hand.
pub(super) fn merge<'a, K: BenchKey<'a>>(sources: &[Vec<Entry<'a, K>>], visit: impl FnMut(&K::Lent, &[u8])) {
    visit_all(HeapMergeIterator::new(sources.iter().map(|entries| source(entries))), visit);
}

struct HeapMergeIterator<I: StorageIterator<Key: ToOwned>> {
    /// Sources that have not moved to their first entry yet: all of them, or none.
    new: Vec<I>,
    heap: BinaryHeap<Reverse<Source<I>>>,
    /// The key that came out last, copied, for its source has moved on when its duplicates are looked for.
    last: Option<<I::Key as ToOwned>::Owned>,
}

/// A source on an entry, in the order of the keys, of equal keys in that of the indices.
struct Source<I> {
    iterator: I,
    index: usize,
}

impl<I: StorageIterator<Key: ToOwned>> HeapMergeIterator<I> {
    fn new(sources: impl IntoIterator<Item = I>) -> Self {
        HeapMergeIterator { new: sources.into_iter().collect(), heap: BinaryHeap::new(), last: None }
    }

    fn open(&mut self) -> Result<(), I::Error> {
        let mut sources = Vec::with_capacity(self.new.len());
        for (index, mut iterator) in self.new.drain(..).enumerate() {
            if iterator.next()? {
                sources.push(Reverse(Source { iterator, index }));
            }
        }
        self.heap = BinaryHeap::from(sources);
        Ok(())
    }

    /// Moves the source at the top and lets it sink to its new place, or drops it at its end.
    #[inline]
    fn move_top(&mut self) -> Result<(), I::Error> {
        if let Some(mut top) = self.heap.peek_mut()
            && !top.0.iterator.next()?
        {
            PeekMut::pop(top);
        }
        Ok(())
    }

    #[inline]
    fn top(&self) -> Option<&I> {
        self.heap.peek().map(|top| &top.0.iterator)
    }
}

impl<I: StorageIterator<Key: ToOwned>> StorageIterator for HeapMergeIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        if !self.new.is_empty() {
            self.open()?;
            return Ok(self.is_valid());
        }
        let Some(top) = self.heap.peek() else { return Ok(false) };
        match &mut self.last {
            Some(last) => top.0.iterator.key().clone_into(last),
            None => self.last = Some(top.0.iterator.key().to_owned()),
        }
        loop {
            self.move_top()?;
            let is_duplicate = match (self.top(), &self.last) {
                (Some(top), Some(last)) => *top.key() == *std::borrow::Borrow::<I::Key>::borrow(last),
                _ => false,
            };
            if !is_duplicate {
                return Ok(self.is_valid());
            }
        }
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.new.is_empty() && !self.heap.is_empty()
    }

    #[inline]
    fn key(&self) -> &I::Key {
        self.top().expect("on an entry").key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.top().expect("on an entry").value()
    }
}

impl<I: StorageIterator> Ord for Source<I> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.iterator.key().cmp(other.iterator.key()).then(self.index.cmp(&other.index))
    }
}

impl<I: StorageIterator> PartialOrd for Source<I> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<I: StorageIterator> PartialEq for Source<I> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<I: StorageIterator> Eq for Source<I> {}
