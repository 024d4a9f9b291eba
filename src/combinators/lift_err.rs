use std::fmt;
use std::marker::PhantomData;

use super::child::{Child, cursor_by_passing, stand_on_child};
use crate::{BidirectionalIterator, Never, SeekableIterator, StorageIterator};

/// A storage iterator that cannot fail, with the error type of one that can, made by
/// [`lift_err`](StorageIterator::lift_err).
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
/// Never.
///
/// ```
/// use std::io;
/// use storage_iter::{LiftErrIterator, SliceIterator, StorageIterator};
///
/// fn first_key(mut entries: impl StorageIterator<Key = u64, Error = io::Error>) -> io::Result<Option<u64>> {
///     Ok(if entries.next()? { Some(*entries.key()) } else { None })
/// }
/// let entries = SliceIterator::new(&[(7, "x")]);
/// assert_eq!(first_key(LiftErrIterator::new(entries))?, Some(7));
/// # Ok::<(), io::Error>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct LiftErrIterator<I, E> {
    child: Child<I>,
    error: PhantomData<fn() -> E>,
}

impl<I, E> LiftErrIterator<I, E> {
    /// The entries of `child`, under the error type `E`.
    ///
    /// ```
    /// # use storage_iter::{LiftErrIterator, SliceIterator, StorageIterator};
    /// let mut entries = LiftErrIterator::<_, String>::new(SliceIterator::new(&[(7, "x")]));
    /// assert_eq!(entries.next(), Ok(true));
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        LiftErrIterator { child: Child::new(child), error: PhantomData }
    }
}

impl<I, E> LiftErrIterator<I, E>
where
    I: StorageIterator<Error: Never>,
{
    #[inline]
    fn pass(&mut self, step: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, E> {
        self.child.pass(step).map_err(Never::never)
    }
}

impl<I, E> StorageIterator for LiftErrIterator<I, E>
where
    I: StorageIterator<Error: Never>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = E;

    cursor_by_passing!(next);

    #[inline]
    fn for_each_while<F>(self, f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        self.child.into_iterator().for_each_while(f).map_err(Never::never)
    }

    stand_on_child!(key, value, shared_prefix_len);
}

impl<I, E> SeekableIterator for LiftErrIterator<I, E>
where
    I: SeekableIterator<Error: Never>,
{
    cursor_by_passing!(seek);
}

impl<I, E> BidirectionalIterator for LiftErrIterator<I, E>
where
    I: BidirectionalIterator<Error: Never>,
{
    cursor_by_passing!(prev);
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
