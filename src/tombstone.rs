//! [`Tombstone`]: values that say "deleted".

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

/// A value type in which some values mean that the key is deleted.
///
/// Merges do not know tombstones: a tombstone in a newer child hides older entries because it is an entry. Only
/// [`skip_tombstones`](crate::StorageIterator::skip_tombstones), above the merge, asks this trait.
///
/// For byte strings, empty means deleted. For `Option`, `None` does, so a table that must store empty values takes
/// `Option<Vec<u8>>`.
///
/// ```
/// use storage_iter::Tombstone;
///
/// assert!(b"".is_tombstone());
/// assert!(!Some("").is_tombstone());
///
/// enum Change {
///     Put(u64),
///     Delete,
/// }
/// impl Tombstone for Change {
///     fn is_tombstone(&self) -> bool {
///         matches!(self, Change::Delete)
///     }
/// }
/// assert!(!Change::Put(1).is_tombstone());
/// ```
pub trait Tombstone {
    /// Whether this value says that its key is deleted.
    ///
    /// ```
    /// use storage_iter::Tombstone;
    ///
    /// assert!(None::<u64>.is_tombstone());
    /// ```
    fn is_tombstone(&self) -> bool;
}

/// An empty string of bytes is the tombstone, as [`MemTable`](crate::MemTable) writes it.
impl Tombstone for [u8] {
    #[inline]
    fn is_tombstone(&self) -> bool {
        self.is_empty()
    }
}

impl Tombstone for str {
    #[inline]
    fn is_tombstone(&self) -> bool {
        self.is_empty()
    }
}

/// `None` is the tombstone; whatever is inside `Some` is a value.
impl<T> Tombstone for Option<T> {
    #[inline]
    fn is_tombstone(&self) -> bool {
        self.is_none()
    }
}

/// Value types that hold or point to another and mean the same.
macro_rules! tombstones_by_deref {
    ($([$($parameters:tt)*] $value:ty => $target:ty),* $(,)?) => {$(
        impl<$($parameters)*> Tombstone for $value {
            #[inline]
            fn is_tombstone(&self) -> bool {
                <$target as Tombstone>::is_tombstone(self)
            }
        }
    )*};
}

tombstones_by_deref!(
    [] Vec<u8> => [u8],
    [const N: usize] [u8; N] => [u8],
    [] String => str,
    [T: ?Sized + Tombstone] &T => T,
    [T: ?Sized + Tombstone] Box<T> => T,
    [T: ?Sized + Tombstone] Rc<T> => T,
    [T: ?Sized + Tombstone] Arc<T> => T,
    [T: ?Sized + Tombstone + ToOwned] Cow<'_, T> => T,
);

#[cfg(feature = "bytes")]
tombstones_by_deref!([] bytes::Bytes => [u8]);
