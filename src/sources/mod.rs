//! Iterators that have no child: the leaves of a composition.

mod empty;
mod once;
mod pair;
mod pairs;
mod result_pairs;
mod search;
mod slice;
mod sorted_run;

pub use empty::EmptyIterator;
pub use once::OnceIterator;
#[cfg(feature = "async")]
pub(crate) use pair::Pair;
pub use pairs::PairsIterator;
pub use result_pairs::ResultPairsIterator;
pub use slice::SliceIterator;
pub use sorted_run::{Column, Columnar, ListColumn, OwnedSortedRunIterator, SortedRun, SortedRunIterator, StrColumn};
