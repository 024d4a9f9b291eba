use super::child::Waiting;
use super::{SetChild, try_seek_of_many_sides};
use crate::async_iter::tried::stand_on;
use crate::async_iter::wait::{IN_FLIGHT, next_of_many};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{Approach, ChildError, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The keys that all of many asynchronous storage iterators have, with the values of all at hand: their inner join, a leapfrog
/// join.
///
/// Yields them in ascending order, as [the synchronous one](crate::IntersectionIterator) does. The value is that of the first child;
/// [`value_of`](Self::value_of) is that of any. `S` says how a child is brought to the greatest key that another one stands on:
/// entry by entry ([`new`](Self::new)) or by seeks ([`galloping`](Self::galloping)). No children have no keys.
///
/// # Complexity
///
/// That of [the synchronous one](crate::IntersectionIterator#complexity): with *k* children, *m* entries in the smallest and *n* in the
/// largest one, entry by entry *O(kn)*, galloping *O(km)* seeks. Allocates in `new`, and once a child where the first step or a seek
/// has to wait.
///
/// The first step, and a seek, begin with all children before they wait for any: up to [`max_in_flight`](Self::max_in_flight) at
/// once. Later steps wait for one child after the other.
///
/// # Errors
///
/// A child's, with its index, as [`ChildError`]. The step stays open, as it does when the future is dropped, and keys that were
/// passed over are not looked at again.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, IntersectionIterator};
///
/// # futures_executor::block_on(async {
/// let [red, small, round] = [vec![(2, 'r'), (5, 'r')], vec![(1, 's'), (5, 's')], vec![(5, 'o'), (6, 'o')]];
/// let postings = [&red, &small, &round].map(|postings| FromSync::new(SliceIterator::new(postings)));
/// let mut found = IntersectionIterator::galloping(postings);
/// assert_eq!(found.next().await, Ok(true));
/// assert_eq!((found.key(), found.value_of(2)), (&5, &'o'));
/// assert_eq!(found.next().await, Ok(false));
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct IntersectionIterator<I, S = Stepping> {
    sync: crate::IntersectionIterator<SetChild<I>, S>,
    in_flight: usize,
}

impl<I> IntersectionIterator<I> {
    /// The keys that all `children` have, found entry by entry.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, IntersectionIterator};
    /// # futures_executor::block_on(async {
    /// let sources = (0..3).map(|value| FromSync::new(OnceIterator::new('k', value)));
    /// assert_eq!(IntersectionIterator::new(sources).count().await, Ok(1));
    /// # });
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children = children.into_iter().map(SetChild::new);
        IntersectionIterator { sync: crate::IntersectionIterator::new(children), in_flight: IN_FLIGHT }
    }
}

impl<I: AsyncSeekableIterator> IntersectionIterator<I, Galloping> {
    /// The keys that all `children` have, found by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, IntersectionIterator};
    /// # futures_executor::block_on(async {
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let children = [&many[..], &many[7..], &many[..8]].map(|entries| FromSync::new(SliceIterator::new(entries)));
    /// assert_eq!(IntersectionIterator::galloping(children).collect().await, Ok(vec![(7, 'b')]));
    /// # });
    /// ```
    pub fn galloping(children: impl IntoIterator<Item = I>) -> Self {
        let children = children.into_iter().map(SetChild::new);
        IntersectionIterator { sync: crate::IntersectionIterator::galloping(children), in_flight: IN_FLIGHT }
    }
}

impl<I, S> IntersectionIterator<I, S> {
    /// Sets how many children are waited for at once, at least one; 64 if this is not called.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, IntersectionIterator};
    /// # futures_executor::block_on(async {
    /// let sources = (0..100).map(|value| FromSync::new(OnceIterator::new('k', value)));
    /// assert_eq!(IntersectionIterator::new(sources).max_in_flight(8).count().await, Ok(1));
    /// # });
    /// ```
    pub fn max_in_flight(mut self, in_flight: usize) -> Self {
        self.in_flight = in_flight.max(1);
        self
    }
}

impl<I: AsyncStorageIterator, S> IntersectionIterator<I, S> {
    /// The value of the child at `index`.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry, or there is no such child.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FromSync, IntersectionIterator};
    /// # futures_executor::block_on(async {
    /// let children = ['a', 'b'].map(|value| FromSync::new(OnceIterator::new(1, value)));
    /// let mut common = IntersectionIterator::new(children);
    /// common.next().await?;
    /// assert_eq!((common.value(), common.value_of(1)), (&'a', &'b'));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// # }).unwrap();
    /// ```
    #[inline]
    #[must_use]
    pub fn value_of(&self, index: usize) -> &I::Value {
        self.sync.value_of(index)
    }
}

impl<I, S> AsyncStorageIterator for IntersectionIterator<I, S>
where
    I: AsyncStorageIterator,
    S: Approach<SetChild<I>>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = ChildError<I::Error>;

    next_of_many!(self, _ => Waiting::new(self.sync.children_mut()));
    stand_on!(sync);
}

impl<I, S> AsyncSeekableIterator for IntersectionIterator<I, S>
where
    I: AsyncSeekableIterator,
    S: Approach<SetChild<I>>,
{
    try_seek_of_many_sides!();
}
