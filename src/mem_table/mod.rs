//! Mem-tables: sorted tables in memory that many threads write and scan at once; and chunks, by which a structure is
//! scanned whose own iterator must not stay open.

mod chunk;
mod chunk_iterator;
mod chunk_source;

pub use chunk::Chunk;
pub use chunk_iterator::ChunkIterator;
pub use chunk_source::ChunkSource;

#[cfg(feature = "mem-table")]
#[macro_use]
mod sorted_table;
#[cfg(feature = "mem-table")]
mod btree;
#[cfg(feature = "mem-table")]
mod instants;
#[cfg(feature = "mem-table")]
mod iterator;
#[cfg(feature = "mem-table")]
mod skiplist;
#[cfg(feature = "mem-table")]
mod snapshot;
#[cfg(feature = "mem-table")]
mod snapshot_iterator;
#[cfg(feature = "mem-table")]
mod table_key;
#[cfg(feature = "mem-table")]
mod walk;

#[cfg(feature = "mem-table")]
pub use btree::BTreeMemTable;
#[cfg(feature = "mem-table")]
pub use iterator::MemTableIterator;
#[cfg(feature = "mem-table")]
pub use skiplist::MemTable;
#[cfg(feature = "mem-table")]
pub use snapshot::{MemTableSnapshot, SnapshotMemTable};
#[cfg(feature = "mem-table")]
pub use snapshot_iterator::SnapshotMemTableIterator;
#[cfg(feature = "mem-table")]
pub use sorted_table::SortedTable;
