//! [`OverwritingIterator`]: an iterator that lends from buffers, and spoils them.

use std::borrow::Borrow;
use std::fmt;

use crate::combinators::not_on_an_entry;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator over byte strings that lends from buffers of its own, which it overwrites whenever it moves.
///
/// Yields what the child yields. Every call that moves first turns each byte that was lent before into its complement, so that
/// whoever has kept a key past its time, by a pointer or by an index into a buffer of the source, reads rubbish.
///
/// # Complexity
///
/// A copy of the entry a step, into buffers that are reused and grow with the longest one.
///
/// # Errors
///
/// The child's.
///
/// ```
/// use storage_iter::testing::OverwritingIterator;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let entries = [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"2".to_vec())];
/// let mut spoiling = OverwritingIterator::new(SliceIterator::new(&entries));
/// spoiling.next()?;
/// assert_eq!((spoiling.key().as_slice(), spoiling.value().as_slice()), (b"a".as_slice(), b"1".as_slice()));
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct OverwritingIterator<I: StorageIterator<Key: ToOwned, Value: ToOwned>> {
    child: I,
    /// What was lent last.
    key: Option<<I::Key as ToOwned>::Owned>,
    value: Option<<I::Value as ToOwned>::Owned>,
    is_valid: bool,
}

impl<I> OverwritingIterator<I>
where
    I: StorageIterator<Key: ToOwned<Owned: AsMut<[u8]>>, Value: ToOwned<Owned: AsMut<[u8]>>>,
{
    /// `child`, lent from buffers.
    ///
    /// ```
    /// # use storage_iter::testing::OverwritingIterator;
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// assert_eq!(OverwritingIterator::new(SliceIterator::new(&[([1], [2])])).count(), Ok(1));
    /// ```
    pub fn new(child: I) -> Self {
        OverwritingIterator { child, key: None, value: None, is_valid: false }
    }

    fn go(&mut self, go: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, I::Error> {
        self.is_valid = false;
        let key = self.key.iter_mut().flat_map(AsMut::as_mut);
        let value = self.value.iter_mut().flat_map(AsMut::as_mut);
        key.chain(value).for_each(|byte| *byte = !*byte);
        self.is_valid = go(&mut self.child)?;
        if self.is_valid {
            copy(self.child.key(), &mut self.key);
            copy(self.child.value(), &mut self.value);
        }
        Ok(self.is_valid)
    }

    fn lent<'a, T: ?Sized, O: Borrow<T>>(&self, buffer: &'a Option<O>) -> &'a T {
        match buffer {
            Some(buffer) if self.is_valid => buffer.borrow(),
            _ => not_on_an_entry(),
        }
    }
}

fn copy<T: ?Sized + ToOwned>(from: &T, into: &mut Option<T::Owned>) {
    match into {
        Some(buffer) => from.clone_into(buffer),
        None => *into = Some(from.to_owned()),
    }
}

impl<I> StorageIterator for OverwritingIterator<I>
where
    I: StorageIterator<Key: ToOwned<Owned: AsMut<[u8]>>, Value: ToOwned<Owned: AsMut<[u8]>>>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        self.go(I::next)
    }

    fn is_valid(&self) -> bool {
        self.is_valid
    }

    fn key(&self) -> &I::Key {
        self.lent(&self.key)
    }

    fn value(&self) -> &I::Value {
        self.lent(&self.value)
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        self.child.shared_prefix_len()
    }

    fn prefetch(&self) {
        self.child.prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.child.num_active_iterators()
    }
}

impl<I> SeekableIterator for OverwritingIterator<I>
where
    I: SeekableIterator<Key: ToOwned<Owned: AsMut<[u8]>>, Value: ToOwned<Owned: AsMut<[u8]>>>,
{
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(|child| child.seek(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.go(I::seek_to_first)
    }
}

impl<I> BidirectionalIterator for OverwritingIterator<I>
where
    I: BidirectionalIterator<Key: ToOwned<Owned: AsMut<[u8]>>, Value: ToOwned<Owned: AsMut<[u8]>>>,
{
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.go(I::prev)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.go(I::seek_to_last)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(|child| child.seek_for_prev(key))
    }
}

impl<I> Clone for OverwritingIterator<I>
where
    I: StorageIterator<Key: ToOwned<Owned: Clone>, Value: ToOwned<Owned: Clone>> + Clone,
{
    fn clone(&self) -> Self {
        OverwritingIterator {
            child: self.child.clone(),
            key: self.key.clone(),
            value: self.value.clone(),
            is_valid: self.is_valid,
        }
    }
}

impl<I> fmt::Debug for OverwritingIterator<I>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OverwritingIterator")
            .field("child", &self.child)
            .field("is_valid", &self.is_valid)
            .finish_non_exhaustive()
    }
}
