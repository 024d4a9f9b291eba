use std::fmt;

use super::pair::Pair;
use crate::{FuseError, Key, StorageIterator};

/// A storage iterator over any std iterator of `Result<(key, value), error>` whose keys ascend: the range cursor of an
/// embedded database.
///
/// Lends each pair in turn. Pairs of owned bytes meet sources of `[u8]` through
/// [`borrowed`](StorageIterator::borrowed).
///
/// # Complexity
///
/// One call of the iterator's `next` a step. Allocates what that allocates.
///
/// # Errors
///
/// The iterator's first error, as [`FuseError::First`], then [`FuseError::Again`] for ever. Nobody knows what a std iterator does
/// after an error: many go on behind the entry that failed, which would lose it, so it is not asked again.
///
/// ```
/// use storage_iter::{FuseError, ResultPairsIterator, StorageIterator};
///
/// let cursor = [Ok(("a", 1)), Err("torn page"), Ok(("c", 3))];
/// let mut entries = ResultPairsIterator::new(cursor);
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.next(), Err(FuseError::First("torn page")));
/// assert_eq!(entries.next(), Err(FuseError::Again));
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct ResultPairsIterator<T, K, V> {
    iterator: T,
    state: Pair<K, V>,
}

impl<T, K, V, E> ResultPairsIterator<T, K, V>
where
    T: Iterator<Item = Result<(K, V), E>>,
{
    /// The pairs of `results`, whose keys must ascend strictly.
    ///
    /// ```
    /// # use storage_iter::{ResultPairsIterator, StorageIterator};
    /// assert!(ResultPairsIterator::new([Ok((1, 'a')), Err("no")]).count().is_err());
    /// ```
    #[inline]
    pub fn new<P>(results: P) -> Self
    where
        P: IntoIterator<IntoIter = T, Item = Result<(K, V), E>>,
    {
        ResultPairsIterator { iterator: results.into_iter(), state: Pair::Behind }
    }
}

impl<T, K, V, E> StorageIterator for ResultPairsIterator<T, K, V>
where
    T: Iterator<Item = Result<(K, V), E>>,
    K: Key,
{
    type Key = K;
    type Value = V;
    type Error = FuseError<E>;

    #[inline]
    fn next(&mut self) -> Result<bool, FuseError<E>> {
        match self.state {
            Pair::Behind | Pair::On(_) => {}
            Pair::After => return Ok(false),
            Pair::Failed => return Err(FuseError::Again),
        }
        // Should the iterator panic, nobody knows what it does when asked again either.
        self.state = Pair::Failed;
        match self.iterator.next() {
            Some(Ok(entry)) => self.state = Pair::On(entry),
            Some(Err(error)) => return Err(FuseError::First(error)),
            None => self.state = Pair::After,
        }
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

impl<T: fmt::Debug, K, V> fmt::Debug for ResultPairsIterator<T, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultPairsIterator").field("iterator", &self.iterator).field("state", &self.state).finish()
    }
}
