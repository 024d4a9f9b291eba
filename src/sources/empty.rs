use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use crate::combinators::not_on_an_entry;
use crate::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

/// A storage iterator without entries, as [`std::iter::empty`].
///
/// # Complexity
///
/// Free. Allocates nothing.
///
/// # Errors
///
/// Never.
///
/// ```
/// use storage_iter::{EmptyIterator, StorageIterator};
///
/// assert_eq!(EmptyIterator::<[u8], [u8]>::new().next(), Ok(false));
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct EmptyIterator<K: ?Sized, V: ?Sized> {
    entries: PhantomData<fn() -> (*const K, *const V)>,
}

impl<K: ?Sized, V: ?Sized> EmptyIterator<K, V> {
    /// No entries.
    ///
    /// ```
    /// # use storage_iter::{EmptyIterator, StorageIterator};
    /// assert_eq!(EmptyIterator::<u64, str>::new().count(), Ok(0));
    /// ```
    #[inline]
    pub fn new() -> Self {
        EmptyIterator { entries: PhantomData }
    }
}

impl<K: ?Sized + Key, V: ?Sized> StorageIterator for EmptyIterator<K, V> {
    type Key = K;
    type Value = V;
    type Error = Infallible;

    #[inline]
    fn next(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        false
    }

    fn key(&self) -> &K {
        not_on_an_entry()
    }

    fn value(&self) -> &V {
        not_on_an_entry()
    }
}

impl<K: ?Sized + Key, V: ?Sized> SeekableIterator for EmptyIterator<K, V> {
    #[inline]
    fn seek(&mut self, _: &K) -> Result<bool, Infallible> {
        Ok(false)
    }

    #[inline]
    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }
}

impl<K: ?Sized + Key, V: ?Sized> BidirectionalIterator for EmptyIterator<K, V> {
    #[inline]
    fn prev(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }

    #[inline]
    fn seek_to_last(&mut self) -> Result<bool, Infallible> {
        Ok(false)
    }

    #[inline]
    fn seek_for_prev(&mut self, _: &K) -> Result<bool, Infallible> {
        Ok(false)
    }
}

impl<K: ?Sized, V: ?Sized> Default for EmptyIterator<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: ?Sized, V: ?Sized> Clone for EmptyIterator<K, V> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<K: ?Sized, V: ?Sized> fmt::Debug for EmptyIterator<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmptyIterator")
    }
}
