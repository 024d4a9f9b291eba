//! Which public types are `Send`, `Sync`, `Clone` and `Debug`: one table, held by the compiler.

#![allow(clippy::type_complexity, reason = "the types are the table")]

use std::cmp::Reverse;
use std::convert::Infallible;
use std::fmt::Debug;
use std::marker::PhantomData;
#[cfg(feature = "mem-table")]
use std::ops::Bound;
use std::rc::Rc;

use storage_iter::{
    AtIterator, BetweenIterator, BorrowedIterator, CheckOrderIterator, ChildError, CollectGarbageIterator,
    ConcatChildren, ConcatFn, ConcatIterator, ConcatRanges, Descending, EmptyIterator, EntriesIterator, FilterIterator,
    FoldError, FoldVersionsIterator, FuseError, FuseIterator, Galloping, GroupVersionsIterator, InspectIterator,
    IntersectionIterator, LiftErrIterator, ListColumn, MalformedKeyError, MapErrIterator, MapValueIterator,
    MaskIterator, MergeAllIterator, MergeIterator, OnceIterator, Operands, OrderError, OverlapError, OwnedVersionedKey,
    PairsIterator, PrefixesIterator, RangeTombstone, RangeTombstones, ResultPairsIterator, RevIterator, Sides,
    SkipTombstonesIterator, SliceIterator, SortedRun, SortedRunIterator, Stepping, StrColumn, TakeIterator,
    TwoDifferenceIterator, TwoIntersectionIterator, TwoMergeIterator, TwoSides, TwoSymmetricDifferenceIterator,
    TwoUnionIterator, UnionIterator, VersionedKey, VersionedKeyColumn, VersionedKeysError, VersionedKeysIterator,
    testing,
};
#[cfg(feature = "mem-table")]
use storage_iter::{MemTable, MemTableIterator, StorageIterator};

/// Answers a question about `T` at compile time: the inherent constant is found first, where its bound holds.
struct Ask<T>(PhantomData<T>);

macro_rules! questions {
    ($($question:ident, $no:ident: $bound:path;)*) => {$(
        trait $no {
            const $question: bool = false;
        }
        impl<T> $no for Ask<T> {}
        #[allow(dead_code, reason = "which one is used is the answer")]
        impl<T: $bound> Ask<T> {
            const $question: bool = true;
        }
    )*};
}
questions! {
    IS_SEND, NotSend: Send;
    IS_SYNC, NotSync: Sync;
    IS_CLONE, NotClone: Clone;
    IS_DEBUG, NotDebug: Debug;
}

/// A line says which of the four a type is: `Send Sync Clone Debug`, in this order, with `_` for what it is not.
macro_rules! table {
    ($($type:ty: $send:tt $sync:tt $clone:tt $debug:tt;)*) => {$(
        const _: () = {
            assert!(Ask::<$type>::IS_SEND == answer!($send), concat!("Send: ", stringify!($type)));
            assert!(Ask::<$type>::IS_SYNC == answer!($sync), concat!("Sync: ", stringify!($type)));
            assert!(Ask::<$type>::IS_CLONE == answer!($clone), concat!("Clone: ", stringify!($type)));
            assert!(Ask::<$type>::IS_DEBUG == answer!($debug), concat!("Debug: ", stringify!($type)));
        };
    )*};
}
macro_rules! answer {
    (_) => {
        false
    };
    ($yes:tt) => {
        true
    };
}

type Slice = SliceIterator<'static, u64, String>;
type OpenSlice = fn(usize) -> Result<Slice, Infallible>;
type Function = fn(&u64, &String) -> bool;

/// Versions of integers.
type Versions = SliceIterator<'static, (u64, Reverse<u64>), String>;
type LocalVersions = SliceIterator<'static, (u64, Reverse<u64>), Rc<u64>>;

/// A child that is not `Send`, not `Sync` and not `Clone`, and which keys and values no thread may share.
type Local = PairsIterator<std::iter::Empty<(Rc<u64>, Rc<u64>)>, Rc<u64>, Rc<u64>>;

/// Neither `Clone` nor `Debug`.
struct Plain;

type OfPlain = OnceIterator<u64, Plain>;

