use std::convert::Infallible;
use std::fmt;

use super::fold_versions::FoldError;
use super::merge_operator::Operands;
use super::visible::{Resolve, UserKey, Visible};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator, Versioned};

/// What a snapshot sees of many versions, made by [`at`](StorageIterator::at): for each user key the newest version
/// that is not newer than the snapshot.
///
/// Yields user keys in their order, each once, with the value of that version. Tombstones are versions like others:
/// they hide what is older, and [`skip_tombstones`](StorageIterator::skip_tombstones), above this, leaves them out. The
/// versions of all layers come from a merge below this. (What is too new is left out *before* one version of each key
/// is chosen, or it would hide older ones; tombstones are left out *after* it, or what they deleted would be back.)
///
/// # Complexity
///
/// One step of the child and one comparison of user keys for each version, shown or passed over; versions that are too
/// new are not compared. Each user key that is shown is copied once into a buffer that is used again and grows with the
/// longest key. Going back, the newest visible version of a key comes last, so the values of all that are visible are
/// copied into such a buffer. A seek is one of the child's, to the very version.
///
/// # Errors
///
/// The child's. The step stays open, and versions that were passed over are not read again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::{AtIterator, SliceIterator, StorageIterator};
///
/// let versions = [("a", 5, "a5"), ("a", 2, "a2"), ("b", 4, ""), ("b", 1, "b1")];
/// let versions = versions.map(|(user_key, sequence, value)| ((user_key, Reverse(sequence)), value));
/// let at = |snapshot| AtIterator::new(SliceIterator::new(&versions), snapshot);
/// assert_eq!(at(4).collect::<Vec<_>>()?, [("a", "a2"), ("b", "")]);
/// assert_eq!(at(4).skip_tombstones().collect::<Vec<_>>()?, [("a", "a2")]);
/// assert_eq!(at(1).skip_tombstones().collect::<Vec<_>>()?, [("b", "b1")]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct AtIterator<I: StorageIterator<Key: Versioned, Value: ToOwned>> {
    pub(crate) visible: Visible<I, Newest>,
}

/// No value needs those below it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newest;

impl<K: ?Sized, V: ?Sized + ToOwned> Resolve<K, V> for Newest {
    type Error = Infallible;

    const HAS_OPERANDS: bool = false;

    #[inline]
    fn is_operand(&self, _: &V) -> bool {
        false
    }

    fn merge(&mut self, _: &K, _: Option<&V>, _: Operands<'_, V>, _: &mut V::Owned) -> Result<(), Infallible> {
        Ok(())
    }
}

impl<I: StorageIterator<Key: Versioned, Value: ToOwned>> AtIterator<I> {
    /// What `snapshot` sees of the versions of `child`: those with this number and with less.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{AtIterator, SliceIterator, StorageIterator};
    /// let versions = [((1, Reverse(5)), 'b'), ((1, Reverse(2)), 'a')];
    /// assert_eq!(AtIterator::new(SliceIterator::new(&versions), u64::MAX).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I, snapshot: u64) -> Self {
        AtIterator { visible: Visible::new(child, snapshot, Newest) }
    }
}

impl<I: StorageIterator<Key: Versioned, Value: ToOwned>> StorageIterator for AtIterator<I> {
    type Key = UserKey<I>;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        self.visible.next().map_err(child_error)
    }

    #[inline]
    fn for_each_while<F>(self, f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        self.visible.for_each_while(f).map_err(child_error)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.visible.is_valid()
    }

    #[inline]
    fn key(&self) -> &UserKey<I> {
        self.visible.key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.visible.value()
    }

    fn num_active_iterators(&self) -> usize {
        self.visible.num_active_iterators()
    }
}

impl<I: SeekableIterator<Key: Versioned, Value: ToOwned>> SeekableIterator for AtIterator<I> {
    fn seek(&mut self, key: &UserKey<I>) -> Result<bool, I::Error> {
        self.visible.seek(key).map_err(child_error)
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.visible.seek_to_first().map_err(child_error)
    }
}

impl<I: BidirectionalIterator<Key: Versioned, Value: ToOwned>> BidirectionalIterator for AtIterator<I> {
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.visible.prev().map_err(child_error)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.visible.seek_to_last().map_err(child_error)
    }

    fn seek_for_prev(&mut self, key: &UserKey<I>) -> Result<bool, I::Error> {
        self.visible.seek_for_prev(key).map_err(child_error)
    }
}

#[inline]
fn child_error<E>(error: FoldError<E, Infallible>) -> E {
    match error {
        FoldError::Child(error) => error,
        FoldError::Operator(error) => match error {},
    }
}

impl<I> Clone for AtIterator<I>
where
    I: StorageIterator<Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>, Value: ToOwned<Owned: Clone>>,
    I: Clone,
{
    fn clone(&self) -> Self {
        AtIterator { visible: self.visible.clone() }
    }
}

impl<I> fmt::Debug for AtIterator<I>
where
    I: StorageIterator<Key: Versioned, Value: ToOwned> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtIterator").field("visible", &self.visible).finish()
    }
}
