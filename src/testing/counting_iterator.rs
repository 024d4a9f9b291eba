//! [`CountingIterator`]: an iterator that announces its calls.

use std::cell::Cell;

use super::events::{Event, EventCounts, announce, uncounted};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator whose calls are [events](super::events), and that counts them.
///
/// Yields what the child yields. An event may be told to panic; it comes before the child is called, so the child stands
/// where it stood, and the step is open.
///
/// # Complexity
///
/// *O(1)* beside the child's step. Allocates nothing.
///
/// # Errors
///
/// The child's.
///
/// # Panics
///
/// Where [`events::panic_after`](super::events::panic_after) says so.
///
/// ```
/// use storage_iter::testing::CountingIterator;
/// use storage_iter::testing::events::Event;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let mut entries = CountingIterator::new(SliceIterator::new(&[(1, 'a'), (2, 'b')]));
/// assert_eq!(entries.by_ref().take(1).count(), Ok(1));
/// assert_eq!(entries.counts().of(Event::Next), 1);
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct CountingIterator<I> {
    child: I,
    counts: Cell<EventCounts>,
    /// A call that moves has begun and not returned: it panicked.
    is_open: bool,
    /// That call was a seek.
    is_cut_short: bool,
    hides_comparisons: bool,
}

impl<I> CountingIterator<I> {
    /// `child`, counted.
    ///
    /// ```
    /// # use storage_iter::testing::CountingIterator;
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// assert_eq!(CountingIterator::new(SliceIterator::new(&[(1, 'a')])).count(), Ok(1));
    /// ```
    pub fn new(child: I) -> Self {
        CountingIterator {
            child,
            counts: Cell::default(),
            is_open: false,
            is_cut_short: false,
            hides_comparisons: false,
        }
    }

    /// The calls of this iterator until now. Comparisons are not among them: they are their thread's.
    ///
    /// ```
    /// # use storage_iter::testing::{CountingIterator, events::EventCounts};
    /// # use storage_iter::SliceIterator;
    /// assert_eq!(CountingIterator::new(SliceIterator::new(&[(1, 'a')])).counts(), EventCounts::NONE);
    /// ```
    #[must_use]
    pub fn counts(&self) -> EventCounts {
        self.counts.get()
    }

    /// Does not count what happens in the child, which is its comparisons as a rule: those that are counted are then made by whoever
    /// stands above.
    ///
    /// ```
    /// # use storage_iter::testing::events::{Event, count_events};
    /// # use storage_iter::testing::{CountingIterator, CountingKey};
    /// # use storage_iter::{SeekableIterator, SliceIterator};
    /// let entries = [1, 2, 3].map(|key| (CountingKey(key), 'a'));
    /// let mut counting = CountingIterator::new(SliceIterator::new(&entries)).hiding_comparisons();
    /// assert_eq!(count_events(|| counting.seek(&CountingKey(3))).1.of(Event::Compare), 0);
    /// assert_eq!(counting.counts().of(Event::Seek), 1);
    /// ```
    pub fn hiding_comparisons(mut self) -> Self {
        self.hides_comparisons = true;
        self
    }

    fn announce(&self, event: Event) {
        self.counts.set(self.counts.get().and(event));
        announce(event);
    }

    fn go<T>(&mut self, event: Event, go: impl FnOnce(&mut I) -> T) -> T {
        assert!(event == Event::Seek || !self.is_cut_short, "a seek was cut short; seek again");
        self.is_open = true;
        self.is_cut_short = event == Event::Seek;
        self.announce(event);
        let child = &mut self.child;
        let result = if self.hides_comparisons { uncounted(|| go(child)) } else { go(child) };
        (self.is_open, self.is_cut_short) = (false, false);
        result
    }

    fn touch(&self, event: Event) -> &I {
        self.announce(event);
        assert!(!self.is_open, "touched while a step is open");
        &self.child
    }
}

impl<I: StorageIterator> StorageIterator for CountingIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        self.go(Event::Next, I::next)
    }

    fn is_valid(&self) -> bool {
        self.announce(Event::IsValid);
        !self.is_open && self.child.is_valid()
    }

    fn key(&self) -> &I::Key {
        self.touch(Event::Key).key()
    }

    fn value(&self) -> &I::Value {
        self.touch(Event::Value).value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        self.child.shared_prefix_len()
    }

    fn prefetch(&self) {
        self.child.prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.child.num_active_iterators()
    }
}

impl<I: SeekableIterator> SeekableIterator for CountingIterator<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(Event::Seek, |child| child.seek(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.go(Event::Seek, I::seek_to_first)
    }
}

impl<I: BidirectionalIterator> BidirectionalIterator for CountingIterator<I> {
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.go(Event::Prev, I::prev)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.go(Event::Seek, I::seek_to_last)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(Event::Seek, |child| child.seek_for_prev(key))
    }
}
