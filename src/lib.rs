//! Zero-cost combinators over *storage iterators*: cursors that lend `(key, value)` entries in ascending key order, may
//! fail at every step, and may borrow from the structure they walk.
//!
//! Whoever writes a storage engine, a write-set over a database, a time-series store or a log merger composes sources into
//! one view, in generic code, and the compiler turns the composition into the loop that they would have written by
//! hand. There is no `Box`, no `dyn` and no `'static` in a combinator, and no allocation in `next` after the first step.
//!
#![cfg_attr(feature = "mem-table", doc = "```")]
#![cfg_attr(not(feature = "mem-table"), doc = "```ignore")]
//! use std::ops::Bound::{Included, Unbounded};
//! use storage_iter::{MemTable, MergeIterator, SortedRun, StorageIterator};
//!
//! // Two frozen layers, the newer first, below a live table.
//! let base = MemTable::new();
//! base.put(b"apple", b"1");
//! base.put(b"banana", b"1");
//! base.put(b"cherry", b"1");
//! let base: SortedRun = base.scan(Unbounded, Unbounded).collect()?;
//! let update = MemTable::new();
//! update.put(b"banana", b"2");
//! let update: SortedRun = update.scan(Unbounded, Unbounded).collect()?;
//! let live = MemTable::new();
//! live.delete(b"apple");
//! live.put(b"date", b"3");
//!
//! // One view: on equal keys the newer layer wins, then deletions are left out.
//! let frozen = MergeIterator::new([update.iter(), base.iter()]);
//! let newest = live.scan(Included(b"a"), Unbounded).lift_err();
//! let mut view = newest.two_merge(frozen).skip_tombstones();
//! let mut shown = String::new();
//! while view.next()? {
//!     shown += &format!("{}={} ", view.key().escape_ascii(), view.value().escape_ascii());
//! }
//! assert_eq!(shown, "banana=2 cherry=1 date=3 ");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to look
//!
//! | | |
//! |---|---|
//! | The trait, its contract, and the combinators as its methods | [`StorageIterator`] |
//! | Cursors that go to a key, and that walk both ways | [`SeekableIterator`], [`BidirectionalIterator`] |
//! | Many children of one type, newest first; the same with duplicates kept | [`MergeIterator`], [`MergeAllIterator`] |
//! | Two children of two types | [`TwoMergeIterator`] |
//! | Children whose keys follow one another, opened one at a time | [`ConcatIterator`], [`ConcatSource`], [`ConcatFn`], [`ConcatRanges`] |
//! | Sets over keys, with the values of all sides | [`TwoUnionIterator`], [`TwoIntersectionIterator`], [`TwoDifferenceIterator`], [`TwoSymmetricDifferenceIterator`]; of many [`UnionIterator`], [`IntersectionIterator`] |
//! | A table that many threads write while others scan | [`MemTable`], [`BTreeMemTable`], [`SnapshotMemTable`], their trait [`SortedTable`] |
//! | A scan that does not keep memory alive | [`LongIterator`], [`RefreshIterator`] |
//! | A table of somebody else, through chunks | [`ChunkSource`], [`DescendingChunkSource`], [`ChunkIterator`] |
//! | Immutable, flat, shared runs that any iterator is collected into | [`SortedRun`] |
//! | Many versions of one key: what a snapshot sees, merge operators, range tombstones, garbage collection | [`Versioned`], [`VersionedKey`], [`AtIterator`], [`FoldVersionsIterator`], [`GroupVersionsIterator`], [`MaskIterator`], [`CollectGarbageIterator`] |
//! | Keys with one prefix, and groups of prefixes | [`StorageIterator::prefix`], [`PrefixesIterator`] |
//! | Entries from elsewhere | [`SliceIterator`], [`PairsIterator`], [`ResultPairsIterator`], [`OnceIterator`], [`EmptyIterator`] |
//! | The same over sources that have to be waited for | the module `async_iter` |
//! | Back into [`std::iter::Iterator`] | [`StorageIterator::entries`] |
//! | Keys and values of your own | [`Key`], [`Tombstone`], [`Columnar`] |
//! | A key whose order is turned round, and the cursor that walks in it | [`Descending`], [`RevIterator`] |
//! | Tests of your own iterators | the module `testing` (feature `testing`) |
//!
//! # Errors
//!
//! An error is never the end of the data and never costs an entry. A step that failed stays open: the next `next` completes
//! it. Iterators with several children say which child failed, by a [`ChildError`]; a source that cannot fail has
//! [`Infallible`](std::convert::Infallible) and takes part in a merge with one that can through
//! [`lift_err`](StorageIterator::lift_err).
//!
//! # Features
//!
//! - `mem-table` (on by default): the mem-tables, on crossbeam-skiplist, and the long iterators; brings `bytes`.
//! - `bytes`: [`Key`] and [`Tombstone`] for `bytes::Bytes`.
//! - `either`: [`StorageIterator`] for `either::Either`, one of two types chosen at run time; with `async`, its twin as well.
//! - `async`: the module `async_iter`, the asynchronous twin; brings `futures-core` and `futures-util`.
//! - `testing`: the test kit, which proves storage iterators of your own; brings `quickcheck`. See the module `testing`.

