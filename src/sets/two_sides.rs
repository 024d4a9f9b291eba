use std::cmp::Ordering;

use crate::walk::Walk;
use crate::{ChildError, StorageIterator};

/// The values that two storage iterators have for one key: what a
/// [`TwoUnionIterator`](crate::TwoUnionIterator) and a [`TwoSymmetricDifferenceIterator`](crate::TwoSymmetricDifferenceIterator)
/// lend as their value.
///
/// It holds the two iterators and lends their values, so nothing is copied, and it goes through combinators as any value does:
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let names = SliceIterator::new(&[(1, "ann"), (2, "bob")]);
/// let ages = SliceIterator::new(&[(2, 40), (3, 50)]);
/// let mut without_age = names.union(ages).filter(|_, sides| sides.right().is_none());
/// without_age.next()?;
/// assert_eq!((without_age.key(), without_age.value().left()), (&1, Some(&"ann")));
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TwoSides<A, B> {
    pub(super) a: A,
    pub(super) b: B,
    /// On an entry: who has its key, and so will move in the next step. Otherwise: who is still to be moved in this one.
    pub(super) movers: Movers,
}

/// Some of two children. (Not two flags: the compiler would move children without a branch, and select what has come of it.) Told apart by
/// the values of the order of their keys, so that the one becomes the other without an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub(super) enum Movers {
    A = Ordering::Less as i8,
    Both = Ordering::Equal as i8,
    B = Ordering::Greater as i8,
    Neither = 2,
}

impl Movers {
    #[inline]
    pub(super) fn of(a: bool, b: bool) -> Self {
        match (a, b) {
            (true, true) => Movers::Both,
            (true, false) => Movers::A,
            (false, true) => Movers::B,
            (false, false) => Movers::Neither,
        }
    }

    /// Those whose key comes first.
    #[inline]
    pub(super) fn of_order(order: Ordering) -> Self {
        match order {
            Ordering::Less => Movers::A,
            Ordering::Equal => Movers::Both,
            Ordering::Greater => Movers::B,
        }
    }
}

impl<A: StorageIterator, B: StorageIterator> TwoSides<A, B> {
    /// Moves those who are to be moved. Whether both stand on entries then.
    #[inline(always)]
    pub(super) fn go<W>(&mut self) -> Result<bool, ChildError<A::Error>>
    where
        B: StorageIterator<Error = A::Error>,
        W: Walk<A> + Walk<B>,
    {
        let TwoSides { a, b, movers } = self;
        // Whoever has moved last is asked first: the compiler then branches on the answer at once, and does not select it to test it later.
        // But not before it is recorded that it has moved, for the other one may panic.
        Ok(match movers {
            Movers::Neither => a.is_valid() && b.is_valid(),
            Movers::A => {
                let has_a = W::step(a).map_err(|error| ChildError { child: 0, error })?;
                *movers = Movers::Neither;
                has_a && b.is_valid()
            }
            Movers::B => {
                let has_b = W::step(b).map_err(|error| ChildError { child: 1, error })?;
                *movers = Movers::Neither;
                has_b && a.is_valid()
            }
            Movers::Both => {
                W::step(a).map_err(|error| ChildError { child: 0, error })?;
                *movers = Movers::B;
                let has_b = W::step(b).map_err(|error| ChildError { child: 1, error })?;
                *movers = Movers::Neither;
                has_b && a.is_valid()
            }
        })
    }

    #[inline]
    #[track_caller]
    pub(super) fn key(&self) -> &A::Key
    where
        B: StorageIterator<Key = A::Key>,
    {
        if self.movers == Movers::B { self.b.key() } else { self.a.key() }
    }

    /// The value of the first iterator, if that has the key.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let mut union = OnceIterator::new(1, 'a').union(OnceIterator::new(2, "b"));
    /// union.next()?;
    /// assert_eq!((union.value().left(), union.value().right()), (Some(&'a'), None));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn left(&self) -> Option<&A::Value> {
        matches!(self.movers, Movers::A | Movers::Both).then(|| self.a.value())
    }

    /// The value of the second iterator, if that has the key.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let mut union = OnceIterator::new(1, 'a').union(OnceIterator::new(1, "b"));
    /// union.next()?;
    /// assert_eq!((union.value().left(), union.value().right()), (Some(&'a'), Some(&"b")));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn right(&self) -> Option<&B::Value> {
        matches!(self.movers, Movers::B | Movers::Both).then(|| self.b.value())
    }

    /// The value of the first iterator that has the key.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let ends = OnceIterator::new(1, 'a').symmetric_difference(OnceIterator::new(9, 'z'));
    /// assert_eq!(ends.map_value(|sides| sides.first()).collect(), Ok(vec![(1, 'a'), (9, 'z')]));
    /// ```
    #[inline]
    #[must_use]
    pub fn first(&self) -> &A::Value
    where
        B: StorageIterator<Value = A::Value>,
    {
        if self.movers == Movers::B { self.b.value() } else { self.a.value() }
    }
}
