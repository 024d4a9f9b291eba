use std::collections::BTreeMap;

use crate::StorageIterator;

/// What a storage iterator of keys `K` and values `V` can be [collected](StorageIterator::collect) into.
///
/// ```
/// use std::collections::BTreeMap;
/// use storage_iter::{FromStorageIterator, SliceIterator, StorageIterator};
///
/// let map = BTreeMap::from_storage_iterator(SliceIterator::new(&[(1, "a")]))?;
/// assert_eq!(map[&1], "a");
///
/// /// Your own: only the keys.
/// struct Keys<K>(Vec<K>);
/// impl<K: Clone, V: ?Sized> FromStorageIterator<K, V> for Keys<K> {
///     fn from_storage_iterator<I>(mut iterator: I) -> Result<Self, I::Error>
///     where
///         I: StorageIterator<Key = K, Value = V>,
///     {
///         let mut keys = Keys(vec![]);
///         while iterator.next()? {
///             keys.0.push(iterator.key().clone());
///         }
///         Ok(keys)
///     }
/// }
/// let keys: Keys<u64> = SliceIterator::new(&[(1, "a"), (2, "b")]).collect()?;
/// assert_eq!(keys.0, [1, 2]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
pub trait FromStorageIterator<K: ?Sized, V: ?Sized>: Sized {
    /// Collects the entries that are left in `iterator`.
    ///
    /// # Errors
    ///
    /// The iterator's first error; what was collected until then is dropped.
    ///
    /// ```
    /// use storage_iter::{FromStorageIterator, OnceIterator};
    ///
    /// assert_eq!(Vec::from_storage_iterator(OnceIterator::new(1, 'a')), Ok(vec![(1, 'a')]));
    /// ```
    fn from_storage_iterator<I>(iterator: I) -> Result<Self, I::Error>
    where
        I: StorageIterator<Key = K, Value = V>;
}

/// Owned pairs, in the iterator's order.
impl<K, V> FromStorageIterator<K, V> for Vec<(K::Owned, V::Owned)>
where
    K: ?Sized + ToOwned,
    V: ?Sized + ToOwned,
{
    fn from_storage_iterator<I>(iterator: I) -> Result<Self, I::Error>
    where
        I: StorageIterator<Key = K, Value = V>,
    {
        iterator.entries().collect()
    }
}

/// Owned pairs. Where a key comes more than once, the last entry stays.
impl<K, V> FromStorageIterator<K, V> for BTreeMap<K::Owned, V::Owned>
where
    K: ?Sized + ToOwned<Owned: Ord>,
    V: ?Sized + ToOwned,
{
    fn from_storage_iterator<I>(iterator: I) -> Result<Self, I::Error>
    where
        I: StorageIterator<Key = K, Value = V>,
    {
        iterator.entries().collect()
    }
}
