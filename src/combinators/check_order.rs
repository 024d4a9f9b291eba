use std::borrow::Borrow;
use std::error::Error;
use std::fmt;

use super::child::{Child, stand_on_child};
use crate::key::Shown;
use crate::{Key, StorageIterator};

/// A storage iterator whose keys are checked to ascend strictly, made by
/// [`check_order`](StorageIterator::check_order).
///
/// Yields what the child yields, up to the first key that is equal to or less than the one before it. Put it around
/// sources that you do not trust, below the merge: a merge does not look for broken promises.
///
/// # Complexity
///
/// One comparison and one copy of the key a step, into a buffer that is reused ([`ToOwned::clone_into`]) and grows with
/// the longest key.
///
/// # Errors
///
/// [`OrderError::NotAscending`] with both keys, again at every further `next`, since a source that is out of order has no
/// right continuation; [`OrderError::Child`] for the child's own errors, which leave the step open.
///
/// ```
/// use storage_iter::{CheckOrderIterator, OrderError, SliceIterator, StorageIterator};
///
/// let mut entries = CheckOrderIterator::new(SliceIterator::new(&[(1, "a"), (3, "b"), (2, "c")]));
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.next(), Err(OrderError::NotAscending { previous: 3, key: 2 }));
/// assert_eq!(entries.next(), Err(OrderError::NotAscending { previous: 3, key: 2 }));
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct CheckOrderIterator<I: StorageIterator<Key: ToOwned>> {
    child: Child<I>,
    previous: Option<<I::Key as ToOwned>::Owned>,
}

impl<I: StorageIterator<Key: ToOwned>> CheckOrderIterator<I> {
    /// `child`, checked.
    ///
    /// ```
    /// # use storage_iter::{CheckOrderIterator, SliceIterator, StorageIterator};
    /// assert!(CheckOrderIterator::new(SliceIterator::new(&[(1, 'a'), (1, 'b')])).count().is_err());
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        CheckOrderIterator { child: Child::new(child), previous: None }
    }
}

impl<I: StorageIterator<Key: ToOwned>> StorageIterator for CheckOrderIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = OrderError<I::Error, <I::Key as ToOwned>::Owned>;

    #[inline]
    fn next(&mut self) -> Result<bool, Self::Error> {
        if !self.child.arrive().map_err(OrderError::Child)? {
            return Ok(false);
        }
        let key = self.child.iterator().key();
        if let Some(previous) = &self.previous
            && previous.borrow() >= key
        {
            // The child stays on the offending entry, so every further call comes here again.
            return Err(OrderError::NotAscending { previous: previous.borrow().to_owned(), key: key.to_owned() });
        }
        // Taken out while it is overwritten: a copy that panicked half way must not be compared with.
        self.previous = Some(match self.previous.take() {
            Some(mut previous) => {
                key.clone_into(&mut previous);
                previous
            }
            None => key.to_owned(),
        });
        self.child.accept();
        Ok(true)
    }

    stand_on_child!(key, value, shared_prefix_len);
}

impl<I> Clone for CheckOrderIterator<I>
where
    I: StorageIterator<Key: ToOwned<Owned: Clone>> + Clone,
{
    fn clone(&self) -> Self {
        CheckOrderIterator { child: self.child.clone(), previous: self.previous.clone() }
    }
}

impl<I> fmt::Debug for CheckOrderIterator<I>
where
    I: StorageIterator<Key: ToOwned> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let previous = self.previous.as_ref().map(|previous| Shown::<I::Key>(previous.borrow()));
        f.debug_struct("CheckOrderIterator").field("child", &self.child).field("previous", &previous).finish()
    }
}

/// The error of a [`CheckOrderIterator`]: the child's, or a key that does not come after the one before it. `K` is the
/// owned form of the key.
///
/// ```
/// use storage_iter::OrderError;
///
/// let error: OrderError<std::io::Error, _> = OrderError::NotAscending { previous: b"b".to_vec(), key: b"a\n".to_vec() };
/// assert_eq!(error.to_string(), r#"key "a\n" does not come after "b""#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderError<E, K> {
    /// The child failed.
    Child(E),
    /// `key` came after `previous`, to which it is equal or less.
    NotAscending {
        /// The last key that was in order.
        previous: K,
        /// The key that is not.
        key: K,
    },
}

impl<E: fmt::Display, K: Key> fmt::Display for OrderError<E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OrderError::Child(error) => error.fmt(f),
            OrderError::NotAscending { previous, key } => {
                write!(f, "key {} does not come after {}", Shown(key), Shown(previous))
            }
        }
    }
}

/// The message of a child's error is its own, so `source` is what lies behind that one.
impl<E: Error, K: Key + fmt::Debug> Error for OrderError<E, K> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            OrderError::Child(error) => error.source(),
            OrderError::NotAscending { .. } => None,
        }
    }
}
