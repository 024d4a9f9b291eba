//! [`BlockingIterator`]: an asynchronous iterator as a synchronous one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Attempt, Attempts, block_on, poll_times};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::testing::BrokenPromise;
use crate::{SeekableIterator, StorageIterator};

/// An asynchronous storage iterator as a synchronous one, for tests: it [blocks](block_on) where that waits.
///
/// Yields what the iterator yields. So all that this kit has for synchronous iterators can be used on asynchronous ones. And it is
/// what drops their futures: before a step is awaited, it is made in all the ways that the [`Attempts`] say, none of which need
/// succeed.
///
/// # Complexity
///
/// One allocation a step, for the waker.
///
/// # Errors
///
/// The iterator's.
///
/// # Panics
///
/// Where [`block_on`] does; and where the iterator is valid after a future of it was dropped, with a [`BrokenPromise`] as the
/// message.
///
/// ```
/// use storage_iter::async_iter::FromSync;
/// use storage_iter::testing::{Attempt, Attempts, BlockingIterator, PendingIterator, PendingPlan};
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let entries = FromSync::new(SliceIterator::new(&[(1, 'a'), (2, 'b')]));
/// let waiting = PendingIterator::new(entries, &PendingPlan::always(3), 0);
/// let dropping = Attempts::at_every_step(&[Attempt::DropAfter(2)]);
/// assert_eq!(BlockingIterator::new(waiting).attempting(&dropping).count(), Ok(2));
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BlockingIterator<I> {
    iterator: I,
    attempts: Attempts,
    /// How many steps there were.
    step: usize,
    /// Nobody may ask it anything while a step is open.
    passes_calls_on: bool,
    minds_tries: bool,
    verdict: Option<Verdict>,
}

/// What was seen of the steps, for somebody who does not want a panic.
#[derive(Clone, Debug, Default)]
pub(in crate::testing) struct Verdict(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// The first promise that was broken.
    broken: Option<BrokenPromise>,
    /// How many attempts have begun a step and not made it.
    left_open: usize,
}

impl Verdict {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `result`, unless a promise was broken before.
    pub(in crate::testing) fn or<T>(&self, result: Result<T, BrokenPromise>) -> Result<T, BrokenPromise> {
        self.seen().broken.take().map_or(result, Err)
    }

    /// How many attempts have begun a step and not made it.
    pub(in crate::testing) fn left_open(&self) -> usize {
        self.seen().left_open
    }
}

impl<I> BlockingIterator<I> {
    /// `iterator`, whose steps are awaited.
    ///
    /// ```
    /// # use storage_iter::async_iter::FromSync;
    /// # use storage_iter::testing::BlockingIterator;
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// assert_eq!(BlockingIterator::new(FromSync::new(OnceIterator::new(1, 'a'))).count(), Ok(1));
    /// ```
    pub fn new(iterator: I) -> Self {
        let attempts = Attempts::none();
        BlockingIterator { iterator, attempts, step: 0, passes_calls_on: false, minds_tries: false, verdict: None }
    }

    /// Tries `attempts` at each step first.
    ///
    /// ```
    /// # use storage_iter::async_iter::FromSync;
    /// # use storage_iter::testing::{Attempt, Attempts, BlockingIterator};
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let trying = Attempts::at_every_step(&[Attempt::Try]);
    /// let entries = BlockingIterator::new(FromSync::new(OnceIterator::new(1, 'a'))).attempting(&trying);
    /// assert_eq!(entries.count(), Ok(1));
    /// ```
    pub fn attempting(mut self, attempts: &Attempts) -> Self {
        self.attempts = attempts.clone();
        self
    }

    /// Does not ask `is_valid` after a future was dropped: for what only passes calls on, such as `Box<I>`, to a child that minds.
    ///
    /// ```
    /// # use storage_iter::async_iter::FromSync;
    /// # use storage_iter::testing::{Attempt, Attempts, BlockingIterator, PendingIterator, PendingPlan};
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let child = PendingIterator::new(FromSync::new(OnceIterator::new(1, 'a')), &PendingPlan::always(2), 0);
    /// let trying = Attempts::at_every_step(&[Attempt::Try]);
    /// let entries = BlockingIterator::new(Box::new(child.under_combinator())).attempting(&trying).passing_calls_on();
    /// assert_eq!(entries.count(), Ok(1));
    /// ```
    pub fn passing_calls_on(mut self) -> Self {
        self.passes_calls_on = true;
        self
    }

