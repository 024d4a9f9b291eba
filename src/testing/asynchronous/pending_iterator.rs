//! [`PendingIterator`]: an iterator that has to be waited for.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use super::PendingPlan;
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};

/// An asynchronous storage iterator whose futures are pending at chosen polls.
///
/// Yields what the child yields. A step is polled in vain as often as its [`PendingPlan`] says, and wakes its task each time; then
/// the child makes it. Steps are counted from 0 by how many were made before, so one that fails is waited for again; the end is
/// waited for once. A step that needs no waiting is made by `try_next`.
///
/// # Complexity
///
/// *O(1)* beside the child's step. Allocates nothing.
///
/// # Errors
///
/// The child's. A seek that fails does so at once.
///
/// # Panics
///
/// Where the child does, and [under a combinator](Self::under_combinator).
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
/// use storage_iter::testing::{PendingIterator, PendingPlan, block_on, poll_times};
///
/// let entries = FromSync::new(SliceIterator::new(&[(1, 'a'), (2, 'b')]));
/// let mut waiting = PendingIterator::new(entries, &PendingPlan::new(&[0, 3]), 0);
/// assert_eq!(waiting.try_next(), Some(Ok(true)));
/// assert_eq!(poll_times(waiting.next(), 3), None);
/// assert_eq!(block_on(waiting.next()), Ok(true));
/// assert_eq!(waiting.key(), &2);
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct PendingIterator<I> {
    child: I,
    plan: PendingPlan,
    source: usize,
    pending: Arc<AtomicUsize>,
    is_under_combinator: bool,
    /// How many steps were made.
    step: usize,
    /// How often this step was polled in vain.
    waited: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It stands where the child stands.
    Settled,
    /// The child has answered that there is nothing more.
    AtEnd,
    /// A step has begun, or failed, that the child is to make.
    Open,
    /// The child has gone where a seek leads, and that has to be waited for.
    Sought(bool),
}

impl<I> PendingIterator<I> {
    /// `child` as source number `source` among those that share `plan`.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # use storage_iter::testing::{PendingIterator, PendingPlan, block_on};
    /// let waiting = PendingIterator::new(FromSync::new(OnceIterator::new(1, 'a')), &PendingPlan::always(1), 0);
    /// assert_eq!(block_on(waiting.count()), Ok(1));
    /// ```
    pub fn new(child: I, plan: &PendingPlan, source: usize) -> Self {
        PendingIterator {
            child,
            plan: plan.clone(),
            source,
            pending: Arc::default(),
            is_under_combinator: false,
            step: 0,
            waited: 0,
            state: State::Settled,
        }
    }

    /// Panics when it is asked for anything but a move while a step is open: that is promise 6, hands off.
    ///
    /// ```should_panic
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # use storage_iter::testing::{PendingIterator, PendingPlan};
    /// let entries = FromSync::new(OnceIterator::new(1, 'a'));
    /// let mut child = PendingIterator::new(entries, &PendingPlan::always(1), 0).under_combinator();
    /// assert_eq!(child.try_next(), None);
    /// let _ = child.is_valid();
    /// ```
    pub fn under_combinator(mut self) -> Self {
        self.is_under_combinator = true;
        self
    }

    /// Counts its polls in vain in `pending`, as others may.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # use storage_iter::testing::{PendingIterator, PendingPlan, block_on};
    ///
    /// let pending = Arc::new(AtomicUsize::new(0));
    /// let entries = FromSync::new(OnceIterator::new(1, 'a'));
    /// let waiting = PendingIterator::new(entries, &PendingPlan::always(2), 0).counting_in(&pending);
    /// assert_eq!(block_on(waiting.count()), Ok(1));
    /// assert_eq!(pending.load(Ordering::Relaxed), 4);
    /// ```
    pub fn counting_in(mut self, pending: &Arc<AtomicUsize>) -> Self {
        self.pending = Arc::clone(pending);
        self
    }

    /// Whether the step has been waited for long enough.
    fn is_due(&self) -> bool {
        self.state == State::AtEnd || self.waited >= self.plan.times(self.source, self.step)
    }

    /// Begins a step, or goes on with it.
    fn begin(&mut self) {
        if self.state == State::Settled {
            self.state = State::Open;
        }
        if self.plan.forgets() {
            self.waited = 0;
        }
    }

    fn answered<E>(&mut self, answer: Result<bool, E>) -> Result<bool, E> {
        self.waited = 0;
        // A step that failed stays open.
        let is_valid = answer?;
        self.step += usize::from(self.state != State::AtEnd);
        self.state = if is_valid { State::Settled } else { State::AtEnd };
        Ok(is_valid)
    }
}

impl<I: AsyncStorageIterator> PendingIterator<I> {
    fn begin_seek(
        &mut self,
        seek: impl FnOnce(&mut I) -> Option<Result<bool, I::Error>>,
    ) -> Option<Result<bool, I::Error>> {
        self.state = State::Open;
        self.waited = 0;
        match seek(&mut self.child)? {
            Ok(is_valid) if self.is_due() => Some(self.answered(Ok(is_valid))),
            Ok(is_valid) => {
                self.state = State::Sought(is_valid);
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    #[track_caller]
    fn touch(&self, method: &str) -> &I {
        let is_settled = matches!(self.state, State::Settled | State::AtEnd);
        assert!(is_settled, "promise 6 (hands off): `{method}` of source {} while a step is open", self.source);
        &self.child
    }
}

impl<I: AsyncStorageIterator> AsyncStorageIterator for PendingIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    async fn next(&mut self) -> Result<bool, I::Error> {
        self.begin();
        poll_fn(|context| {
            if self.is_due() {
                return Poll::Ready(());
            }
            self.waited += 1;
            self.pending.fetch_add(1, Ordering::Relaxed);
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        let answer = match self.state {
            State::Sought(is_valid) => Ok(is_valid),
            _ => self.child.next().await,
        };
        self.answered(answer)
    }

    fn try_next(&mut self) -> Option<Result<bool, I::Error>> {
        self.begin();
        if !self.is_due() {
            return None;
        }
        let answer = match self.state {
            State::Sought(is_valid) => Ok(is_valid),
            _ => self.child.try_next()?,
        };
        Some(self.answered(answer))
    }

    #[track_caller]
    fn is_valid(&self) -> bool {
        match self.state {
            State::Settled | State::AtEnd => self.child.is_valid(),
            _ if self.is_under_combinator => self.touch("is_valid").is_valid(),
            _ => false,
        }
    }

    #[track_caller]
    fn key(&self) -> &I::Key {
        self.touch("key").key()
    }

    #[track_caller]
    fn value(&self) -> &I::Value {
        self.touch("value").value()
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

impl<I: AsyncSeekableIterator> AsyncSeekableIterator for PendingIterator<I> {
    fn try_seek(&mut self, key: &I::Key) -> Option<Result<bool, I::Error>> {
        self.begin_seek(|child| child.try_seek(key))
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, I::Error>> {
        self.begin_seek(I::try_seek_to_first)
    }
}
