//! Merges, one type a file: the synchronous ones, over children that are tried.

mod merge;
mod merge_all;
mod two_merge;
mod wait;

pub use merge::MergeIterator;
pub use merge_all::MergeAllIterator;
pub use two_merge::TwoMergeIterator;
