//! The asynchronous twin of this library: the same combinators, by the same names, over sources that have to be waited for.
//! (Feature `async`.)
//!
//! ```
//! use std::time::Duration;
//! use storage_iter::async_iter::{AsyncStorageIterator, BlockIterator, FromSync, MergeIterator};
//! use storage_iter::{ChildError, SliceIterator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ChildError<std::convert::Infallible>> {
//! // Two sorted runs somewhere else, which are read block by block, one block ahead of the reader.
//! static NEWER: [&[(&str, &str)]; 2] = [&[("apple", "2"), ("banana", "")], &[("cherry", "2")]];
//! static OLDER: [&[(&str, &str)]; 2] = [&[("apple", "1"), ("banana", "1")], &[("date", "1")]];
//! let runs = [&NEWER, &OLDER].map(|run| {
//!     BlockIterator::new(move |number: usize| {
//!         let block = *run.get(number)?;
//!         let read = tokio::spawn(async move {
//!             tokio::time::sleep(Duration::from_millis(5)).await;
//!             SliceIterator::new(block)
//!         });
//!         Some(async { Ok(read.await.expect("no panic")) })
//!     })
//! });
//!
//! // What is in memory is lifted, and merged over them.
//! let live = [("elder", "3")];
//! let newest = FromSync::new(SliceIterator::new(&live)).lift_err();
//! let mut view = newest.two_merge(MergeIterator::new(runs).map_err(ChildError::into_inner)).skip_tombstones();
//! let mut shown = String::new();
//! while view.next().await? {
//!     shown += &format!("{}={} ", view.key(), view.value());
//! }
//! assert_eq!(shown, "apple=2 cherry=2 date=1 elder=3 ");
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | | |
//! |---|---|
//! | The trait, its contract, and the combinators as its methods | [`AsyncStorageIterator`] |
//! | Going to a key | [`AsyncSeekableIterator`] |
//! | Anything synchronous, a mem-table for example | [`FromSync`] |
//! | Runs in files or object stores, read ahead; to a key in them | [`BlockIterator`], [`BlockIterator::with_index`] |
//! | Runs whose keys follow one another, the next one opened ahead | [`ConcatIterator`] |
//! | From and into streams | [`PairsIterator`], [`ResultPairsIterator`], [`into_stream`](AsyncStorageIterator::into_stream) |
//! | Merges | [`MergeIterator`], [`MergeAllIterator`], [`TwoMergeIterator`] |
//! | Sets over keys, with the values of all sides | [`TwoUnionIterator`], [`TwoIntersectionIterator`], [`TwoDifferenceIterator`], [`TwoSymmetricDifferenceIterator`]; of many [`UnionIterator`], [`IntersectionIterator`] |
//! | Many versions of one key | [`AtIterator`], [`FoldVersionsIterator`], [`GroupVersionsIterator`], [`MaskIterator`], [`CollectGarbageIterator`] |
//! | Keys with one prefix, and groups of prefixes | [`AsyncStorageIterator::prefix`], [`PrefixesIterator`] |
#![cfg_attr(
    feature = "mem-table",
    doc = "| A scan that does not keep memory alive | [`LongIterator`], [`RefreshIterator`] |"
)]
//! | Other tasks' turns | [`YieldIterator`] |
//!
//! # What the twin has, and what not
//!
//! Every method of [`StorageIterator`](crate::StorageIterator) is one of [`AsyncStorageIterator`], with the same name, meaning and
//! order of keys, but for `entries`, whose place [`into_stream`](AsyncStorageIterator::into_stream) takes. It has in addition what
//! waiting brings: [`try_next`](AsyncStorageIterator::try_next), [`yield_every`](AsyncStorageIterator::yield_every), and
//! `max_in_flight` of what has many children. What a combinator does, and what it remembers, is written once: the asynchronous one
//! drives the synchronous one. A combinator that seeks there seeks here ([`AsyncSeekableIterator`]). There are not:
//!
//! - **Steps backwards.** There is no `prev` and no `rev`. A run that is to be read backwards is one over
//!   [`Descending`](crate::Descending) keys, whose blocks are read from the last to the first.
//! - **Sources in memory.** Slices, sorted runs and mem-tables are lifted by [`FromSync`]; they do not wait.
//! - **Closures in place of a trait** for long scans (`ChunkFn`, `ScanFn`): implement the trait, whose methods may be `async fn`. Nor a
//!   constructor for snapshots: a source of chunks that owns a snapshot scans it.
//! - **`collect` into a `SortedRun`.** It collects owned pairs into whatever can be extended by them.
//! - **Trait objects.** Futures without boxes have types of their own, so the trait cannot be one of `dyn`. A newtype over a boxed trait
//!   with boxed futures can be written outside. For one of two types there is `either::Either` (feature `either`).
//!
//! # Waiting
//!
//! Nothing is boxed and nothing is spawned, and there is no runtime in here: any executor will do. A step first tries what takes
//! no waiting, through the whole composition, in one synchronous call; so entries that are at hand cost a few instructions more than
//! in a synchronous merge, and no allocation. Only where a source is not ready is a future suspended: that of the source, within one
//! of each combinator above it.
//!
//! The first step of a merge or a set operation waits for all children at once, and so does a seek. From then on it waits for one child
//! after the other, so it is up to the sources to [read ahead](BlockIterator::read_ahead). (A merge of two waits for both where both
//! have to move.)
//!
//! A future that is dropped, by a timeout or by a `select`, costs nothing: the next call of `next` completes the same step.
//!
//! # Spawning
//!
//! Every iterator and every future here is `Send` where its parts are, and a generic function may spawn a task with one:
//!
//! ```
//! use storage_iter::async_iter::AsyncStorageIterator;
//!
//! fn spawn_count<I>(entries: I) -> tokio::task::JoinHandle<Result<usize, I::Error>>
//! where
//!     I: AsyncStorageIterator<Error: Send> + 'static,
//! {
//!     tokio::spawn(entries.count())
//! }
//! ```
//!
//! The compiler has two limits that one may run into:
//!
//! - A task that owns an iterator with a closure over entries that have a lifetime, such as `&str`, and calls `next` itself, may be
//!   refused with "implementation of `FnOnce` is not general enough". Tell the types of the closure's arguments
//!   (`|_: &u64, value: &&str| ..`), or leave the loop to a generic function, as above.
//! - Compositions of more than about 7 merges or 20 other combinators within each other overflow the limit for the depth of types.
//!   `#![recursion_limit = "256"]` in the crate that does so raises it.