    /// Asks `is_valid` also after a `try_next` that had to wait: for combinators, which know then that a step is open. (An iterator
    /// without a `try_next` of its own does not.)
    ///
    /// ```should_panic
    /// # use storage_iter::testing::{Attempt, Attempts, BlockingIterator};
    /// # use storage_iter::{StorageIterator, async_iter::AsyncStorageIterator};
    /// /// Waits before each entry, and has no `try_next`.
    /// struct Zeros(bool);
    /// impl AsyncStorageIterator for Zeros {
    ///     type Key = u64;
    ///     type Value = u64;
    ///     type Error = String;
    ///     async fn next(&mut self) -> Result<bool, String> {
    ///         self.0 = true;
    ///         Ok(true)
    ///     }
    ///     fn is_valid(&self) -> bool {
    ///         self.0
    ///     }
    ///     fn key(&self) -> &u64 {
    ///         &0
    ///     }
    ///     fn value(&self) -> &u64 {
    ///         &0
    ///     }
    /// }
    /// let trying = Attempts::at_every_step(&[Attempt::Try]);
    /// let mut zeros = BlockingIterator::new(Zeros(false)).attempting(&trying).minding_tries();
    /// assert_eq!(zeros.next(), Ok(true));
    /// let _ = zeros.next(); // promise 13 (dropped futures): `is_valid` answers true after a `try_next` that has to wait
    /// ```
    pub fn minding_tries(mut self) -> Self {
        self.minds_tries = true;
        self
    }

    /// The iterator.
    ///
    /// ```
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # use storage_iter::testing::BlockingIterator;
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let mut entries = BlockingIterator::new(FromSync::new(OnceIterator::new(1, 'a')));
    /// entries.next()?;
    /// assert_eq!(entries.into_inner().try_next(), Some(Ok(false)));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn into_inner(self) -> I {
        self.iterator
    }

    /// Puts what is broken there, and does not panic.
    pub(in crate::testing) fn judged_in(mut self, verdict: &Verdict) -> Self {
        self.verdict = Some(verdict.clone());
        self
    }
}

impl<I: AsyncStorageIterator> BlockingIterator<I> {
    /// Makes a step in each way in turn, until one succeeds. One that has begun it is followed by `next`, whatever the first was.
    fn go(
        &mut self,
        try_first: impl Fn(&mut I) -> Option<Result<bool, I::Error>>,
        poll_first: impl Fn(&mut I, usize) -> Option<Result<bool, I::Error>>,
        abandon: impl Fn(&mut I, usize),
        block_on_first: impl FnOnce(&mut I) -> Result<bool, I::Error>,
    ) -> Result<bool, I::Error> {
        let mut has_begun = false;
        let step = self.step;
        self.step += 1;
        for &attempt in self.attempts.at(step) {
            let iterator = &mut self.iterator;
            let answer = match attempt {
                Attempt::Try if has_begun => iterator.try_next(),
                Attempt::Try => try_first(iterator),
                Attempt::DropAfter(polls) if has_begun => poll_times(iterator.next(), polls),
                Attempt::DropAfter(polls) => poll_first(iterator, polls),
                Attempt::Abandon(_) if has_begun => continue,
                Attempt::Abandon(polls) => {
                    abandon(iterator, polls);
                    continue;
                }
            };
            if let Some(answer) = answer {
                return answer;
            }
            // A future that was not polled need not have begun anything.
            if attempt != Attempt::DropAfter(0) {
                has_begun = true;
                self.assure_open(attempt);
            }
        }
        if has_begun { block_on(self.iterator.next()) } else { block_on_first(&mut self.iterator) }
    }

    fn assure_open(&self, attempt: Attempt) {
        if let Some(verdict) = &self.verdict {
            verdict.seen().left_open += 1;
        }
        let what = match attempt {
            // The one that an iterator has by default cannot tell it that a step is open.
            Attempt::Try if !self.minds_tries => return,
            Attempt::Try => "a `try_next` that has to wait".to_string(),
            Attempt::DropAfter(polls) | Attempt::Abandon(polls) => {
                format!("a future that was dropped after {polls} polls")
            }
        };
        if self.passes_calls_on || !self.iterator.is_valid() {
            return;
        }
        let broken = BrokenPromise::new(13, format!("`is_valid` answers true after {what}"));
        match &self.verdict {
            Some(verdict) => _ = verdict.seen().broken.get_or_insert(broken),
            None => panic!("{broken}"),
        }
    }
}

impl<I: AsyncStorageIterator> StorageIterator for BlockingIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        self.go(
            I::try_next,
            |iterator, polls| poll_times(iterator.next(), polls),
            |_, _| {},
            |iterator| block_on(iterator.next()),
        )
    }

    fn is_valid(&self) -> bool {
        self.iterator.is_valid()
    }

    fn key(&self) -> &I::Key {
        self.iterator.key()
    }

    fn value(&self) -> &I::Value {
        self.iterator.value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        self.iterator.shared_prefix_len()
    }

    fn prefetch(&self) {
        self.iterator.prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.iterator.num_active_iterators()
    }
}

fn abandon_seek<I: AsyncSeekableIterator>(iterator: &mut I, polls: usize) {
    let _ = poll_times(iterator.seek_to_first(), polls);
}

impl<I: AsyncSeekableIterator> SeekableIterator for BlockingIterator<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(
            |iterator| iterator.try_seek(key),
            |iterator, polls| poll_times(iterator.seek(key), polls),
            abandon_seek,
            |iterator| block_on(iterator.seek(key)),
        )
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.go(
            I::try_seek_to_first,
            |iterator, polls| poll_times(iterator.seek_to_first(), polls),
            abandon_seek,
            |iterator| block_on(iterator.seek_to_first()),
        )
    }
}
