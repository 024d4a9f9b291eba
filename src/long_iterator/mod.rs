//! Long iterators: scans that may stay open for long without keeping what they scan alive.

mod at_snapshot;
mod chunk_fn;
mod latest;
mod long;
mod refresh;
mod refresh_policy;
mod refreshing;
mod scan_fn;
mod scan_source;
mod snapshot_view_source;
mod view_source;

pub use at_snapshot::AtSnapshot;
pub use chunk_fn::ChunkFn;
pub use latest::Latest;
pub use long::LongIterator;
pub use refresh::RefreshIterator;
pub use refresh_policy::{
    RefreshAfter, RefreshAlways, RefreshEveryBytes, RefreshEveryEntries, RefreshNever, RefreshOnAny, RefreshOnSignal,
    RefreshOnViewChange, RefreshPolicy, RefreshSignal, RefreshStep,
};
#[cfg(feature = "async")]
pub(crate) use refreshing::Refreshing;
pub use scan_fn::ScanFn;
pub use scan_source::ScanSource;
pub use snapshot_view_source::SnapshotViewSource;
pub use view_source::ViewSource;