table! {
    // Sources.
    EmptyIterator<[u8], [u8]>:                                              Send Sync Clone Debug;
    EmptyIterator<Rc<u64>, dyn Debug>:                                      Send Sync Clone Debug;
    OnceIterator<u64, String>:                                              Send Sync Clone Debug;
    OnceIterator<Rc<u64>, String>:                                          _    _    Clone Debug;
    OfPlain:                                                                Send Sync _     _;
    Slice:                                                                  Send Sync Clone Debug;
    SliceIterator<'static, Rc<u64>, u64>:                                   _    _    Clone Debug;
    SliceIterator<'static, u64, Plain>:                                     Send Sync Clone Debug;
    PairsIterator<std::vec::IntoIter<(u64, u64)>, u64, u64>:                Send Sync Clone Debug;
    PairsIterator<std::vec::IntoIter<(u64, Plain)>, u64, Plain>:            Send Sync _     _;
    Local:                                                                  _    _    Clone Debug;
    ResultPairsIterator<std::vec::IntoIter<Result<(u64, u64), String>>, u64, u64>:
                                                                            Send Sync Clone Debug;
    SortedRun:                                                              Send Sync Clone Debug;
    SortedRun<str, u64>:                                                    Send Sync Clone Debug;
    SortedRun<u64, Rc<u64>>:                                                _    _    Clone Debug;
    SortedRunIterator<'static>:                                             Send Sync Clone Debug;
    SortedRunIterator<'static, str, u64>:                                   Send Sync Clone Debug;
    SortedRunIterator<'static, u64, Rc<u64>>:                               _    _    Clone Debug;
    ListColumn<u8>:                                                         Send Sync Clone Debug;
    StrColumn:                                                              Send Sync Clone Debug;

    // Merges.
    MergeIterator<Slice>:                                                   Send Sync Clone Debug;
    MergeIterator<Local>:                                                   _    _    Clone Debug;
    MergeIterator<OfPlain>:                                                 Send Sync _     _;
    MergeAllIterator<Slice>:                                                Send Sync Clone Debug;
    MergeAllIterator<Local>:                                                _    _    Clone Debug;
    TwoMergeIterator<Slice, Slice>:                                         Send Sync Clone Debug;
    TwoMergeIterator<Slice, Local>:                                         _    _    Clone Debug;
    TwoMergeIterator<OfPlain, OfPlain>:                                     Send Sync _     _;

    // Concatenation and sets.
    ConcatIterator<ConcatChildren<Slice>>:                                  Send Sync Clone Debug;
    ConcatIterator<ConcatChildren<Local>>:                                  _    _    Clone Debug;
    ConcatIterator<ConcatFn<OpenSlice>>:                                    Send Sync Clone Debug;
    ConcatIterator<ConcatRanges<u64, OpenSlice>>:                           Send Sync Clone Debug;
    ConcatFn<Plain>:                                                        Send Sync _     Debug;
    ConcatRanges<u64, Plain>:                                               Send Sync _     Debug;
    OverlapError<Vec<u8>>:                                                  Send Sync Clone Debug;
    TwoUnionIterator<Slice, Slice>:                                         Send Sync Clone Debug;
    TwoUnionIterator<Slice, Local>:                                         _    _    Clone Debug;
    TwoSides<OfPlain, Slice>:                                               Send Sync _     _;
    TwoSymmetricDifferenceIterator<Slice, Slice>:                           Send Sync Clone Debug;
    TwoIntersectionIterator<Slice, Slice>:                                  Send Sync Clone Debug;
    TwoIntersectionIterator<Slice, Local, Galloping, Stepping>:             _    _    Clone Debug;
    TwoIntersectionIterator<OfPlain, Slice>:                                Send Sync _     _;
    TwoDifferenceIterator<Slice, Slice, Galloping>:                         Send Sync Clone Debug;
    TwoDifferenceIterator<Local, Slice>:                                    _    _    Clone Debug;
    UnionIterator<Slice>:                                                   Send Sync Clone Debug;
    Sides<OfPlain>:                                                         Send Sync _     _;
    IntersectionIterator<Slice, Galloping>:                                 Send Sync Clone Debug;
    IntersectionIterator<Local>:                                            _    _    Clone Debug;

    // Combinators over one child.
    BetweenIterator<Slice, u64>:                                            Send Sync Clone Debug;
    BetweenIterator<Slice, u64, Galloping>:                                 Send Sync Clone Debug;
    BetweenIterator<Slice, Rc<u64>>:                                        _    _    Clone Debug;
    BorrowedIterator<Slice, u64, str>:                                      Send Sync Clone Debug;
    BorrowedIterator<Slice, dyn Debug, dyn Debug>:                          Send Sync Clone Debug;
    CheckOrderIterator<Slice>:                                              Send Sync Clone Debug;
    CheckOrderIterator<Local>:                                              _    _    Clone Debug;
    FilterIterator<Slice, Function>:                                        Send Sync Clone Debug;
    FilterIterator<Slice, Plain>:                                           Send Sync _     Debug;
    FuseIterator<Slice>:                                                    Send Sync Clone Debug;
    InspectIterator<Slice, Function>:                                       Send Sync Clone Debug;
    InspectIterator<Slice, Plain>:                                          Send Sync _     Debug;
    LiftErrIterator<Slice, String>:                                         Send Sync Clone Debug;
    LiftErrIterator<Slice, Rc<Plain>>:                                      Send Sync Clone Debug;
    MapErrIterator<Slice, Function>:                                        Send Sync Clone Debug;
    MapErrIterator<Slice, Plain>:                                           Send Sync _     Debug;
    MapValueIterator<Slice, Function>:                                      Send Sync Clone Debug;
    MapValueIterator<Slice, Plain>:                                         Send Sync _     Debug;
    RevIterator<Slice>:                                                     Send Sync Clone Debug;
    RevIterator<Local>:                                                     _    _    Clone Debug;
    RevIterator<OfPlain>:                                                   Send Sync _     _;
    SkipTombstonesIterator<Slice>:                                          Send Sync Clone Debug;
    SkipTombstonesIterator<Local>:                                          _    _    Clone Debug;
    SkipTombstonesIterator<OfPlain>:                                        Send Sync _     _;
    TakeIterator<Slice>:                                                    Send Sync Clone Debug;
    EntriesIterator<Slice>:                                                 Send Sync Clone Debug;
    EntriesIterator<Local>:                                                 _    _    Clone Debug;

    // Keys.
    Descending<u64>:                                                        Send Sync Clone Debug;
    Descending<Rc<u64>>:                                                    _    _    Clone Debug;
    // Versions.
    OwnedVersionedKey:                                                      Send Sync Clone Debug;
    &'static VersionedKey:                                                  Send Sync Clone Debug;
    VersionedKeyColumn:                                                     Send Sync Clone Debug;
    RangeTombstone:                                                         Send Sync Clone Debug;
    RangeTombstones:                                                        Send Sync Clone Debug;
    Operands<'static, [u8]>:                                                Send Sync Clone Debug;
    AtIterator<Versions>:                                                   Send Sync Clone Debug;
    AtIterator<LocalVersions>:                                              _    _    Clone Debug;
    FoldVersionsIterator<Versions, Function>:                               Send Sync Clone Debug;
    FoldVersionsIterator<Versions, Plain>:                                  Send Sync _     Debug;
    MaskIterator<Versions, RangeTombstones<u64>>:                           Send Sync Clone Debug;
    MaskIterator<LocalVersions, &'static RangeTombstones<u64>>:             _    _    Clone Debug;
    GroupVersionsIterator<Versions>:                                        Send Sync Clone Debug;
    CollectGarbageIterator<Versions, Function>:                             Send Sync Clone Debug;
    CollectGarbageIterator<Versions, Plain>:                                Send Sync _     Debug;
    PrefixesIterator<Slice, Function>:                                      Send Sync Clone Debug;
    PrefixesIterator<Slice, Plain>:                                         Send Sync _     Debug;
    VersionedKeysIterator<SortedRunIterator<'static>>:                      Send Sync Clone Debug;
    MalformedKeyError:                                                      Send Sync Clone Debug;
    FoldError<String, String>:                                              Send Sync Clone Debug;
    VersionedKeysError<String>:                                             Send Sync Clone Debug;

    // Errors.
    ChildError<String>:                                                     Send Sync Clone Debug;
    ChildError<Infallible>:                                                 Send Sync Clone Debug;
    FuseError<String>:                                                      Send Sync Clone Debug;
    FuseError<Rc<u64>>:                                                     _    _    Clone Debug;
    OrderError<String, Vec<u8>>:                                            Send Sync Clone Debug;

    // The test kit. Events are counted by thread.
    testing::Contract:                                                      Send Sync Clone Debug;
    testing::BrokenPromise:                                                 Send Sync Clone Debug;
    testing::Scan<u64, String, String>:                                     Send Sync Clone Debug;
    testing::FailPoint:                                                     Send Sync Clone Debug;
    testing::FailurePlan:                                                   Send Sync Clone Debug;
    testing::FaultScript:                                                   Send Sync Clone Debug;
    testing::InjectedFailure:                                               Send Sync Clone Debug;
    testing::FailingError<String>:                                          Send Sync Clone Debug;
    testing::HostileIterator:                                               Send Sync Clone Debug;
    testing::FailingIterator<Slice>:                                        Send Sync Clone Debug;
    testing::FailingIterator<Local>:                                        _    _    Clone Debug;
    testing::VerifyingIterator<Slice>:                                      Send Sync Clone Debug;
    testing::VerifyingIterator<Local>:                                      _    _    Clone Debug;
    testing::OverwritingIterator<SliceIterator<'static, Vec<u8>, Vec<u8>>>: Send Sync Clone Debug;
    testing::CountingIterator<Slice>:                                       Send _    Clone Debug;
    testing::OpenCount:                                                     Send Sync Clone Debug;
    testing::Tracked<Slice>:                                                Send Sync Clone Debug;
    testing::PanickingIterator<Slice>:                                      Send Sync Clone Debug;
    testing::CountingKey<u64>:                                              Send Sync Clone Debug;
    testing::events::EventCounts:                                           Send Sync Clone Debug;
    testing::Layers:                                                        Send Sync Clone Debug;
    testing::SortedEntries:                                                 Send Sync Clone Debug;
    testing::Operation<u64>:                                                Send Sync Clone Debug;
    testing::Operations:                                                    Send Sync Clone Debug;
    testing::CursorModel<'static, u64, String>:                             Send Sync Clone Debug;
}

