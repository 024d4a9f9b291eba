use std::borrow::Borrow;
use std::error::Error;
use std::fmt;

use super::child::{Child, stand_on_child};
use crate::key::Shown;
use crate::walk::Direction;
use crate::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

/// A storage iterator whose keys are checked to ascend strictly, made by
/// [`check_order`](StorageIterator::check_order).
///
/// Yields what the child yields, up to the first key that is equal to or less than the one before it. Backwards, keys must
/// descend; behind a seek, and where an end or an error lies between two entries and the direction has changed, the check starts
/// anew. Put it around sources that you do not trust, below the merge: a merge does not look for broken promises.
///
/// # Complexity
///
/// One comparison and one copy of the key a step, into a buffer that is reused ([`ToOwned::clone_into`]) and grows with
/// the longest key.
///
/// # Errors
///
/// [`OrderError::NotAscending`] with both keys, or backwards [`OrderError::NotDescending`], again at every further step, since
/// a source that is out of order has no right continuation from there; a seek begins another. [`OrderError::Child`] for the
/// child's own errors, which leave the step open.
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
    pub(crate) child: Child<I>,
    /// The key that came out last.
    previous: Option<<I::Key as ToOwned>::Owned>,
    /// The direction in which `previous` was left, if the next key is to be compared with it.
    left: Option<Direction>,
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
        CheckOrderIterator { child: Child::new(child), previous: None, left: None }
    }
}

type OrderErrorOf<I> = OrderError<<I as StorageIterator>::Error, OwnedKey<I>>;
type OwnedKey<I> = <<I as StorageIterator>::Key as ToOwned>::Owned;

impl<I: StorageIterator<Key: ToOwned>> CheckOrderIterator<I> {
    #[inline]
    fn walk(
        &mut self,
        direction: Direction,
        step: impl FnOnce(&mut I) -> Result<bool, I::Error>,
    ) -> Result<bool, OrderErrorOf<I>> {
        if self.child.is_valid() {
            self.left = Some(direction);
        } else if self.left != Some(direction) {
            self.turn_off_an_entry(direction.opposite())?;
        }
        if !self.child.arrive(direction, step).map_err(OrderError::Child)? {
            return Ok(false);
        }
        self.accept(direction)
    }

    /// Where the child comes to from here may be the very entry that came out last, or any other.
    #[cold]
    fn turn_off_an_entry(&mut self, open: Direction) -> Result<(), OrderErrorOf<I>> {
        if self.child.has_arrived(open) {
            // An entry that was found to be out of order, or was not compared because comparing panicked.
            self.accept(open)?;
        }
        self.left = None;
        Ok(())
    }

    fn seek_by(&mut self, seek: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, OrderErrorOf<I>> {
        self.left = None;
        self.child.begin_seek();
        if !self.child.arrive_by_seek(seek).map_err(OrderError::Child)? {
            return Ok(false);
        }
        self.accept(Direction::Forward)
    }

    /// Yields the entry that the child has come to in `direction`, if it is in order.
    #[inline]
    fn accept(&mut self, direction: Direction) -> Result<bool, OrderErrorOf<I>> {
        let key = self.child.iterator().key();
        if self.left.is_some()
            && let Some(previous) = &self.previous
            && !is_in_order(previous.borrow(), key, direction)
        {
            // The child stays on the offending entry, so every further step comes here again.
            let (previous, key) = (previous.borrow().to_owned(), key.to_owned());
            return Err(match direction {
                Direction::Forward => OrderError::NotAscending { previous, key },
                Direction::Backward => OrderError::NotDescending { previous, key },
            });
        }
        // Taken out while it is overwritten: a copy that panicked half way must not be compared with.
        self.previous = Some(match self.previous.take() {
            Some(mut previous) => {
                key.clone_into(&mut previous);
                previous
            }
            None => key.to_owned(),
        });
        self.left = Some(direction);
        self.child.accept();
        Ok(true)
    }
}

#[inline]
fn is_in_order<K: ?Sized + Key>(previous: &K, key: &K, direction: Direction) -> bool {
    match direction {
        Direction::Forward => previous < key,
        Direction::Backward => previous > key,
    }
}

impl<I: StorageIterator<Key: ToOwned>> StorageIterator for CheckOrderIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = OrderErrorOf<I>;

    #[inline]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.walk(Direction::Forward, I::next)
    }

    stand_on_child!(key, value, shared_prefix_len);
}

impl<I: SeekableIterator<Key: ToOwned>> SeekableIterator for CheckOrderIterator<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, Self::Error> {
        self.seek_by(|child| child.seek(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(I::seek_to_first)
    }
}

impl<I: BidirectionalIterator<Key: ToOwned>> BidirectionalIterator for CheckOrderIterator<I> {
    #[inline]
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.walk(Direction::Backward, I::prev)
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(I::seek_to_last)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, Self::Error> {
        self.seek_by(|child| child.seek_for_prev(key))
    }
}

impl<I> Clone for CheckOrderIterator<I>
where
    I: StorageIterator<Key: ToOwned<Owned: Clone>> + Clone,
{
    fn clone(&self) -> Self {
        CheckOrderIterator { child: self.child.clone(), previous: self.previous.clone(), left: self.left }
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
    /// On the way back `key` came after `previous`, to which it is equal or greater.
    NotDescending {
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
            OrderError::NotDescending { previous, key } => {
                write!(f, "key {} does not come before {}", Shown(key), Shown(previous))
            }
        }
    }
}

/// The message of a child's error is its own, so `source` is what lies behind that one.
impl<E: Error, K: Key + fmt::Debug> Error for OrderError<E, K> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            OrderError::Child(error) => error.source(),
            OrderError::NotAscending { .. } | OrderError::NotDescending { .. } => None,
        }
    }
}
