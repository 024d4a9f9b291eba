use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;

use crate::Key;
use crate::async_iter::AsyncStorageIterator;
use crate::combinators::not_on_an_entry;

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
    state: State<K, V>,
}

#[derive(Clone)]
enum State<K, V> {
    Behind,
    On((K, V)),
    After,
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
        PairsIterator { stream, state: State::Behind }
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
        if let State::After = self.state {
            return Ok(false);
        }
        self.state = State::Behind;
        self.state = match poll_fn(|context| Pin::new(&mut self.stream).poll_next(context)).await {
            Some(pair) => State::On(pair),
            None => State::After,
        };
        Ok(self.is_valid())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        matches!(self.state, State::On(_))
    }

    #[inline]
    fn key(&self) -> &K {
        match &self.state {
            State::On((key, _)) => key,
            _ => not_on_an_entry(),
        }
    }

    #[inline]
    fn value(&self) -> &V {
        match &self.state {
            State::On((_, value)) => value,
            _ => not_on_an_entry(),
        }
    }
}

impl<S: fmt::Debug, K, V> fmt::Debug for PairsIterator<S, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Behind => "a step is open",
            State::On(_) => "on an entry",
            State::After => "after the last entry",
        };
        f.debug_struct("PairsIterator").field("stream", &self.stream).field("state", &state).finish()
    }
}
