use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;

use crate::async_iter::AsyncStorageIterator;
use crate::sources::Pair;
use crate::{FuseError, Key};

/// A storage iterator over any [`Stream`] of `Result<(key, value), error>` whose keys ascend: the answer of a database, or a
/// file that is decoded as it arrives.
///
/// Lends each pair in turn. A stream that is not `Unpin` has to be pinned first: `Box::pin(stream)`, or
/// `std::pin::pin!(stream)`.
///
/// # Complexity
///
/// One item of the stream a step. Allocates what the stream allocates.
///
/// # Errors
///
/// The stream's first error, as [`FuseError::First`], then [`FuseError::Again`] for ever. Nobody knows what a stream does
/// after an error, so it is not asked again. A future that is dropped loses no item: the stream keeps it.
///
/// ```
/// use futures_util::stream;
/// use storage_iter::FuseError;
/// use storage_iter::async_iter::{AsyncStorageIterator, ResultPairsIterator};
///
/// # futures_executor::block_on(async {
/// let rows = stream::iter([Ok(("a", 1)), Err("connection lost"), Ok(("c", 3))]);
/// let mut entries = ResultPairsIterator::new(rows);
/// assert_eq!(entries.next().await, Ok(true));
/// assert_eq!(entries.next().await, Err(FuseError::First("connection lost")));
/// assert_eq!(entries.next().await, Err(FuseError::Again));
/// # });
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct ResultPairsIterator<S, K, V> {
    stream: S,
    state: Pair<K, V>,
}

impl<S, K, V, E> ResultPairsIterator<S, K, V>
where
    S: Stream<Item = Result<(K, V), E>>,
{
    /// The pairs of `stream`, whose keys must ascend strictly.
    ///
    /// ```
    /// # use futures_util::stream;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, ResultPairsIterator};
    /// # futures_executor::block_on(async {
    /// let entries = ResultPairsIterator::new(stream::iter([Ok((1, 'a')), Err("no")]));
    /// assert!(entries.count().await.is_err());
    /// # });
    /// ```
    #[inline]
    pub fn new(stream: S) -> Self {
        ResultPairsIterator { stream, state: Pair::Behind }
    }
}

impl<S, K, V, E> AsyncStorageIterator for ResultPairsIterator<S, K, V>
where
    S: Stream<Item = Result<(K, V), E>> + Unpin + Send,
    K: Key + Send,
    V: Send,
{
    type Key = K;
    type Value = V;
    type Error = FuseError<E>;

    async fn next(&mut self) -> Result<bool, FuseError<E>> {
        match self.state {
            Pair::Behind | Pair::On(_) => self.state = Pair::Behind,
            Pair::After => return Ok(false),
            Pair::Failed => return Err(FuseError::Again),
        }
        poll_fn(|context| {
            // Should the stream panic, nobody knows what it does when asked again either.
            self.state = Pair::Failed;
            let polled = Pin::new(&mut self.stream).poll_next(context);
            self.state = match polled {
                Poll::Pending => Pair::Behind,
                Poll::Ready(Some(Ok(pair))) => Pair::On(pair),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(FuseError::First(error))),
                Poll::Ready(None) => Pair::After,
            };
            if let Pair::Behind = self.state { Poll::Pending } else { Poll::Ready(Ok(self.is_valid())) }
        })
        .await
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.state.is_valid()
    }

    #[inline]
    fn key(&self) -> &K {
        self.state.key()
    }

    #[inline]
    fn value(&self) -> &V {
        self.state.value()
    }
}

impl<S: fmt::Debug, K, V> fmt::Debug for ResultPairsIterator<S, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultPairsIterator").field("stream", &self.stream).field("state", &self.state).finish()
    }
}
