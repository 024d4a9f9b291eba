//! Mem-tables: sorted tables in memory that many threads write and scan at once; and chunks, by which a structure is
//! scanned whose own iterator must not stay open.

#[macro_use]
mod sorted_table;

mod btree;
mod chunk;
mod chunk_iterator;
mod chunk_source;
mod descending_chunk_source;
mod instants;
mod iterator;
mod skiplist;
mod snapshot;
mod snapshot_iterator;
mod table_key;
mod turnstile_lock;
mod walk;

pub use btree::BTreeMemTable;
pub use chunk::Chunk;
pub use chunk_iterator::ChunkIterator;
pub use chunk_source::ChunkSource;
pub use descending_chunk_source::DescendingChunkSource;
pub use iterator::MemTableIterator;
pub use skiplist::MemTable;
pub use snapshot::{MemTableSnapshot, SnapshotMemTable};
pub use snapshot_iterator::SnapshotMemTableIterator;
pub use sorted_table::SortedTable;
