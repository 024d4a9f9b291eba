//! [`Walk`]: the two ways through children, as types; and [`Direction`], the same as a value.

use std::cmp::Ordering;

#[cfg(feature = "async")]
use crate::async_iter::tried::{Stop, Tried};
#[cfg(feature = "async")]
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{BidirectionalIterator, Descending, Key, SeekableIterator, StorageIterator};

/// Where a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To greater keys.
    Forward,
    /// To smaller ones.
    Backward,
}

impl Direction {
    #[inline]
    pub(crate) fn opposite(self) -> Self {
        match self {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        }
    }
}

/// A way to walk over children of the type `I`. Merges and sets are written once for both: on either way they look for the least
/// [`Key`](Self::Key), and what that means the compiler knows.
pub(crate) trait Walk<I: StorageIterator> {
    const DIRECTION: Direction;

    /// The children's keys in the order of the walk.
    type Key: ?Sized + Key;

    /// Moves a child to the entry that comes next on this way.
    fn step(child: &mut I) -> Result<bool, I::Error>;

    fn key(key: &I::Key) -> &Self::Key;
}

/// A way that a child goes at one bound as well.
pub(crate) trait Seek<I: StorageIterator>: Walk<I> {
    /// Moves a child to the entry that comes first on this way.
    fn seek_to_start(child: &mut I) -> Result<bool, I::Error>;

    /// Moves a child to the first entry on this way that does not come before `target`.
    fn seek(child: &mut I, target: &I::Key) -> Result<bool, I::Error>;

    /// The one or the other, as there is a target or none.
    #[inline]
    fn seek_from(child: &mut I, target: Option<&I::Key>) -> Result<bool, I::Error> {
        match target {
            Some(target) => Self::seek(child, target),
            None => Self::seek_to_start(child),
        }
    }

    /// When several children have failed in one seek, whether a later error is to be returned in place of the first.
    #[inline]
    fn is_preferred(_later: &I::Error, _first: &I::Error) -> bool {
        false
    }
}

/// A way for children of two types, whose keys are compared.
pub(crate) trait WalkBoth<A, B>: Walk<A> + Walk<B, Key = <Self as Walk<A>>::Key>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
{
    /// How the keys of two children compare on this way.
    #[inline]
    fn compare(a: &A, b: &B) -> Ordering {
        <Self as Walk<A>>::key(a.key()).cmp(<Self as Walk<B>>::key(b.key()))
    }
}

impl<A, B, W> WalkBoth<A, B> for W
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
    W: Walk<A> + Walk<B, Key = <W as Walk<A>>::Key>,
{
}

#[derive(Debug)]
pub(crate) struct Forward;

impl<I: StorageIterator> Walk<I> for Forward {
    const DIRECTION: Direction = Direction::Forward;

    type Key = I::Key;

    #[inline]
    fn step(child: &mut I) -> Result<bool, I::Error> {
        child.next()
    }

    #[inline]
    fn key(key: &I::Key) -> &I::Key {
        key
    }
}

impl<I: SeekableIterator> Seek<I> for Forward {
    #[inline]
    fn seek_to_start(child: &mut I) -> Result<bool, I::Error> {
        child.seek_to_first()
    }

    #[inline]
    fn seek(child: &mut I, target: &I::Key) -> Result<bool, I::Error> {
        child.seek(target)
    }
}

#[derive(Debug)]
pub(crate) struct Backward;

impl<I: BidirectionalIterator> Walk<I> for Backward {
    const DIRECTION: Direction = Direction::Backward;

    type Key = Descending<I::Key>;

    #[inline]
    fn step(child: &mut I) -> Result<bool, I::Error> {
        child.prev()
    }

    #[inline]
    fn key(key: &I::Key) -> &Descending<I::Key> {
        Descending::from_ref(key)
    }
}

impl<I: BidirectionalIterator> Seek<I> for Backward {
    #[inline]
    fn seek_to_start(child: &mut I) -> Result<bool, I::Error> {
        child.seek_to_last()
    }

    #[inline]
    fn seek(child: &mut I, target: &I::Key) -> Result<bool, I::Error> {
        child.seek_for_prev(target)
    }
}

/// Forward, over children that stop where they would have to wait. That is no error to be told, so one that has failed goes first.
#[cfg(feature = "async")]
#[derive(Debug)]
pub(crate) struct ForwardByTrying;

#[cfg(feature = "async")]
impl<I: AsyncStorageIterator> Walk<Tried<I>> for ForwardByTrying {
    const DIRECTION: Direction = Direction::Forward;

    type Key = I::Key;

    #[inline]
    fn step(child: &mut Tried<I>) -> Result<bool, Stop<I::Error>> {
        child.next()
    }

    #[inline]
    fn key(key: &I::Key) -> &I::Key {
        key
    }
}

#[cfg(feature = "async")]
impl<I: AsyncSeekableIterator> Seek<Tried<I>> for ForwardByTrying {
    #[inline]
    fn seek_to_start(child: &mut Tried<I>) -> Result<bool, Stop<I::Error>> {
        child.seek_to_first()
    }

    #[inline]
    fn seek(child: &mut Tried<I>, target: &I::Key) -> Result<bool, Stop<I::Error>> {
        child.seek(target)
    }

    #[inline]
    fn is_preferred(later: &Stop<I::Error>, first: &Stop<I::Error>) -> bool {
        matches!((later, first), (Stop::Failed(_), Stop::Waits))
    }
}

/// The seeks of a cursor whose `seek_by` goes any way.
macro_rules! cursor_by_seeking {
    (seek) => {
        fn seek(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
            self.seek_by::<Forward>(Some(key))
        }

        fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
            self.seek_by::<Forward>(None)
        }
    };
    (prev) => {
        fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
            self.seek_by::<Backward>(None)
        }

        fn seek_for_prev(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
            self.seek_by::<Backward>(Some(key))
        }
    };
}
pub(crate) use cursor_by_seeking;
