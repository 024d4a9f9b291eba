use std::fmt;

use super::PrefixKey;
use super::kept::Kept;
use super::walk::Walk;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// Entries in groups of one prefix each, of which the rest can be passed over; made by
/// [`prefixes`](StorageIterator::prefixes).
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
/// The child's. The step stays open: `next` completes it, that of `next_prefix` as well.
///
/// ```
/// use storage_iter::{PrefixesIterator, SliceIterator, StorageIterator};
///
/// let entries = ["ann/1", "ann/2", "ann/3", "bob/1", "bob/2", "x"].map(|key| (key.to_string(), ()));
/// let entries = SliceIterator::new(&entries).borrowed::<str, ()>();
/// let mut users = PrefixesIterator::new(entries, |key: &str| key.find('/').map(|end| &key[..=end]));
/// let mut first_keys = vec![];
/// let mut found = users.next()?;
/// while found {
///     first_keys.push(users.key().to_string());
///     found = users.next_prefix()?;
/// }
/// assert_eq!(first_keys, ["ann/1", "bob/1", "x"]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct PrefixesIterator<I: StorageIterator<Key: ToOwned>, P> {
    walk: Walk<I>,
    extract: P,
    /// The prefix that is being passed over, while there is one.
    prefix: Kept<<I::Key as ToOwned>::Owned>,
    /// Where seeks write their targets.
    target: Kept<<I::Key as ToOwned>::Owned>,
}

impl<I: StorageIterator<Key: ToOwned>, P> PrefixesIterator<I, P> {
    /// The entries of `child`, whose keys have the prefixes that `extract` takes from them.
    ///
    /// ```
    /// # use storage_iter::{PrefixesIterator, SliceIterator, StorageIterator};
    /// let entries = [(b"a1".to_vec(), ()), (b"a2".to_vec(), ())];
    /// let entries = SliceIterator::new(&entries).borrowed::<[u8], ()>();
    /// assert_eq!(PrefixesIterator::new(entries, |key: &[u8]| key.get(..1)).count(), Ok(2));
    /// ```
    #[inline]
    pub fn new(child: I, extract: P) -> Self
    where
        P: Fn(&I::Key) -> Option<&I::Key>,
    {
        PrefixesIterator { walk: Walk::new(child), extract, prefix: Kept::new(), target: Kept::new() }
    }
}

impl<I, P> PrefixesIterator<I, P>
where
    I: StorageIterator<Key: PrefixKey>,
    P: Fn(&I::Key) -> Option<&I::Key>,
{
    /// Moves to the first entry with another prefix, step by step. The same as `next` when the iterator does not stand
    /// on an entry.
    ///
    /// # Errors
    ///
    /// The child's. The step stays open: `next` completes it.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// let entries = ["a1", "a2", "b1"].map(|key| (key.to_string(), ()));
    /// let mut entries = SliceIterator::new(&entries).borrowed::<str, ()>().prefixes(|key| key.get(..1));
    /// entries.next()?;
    /// assert_eq!(entries.next_prefix(), Ok(true));
    /// assert_eq!(entries.key(), "b1");
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    pub fn next_prefix(&mut self) -> Result<bool, I::Error> {
        self.take_prefix();
        self.next()
    }

    /// Writes down the prefix of the entry that the iterator stands on.
    fn take_prefix(&mut self) {
        if self.walk.is_valid()
            && let Some(prefix) = (self.extract)(self.walk.key())
        {
            self.prefix.set(prefix);
        }
    }
}

impl<I, P> PrefixesIterator<I, P>
where
    I: SeekableIterator<Key: PrefixKey>,
    P: Fn(&I::Key) -> Option<&I::Key>,
{
    /// The same as [`next_prefix`](Self::next_prefix), by a seek: better where a prefix has many entries. (Behind the
    /// greatest of all prefixes, such as `FF`, there is nothing to seek: its entries are passed over step by step.)
    ///
    /// # Errors
    ///
    /// The child's. The step stays open: `next` completes it.
    ///
    /// ```
    /// # use storage_iter::{PrefixesIterator, SeekableIterator, StorageIterator};
    /// fn count_prefixes<I: SeekableIterator<Key = [u8]>>(entries: I) -> Result<usize, I::Error> {
    ///     let mut entries = entries.prefixes(|key| key.get(..4));
    ///     let mut count = 0;
    ///     let mut found = entries.seek_to_first()?;
    ///     while found {
    ///         count += 1;
    ///         found = entries.seek_next_prefix()?;
    ///     }
    ///     Ok(count)
    /// }
    /// ```
    pub fn seek_next_prefix(&mut self) -> Result<bool, I::Error> {
        self.take_prefix();
        let PrefixesIterator { walk, prefix, target, .. } = self;
        if let Some(prefix) = prefix.get::<I::Key>() {
            target.set(prefix);
        } else {
            return self.next();
        }
        if !target.get_mut().is_some_and(I::Key::make_successor) {
            return self.next();
        }
        prefix.clear();
        match target.get() {
            Some(target) => walk.seek_to(|child| child.seek(target), |error| error, |_, _| Ok(true)),
            None => self.next(),
        }
    }
}

impl<I, P> StorageIterator for PrefixesIterator<I, P>
where
    I: StorageIterator<Key: PrefixKey>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        let prefix = &self.prefix;
        let is_wanted = |key: &I::Key, _: &I::Value| Ok(!prefix.get().is_some_and(|prefix| key.has_prefix(prefix)));
        let found = self.walk.next_to(|error| error, is_wanted)?;
        self.prefix.clear();
        Ok(found)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.walk.is_valid()
    }

    #[inline]
    fn key(&self) -> &I::Key {
        self.walk.key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.walk.value()
    }

    fn num_active_iterators(&self) -> usize {
        self.walk.iterator().num_active_iterators()
    }
}

impl<I, P> SeekableIterator for PrefixesIterator<I, P>
where
    I: SeekableIterator<Key: PrefixKey>,
{
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.walk.seek_to(|child| child.seek(key), |error| error, |_, _| Ok(true))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.walk.seek_to(I::seek_to_first, |error| error, |_, _| Ok(true))
    }
}

impl<I, P> BidirectionalIterator for PrefixesIterator<I, P>
where
    I: BidirectionalIterator<Key: PrefixKey>,
{
    fn prev(&mut self) -> Result<bool, I::Error> {
        if self.prefix.get::<I::Key>().is_some() {
            // A prefix was being passed over: turning round within it would lead to its last entry.
            self.next()?;
        }
        self.walk.prev_to(|error| error, |_, _| Ok(true))
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.walk.seek_back_to(I::seek_to_last, |error| error, |_, _| Ok(true))
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.walk.seek_back_to(|child| child.seek_for_prev(key), |error| error, |_, _| Ok(true))
    }
}

impl<I, P> Clone for PrefixesIterator<I, P>
where
    I: StorageIterator<Key: ToOwned<Owned: Clone>> + Clone,
    P: Clone,
{
    fn clone(&self) -> Self {
        PrefixesIterator {
            walk: self.walk.clone(),
            extract: self.extract.clone(),
            prefix: self.prefix.clone(),
            target: self.target.clone(),
        }
    }
}

impl<I: StorageIterator<Key: ToOwned> + fmt::Debug, P> fmt::Debug for PrefixesIterator<I, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrefixesIterator").field("child", &self.walk).finish_non_exhaustive()
    }
}
