//! Ways out of storage iterators, into std's world, and into the `either` crate's type.

mod collect;
#[cfg(feature = "either")]
mod either;
mod entries;

pub use collect::FromStorageIterator;
pub use entries::EntriesIterator;
