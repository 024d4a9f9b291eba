//! Mem-tables: sorted tables in memory that many threads write and scan at once.

mod iterator;
mod skiplist;

pub use iterator::MemTableIterator;
pub use skiplist::MemTable;
