use std::fmt;

use super::PrefixKey;
use super::kept::Kept;
use crate::combinators::{Child, Judge, Verdict, stand_on_child, yield_all};
use crate::walk::Direction;
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
    pub(crate) child: Child<I>,
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
        PrefixesIterator { child: Child::new(child), extract, prefix: Kept::new(), target: Kept::new() }
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
    pub(crate) fn take_prefix(&mut self) {
        if self.child.is_valid()
            && let Some(prefix) = (self.extract)(self.child.key())
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
        let PrefixesIterator { child, prefix, target, .. } = self;
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
            Some(target) => child.seek(Direction::Forward, |child| child.seek(target), I::next, yield_all),
            None => self.next(),
        }
    }
}

/// Passes over the entries with a prefix, if there is one.
#[inline]
fn judge<I: StorageIterator<Key: PrefixKey>>(prefix: &Kept<<I::Key as ToOwned>::Owned>) -> impl Judge<I> {
    |_, key: &I::Key, _: &I::Value| Verdict::yield_if(!prefix.get().is_some_and(|prefix| key.has_prefix(prefix)))
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
        let found = self.child.walk(Direction::Forward, I::next, judge(&self.prefix))?;
        self.prefix.clear();
        Ok(found)
    }

    #[inline]
    fn for_each_while<F>(self, f: F) -> Result<bool, I::Error>
    where
        F: FnMut(&I::Key, &I::Value) -> bool,
    {
        self.child.for_each_while(judge(&self.prefix), f)
    }

    stand_on_child!(key, value);
}

impl<I, P> SeekableIterator for PrefixesIterator<I, P>
where
    I: SeekableIterator<Key: PrefixKey>,
{
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.child.seek(Direction::Forward, |child| child.seek(key), I::next, yield_all)
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.child.seek(Direction::Forward, I::seek_to_first, I::next, yield_all)
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
        self.child.walk(Direction::Backward, I::prev, yield_all)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.child.seek(Direction::Backward, I::seek_to_last, I::prev, yield_all)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.prefix.clear();
        self.child.seek(Direction::Backward, |child| child.seek_for_prev(key), I::prev, yield_all)
    }
}

impl<I, P> Clone for PrefixesIterator<I, P>
where
    I: StorageIterator<Key: ToOwned<Owned: Clone>> + Clone,
    P: Clone,
{
    fn clone(&self) -> Self {
        PrefixesIterator {
            child: self.child.clone(),
            extract: self.extract.clone(),
            prefix: self.prefix.clone(),
            target: self.target.clone(),
        }
    }
}

impl<I: StorageIterator<Key: ToOwned> + fmt::Debug, P> fmt::Debug for PrefixesIterator<I, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrefixesIterator").field("child", &self.child).finish_non_exhaustive()
    }
}
