use super::child::Waiting;
use super::{SetChild, try_seek_of_many_sides};
use crate::async_iter::tried::stand_on;
use crate::async_iter::wait::{IN_FLIGHT, next_of_many};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{ChildError, SeekableIterator, Sides, StorageIterator};

/// The keys that any of many asynchronous storage iterators has, with the values of all that have it: their full outer join.
///
/// Yields every key once, in ascending order, as [the synchronous one](crate::UnionIterator) does. The value is [`Sides`]. Where the
/// first child's value is enough, that is [`MergeIterator`](crate::async_iter::MergeIterator), which compares less; for two children of
/// two types see [`TwoUnionIterator`](crate::async_iter::TwoUnionIterator).
///
/// # Complexity
///
/// With *k* children, *k* - 1 comparisons a step, while all have entries. Allocates in `new`, and once a child where the first step
/// or a seek has to wait.
///
/// The first step, and a seek, begin with all children before they wait for any: up to [`max_in_flight`](Self::max_in_flight) at
/// once. Later steps wait for one child after the other.
///
/// # Errors
///
/// A child's, with its index, as [`ChildError`]. The step stays open, as it does when the future is dropped: it goes on with the
/// children that have not moved.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, UnionIterator};
///
/// # futures_executor::block_on(async {
/// let monday = [("ann", 1), ("bob", 2)];
/// let tuesday = [("bob", 3), ("cem", 4)];
/// let mut days = UnionIterator::new([&monday, &tuesday].map(|day| FromSync::new(SliceIterator::new(day))));
/// let mut sums = vec![];
/// while days.next().await? {
///     sums.push((*days.key(), days.value().iter().map(|(_, count)| count).sum::<i32>()));
/// }
/// assert_eq!(sums, [("ann", 1), ("bob", 5), ("cem", 4)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct UnionIterator<I> {
    sync: crate::UnionIterator<SetChild<I>>,
    in_flight: usize,
}

impl<I> UnionIterator<I> {
    /// The keys of all `children`. Zero children are no error: there are no entries.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, UnionIterator};
    /// # futures_executor::block_on(async {
    /// let sources = (0..3).map(|key| FromSync::new(OnceIterator::new(key, 'a')));
    /// assert_eq!(UnionIterator::new(sources).count().await, Ok(3));
    /// # });
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children = children.into_iter().map(SetChild::new);
        UnionIterator { sync: crate::UnionIterator::new(children), in_flight: IN_FLIGHT }
    }

    /// Sets how many children are waited for at once, at least one; 64 if this is not called.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, UnionIterator};
    /// # futures_executor::block_on(async {
    /// let sources = (0..100).map(|value| FromSync::new(OnceIterator::new('k', value)));
    /// assert_eq!(UnionIterator::new(sources).max_in_flight(8).count().await, Ok(1));
    /// # });
    /// ```
    pub fn max_in_flight(mut self, in_flight: usize) -> Self {
        self.in_flight = in_flight.max(1);
        self
    }
}

impl<I> AsyncStorageIterator for UnionIterator<I>
where
    I: AsyncStorageIterator,
{
    type Key = I::Key;
    type Value = Sides<SetChild<I>>;
    type Error = ChildError<I::Error>;

    next_of_many!(self, _ => Waiting::new(self.sync.children_mut()));
    stand_on!(sync);
}

impl<I> AsyncSeekableIterator for UnionIterator<I>
where
    I: AsyncSeekableIterator,
{
    try_seek_of_many_sides!();
}

/// The union of the iterator's items.
impl<I> FromIterator<I> for UnionIterator<I> {
    fn from_iter<T: IntoIterator<Item = I>>(children: T) -> Self {
        Self::new(children)
    }
}
