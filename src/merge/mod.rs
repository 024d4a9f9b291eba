//! Merges: several children, one order.

mod code;
mod codes;
#[expect(clippy::module_inception, reason = "a file is named after its type")]
mod merge;
mod merge_all;
mod merging;
mod node;
mod offset_value;
mod queue;
mod ranking;
mod stem;
mod tournament;
mod two_merge;

pub use merge::MergeIterator;
pub use merge_all::MergeAllIterator;
pub use two_merge::TwoMergeIterator;
