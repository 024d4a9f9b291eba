use either::Either;

use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// One of two types of storage iterator, chosen at run time, with the entries of the one that it is. (Feature `either`.)
///
/// ```
/// use either::Either;
/// use storage_iter::{EmptyIterator, SliceIterator, StorageIterator};
///
/// fn cached<'a>(entries: Option<&'a [(u64, char)]>) -> impl StorageIterator<Key = u64, Value = char> + 'a {
///     match entries {
///         Some(entries) => Either::Left(SliceIterator::new(entries)),
///         None => Either::Right(EmptyIterator::new()),
///     }
/// }
/// assert!(matches!(cached(Some(&[(1, 'a')])).next(), Ok(true)));
/// assert!(matches!(cached(None).next(), Ok(false)));
/// ```
impl<A, B> StorageIterator for Either<A, B>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = A::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, A::Error> {
        either::for_both!(self, iterator => iterator.next())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        either::for_both!(self, iterator => iterator.is_valid())
    }

    #[inline]
    fn key(&self) -> &A::Key {
        either::for_both!(self, iterator => iterator.key())
    }

    #[inline]
    fn value(&self) -> &A::Value {
        either::for_both!(self, iterator => iterator.value())
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        either::for_both!(self, iterator => iterator.shared_prefix_len())
    }

    #[inline]
    fn prefetch(&self) {
        either::for_both!(self, iterator => iterator.prefetch());
    }

    fn num_active_iterators(&self) -> usize {
        either::for_both!(self, iterator => iterator.num_active_iterators())
    }
}

/// Seeks in the one that it is. (Feature `either`.)
impl<A, B> SeekableIterator for Either<A, B>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    #[inline]
    fn seek(&mut self, key: &A::Key) -> Result<bool, A::Error> {
        either::for_both!(self, iterator => iterator.seek(key))
    }

    #[inline]
    fn seek_to_first(&mut self) -> Result<bool, A::Error> {
        either::for_both!(self, iterator => iterator.seek_to_first())
    }
}

/// Walks the one that it is. (Feature `either`.)
impl<A, B> BidirectionalIterator for Either<A, B>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    #[inline]
    fn prev(&mut self) -> Result<bool, A::Error> {
        either::for_both!(self, iterator => iterator.prev())
    }

    #[inline]
    fn seek_to_last(&mut self) -> Result<bool, A::Error> {
        either::for_both!(self, iterator => iterator.seek_to_last())
    }

    #[inline]
    fn seek_for_prev(&mut self, key: &A::Key) -> Result<bool, A::Error> {
        either::for_both!(self, iterator => iterator.seek_for_prev(key))
    }
}
