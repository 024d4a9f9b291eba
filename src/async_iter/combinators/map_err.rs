use std::fmt;

use crate::async_iter::tried::{Tried, next_by_steps, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::combinators::{Child, stand_on_child};
use crate::{SeekableIterator, StorageIterator};

/// The entries of an asynchronous storage iterator with its errors turned into others, made by
/// [`map_err`](AsyncStorageIterator::map_err).
///
/// Yields what the child yields. Use it to give all children of a merge one error type, or to add what only the caller
/// knows: a file's name, a level's number.
///
/// # Complexity
///
/// One call of the map for each error. Allocates nothing.
///
/// # Errors
///
/// The child's, mapped. The step stays open.
///
/// # Panics
///
/// When the map does; that error is lost, the step is still open.
///
/// ```
/// use storage_iter::ResultPairsIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MapErrIterator};
///
/// # futures_executor::block_on(async {
/// let pairs = FromSync::new(ResultPairsIterator::new([Err::<(u64, u64), _>("bad checksum")]));
/// let mut entries = MapErrIterator::new(pairs, |error| format!("level 3: {error}"));
/// assert_eq!(entries.next().await, Err("level 3: bad checksum".to_string()));
/// # });
/// ```
#[derive(Clone)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct MapErrIterator<I, F> {
    child: Child<Tried<I>>,
    map: F,
}

impl<I, F> MapErrIterator<I, F> {
    /// The entries of `child`, with `map` applied to each error.
    ///
    /// ```
    /// # use storage_iter::{FuseError, ResultPairsIterator};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, MapErrIterator};
    /// let pairs = FromSync::new(ResultPairsIterator::new([Err::<(u8, u8), _>(1)]));
    /// let mut entries = MapErrIterator::new(pairs, |error: FuseError<i32>| error.into_first().unwrap() + 1);
    /// assert_eq!(entries.try_next(), Some(Err(2)));
    /// ```
    #[inline]
    pub fn new<E>(child: I, map: F) -> Self
    where
        I: AsyncStorageIterator,
        F: FnMut(I::Error) -> E,
    {
        MapErrIterator { child: Child::new(Tried::new(child)), map }
    }
}

impl<I, E, F> AsyncStorageIterator for MapErrIterator<I, F>
where
    I: AsyncStorageIterator,
    F: FnMut(I::Error) -> E + Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = E;

    next_by_steps!(
        self,
        self.child.pass(StorageIterator::next).map_err(|stop| stop.map(&mut self.map)),
        self.child.iterator_mut(),
        error => (self.map)(error)
    );
    stand_on_child!(key, value, shared_prefix_len);
}

impl<I, E, F> AsyncSeekableIterator for MapErrIterator<I, F>
where
    I: AsyncSeekableIterator,
    F: FnMut(I::Error) -> E + Send,
{
    try_seek_by!(
        self,
        key => self.child.pass(|child| child.seek(key)).map_err(|stop| stop.map(&mut self.map)),
        self.child.pass(SeekableIterator::seek_to_first).map_err(|stop| stop.map(&mut self.map))
    );
}

impl<I: fmt::Debug, F> fmt::Debug for MapErrIterator<I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapErrIterator").field("child", &self.child).finish_non_exhaustive()
    }
}
