//! [`Descending`]: a key in the reverse order.

use std::borrow::Borrow;
use std::cmp::Ordering;

use ref_cast::{RefCastCustom, ref_cast_custom};

/// A key whose order is the reverse of that of the key inside.
///
/// What [`std::cmp::Reverse`] is to owned keys this is to borrowed ones, for it may hold an unsized key and be lent where
/// only a reference to that is at hand: `&str` becomes `&Descending<str>` by [`from_ref`](Self::from_ref), at no cost. Iterators
/// whose keys are `Descending<K>` walk from the greatest `K` to the least, and all that is said of ascending keys is true of
/// them: a merge of such iterators is a descending merge.
///
/// Merging them is as fast as in ascending order: [`Key`](crate::Key) tells what its bytes and integers stand for.
///
/// ```
/// use storage_iter::{Descending, MergeIterator, SliceIterator, StorageIterator};
///
/// let newer = [(Descending("pear"), 2), (Descending("fig"), 2)];
/// let older = [(Descending("pear"), 1), (Descending("lime"), 1)];
/// let mut merged = MergeIterator::new([SliceIterator::new(&newer), SliceIterator::new(&older)]);
/// let mut shown = vec![];
/// while merged.next()? {
///     shown.push((merged.key().0, *merged.value()));
/// }
/// assert_eq!(shown, [("pear", 2), ("lime", 1), ("fig", 2)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, RefCastCustom)]
#[repr(transparent)]
pub struct Descending<K: ?Sized>(
    /// The key in its own order.
    pub K,
);

impl<K: ?Sized> Descending<K> {
    /// The same key, to be compared the other way round.
    ///
    /// ```
    /// use storage_iter::Descending;
    ///
    /// assert!(Descending::from_ref("a") > Descending::from_ref("b"));
    /// ```
    #[inline]
    #[must_use]
    #[ref_cast_custom]
    pub const fn from_ref(key: &K) -> &Self;
}

impl<K: ?Sized + PartialOrd> PartialOrd for Descending<K> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        other.0.partial_cmp(&self.0)
    }

    #[inline]
    fn lt(&self, other: &Self) -> bool {
        other.0 < self.0
    }

    #[inline]
    fn le(&self, other: &Self) -> bool {
        other.0 <= self.0
    }

    #[inline]
    fn gt(&self, other: &Self) -> bool {
        other.0 > self.0
    }

    #[inline]
    fn ge(&self, other: &Self) -> bool {
        other.0 >= self.0
    }
}

impl<K: ?Sized + Ord> Ord for Descending<K> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}

/// Owned keys lend borrowed ones, so that what keeps copies of keys can keep these.
macro_rules! borrow_and_own {
    ($([$($parameters:tt)*] $owned:ty => $borrowed:ty),* $(,)?) => {$(
        impl<$($parameters)*> Borrow<Descending<$borrowed>> for Descending<$owned> {
            #[inline]
            fn borrow(&self) -> &Descending<$borrowed> {
                Descending::from_ref(self.0.borrow())
            }
        }

        impl<$($parameters)*> ToOwned for Descending<$borrowed> {
            type Owned = Descending<$owned>;

            fn to_owned(&self) -> Descending<$owned> {
                Descending(self.0.to_owned())
            }

            fn clone_into(&self, target: &mut Descending<$owned>) {
                self.0.clone_into(&mut target.0);
            }
        }
    )*};
}

borrow_and_own!([] String => str, [T: Clone] Vec<T> => [T]);

impl<K: ?Sized> Borrow<Descending<K>> for Descending<&K> {
    #[inline]
    fn borrow(&self) -> &Descending<K> {
        Descending::from_ref(self.0)
    }
}
