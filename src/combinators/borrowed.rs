use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::ptr;

use super::child::{Child, cursor_by_passing};
use crate::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

/// The entries of a storage iterator lent as the types that they borrow as, made by
/// [`borrowed`](StorageIterator::borrowed).
///
/// Yields the child's entries in the child's order: [`Borrow`] demands that a borrowed form has the same order. It lets a
/// source of `Vec<u8>`, `Bytes` or `&[u8]` be merged with one of `[u8]`, such as a mem-table.
///
/// # Complexity
///
/// Free, and a step allocates nothing. A seek copies its target into a key of the child's type, which allocates for `Vec<u8>` or
/// `String`. (Where the child's keys are references, there is no seek: collect into a [`SortedRun`](crate::SortedRun).)
///
/// # Errors
///
/// The child's. The step stays open.
///
/// ```
/// use storage_iter::{PairsIterator, SliceIterator, StorageIterator};
///
/// let newer = PairsIterator::new([("b".to_string(), 2)]);
/// let older = SliceIterator::new(&[("a", 1), ("b", 1)]);
/// let merged: Vec<(String, u8)> = newer.borrowed::<str, u8>().two_merge(older.borrowed()).collect()?;
/// assert_eq!(merged, [("a".to_string(), 1), ("b".to_string(), 2)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BorrowedIterator<I, K: ?Sized, V: ?Sized> {
    pub(crate) child: Child<I>,
    borrowed: PhantomData<fn() -> (*const K, *const V)>,
}

impl<I, K: ?Sized, V: ?Sized> BorrowedIterator<I, K, V> {
    /// The entries of `child`, lent as `K` and `V`.
    ///
    /// ```
    /// # use storage_iter::{BorrowedIterator, PairsIterator, StorageIterator};
    /// let mut entries = BorrowedIterator::<_, str, u8>::new(PairsIterator::new([(String::from("a"), 1)]));
    /// entries.next()?;
    /// assert_eq!(entries.key(), "a");
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        BorrowedIterator { child: Child::new(child), borrowed: PhantomData }
    }
}

impl<I: StorageIterator, K: ?Sized, V: ?Sized> BorrowedIterator<I, K, V> {
    #[inline]
    fn pass(&mut self, step: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, I::Error> {
        self.child.pass(step)
    }
}

impl<I, K, V> StorageIterator for BorrowedIterator<I, K, V>
where
    I: StorageIterator<Key: Borrow<K>, Value: Borrow<V>>,
    K: ?Sized + Key,
    V: ?Sized,
{
    type Key = K;
    type Value = V;
    type Error = I::Error;

    cursor_by_passing!(next);

    #[inline]
    fn is_valid(&self) -> bool {
        self.child.is_valid()
    }

    #[inline]
    fn key(&self) -> &K {
        self.child.key().borrow()
    }

    #[inline]
    fn value(&self) -> &V {
        self.child.value().borrow()
    }

    #[inline]
    fn for_each_while<F>(self, mut f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        self.child.into_iterator().for_each_while(|key, value| f(key.borrow(), value.borrow()))
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        let shared = self.child.shared_prefix_len()?;
        // What the child counted are the bytes of its own form of the key.
        let own = self.child.iterator().key().ordered_bytes()?;
        ptr::eq(own, self.key().ordered_bytes()?).then_some(shared)
    }

    #[inline]
    fn prefetch(&self) {
        self.child.iterator().prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.child.iterator().num_active_iterators()
    }
}

/// The child is sought by a key of its own type, so the target is copied into one. That can be had only for keys which the
/// borrowed form can be copied to: `Vec<u8>` and `String`, say, but not `&[u8]`, for nothing tells how long the target lives.
impl<I, K, V> SeekableIterator for BorrowedIterator<I, K, V>
where
    I: SeekableIterator<Key: Borrow<K> + Sized, Value: Borrow<V>>,
    K: ?Sized + Key + ToOwned<Owned = I::Key>,
    V: ?Sized,
{
    fn seek(&mut self, key: &K) -> Result<bool, I::Error> {
        self.pass(|child| child.seek(&key.to_owned()))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.pass(I::seek_to_first)
    }
}

impl<I, K, V> BidirectionalIterator for BorrowedIterator<I, K, V>
where
    I: BidirectionalIterator<Key: Borrow<K> + Sized, Value: Borrow<V>>,
    K: ?Sized + Key + ToOwned<Owned = I::Key>,
    V: ?Sized,
{
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.pass(I::prev)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.pass(I::seek_to_last)
    }

    fn seek_for_prev(&mut self, key: &K) -> Result<bool, I::Error> {
        self.pass(|child| child.seek_for_prev(&key.to_owned()))
    }
}

impl<I: Clone, K: ?Sized, V: ?Sized> Clone for BorrowedIterator<I, K, V> {
    fn clone(&self) -> Self {
        BorrowedIterator { child: self.child.clone(), borrowed: PhantomData }
    }
}

impl<I: fmt::Debug, K: ?Sized, V: ?Sized> fmt::Debug for BorrowedIterator<I, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BorrowedIterator").field("child", &self.child).finish()
    }
}
