use std::fmt;

use super::kept::Kept;
use super::visible::{UserKey, version_in};
use super::walk::Walk;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator, Versioned};

/// All versions, in groups of one user key each, of which the rest can be passed over; made by
/// [`group_versions`](StorageIterator::group_versions).
///
/// Yields what the child yields, the newest version of each user key first; but [`next_user_key`](Self::next_user_key)
/// and [`seek_next_user_key`](Self::seek_next_user_key) move to the newest version of the user key behind that of the
/// entry where the iterator stands.
///
/// # Complexity
///
/// `next` is free. `next_user_key` makes one step of the child and one comparison for each version that it passes over,
/// `seek_next_user_key` makes one seek. The user key is copied into a buffer that is used again.
///
/// # Errors
///
/// The child's. The step stays open: `next` completes it, that of `next_user_key` as well.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::{GroupVersionsIterator, SliceIterator, StorageIterator};
///
/// let versions = [("a", 5), ("a", 3), ("a", 1), ("b", 4), ("b", 2)];
/// let versions = versions.map(|(key, sequence)| ((key, Reverse(sequence)), ()));
/// let mut versions = GroupVersionsIterator::new(SliceIterator::new(&versions));
/// assert_eq!((versions.next(), versions.key()), (Ok(true), &("a", Reverse(5))));
/// assert_eq!((versions.next(), versions.key()), (Ok(true), &("a", Reverse(3))));
/// assert_eq!((versions.next_user_key(), versions.key()), (Ok(true), &("b", Reverse(4))));
/// assert_eq!(versions.next_user_key(), Ok(false));
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct GroupVersionsIterator<I: StorageIterator<Key: Versioned>> {
    walk: Walk<I>,
    /// The user key that is being passed over, while there is one.
    user_key: Kept<<UserKey<I> as ToOwned>::Owned>,
    /// Where seeks write their targets.
    target: Option<<I::Key as ToOwned>::Owned>,
}

impl<I: StorageIterator<Key: Versioned>> GroupVersionsIterator<I> {
    /// The versions of `child`.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{GroupVersionsIterator, SliceIterator, StorageIterator};
    /// let versions = [((1, Reverse(2)), 'b'), ((1, Reverse(1)), 'a')];
    /// assert_eq!(GroupVersionsIterator::new(SliceIterator::new(&versions)).count(), Ok(2));
    /// ```
    #[inline]
    pub fn new(child: I) -> Self {
        GroupVersionsIterator { walk: Walk::new(child), user_key: Kept::new(), target: None }
    }

    /// Moves to the newest version of the next user key, step by step. The same as `next` when the iterator does not
    /// stand on an entry.
    ///
    /// # Errors
    ///
    /// The child's. The step stays open: `next` completes it.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// let versions = [((1, Reverse(2)), 'b'), ((1, Reverse(1)), 'a'), ((2, Reverse(1)), 'c')];
    /// let mut versions = SliceIterator::new(&versions).group_versions();
    /// assert_eq!((versions.next_user_key(), versions.value()), (Ok(true), &'b'));
    /// assert_eq!((versions.next_user_key(), versions.value()), (Ok(true), &'c'));
    /// ```
    #[inline]
    pub fn next_user_key(&mut self) -> Result<bool, I::Error> {
        self.take_user_key();
        self.next()
    }

    /// Writes down the user key of the entry that the iterator stands on.
    fn take_user_key(&mut self) {
        if self.walk.is_valid() {
            self.user_key.set(self.walk.key().user_key());
        }
    }
}

impl<I: SeekableIterator<Key: Versioned>> GroupVersionsIterator<I> {
    /// The same as [`next_user_key`](Self::next_user_key), by a seek: better where a user key has many versions.
    ///
    /// # Errors
    ///
    /// The child's. The step stays open: `next` completes it.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// let versions = [((1, Reverse(2)), 'b'), ((1, Reverse(1)), 'a'), ((2, Reverse(1)), 'c')];
    /// let mut versions = SliceIterator::new(&versions).group_versions();
    /// assert_eq!((versions.seek_next_user_key(), versions.value()), (Ok(true), &'b'));
    /// assert_eq!((versions.seek_next_user_key(), versions.value()), (Ok(true), &'c'));
    /// ```
    pub fn seek_next_user_key(&mut self) -> Result<bool, I::Error> {
        self.take_user_key();
        let GroupVersionsIterator { walk, user_key, target } = self;
        let Some(left) = user_key.get::<UserKey<I>>() else { return self.next() };
        // The last version that there can be: if there is one, it is passed over.
        let seek = |child: &mut I| child.seek(version_in(target, left, 0));
        let found = walk.seek_to(seek, |error| error, |key, _| Ok(key.user_key() != left))?;
        user_key.clear();
        Ok(found)
    }
}

impl<I: StorageIterator<Key: Versioned>> StorageIterator for GroupVersionsIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        let left = self.user_key.get();
        let found = self.walk.next_to(|error| error, |key, _| Ok(left != Some(key.user_key())))?;
        self.user_key.clear();
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

impl<I: SeekableIterator<Key: Versioned>> SeekableIterator for GroupVersionsIterator<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.walk.seek_to(|child| child.seek(key), |error| error, |_, _| Ok(true))
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.walk.seek_to(I::seek_to_first, |error| error, |_, _| Ok(true))
    }
}

impl<I: BidirectionalIterator<Key: Versioned>> BidirectionalIterator for GroupVersionsIterator<I> {
    fn prev(&mut self) -> Result<bool, I::Error> {
        if self.user_key.get::<UserKey<I>>().is_some() {
            // A user key was being passed over: turning round among its versions would lead to the oldest.
            self.next()?;
        }
        self.walk.prev_to(|error| error, |_, _| Ok(true))
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.walk.seek_back_to(I::seek_to_last, |error| error, |_, _| Ok(true))
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.walk.seek_back_to(|child| child.seek_for_prev(key), |error| error, |_, _| Ok(true))
    }
}

impl<I> Clone for GroupVersionsIterator<I>
where
    I: StorageIterator<Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>> + Clone,
{
    fn clone(&self) -> Self {
        GroupVersionsIterator { walk: self.walk.clone(), user_key: self.user_key.clone(), target: self.target.clone() }
    }
}

impl<I: StorageIterator<Key: Versioned> + fmt::Debug> fmt::Debug for GroupVersionsIterator<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupVersionsIterator").field("child", &self.walk).finish_non_exhaustive()
    }
}
