//! Long iterators, awaited: scans that may stay open for long without keeping what they scan alive.

mod chunk_source;
mod latest;
mod long;
mod refresh;
mod scan_source;
mod view_source;

pub use chunk_source::ChunkSource;
pub use latest::Latest;
pub use long::LongIterator;
pub use refresh::RefreshIterator;
pub use scan_source::ScanSource;
pub use view_source::ViewSource;
