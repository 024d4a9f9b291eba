use std::fmt;

use super::kept::Kept;
use super::visible::{UserKey, version_in};
use crate::combinators::{Child, Judge, Verdict, stand_on_child, yield_all};
use crate::walk::Direction;
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
    pub(crate) child: Child<I>,
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
        GroupVersionsIterator { child: Child::new(child), user_key: Kept::new(), target: None }
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
    pub(crate) fn take_user_key(&mut self) {
        if self.child.is_valid() {
            self.user_key.set(self.child.key().user_key());
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
        let GroupVersionsIterator { child, user_key, target } = self;
        let Some(left) = user_key.get::<UserKey<I>>() else { return self.next() };
        // The last version that there can be: if there is one, it is passed over.
        let seek = |child: &mut I| child.seek(version_in(target, left, 0));
        let found = child.seek(Direction::Forward, seek, I::next, judge(Some(left)))?;
        user_key.clear();
        Ok(found)
    }
}

/// Passes over the versions of a user key, if there is one.
#[inline]
fn judge<I: StorageIterator<Key: Versioned>>(left: Option<&UserKey<I>>) -> impl Judge<I> {
    move |_, key: &I::Key, _: &I::Value| Verdict::yield_if(left != Some(key.user_key()))
}

impl<I: StorageIterator<Key: Versioned>> StorageIterator for GroupVersionsIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, I::Error> {
        let found = self.child.walk(Direction::Forward, I::next, judge(self.user_key.get()))?;
        self.user_key.clear();
        Ok(found)
    }

    #[inline]
    fn for_each_while<F>(self, f: F) -> Result<bool, I::Error>
    where
        F: FnMut(&I::Key, &I::Value) -> bool,
    {
        self.child.for_each_while(judge(self.user_key.get()), f)
    }

    stand_on_child!(key, value);
}

impl<I: SeekableIterator<Key: Versioned>> SeekableIterator for GroupVersionsIterator<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.child.seek(Direction::Forward, |child| child.seek(key), I::next, yield_all)
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.child.seek(Direction::Forward, I::seek_to_first, I::next, yield_all)
    }
}

impl<I: BidirectionalIterator<Key: Versioned>> BidirectionalIterator for GroupVersionsIterator<I> {
    fn prev(&mut self) -> Result<bool, I::Error> {
        if self.user_key.get::<UserKey<I>>().is_some() {
            // A user key was being passed over: turning round among its versions would lead to the oldest.
            self.next()?;
        }
        self.child.walk(Direction::Backward, I::prev, yield_all)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.child.seek(Direction::Backward, I::seek_to_last, I::prev, yield_all)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.user_key.clear();
        self.child.seek(Direction::Backward, |child| child.seek_for_prev(key), I::prev, yield_all)
    }
}

impl<I> Clone for GroupVersionsIterator<I>
where
    I: StorageIterator<Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>> + Clone,
{
    fn clone(&self) -> Self {
        GroupVersionsIterator {
            child: self.child.clone(),
            user_key: self.user_key.clone(),
            target: self.target.clone(),
        }
    }
}

impl<I: StorageIterator<Key: Versioned> + fmt::Debug> fmt::Debug for GroupVersionsIterator<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupVersionsIterator").field("child", &self.child).finish_non_exhaustive()
    }
}
