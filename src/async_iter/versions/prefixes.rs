use std::fmt;

use crate::async_iter::tried::{
    Tried, clone_by_sync, debug_by_sync, next_by_steps, stand_on, step_or_next, try_seek_by,
};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{PrefixKey, SeekableIterator, StorageIterator};

/// Entries of an asynchronous storage iterator in groups of one prefix each, of which the rest can be passed over; made by
/// [`prefixes`](AsyncStorageIterator::prefixes).
///
/// Yields what the child yields; but [`next_prefix`](Self::next_prefix) and
/// [`seek_next_prefix`](Self::seek_next_prefix) move to the first entry of another prefix than that of the entry where
/// the iterator stands. What the prefix of a key is, the extractor tells: keys that begin with a prefix that it
/// returned have this prefix; keys for which it returns `None` are alone.
///
/// # Complexity
///
/// `next` is free. `next_prefix` makes one step of the child and one comparison for each entry that it passes over;
/// `seek_next_prefix` makes one seek. The prefix is copied into a buffer that is used again.
///
/// # Errors
///
/// The child's. The step stays open, as it does when the future is dropped: `next` completes it, that of `next_prefix` as well.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, PrefixesIterator};
///
/// # futures_executor::block_on(async {
/// let entries = ["ann/1", "ann/2", "ann/3", "bob/1", "bob/2", "x"].map(|key| (key.to_string(), ()));
/// let entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<str, ()>();
/// let mut users = PrefixesIterator::new(entries, |key: &str| key.find('/').map(|end| &key[..=end]));
/// let mut first_keys = vec![];
/// let mut found = users.next().await?;
/// while found {
///     first_keys.push(users.key().to_string());
///     found = users.next_prefix().await?;
/// }
/// assert_eq!(first_keys, ["ann/1", "bob/1", "x"]);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct PrefixesIterator<I: AsyncStorageIterator<Key: ToOwned>, P> {
    sync: crate::PrefixesIterator<Tried<I>, P>,
}

impl<I: AsyncStorageIterator<Key: ToOwned>, P> PrefixesIterator<I, P> {
    /// The entries of `child`, whose keys have the prefixes that `extract` takes from them.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, PrefixesIterator};
    /// # futures_executor::block_on(async {
    /// let entries = [(b"a1".to_vec(), ()), (b"a2".to_vec(), ())];
    /// let entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], ()>();
    /// assert_eq!(PrefixesIterator::new(entries, |key: &[u8]| key.get(..1)).count().await, Ok(2));
    /// # });
    /// ```
    #[inline]
    pub fn new(child: I, extract: P) -> Self
    where
        P: Fn(&I::Key) -> Option<&I::Key>,
    {
        PrefixesIterator { sync: crate::PrefixesIterator::new(Tried::new(child), extract) }
    }
}

impl<I, P> PrefixesIterator<I, P>
where
    I: AsyncStorageIterator<Key: PrefixKey<Owned: Send>>,
    P: Fn(&I::Key) -> Option<&I::Key> + Send,
{
    /// Moves to the first entry with another prefix, step by step. The same as `next` when the iterator does not stand
    /// on an entry.
    ///
    /// # Errors
    ///
    /// The child's. The step stays open, as it does when the future is dropped: `next` completes it.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let entries = ["a1", "a2", "b1"].map(|key| (key.to_string(), ()));
    /// let mut entries = FromSync::new(SliceIterator::new(&entries)).borrowed::<str, ()>().prefixes(|key| key.get(..1));
    /// entries.next().await?;
    /// assert_eq!(entries.next_prefix().await, Ok(true));
    /// assert_eq!(entries.key(), "b1");
    /// # Ok::<(), std::convert::Infallible>(())
    /// # }).unwrap();
    /// ```
    pub async fn next_prefix(&mut self) -> Result<bool, I::Error> {
        self.sync.take_prefix();
        self.next().await
    }
}

impl<I, P> PrefixesIterator<I, P>
where
    I: AsyncSeekableIterator<Key: PrefixKey<Owned: Send>>,
    P: Fn(&I::Key) -> Option<&I::Key> + Send,
{
    /// The same as [`next_prefix`](Self::next_prefix), by a seek: better where a prefix has many entries. (Behind the
    /// greatest of all prefixes, such as `FF`, there is nothing to seek: its entries are passed over step by step.)
    ///
    /// # Errors
    ///
    /// The child's. The step stays open, as it does when the future is dropped: `next` completes it.
    ///
    /// ```
    /// # use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
    /// async fn count_prefixes<I: AsyncSeekableIterator<Key = [u8]>>(entries: I) -> Result<usize, I::Error> {
    ///     let mut entries = entries.prefixes(|key| key.get(..4));
    ///     let mut count = 0;
    ///     let mut found = entries.seek_to_first().await?;
    ///     while found {
    ///         count += 1;
    ///         found = entries.seek_next_prefix().await?;
    ///     }
    ///     Ok(count)
    /// }
    /// ```
    pub async fn seek_next_prefix(&mut self) -> Result<bool, I::Error> {
        step_or_next!(self, self.sync.seek_next_prefix())
    }
}

impl<I, P> AsyncStorageIterator for PrefixesIterator<I, P>
where
    I: AsyncStorageIterator<Key: PrefixKey<Owned: Send>>,
    P: Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    next_by_steps!(self, self.sync.next(), self.sync.child.iterator_mut());
    stand_on!(sync);
}

impl<I, P> AsyncSeekableIterator for PrefixesIterator<I, P>
where
    I: AsyncSeekableIterator<Key: PrefixKey<Owned: Send>>,
    P: Send,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

clone_by_sync!(
    PrefixesIterator<I, P>,
    I: AsyncStorageIterator<Key: ToOwned<Owned: Clone>> + Clone,
    P: Clone
);
debug_by_sync!(PrefixesIterator<I, P>, I: AsyncStorageIterator<Key: ToOwned> + fmt::Debug);
