use std::future;
use std::task::Poll;

use super::{AsyncSeekableIterator, AsyncStorageIterator};

/// A storage iterator that gives other tasks a turn now and then, made by
/// [`yield_every`](AsyncStorageIterator::yield_every).
///
/// Yields what the child yields. A seek counts as a step, but only a step waits its turn. A scan over memory, or over blocks that are there already, never waits, so nothing else
/// runs on its thread until it ends. This lets the executor run something else after every so many steps. Put it at the
/// top, where a step is an entry that comes out, or below a filter that skips much.
///
/// # Complexity
///
/// A counter, and one turn of the executor every so many steps. Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, YieldIterator};
///
/// let mut entries = YieldIterator::new(FromSync::new(SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')])), 2);
/// assert_eq!(entries.try_next(), Some(Ok(true)));
/// assert_eq!(entries.try_next(), Some(Ok(true)));
/// assert_eq!(entries.try_next(), None, "it has to wait its turn");
/// # futures_executor::block_on(async {
/// assert_eq!(entries.next().await, Ok(true));
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct YieldIterator<I> {
    child: I,
    steps: usize,
    /// How many steps are left before others have a turn.
    remaining: usize,
    is_valid: bool,
}

impl<I> YieldIterator<I> {
    /// `child`, yielding to the executor after every `steps` steps that did not wait; at least one.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, YieldIterator};
    /// let mut entries = YieldIterator::new(FromSync::new(OnceIterator::new(1, 'a')), 1000);
    /// assert_eq!(entries.try_next(), Some(Ok(true)));
    /// ```
    #[inline]
    pub fn new(child: I, steps: usize) -> Self {
        let steps = steps.max(1);
        YieldIterator { child, steps, remaining: steps, is_valid: false }
    }
}

impl<I: AsyncStorageIterator> AsyncStorageIterator for YieldIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    async fn next(&mut self) -> Result<bool, I::Error> {
        self.is_valid = false;
        if self.remaining == 0 {
            future::poll_fn(|context| {
                if self.remaining > 0 {
                    return Poll::Ready(());
                }
                self.remaining = self.steps;
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
        if let Some(stepped) = self.try_next() {
            return stepped;
        }
        let is_valid = self.child.next().await?;
        // Others had their turn.
        self.remaining = self.steps;
        self.is_valid = is_valid;
        Ok(is_valid)
    }

    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, I::Error>> {
        self.is_valid = false;
        self.remaining = self.remaining.checked_sub(1)?;
        let stepped = self.child.try_next()?;
        self.is_valid = matches!(stepped, Ok(true));
        Some(stepped)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    fn key(&self) -> &I::Key {
        crate::combinators::assert_valid(self.is_valid);
        self.child.key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        crate::combinators::assert_valid(self.is_valid);
        self.child.value()
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        crate::combinators::assert_valid(self.is_valid);
        self.child.shared_prefix_len()
    }

    #[inline]
    fn prefetch(&self) {
        self.child.prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.child.num_active_iterators()
    }
}

impl<I> YieldIterator<I> {
    fn seek_by<E>(&mut self, seek: impl FnOnce(&mut I) -> Option<Result<bool, E>>) -> Option<Result<bool, E>> {
        self.is_valid = false;
        self.remaining = self.remaining.saturating_sub(1);
        let sought = seek(&mut self.child)?;
        self.is_valid = matches!(sought, Ok(true));
        Some(sought)
    }
}

impl<I: AsyncSeekableIterator> AsyncSeekableIterator for YieldIterator<I> {
    fn try_seek(&mut self, key: &I::Key) -> Option<Result<bool, I::Error>> {
        self.seek_by(|child| child.try_seek(key))
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, I::Error>> {
        self.seek_by(I::try_seek_to_first)
    }
}