#[cfg(feature = "mem-table")]
table! {
    MemTable:                                                               Send Sync _     Debug;
    MemTableIterator<'static>:                                              Send Sync Clone Debug;
    MergeIterator<MemTableIterator<'static>>:                               Send Sync Clone Debug;
}

#[cfg(feature = "async")]
mod asynchronous {
    use super::*;
    use storage_iter::async_iter::{self, FromSync};

    type Lifted = FromSync<Slice>;
    type LiftedVersions = FromSync<Versions>;
    type NotSent = FromSync<Local>;
    type Read = std::future::Ready<Result<Slice, Infallible>>;
    type Opening = std::future::Ready<Result<Lifted, Infallible>>;
    type Stream = futures_util::stream::Empty<(u64, u64)>;

    table! {
        FromSync<Slice>:                                                    Send Sync Clone Debug;
        FromSync<Local>:                                                    _    _    Clone Debug;
        FromSync<OfPlain>:                                                  Send Sync _     _;
        async_iter::YieldIterator<Lifted>:                                  Send Sync Clone Debug;
        async_iter::BlockIterator<fn(usize) -> Option<Read>, Read, Slice>:  Send Sync _     Debug;
        async_iter::ConcatIterator<fn(usize) -> Opening, Opening, Lifted>:  Send Sync _     Debug;
        async_iter::PairsIterator<Stream, u64, u64>:                        Send Sync Clone Debug;
        async_iter::ResultPairsIterator<Stream, u64, Rc<u64>>:              _    _    Clone Debug;
        async_iter::MergeIterator<Lifted>:                                  Send Sync Clone Debug;
        async_iter::MergeIterator<NotSent>:                                 _    _    Clone Debug;
        async_iter::MergeAllIterator<Lifted>:                               Send Sync Clone Debug;
        async_iter::TwoMergeIterator<Lifted, Lifted>:                       Send Sync Clone Debug;
        async_iter::TwoMergeIterator<Lifted, NotSent>:                      _    _    Clone Debug;
        async_iter::BetweenIterator<Lifted, u64>:                           Send Sync Clone Debug;
        async_iter::BetweenIterator<Lifted, u64, Galloping>:                Send Sync Clone Debug;
        async_iter::BorrowedIterator<Lifted, u64, str>:                     Send Sync Clone Debug;
        async_iter::CheckOrderIterator<Lifted>:                             Send Sync Clone Debug;
        async_iter::FilterIterator<Lifted, Function>:                       Send Sync Clone Debug;
        async_iter::FilterIterator<Lifted, Plain>:                          Send Sync _     Debug;
        async_iter::FuseIterator<Lifted>:                                   Send Sync Clone Debug;
        async_iter::InspectIterator<Lifted, Plain>:                         Send Sync _     Debug;
        async_iter::LiftErrIterator<Lifted, Rc<Plain>>:                     Send Sync Clone Debug;
        async_iter::MapErrIterator<Lifted, Plain>:                          Send Sync _     Debug;
        async_iter::MapValueIterator<Lifted, Plain>:                        Send Sync _     Debug;
        async_iter::SkipTombstonesIterator<Lifted>:                         Send Sync Clone Debug;
        async_iter::SkipTombstonesIterator<NotSent>:                        _    _    Clone Debug;
        async_iter::TakeIterator<Lifted>:                                   Send Sync Clone Debug;
        testing::PendingIterator<Lifted>:                                   Send Sync Clone Debug;
        testing::PendingIterator<NotSent>:                                  _    _    Clone Debug;
        testing::PendingPlan:                                               Send Sync Clone Debug;
        testing::BlockingIterator<Lifted>:                                  Send Sync Clone Debug;
        testing::Attempts:                                                  Send Sync Clone Debug;
        async_iter::TwoUnionIterator<Lifted, Lifted>:                       Send Sync Clone Debug;
        async_iter::TwoUnionIterator<Lifted, NotSent>:                      _    _    Clone Debug;
        async_iter::TwoSymmetricDifferenceIterator<Lifted, Lifted>:         Send Sync Clone Debug;
        async_iter::TwoIntersectionIterator<Lifted, Lifted, Galloping>:     Send Sync Clone Debug;
        async_iter::TwoDifferenceIterator<Lifted, Lifted>:                  Send Sync Clone Debug;
        async_iter::UnionIterator<Lifted>:                                  Send Sync Clone Debug;
        async_iter::IntersectionIterator<Lifted>:                           Send Sync Clone Debug;
        async_iter::SetChild<Lifted>:                                       Send Sync Clone Debug;
        async_iter::AtIterator<LiftedVersions>:                             Send Sync Clone Debug;
        async_iter::FoldVersionsIterator<LiftedVersions, Plain>:            Send Sync _     Debug;
        async_iter::MaskIterator<LiftedVersions, RangeTombstones<u64>>:     Send Sync Clone Debug;
        async_iter::GroupVersionsIterator<LiftedVersions>:                  Send Sync Clone Debug;
        async_iter::CollectGarbageIterator<LiftedVersions, Plain>:          Send Sync _     Debug;
        async_iter::VersionedKeysIterator<Lifted>:                           Send Sync Clone Debug;
        async_iter::PrefixesIterator<Lifted, Plain>:                        Send Sync _     Debug;
    }

