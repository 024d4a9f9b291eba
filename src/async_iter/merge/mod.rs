//! Merges, one type a file: the synchronous ones, over children that are tried.

/// What the merges of many children have in common.
macro_rules! merge_of_many {
    ($iterator:ident) => {
        impl<I> $iterator<I> {
            /// Sets how many children are waited for at once, at least one; 64 if this is not called.
            ///
            /// ```
            /// # use storage_iter::OnceIterator;
            #[doc = concat!("# use storage_iter::async_iter::{AsyncStorageIterator, FromSync, ", stringify!($iterator), "};")]
            /// # futures_executor::block_on(async {
            /// let sources = (0..100).map(|key| FromSync::new(OnceIterator::new(key, 'a')));
            #[doc = concat!("assert_eq!(", stringify!($iterator), "::new(sources).max_in_flight(8).count().await, Ok(100));")]
            /// # });
            /// ```
            pub fn max_in_flight(mut self, in_flight: usize) -> Self {
                self.in_flight = in_flight.max(1);
                self
            }

            /// The index of the child that the current entry came from; `None` when the merge does not stand on an entry.
            ///
            /// ```
            /// # use storage_iter::OnceIterator;
            #[doc = concat!("# use storage_iter::async_iter::{AsyncStorageIterator, FromSync, ", stringify!($iterator), "};")]
            /// # futures_executor::block_on(async {
            /// let children = [OnceIterator::new(2, 'b'), OnceIterator::new(1, 'a')];
            #[doc = concat!("let mut merged = ", stringify!($iterator), "::new(children.map(FromSync::new));")]
            /// assert_eq!(merged.source_index(), None);
            /// merged.next().await?;
            /// assert_eq!(merged.source_index(), Some(1));
            /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
            /// # }).unwrap();
            /// ```
            #[inline]
            #[must_use]
            pub fn source_index(&self) -> Option<usize> {
                self.sync.source_index()
            }
        }

        impl<I: AsyncStorageIterator> AsyncStorageIterator for $iterator<I> {
            type Key = I::Key;
            type Value = I::Value;
            type Error = ChildError<I::Error>;

            next_of_many!(self, stopped_before => self.sync.unmoved(stopped_before));
            stand_on!(sync);
        }

        impl<I: AsyncSeekableIterator> AsyncSeekableIterator for $iterator<I> {
            try_seek_by!(self, key => self.sync.try_seek(key), self.sync.try_seek_to_first());
        }

        /// Merges the iterator's items, the newest first.
        impl<I> FromIterator<I> for $iterator<I> {
            fn from_iter<T: IntoIterator<Item = I>>(children: T) -> Self {
                Self::new(children)
            }
        }
    };
}
use merge_of_many;

#[expect(clippy::module_inception, reason = "a file is named after its type")]
mod merge;
mod merge_all;
mod two_merge;

pub use merge::MergeIterator;
pub use merge_all::MergeAllIterator;
pub use two_merge::TwoMergeIterator;
