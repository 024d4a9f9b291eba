use std::fmt;
use std::marker::PhantomData;

use crate::async_iter::tried::{Tried, next_by_steps, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::combinators::{Child, stand_on_child};
use crate::{Never, SeekableIterator, StorageIterator};

/// An asynchronous storage iterator that cannot fail, with the error type of one that can, made by
/// [`lift_err`](AsyncStorageIterator::lift_err).
///
/// Yields what the child yields. Children of a merge have one error type; this gives a mem-table that of the files it is
/// merged with.
///
/// # Complexity
///
/// Free. Allocates nothing.
///
/// # Errors
///
/// Never. A future that is dropped leaves the step open.
///
/// ```
/// use std::io;
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, LiftErrIterator};
///
/// async fn first_key(mut entries: impl AsyncStorageIterator<Key = u64, Error = io::Error>) -> io::Result<Option<u64>> {
///     Ok(if entries.next().await? { Some(*entries.key()) } else { None })
/// }
/// # futures_executor::block_on(async {
/// let entries = FromSync::new(SliceIterator::new(&[(7, "x")]));
/// assert_eq!(first_key(LiftErrIterator::new(entries)).await?, Some(7));
/// # Ok::<(), io::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct LiftErrIterator<I, E> {
    child: Child<Tried<I>>,
    error: PhantomData<fn() -> E>,
}

impl<I, E> LiftErrIterator<I, E> {
    /// The entries of `child`, under the error type `E`.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, LiftErrIterator};
    /// let entries = FromSync::new(SliceIterator::new(&[(7, "x")]));
    /// assert_eq!(LiftErrIterator::<_, String>::new(entries).try_next(), Some(Ok(true)));
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        LiftErrIterator { child: Child::new(Tried::new(child)), error: PhantomData }
    }
}

impl<I, E> AsyncStorageIterator for LiftErrIterator<I, E>
where
    I: AsyncStorageIterator<Error: Never>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = E;

    next_by_steps!(
        self,
        self.child.pass(StorageIterator::next).map_err(|stop| stop.map(Never::never)),
        self.child.iterator_mut(),
        error => error.never()
    );
    stand_on_child!(key, value, shared_prefix_len);
}

impl<I, E> AsyncSeekableIterator for LiftErrIterator<I, E>
where
    I: AsyncSeekableIterator<Error: Never>,
{
    try_seek_by!(
        self,
        key => self.child.pass(|child| child.seek(key)).map_err(|stop| stop.map(Never::never)),
        self.child.pass(SeekableIterator::seek_to_first).map_err(|stop| stop.map(Never::never))
    );
}

impl<I: Clone, E> Clone for LiftErrIterator<I, E> {
    fn clone(&self) -> Self {
        LiftErrIterator { child: self.child.clone(), error: PhantomData }
    }
}

impl<I: fmt::Debug, E> fmt::Debug for LiftErrIterator<I, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiftErrIterator").field("child", &self.child).finish()
    }
}