    #[cfg(feature = "mem-table")]
    #[derive(Clone)]
    struct Scans;

    #[cfg(feature = "mem-table")]
    impl async_iter::ScanSource for Scans {
        type Iter = Lifted;
        type Error = Infallible;

        async fn scan(&self, _: Bound<&u64>, _: Bound<&u64>) -> Result<Lifted, Infallible> {
            Ok(FromSync::new(Slice::new(&[])))
        }

        fn version(&self) -> u64 {
            0
        }
    }

    #[cfg(feature = "mem-table")]
    table! {
        async_iter::RefreshIterator<Scans>:                                 Send Sync Clone Debug;
        async_iter::LongIterator<u64>:                                      Send Sync Clone Debug;
        async_iter::Latest<u64>:                                            Send Sync Clone Debug;
    }
}

#[cfg(feature = "either")]
table! {
    either::Either<Slice, FuseIterator<Slice>>:                             Send Sync Clone Debug;
}

/// Iterators that borrow a local table are merged, sent to another thread, and filtered there: nothing asks for `'static`.
#[cfg(feature = "mem-table")]
#[test]
fn iterators_of_a_local_table_are_merged_in_another_thread() {
    let (newer, older) = (MemTable::new(), MemTable::new());
    newer.put(b"a", b"1");
    newer.delete(b"b");
    older.put(b"b", b"2");
    older.put(b"c", b"3");
    let merged = MergeIterator::new([&newer, &older].map(|table| table.scan(Bound::Unbounded, Bound::Unbounded)));
    let in_thread = std::thread::scope(|scope| scope.spawn(|| merged.skip_tombstones().collect::<Vec<_>>()).join());
    let entries = in_thread.expect("no panic").expect("never fails");
    assert_eq!(entries, [(b"a".to_vec(), b"1".to_vec()), (b"c".to_vec(), b"3".to_vec())]);
}

