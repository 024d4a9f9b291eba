//! [`Approach`]: how a child is brought to a key that it lags behind, and the two ways there are.

use crate::walk::{Backward, Forward, Walk};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// How an intersection or a difference brings a child to a key that it lags behind, and a [`BetweenIterator`](crate::BetweenIterator)
/// its child to the lower bound: [`Stepping`] or [`Galloping`].
///
/// It is sealed: there are these two.
///
/// ```
/// use storage_iter::{Approach, Galloping, PairsIterator, SliceIterator, Stepping};
///
/// fn is_approach<S: Approach<I>, I: storage_iter::StorageIterator>(_: &I) {}
/// is_approach::<Stepping, _>(&PairsIterator::new([(1, 'a')]));
/// is_approach::<Galloping, _>(&SliceIterator::new(&[(1, 'a')]));
/// ```
pub trait Approach<I: StorageIterator>: sealed::Sealed {
    /// Whether it is not step by step.
    #[doc(hidden)]
    const SEEKS: bool;

    /// Takes a new `child` to its first entry not below `lower`, or a part of the way.
    #[doc(hidden)]
    fn start(child: &mut I, lower: Option<&I::Key>) -> Result<bool, I::Error>;

    /// Takes `child` a part of the way to its first entry not below `key`, or all of it. It has come `steps` parts already.
    #[doc(hidden)]
    fn forward(child: &mut I, key: &I::Key, steps: usize) -> Result<bool, I::Error>;

    /// Takes `child` a part of the way to its last entry not above `key`, or all of it.
    #[doc(hidden)]
    fn backward(child: &mut I, key: &I::Key, steps: usize) -> Result<bool, I::Error>
    where
        I: BidirectionalIterator;
}

/// Entry by entry: an [`Approach`] that every storage iterator can take, and the faster one where the keys of the children lie
/// close together.
///
/// ```
/// use storage_iter::{SliceIterator, Stepping, TwoIntersectionIterator};
///
/// type Slice = SliceIterator<'static, u64, char>;
/// let _: TwoIntersectionIterator<Slice, Slice, Stepping> =
///     TwoIntersectionIterator::new(Slice::new(&[(1, 'a')]), Slice::new(&[]));
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Stepping {}

/// By a seek: an [`Approach`] of children that can. A set operation tries a few single steps first, so that children whose keys lie
/// close together do not pay for it.
///
/// It trusts the children's seeks: one whose keys do not ascend may be led in circles, always to entries that it has.
/// Put [`check_order`](StorageIterator::check_order) around sources that you do not trust, and go entry by entry.
///
/// ```
/// use storage_iter::{Galloping, SliceIterator, TwoIntersectionIterator};
///
/// type Slice = SliceIterator<'static, u64, char>;
/// let _: TwoIntersectionIterator<Slice, Slice, Galloping, Galloping> =
///     TwoIntersectionIterator::galloping(Slice::new(&[(1, 'a')]), Slice::new(&[]));
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Galloping {}

mod sealed {
    #[allow(unnameable_types, reason = "that nobody can name it is what it is for")]
    pub trait Sealed {}
    impl Sealed for super::Stepping {}
    impl Sealed for super::Galloping {}
}

/// How many steps are tried before a seek. (Behind a seek that has not arrived, which breaks its promise, come steps again: so there is
/// an end to them.)
const STEPS_BEFORE_SEEK: usize = 4;

impl<I: StorageIterator> Approach<I> for Stepping {
    const SEEKS: bool = false;

    #[inline]
    fn start(child: &mut I, _: Option<&I::Key>) -> Result<bool, I::Error> {
        child.next()
    }

    #[inline]
    fn forward(child: &mut I, _: &I::Key, _: usize) -> Result<bool, I::Error> {
        child.next()
    }

    #[inline]
    fn backward(child: &mut I, _: &I::Key, _: usize) -> Result<bool, I::Error>
    where
        I: BidirectionalIterator,
    {
        child.prev()
    }
}

impl<I: SeekableIterator> Approach<I> for Galloping {
    const SEEKS: bool = true;

    #[inline]
    fn start(child: &mut I, lower: Option<&I::Key>) -> Result<bool, I::Error> {
        match lower {
            Some(lower) => child.seek(lower),
            None => child.seek_to_first(),
        }
    }

    #[inline]
    fn forward(child: &mut I, key: &I::Key, steps: usize) -> Result<bool, I::Error> {
        if steps == STEPS_BEFORE_SEEK { child.seek(key) } else { child.next() }
    }

    #[inline]
    fn backward(child: &mut I, key: &I::Key, steps: usize) -> Result<bool, I::Error>
    where
        I: BidirectionalIterator,
    {
        if steps == STEPS_BEFORE_SEEK { child.seek_for_prev(key) } else { child.prev() }
    }
}

/// A way on which a child is brought to a key as `S` says.
pub(super) trait Lead<I: StorageIterator, S>: Walk<I> {
    /// Takes `child` a part of the way to its first entry, on this way, that does not come before `key`, or all of it. It has come
    /// `steps` parts already.
    fn lead(child: &mut I, key: &I::Key, steps: usize) -> Result<bool, I::Error>;

    /// The same after it has failed or panicked: by a seek, if there is one, because one that panicked leaves nothing to go on from.
    #[inline]
    fn lead_again(child: &mut I, key: &I::Key) -> Result<bool, I::Error> {
        Self::lead(child, key, STEPS_BEFORE_SEEK)
    }
}

impl<I: StorageIterator, S: Approach<I>> Lead<I, S> for Forward {
    #[inline]
    fn lead(child: &mut I, key: &I::Key, steps: usize) -> Result<bool, I::Error> {
        S::forward(child, key, steps)
    }
}

impl<I: BidirectionalIterator, S: Approach<I>> Lead<I, S> for Backward {
    #[inline]
    fn lead(child: &mut I, key: &I::Key, steps: usize) -> Result<bool, I::Error> {
        S::backward(child, key, steps)
    }
}
