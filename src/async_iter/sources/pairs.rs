use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;

use crate::Key;
use crate::async_iter::AsyncStorageIterator;
use crate::sources::Pair;

/// A storage iterator over any [`Stream`] of `(key, value)` pairs whose keys ascend.
///
/// Lends each pair in turn. Pairs of owned bytes meet sources of `[u8]` through
/// [`borrowed`](AsyncStorageIterator::borrowed). A stream that is not `Unpin` has to be pinned first: `Box::pin(stream)`, or
/// `std::pin::pin!(stream)`.
///
/// # Complexity
///
/// One item of the stream a step. Allocates what the stream allocates.
///
/// # Errors
///
/// Never. A future that is dropped loses no item: the stream keeps it.
///
/// ```
/// use futures_util::stream;
/// use storage_iter::async_iter::{AsyncStorageIterator, PairsIterator};
///
/// # futures_executor::block_on(async {
/// let mut entries = PairsIterator::new(stream::iter([("a", 1), ("b", 2)]));
/// assert_eq!(entries.next().await, Ok(true));
/// assert_eq!((entries.key(), entries.value()), (&"a", &1));
/// # });
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct PairsIterator<S, K, V> {
    stream: S,
    state: Pair<K, V>,
}

impl<S, K, V> PairsIterator<S, K, V>
where
    S: Stream<Item = (K, V)>,
{
    /// The pairs of `stream`, whose keys must ascend strictly.
    ///
    /// ```
    /// # use futures_util::stream;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, PairsIterator};
    /// # futures_executor::block_on(async {
    /// assert_eq!(PairsIterator::new(stream::iter([(1, 'a')])).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(stream: S) -> Self {
        PairsIterator { stream, state: Pair::Behind }
    }
}

impl<S, K, V> AsyncStorageIterator for PairsIterator<S, K, V>
where
    S: Stream<Item = (K, V)> + Unpin + Send,
    K: Key + Send,
    V: Send,
{
    type Key = K;
    type Value = V;
    type Error = std::convert::Infallible;

    async fn next(&mut self) -> Result<bool, Self::Error> {
        if let Pair::After = self.state {
            return Ok(false);
        }
        self.state = Pair::Behind;
        self.state = match poll_fn(|context| Pin::new(&mut self.stream).poll_next(context)).await {
            Some(pair) => Pair::On(pair),
            None => Pair::After,
        };
        Ok(self.is_valid())
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

impl<S: fmt::Debug, K, V> fmt::Debug for PairsIterator<S, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairsIterator").field("stream", &self.stream).field("state", &self.state).finish()
    }
}
