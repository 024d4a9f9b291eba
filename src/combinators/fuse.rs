use std::error::Error;
use std::fmt;

use super::child::{Child, cursor_by_passing, stand_on_child};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator whose first error is final, made by [`fuse`](StorageIterator::fuse).
///
/// Yields what the child yields, until the child fails. From then on every `next` answers `Err`, and so does every `prev` and
/// every seek, and the child is not asked again: for sources that must not be called after an error, and for callers that must not go on by accident.
/// It is not `Iterator::fuse`: the end of a storage iterator is final anyway.
///
/// # Complexity
///
/// *O(1)* beside the child's step. Allocates nothing.
///
/// # Errors
///
/// The child's first error as [`FuseError::First`], then [`FuseError::Again`] for ever.
///
/// ```
/// use storage_iter::{FuseError, FuseIterator, OrderError, SliceIterator, StorageIterator};
///
/// let unsorted = SliceIterator::new(&[(1, "a"), (1, "b")]).check_order();
/// let mut entries = FuseIterator::new(unsorted);
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.next(), Err(FuseError::First(OrderError::NotAscending { previous: 1, key: 1 })));
/// assert_eq!(entries.next(), Err(FuseError::Again));
/// assert!(!entries.is_valid());
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FuseIterator<I> {
    child: Child<I>,
    failed: bool,
}

impl<I> FuseIterator<I> {
    /// `child`, until its first error.
    ///
    /// ```
    /// # use storage_iter::{FuseIterator, SliceIterator, StorageIterator};
    /// assert_eq!(FuseIterator::new(SliceIterator::new(&[(1, 'a')])).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        FuseIterator { child: Child::new(child), failed: false }
    }
}

impl<I: StorageIterator> FuseIterator<I> {
    #[inline]
    fn pass(&mut self, step: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, FuseError<I::Error>> {
        if self.failed {
            return Err(FuseError::Again);
        }
        self.child.pass(step).map_err(|error| {
            self.failed = true;
            FuseError::First(error)
        })
    }
}

impl<I: StorageIterator> StorageIterator for FuseIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = FuseError<I::Error>;

    cursor_by_passing!(next);

    stand_on_child!(key, value, shared_prefix_len);
}

impl<I: SeekableIterator> SeekableIterator for FuseIterator<I> {
    cursor_by_passing!(seek);
}

impl<I: BidirectionalIterator> BidirectionalIterator for FuseIterator<I> {
    cursor_by_passing!(prev);
}

/// The error of an iterator that keeps its first error for ever: [`FuseIterator`] and
/// [`ResultPairsIterator`](crate::ResultPairsIterator).
///
/// ```
/// use storage_iter::FuseError;
///
/// assert_eq!(FuseError::First("disk on fire").to_string(), "disk on fire");
/// assert_eq!(FuseError::<&str>::Again.to_string(), "an earlier call failed, and this iterator cannot go on");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FuseError<E> {
    /// The error itself, given once.
    First(E),
    /// The iterator failed before: the error was given then.
    Again,
}

impl<E> FuseError<E> {
    /// The error itself, if it is this one.
    ///
    /// ```
    /// # use storage_iter::FuseError;
    /// assert_eq!(FuseError::First(5).into_first(), Some(5));
    /// assert_eq!(FuseError::<u8>::Again.into_first(), None);
    /// ```
    pub fn into_first(self) -> Option<E> {
        match self {
            FuseError::First(error) => Some(error),
            FuseError::Again => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for FuseError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FuseError::First(error) => error.fmt(f),
            FuseError::Again => f.write_str("an earlier call failed, and this iterator cannot go on"),
        }
    }
}

/// The message is the first error's own, so `source` is what lies behind that one.
impl<E: Error> Error for FuseError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FuseError::First(error) => error.source(),
            FuseError::Again => None,
        }
    }
}
