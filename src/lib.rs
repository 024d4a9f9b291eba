//! placeholder

mod bridges;
mod combinators;
mod error;
mod key;
#[cfg(feature = "mem-table")]
mod mem_table;
mod merge;
mod sources;
mod storage_iterator;
mod tombstone;

pub use bridges::{EntriesIterator, FromStorageIterator};
pub use combinators::{
    BetweenIterator, BorrowedIterator, CheckOrderIterator, FilterIterator, FuseError, FuseIterator, InspectIterator,
    LiftErrIterator, MapErrIterator, MapValueIterator, OrderError, SkipTombstonesIterator, TakeIterator,
};
pub use error::{ChildError, Never};
pub use key::Key;
#[cfg(feature = "mem-table")]
pub use mem_table::{MemTable, MemTableIterator};
pub use merge::{MergeAllIterator, MergeIterator, TwoMergeIterator};
pub use sources::{
    Column, Columnar, EmptyIterator, ListColumn, OnceIterator, PairsIterator, ResultPairsIterator, SliceIterator,
    SortedRun, SortedRunIterator, StrColumn,
};
pub use storage_iterator::StorageIterator;
pub use tombstone::Tombstone;
