use ::either::Either;

use super::{AsyncSeekableIterator, AsyncStorageIterator};

/// One of two types of asynchronous storage iterator, chosen at run time, with the entries of the one that it is. (Feature
/// `either`.)
///
/// ```
/// use either::Either;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
/// use storage_iter::{OnceIterator, SliceIterator};
///
/// # futures_executor::block_on(async {
/// let cached = [(1, 'a')];
/// let mut entries = if cached.is_empty() {
///     Either::Left(FromSync::new(OnceIterator::new(0, 'x')))
/// } else {
///     Either::Right(FromSync::new(SliceIterator::new(&cached)).filter(|_, _| true))
/// };
/// assert_eq!(entries.next().await, Ok(true));
/// assert_eq!(entries.key(), &1);
/// # });
/// ```
impl<A, B> AsyncStorageIterator for Either<A, B>
where
    A: AsyncStorageIterator,
    B: AsyncStorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = A::Error;

    #[inline]
    async fn next(&mut self) -> Result<bool, A::Error> {
        ::either::for_both!(self, iterator => iterator.next().await)
    }

    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, A::Error>> {
        ::either::for_both!(self, iterator => iterator.try_next())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        ::either::for_both!(self, iterator => iterator.is_valid())
    }

    #[inline]
    fn key(&self) -> &A::Key {
        ::either::for_both!(self, iterator => iterator.key())
    }

    #[inline]
    fn value(&self) -> &A::Value {
        ::either::for_both!(self, iterator => iterator.value())
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        ::either::for_both!(self, iterator => iterator.shared_prefix_len())
    }

    #[inline]
    fn prefetch(&self) {
        ::either::for_both!(self, iterator => iterator.prefetch());
    }

    fn num_active_iterators(&self) -> usize {
        ::either::for_both!(self, iterator => iterator.num_active_iterators())
    }
}

/// Seeks in the one that it is. (Feature `either`.)
impl<A, B> AsyncSeekableIterator for Either<A, B>
where
    A: AsyncSeekableIterator,
    B: AsyncSeekableIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    #[inline]
    fn try_seek(&mut self, key: &A::Key) -> Option<Result<bool, A::Error>> {
        ::either::for_both!(self, iterator => iterator.try_seek(key))
    }

    #[inline]
    fn try_seek_to_first(&mut self) -> Option<Result<bool, A::Error>> {
        ::either::for_both!(self, iterator => iterator.try_seek_to_first())
    }
}
