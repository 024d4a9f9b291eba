//! [`SortedRun`]: an immutable, flat, shared run of entries; its columns; its iterator.

mod column;
mod cursor;
mod iterator;
mod owned;
mod run;

pub use column::{Column, Columnar, ListColumn, StrColumn};
pub use iterator::SortedRunIterator;
pub use owned::OwnedSortedRunIterator;
pub use run::SortedRun;