mod combinators;
mod concat;
#[cfg(feature = "either")]
mod either;
mod from_sync;
#[cfg(feature = "mem-table")]
mod long_iterator;
mod merge;
mod seekable_iterator;
mod sets;
mod sources;
mod storage_iterator;
pub(crate) mod tried;
mod versions;
mod wait;
mod yielding;

pub use combinators::{
    BetweenIterator, BorrowedIterator, CheckOrderIterator, FilterIterator, FuseIterator, InspectIterator,
    LiftErrIterator, MapErrIterator, MapValueIterator, SkipTombstonesIterator, TakeIterator,
};
pub use concat::ConcatIterator;
pub use from_sync::FromSync;
#[cfg(feature = "mem-table")]
pub use long_iterator::{ChunkSource, Latest, LongIterator, RefreshIterator, ScanSource, ViewSource};
pub use merge::{MergeAllIterator, MergeIterator, TwoMergeIterator};
pub use seekable_iterator::AsyncSeekableIterator;
pub use sets::{
    IntersectionIterator, SetChild, TwoDifferenceIterator, TwoIntersectionIterator, TwoSymmetricDifferenceIterator,
    TwoUnionIterator, UnionIterator,
};
pub use sources::{BlockIterator, PairsIterator, ResultPairsIterator};
pub use storage_iterator::AsyncStorageIterator;
pub use versions::{
    AtIterator, CollectGarbageIterator, FoldVersionsIterator, GroupVersionsIterator, MaskIterator, PrefixesIterator,
    VersionedKeysIterator,
};
pub use yielding::YieldIterator;
