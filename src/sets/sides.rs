use super::due::Due;
use crate::StorageIterator;

/// The values that many storage iterators have for one key: what a [`UnionIterator`](crate::UnionIterator) lends as its value.
///
/// It holds the iterators and lends their values, so nothing is copied, and it goes through combinators as any value does. What
/// other sets there are of many children is a filter over it:
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, UnionIterator};
///
/// let [a, b, c] = [vec![(1, 'a'), (2, 'a')], vec![(2, 'b'), (3, 'b')], vec![(3, 'c'), (4, 'c')]];
/// let union = UnionIterator::new([&a, &b, &c].map(|entries| SliceIterator::new(entries)));
/// let keys = |entries: Vec<(i32, char)>| entries.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
///
/// let only_in_a = union.clone().filter(|_, sides| sides.count() == 1 && sides.get(0).is_some());
/// assert_eq!(keys(only_in_a.map_value(|sides| sides.first()).collect()?), [1]);
/// let symmetric_difference = union.filter(|_, sides| sides.count() % 2 == 1);
/// assert_eq!(keys(symmetric_difference.map_value(|sides| sides.first()).collect()?), [1, 4]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sides<I> {
    pub(super) children: Vec<I>,
    /// What each has to do in the open step; on an entry, in the next one.
    pub(super) dues: Vec<Due>,
    /// Who has the key of the entry.
    pub(super) has_key: Vec<bool>,
    /// The first of these.
    pub(super) first: usize,
    /// The indices of all of them, in ascending order, if they were found so; or else none.
    pub(super) having: Vec<usize>,
}

impl<I: StorageIterator> Sides<I> {
    /// The value of the child at `index`, if that has the key.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, UnionIterator};
    /// let mut union = UnionIterator::new([OnceIterator::new(2, 'a'), OnceIterator::new(1, 'b')]);
    /// union.next()?;
    /// assert_eq!((union.value().get(0), union.value().get(1)), (None, Some(&'b')));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&I::Value> {
        (*self.has_key.get(index)?).then(|| self.children[index].value())
    }

    /// The value of the first child that has the key.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, UnionIterator};
    /// let union = UnionIterator::new([OnceIterator::new(2, 'a'), OnceIterator::new(1, 'b')]);
    /// assert_eq!(union.map_value(|sides| sides.first()).collect(), Ok(vec![(1, 'b'), (2, 'a')]));
    /// ```
    #[inline]
    #[must_use]
    pub fn first(&self) -> &I::Value {
        self.children[self.first].value()
    }

    /// The values that are there, each with its child's index.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, UnionIterator};
    /// let mut union = UnionIterator::new([(1, 'a'), (2, 'b'), (1, 'c')].map(|(key, value)| OnceIterator::new(key, value)));
    /// union.next()?;
    /// assert_eq!(union.value().iter().collect::<Vec<_>>(), [(0, &'a'), (2, &'c')]);
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (usize, &I::Value)> {
        let searched = if self.having.is_empty() { 0..self.children.len() } else { 0..0 };
        let having = searched.filter(|&index| self.has_key[index]).chain(self.having.iter().copied());
        having.map(|index| (index, self.children[index].value()))
    }

    /// How many children have the key.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, UnionIterator};
    /// let mut union = UnionIterator::new([OnceIterator::new(1, 'a'), OnceIterator::new(1, 'b')]);
    /// union.next()?;
    /// assert_eq!(union.value().count(), 2);
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[must_use]
    pub fn count(&self) -> usize {
        if self.having.is_empty() {
            return self.has_key.iter().filter(|has_key| **has_key).count();
        }
        self.having.len()
    }
}
