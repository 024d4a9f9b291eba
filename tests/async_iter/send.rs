//! Futures can be sent to other threads, of every combinator, also from generic code, also where the iterators borrow.
//!
//! Most of this is tested by the fact that it compiles.

use std::ops::Bound;

use storage_iter::async_iter::{
    AsyncSeekableIterator, AsyncStorageIterator, BlockIterator, ConcatIterator, FromSync, IntersectionIterator,
    MergeAllIterator, MergeIterator, TwoDifferenceIterator, TwoIntersectionIterator, UnionIterator,
};
use storage_iter::{ChildError, OwnedVersionedKey, SliceIterator};
use tokio::task::JoinHandle;

use crate::compositions::{Concatenate, deleted};
use crate::driver::complete;

fn is_send(_: impl Send) {}

/// For iterators of which nothing is known but the trait: that is how generic code sees them.
fn futures_are_send<I>(make: impl Fn() -> I)
where
    I: AsyncStorageIterator<Key = [u8], Value = [u8]>,
{
    is_send(make().next());
    is_send(make().skip_tombstones().next());
    is_send(make().between(Bound::Included(b"a".as_slice()), Bound::Unbounded).next());
    is_send(make().filter(|_, _| true).next());
    is_send(make().take(1).next());
    is_send(make().inspect(|_, _| {}).next());
    is_send(make().map_value(|value| value).next());
    is_send(make().borrowed::<[u8], [u8]>().next());
    is_send(make().map_err(|error| error).next());
    is_send(make().fuse().next());
    is_send(make().check_order().next());
    is_send(make().yield_every(1).next());
    is_send(make().by_ref().next());
    is_send(Box::new(make()).next());
    is_send(make().two_merge(make()).next());
    is_send(MergeIterator::new([make()]).next());
    is_send(MergeAllIterator::new([make()]).next());
    is_send(MergeIterator::new([make().two_merge(make().take(1)).skip_tombstones()]).check_order().next());
    is_send(make().union(make()).next());
    is_send(make().intersection(make()).next());
    is_send(make().difference(make()).next());
    is_send(make().symmetric_difference(make()).next());
    is_send(UnionIterator::new([make()]).next());
    is_send(IntersectionIterator::new([make()]).next());
    is_send(make().prefix(b"a").next());
    is_send(make().prefixes(|key| key.get(..1)).next_prefix());
    is_send(make().versioned_keys().next());
    is_send(make().versioned_keys().versions_of(b"a".as_slice()).next());
    is_send(make().versioned_keys().group_versions().next_user_key());
    is_send(make().versioned_keys().at(1).next());
    is_send(make().versioned_keys().fold_versions(1, Concatenate).next());
    is_send(make().versioned_keys().mask(deleted(), 1).next());
    is_send(make().versioned_keys().collect_garbage(1, |_| true).next());
    is_send(make().count());
    is_send(make().collect::<Vec<_>>());
    is_send(make().for_each(|_, _| {}));
    is_send(make().for_each_while(|_, _| true));
    is_send(make().into_stream());
}

fn seeks_are_send<I>(make: impl Fn() -> I)
where
    I: AsyncSeekableIterator<Key = [u8], Value = [u8]>,
{
    is_send(make().seek(b"a"));
    is_send(make().seek_to_first());
    is_send(make().skip_tombstones().seek(b"a"));
    is_send(make().between(Bound::Included(b"a".as_slice()), Bound::Unbounded).seek(b"a"));
    is_send(make().filter(|_, _| true).seek(b"a"));
    is_send(make().inspect(|_, _| {}).seek(b"a"));
    is_send(make().map_value(|value| value).seek(b"a"));
    is_send(make().map_err(|error| error).seek(b"a"));
    is_send(make().fuse().seek(b"a"));
    is_send(make().check_order().seek(b"a"));
    is_send(make().yield_every(1).seek(b"a"));
    is_send(make().union(make()).seek(b"a"));
    is_send(make().symmetric_difference(make()).seek(b"a"));
    is_send(TwoIntersectionIterator::galloping(make(), make()).seek(b"a"));
    is_send(TwoIntersectionIterator::probing(make(), make()).next());
    is_send(TwoDifferenceIterator::galloping(make(), make()).seek(b"a"));
    is_send(UnionIterator::new([make()]).seek(b"a"));
    is_send(IntersectionIterator::galloping([make()]).seek(b"a"));
    is_send(make().prefixes(|key| key.get(..1)).seek(b"a"));
    is_send(make().prefixes(|key| key.get(..1)).seek_next_prefix());
    is_send(make().versioned_keys().seek(&OwnedVersionedKey::new(b"a", 1)));
    is_send(make().versioned_keys().group_versions().seek_next_user_key());
    is_send(make().versioned_keys().at(1).seek(b"a"));
    is_send(make().versioned_keys().fold_versions(1, Concatenate).seek(b"a"));
    is_send(make().versioned_keys().mask(deleted(), 1).seek_to_first());
    is_send(make().by_ref().seek(b"a"));
    is_send(Box::new(make()).seek(b"a"));
    is_send(make().two_merge(make()).seek(b"a"));
    is_send(MergeIterator::new([make()]).seek(b"a"));
    is_send(MergeAllIterator::new([make().two_merge(make())]).check_order().seek_to_first());
}

