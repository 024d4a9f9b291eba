//! Merges, one type a file: the synchronous ones, over children that are tried.

#[expect(clippy::module_inception, reason = "a file is named after its type")]
mod merge;
mod merge_all;
mod two_merge;

pub use merge::MergeIterator;
pub use merge_all::MergeAllIterator;
pub use two_merge::TwoMergeIterator;