#[cfg(feature = "async")]
pub mod async_iter;
mod bidirectional_iterator;
mod bridges;
mod combinators;
mod concat;
mod descending;
mod error;
mod key;
#[cfg(feature = "mem-table")]
mod long_iterator;
#[cfg(feature = "mem-table")]
mod mem_table;
mod merge;
mod prefetch;
mod seekable_iterator;
mod sets;
mod sources;
mod storage_iterator;
#[cfg(feature = "testing")]
pub mod testing;
mod tombstone;
mod versions;
mod walk;

pub use bidirectional_iterator::BidirectionalIterator;
pub use bridges::{EntriesIterator, FromStorageIterator};
pub use combinators::{
    BetweenIterator, BorrowedIterator, CheckOrderIterator, FilterIterator, FuseError, FuseIterator, InspectIterator,
    LiftErrIterator, MapErrIterator, MapValueIterator, OrderError, RevIterator, SkipTombstonesIterator, TakeIterator,
};
pub use concat::{
    ConcatChildren, ConcatFn, ConcatIterator, ConcatRanges, ConcatSource, OverlapError, RangedConcatSource,
};
pub use descending::Descending;
pub use error::{ChildError, Never};
pub use key::Key;
#[cfg(feature = "mem-table")]
pub use long_iterator::{
    AtSnapshot, ChunkFn, Latest, LongIterator, RefreshAfter, RefreshAlways, RefreshEveryBytes, RefreshEveryEntries,
    RefreshIterator, RefreshNever, RefreshOnAny, RefreshOnSignal, RefreshOnViewChange, RefreshPolicy, RefreshSignal,
    RefreshStep, ScanFn, ScanSource, SnapshotViewSource, ViewSource,
};
#[cfg(feature = "mem-table")]
pub use mem_table::{
    BTreeMemTable, Chunk, ChunkIterator, ChunkSource, DescendingChunkSource, MemTable, MemTableIterator,
    MemTableSnapshot, SnapshotMemTable, SnapshotMemTableIterator, SortedTable,
};
pub use merge::{MergeAllIterator, MergeIterator, TwoMergeIterator};
pub use seekable_iterator::SeekableIterator;
pub use sets::{
    Approach, Galloping, IntersectionIterator, Sides, Stepping, TwoDifferenceIterator, TwoIntersectionIterator,
    TwoSides, TwoSymmetricDifferenceIterator, TwoUnionIterator, UnionIterator,
};
pub use sources::{
    Column, Columnar, EmptyIterator, ListColumn, OnceIterator, OwnedSortedRunIterator, PairsIterator,
    ResultPairsIterator, SliceIterator, SortedRun, SortedRunIterator, StrColumn,
};
pub use storage_iterator::StorageIterator;
pub use tombstone::Tombstone;
pub use versions::{
    AtIterator, CollectGarbageIterator, FoldError, FoldVersionsIterator, GroupVersionsIterator, MalformedKeyError,
    MaskIterator, MergeOperator, Operands, OwnedVersionedKey, PrefixKey, PrefixesIterator, RangeTombstone,
    RangeTombstones, Versioned, VersionedKey, VersionedKeyColumn, VersionedKeysError, VersionedKeysIterator,
};

/// The example in the README is a test as well.
#[cfg(all(doctest, feature = "mem-table"))]
#[doc = include_str!("../README.md")]
struct Readme;