/// One that stands on an entry may be sent as well, and read from several threads at once.
#[cfg(feature = "mem-table")]
#[test]
fn an_iterator_on_an_entry_is_shared() {
    let table = MemTable::new();
    table.put(b"a", b"1");
    table.put(b"b", b"2");
    let mut entries = table.scan(Bound::Unbounded, Bound::Unbounded);
    assert_eq!(entries.next(), Ok(true));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!((entries.key(), entries.value()), (b"a".as_slice(), b"1".as_slice())));
        }
    });
    let rest = std::thread::scope(|scope| scope.spawn(move || entries.count()).join());
    assert_eq!(rest.expect("no panic"), Ok(1));
}

/// `Debug` shows something for every iterator, on and off an entry, and asks no key or value for it.
#[test]
fn debug_shows_the_type() {
    use storage_iter::{BidirectionalIterator, StorageIterator};
    fn shows<I: StorageIterator + Debug>(name: &str, mut iterator: I) {
        for _ in 0..3 {
            let shown = format!("{iterator:?}");
            assert!(shown.starts_with(name), "{shown}");
            assert!(iterator.next().is_ok());
        }
    }
    let entries = [(1_u64, String::from("a"))];
    let slice = || SliceIterator::new(&entries);
    shows("SliceIterator", slice());
    shows("MergeIterator", MergeIterator::new([slice()]));
    shows("MergeAllIterator", MergeAllIterator::new([slice()]));
    shows("TwoMergeIterator", slice().two_merge(slice()));
    shows("ConcatIterator", ConcatIterator::new(ConcatChildren::new([slice()])));
    shows("TwoUnionIterator", slice().union(slice()));
    shows("TwoIntersectionIterator", slice().intersection(slice()));
    shows("TwoDifferenceIterator", slice().difference(slice()));
    shows("TwoSymmetricDifferenceIterator", slice().symmetric_difference(slice()));
    shows("UnionIterator", UnionIterator::new([slice()]));
    shows("IntersectionIterator", IntersectionIterator::new([slice()]));
    shows("BetweenIterator", slice().between(std::ops::Bound::Included(1), std::ops::Bound::Unbounded));
    shows("BorrowedIterator", slice().borrowed::<u64, str>());
    shows("CheckOrderIterator", slice().check_order());
    shows("FilterIterator", slice().filter(|_, _| true));
    shows("FuseIterator", slice().fuse());
    shows("InspectIterator", slice().inspect(|_, _| {}));
    shows("LiftErrIterator", slice().lift_err::<String>());
    shows("MapErrIterator", slice().map_err(|error| error));
    shows("MapValueIterator", slice().map_value(|value| value.as_str()));
    shows("RevIterator", slice().rev());
    shows("SkipTombstonesIterator", slice().skip_tombstones());
    shows("TakeIterator", slice().take(1));
    let versions = [((1_u64, Reverse(1)), String::from("a"))];
    let versions = || SliceIterator::new(&versions);
    shows("AtIterator", versions().at(1));
    shows("GroupVersionsIterator", versions().group_versions());
    shows("MaskIterator", versions().mask(RangeTombstones::new(), 1));
    shows("CollectGarbageIterator", versions().collect_garbage(1, |_| true));
    let bytes: SortedRun = SliceIterator::new(&[(*b"a\0\0\0\0\0\0\0\0\0\0\0", *b"1")]).borrowed().collect().unwrap();
    shows("VersionedKeysIterator", bytes.iter().versioned_keys());
    shows("PrefixesIterator", bytes.iter().prefixes(|key| key.get(..1)));
    shows("OnceIterator", OnceIterator::new(1, 'a'));
    shows("PairsIterator", PairsIterator::new([(1, 'a')]));
    shows("ResultPairsIterator", ResultPairsIterator::new([Ok::<_, String>((1, 'a'))]));
    shows("EmptyIterator", EmptyIterator::<u64, u64>::new());
}