#[test]
fn the_futures_of_every_combinator_are_send() {
    let entries = [(b"a".to_vec(), b"1".to_vec())];
    futures_are_send(|| FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], [u8]>());
    let level = |_| std::future::ready(Ok(FromSync::new(SliceIterator::new(&entries))));
    is_send(ConcatIterator::new(1, level).next());
    is_send(ConcatIterator::with_last_keys([b"a".to_vec()], level).seek(&b"a".to_vec()));
    let read = |_| Some(std::future::ready(Ok(SliceIterator::new(&entries))));
    is_send(BlockIterator::new(read).next());
    is_send(BlockIterator::with_index(read, |_: &Vec<u8>| 0).seek(&b"a".to_vec()));
    seeks_are_send(|| FromSync::new(SliceIterator::new(&entries)).borrowed::<[u8], [u8]>());
    is_send(FromSync::new(SliceIterator::new(&entries)).lift_err::<std::rc::Rc<u8>>().seek(&b"a".to_vec()));
    is_send(FromSync::new(SliceIterator::new(&entries)).lift_err::<std::rc::Rc<u8>>().next());
}

/// A generic function spawns what it is given, of which it knows the trait only.
fn spawn_count<I>(entries: I) -> JoinHandle<Result<usize, I::Error>>
where
    I: AsyncStorageIterator<Error: Send> + 'static,
{
    tokio::spawn(async move {
        let mut entries = entries;
        let mut count = 0;
        while entries.next().await? {
            tokio::task::yield_now().await;
            count += 1;
        }
        Ok(count)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generic_function_spawns_tasks() {
    static ENTRIES: [(u64, &str); 3] = [(1, "a"), (2, ""), (3, "c")];
    let slice = || FromSync::new(SliceIterator::new(&ENTRIES));
    let merged = MergeIterator::new((0..4).map(|_| slice())).two_merge(slice().yield_every(1).lift_err());
    assert_eq!(spawn_count(merged.skip_tombstones()).await.expect("no panic"), Ok(2));
}

/// An iterator that borrows what lives on this stack is awaited in another thread.
#[test]
fn futures_over_borrowed_data_are_sent_to_scoped_threads() {
    let entries = [(1, "a"), (2, "b")];
    let merged = MergeIterator::new([FromSync::new(SliceIterator::new(&entries))]);
    let count = merged.count();
    let counted = std::thread::scope(|scope| scope.spawn(|| complete(count)).join());
    assert_eq!(counted.expect("no panic"), Ok(2));
}

/// The compiler gives up on types that are nested too deep, and the futures of deep compositions are such types: so each combinator
/// adds one future, not more.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn deep_compositions_are_spawned() {
    static ENTRIES: [(u64, &str); 2] = [(1, "a"), (2, "b")];
    let slice = || FromSync::new(SliceIterator::new(&ENTRIES));
    macro_rules! merges {
        () => { slice() };
        (m $($rest:tt)*) => { MergeIterator::new([merges!($($rest)*)]).map_err(ChildError::into_inner) };
    }
    let mut seven_merges = merges!(m m m m m m m);
    let spawned = tokio::spawn(async move { seven_merges.next().await.is_ok_and(|is_valid| is_valid) });
    assert!(spawned.await.expect("no panic"));

    macro_rules! combinators {
        () => { slice() };
        (c $($rest:tt)*) => { combinators!($($rest)*).skip_tombstones().take(9).fuse().map_err(|error| error) };
    }
    let mut twenty_combinators = combinators!(c c c c c);
    let spawned = tokio::spawn(async move { twenty_combinators.next().await.is_ok_and(|is_valid| is_valid) });
    assert!(spawned.await.expect("no panic"));
}

/// Closures over entries that have a lifetime of their own: the compiler has to be helped, as the page of the module says.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn closures_over_borrowed_entries_are_spawned() {
    static ENTRIES: [(u64, &str); 2] = [(1, "a"), (2, "b")];
    let slice = || FromSync::new(SliceIterator::new(&ENTRIES));
    // By a generic function, or by what consumes the iterator, ...
    assert_eq!(spawn_count(slice().filter(|_, value| *value != "a")).await.expect("no panic"), Ok(1));
    assert_eq!(tokio::spawn(slice().inspect(|_, _| {}).count()).await.expect("no panic"), Ok(2));
    // ... or by telling the closure's arguments.
    let mut filtered = slice().filter(|_: &u64, value: &&str| *value != "a");
    let spawned = tokio::spawn(async move {
        let is_valid = filtered.next().await == Ok(true);
        is_valid && filtered.key() == &2
    });
    assert!(spawned.await.expect("no panic"));
}
