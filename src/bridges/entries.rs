use std::iter::FusedIterator;

use crate::StorageIterator;

/// A [`std::iter::Iterator`] over the owned entries of a storage iterator, made by
/// [`entries`](StorageIterator::entries).
///
/// Yields `Ok((key, value))` for every entry that is left, and `Err` where a step fails.
///
/// # Complexity
///
/// One copy of the key and of the value a step, with what that allocates.
///
/// # Errors
///
/// An error is an item like any other, and the iterator goes on behind it: asked again it completes the failed step,
/// without losing an entry. A source that is broken for good thus yields errors without end; collecting into a `Result`, or `?`, stops
/// at the first.
///
/// ```
/// use itertools::Itertools;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let layer = [("a/1", 2), ("a/2", 3), ("b/1", 4)];
/// let folders = SliceIterator::new(&layer).entries().map(Result::unwrap).chunk_by(|(key, _)| key[..1].to_string());
/// let sums: Vec<(String, i32)> =
///     folders.into_iter().map(|(folder, files)| (folder, files.map(|(_, size)| size).sum())).collect();
/// assert_eq!(sums, [("a".to_string(), 5), ("b".to_string(), 4)]);
/// ```
#[derive(Clone, Debug)]
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct EntriesIterator<I> {
    iterator: I,
    /// The iterator has moved to an entry that was not handed out yet: copying it has panicked.
    is_owed: bool,
}

impl<I> EntriesIterator<I> {
    /// The entries of `iterator`.
    ///
    /// ```
    /// # use storage_iter::{EntriesIterator, OnceIterator};
    /// assert_eq!(EntriesIterator::new(OnceIterator::new(1, 'a')).next(), Some(Ok((1, 'a'))));
    /// ```
    #[inline]
    pub fn new(iterator: I) -> Self {
        EntriesIterator { iterator, is_owed: false }
    }
}

impl<I> Iterator for EntriesIterator<I>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned>,
{
    type Item = Result<(<I::Key as ToOwned>::Owned, <I::Value as ToOwned>::Owned), I::Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if !self.is_owed {
            match self.iterator.next() {
                Ok(true) => self.is_owed = true,
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        let entry = (self.iterator.key().to_owned(), self.iterator.value().to_owned());
        self.is_owed = false;
        Some(Ok(entry))
    }
}

/// The end of a storage iterator is final.
impl<I> FusedIterator for EntriesIterator<I> where I: StorageIterator<Key: ToOwned, Value: ToOwned> {}
