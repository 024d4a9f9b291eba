//! Concatenation: children whose keys follow one another, opened one at a time.

mod children;
#[expect(clippy::module_inception, reason = "a file is named after its type")]
mod concat;
mod open_fn;
mod overlap_error;
mod ranges;
mod source;

pub use children::ConcatChildren;
pub use concat::ConcatIterator;
pub use open_fn::ConcatFn;
pub use overlap_error::OverlapError;
pub use ranges::ConcatRanges;
pub use source::{ConcatSource, RangedConcatSource};
