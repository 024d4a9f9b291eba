//! The asynchronous twin of this library. (Feature `async`.)
mod combinators;
mod from_sync;
#[cfg(feature = "mem-table")]
mod long_iterator;
mod merge;
mod sources;
mod storage_iterator;
pub(crate) mod tried;
mod yielding;

pub use combinators::{
    BetweenIterator, BorrowedIterator, CheckOrderIterator, FilterIterator, FuseIterator, InspectIterator,
    LiftErrIterator, MapErrIterator, MapValueIterator, SkipTombstonesIterator, TakeIterator,
};
pub use from_sync::FromSync;
#[cfg(feature = "mem-table")]
pub use long_iterator::{ChunkSource, Latest, LongIterator, ViewSource};
pub use merge::{MergeAllIterator, MergeIterator, TwoMergeIterator};
pub use sources::{BlockIterator, PairsIterator, ResultPairsIterator};
pub use storage_iterator::AsyncStorageIterator;
pub use yielding::YieldIterator;
