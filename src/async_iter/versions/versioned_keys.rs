use crate::async_iter::tried::{Tried, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator, VersionedKey, VersionedKeysError};

/// Entries of an asynchronous storage iterator whose byte keys are lent as the [`VersionedKey`]s that they encode, made by
/// [`versioned_keys`](AsyncStorageIterator::versioned_keys).
///
/// Yields the child's entries in the child's order, which is that of the versions. So a run of bytes in an object store
/// holds versions without knowing of it.
///
/// # Complexity
///
/// *O(1)* a step, besides the child's. Allocates nothing.
///
/// # Errors
///
/// [`VersionedKeysError::Child`] for the child's own errors, which leave the step open, as dropped futures do;
/// [`VersionedKeysError::Malformed`] for a key that encodes no version, again at every further `next`.
///
/// ```
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, VersionedKeysIterator};
/// use storage_iter::{OwnedVersionedKey, SliceIterator};
///
/// # futures_executor::block_on(async {
/// let entries = [(2, "green"), (1, "red")].map(|(sequence, value)| {
///     (OwnedVersionedKey::new(b"apple", sequence).into_bytes(), value)
/// });
/// let entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], str>();
/// let mut seen = VersionedKeysIterator::new(entries).at(1);
/// assert_eq!(seen.next().await, Ok(true));
/// assert_eq!((seen.key(), seen.value()), (b"apple".as_slice(), "red"));
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct VersionedKeysIterator<I> {
    sync: crate::VersionedKeysIterator<Tried<I>>,
}

impl<I> VersionedKeysIterator<I> {
    /// The entries of `child`, whose keys encode versions.
    ///
    /// ```
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, VersionedKeysIterator};
    /// # use storage_iter::{OwnedVersionedKey, SliceIterator};
    /// # futures_executor::block_on(async {
    /// let entries = [(OwnedVersionedKey::new(b"apple", 1).into_bytes(), "red")];
    /// let entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], str>();
    /// assert_eq!(VersionedKeysIterator::new(entries).count().await, Ok(1));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I) -> Self
    where
        I: AsyncStorageIterator<Key = [u8]>,
    {
        VersionedKeysIterator { sync: crate::VersionedKeysIterator::new(Tried::new(child)) }
    }
}

impl<I: AsyncStorageIterator<Key = [u8]>> AsyncStorageIterator for VersionedKeysIterator<I> {
    type Key = VersionedKey;
    type Value = I::Value;
    type Error = VersionedKeysError<I::Error>;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut(), error => VersionedKeysError::Child(error));
    stand_on!(sync);
}

impl<I: AsyncSeekableIterator<Key = [u8]>> AsyncSeekableIterator for VersionedKeysIterator<I> {
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}
