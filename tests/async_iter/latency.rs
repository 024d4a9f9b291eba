//! What waiting costs: 5 ms a request, in tokio's time, which passes only while everybody waits. So these tests are exact.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use storage_iter::async_iter::{
    AsyncSeekableIterator, AsyncStorageIterator, BlockIterator, FromSync, IntersectionIterator, MergeIterator,
    UnionIterator,
};
use storage_iter::{PairsIterator, SeekableIterator, SliceIterator, StorageIterator};
use tokio::time::{Instant, sleep};

const REQUEST: Duration = Duration::from_millis(5);
const SOURCES: u64 = 32;
const BLOCKS: u64 = 20;
const ENTRIES: u64 = 50;

/// How many requests there are at a time, and how many there were.
#[derive(Debug, Default)]
struct Requests {
    now: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

impl Requests {
    async fn make(&self) {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        self.all.fetch_add(1, Ordering::Relaxed);
        sleep(REQUEST).await;
        self.now.fetch_sub(1, Ordering::Relaxed);
    }
}

type Block = PairsIterator<std::vec::IntoIter<(u64, u64)>, u64, u64>;

/// Source `source` of [`SOURCES`], whose keys lie between those of all others.
fn source(
    source: u64,
    requests: &Arc<Requests>,
    ahead: usize,
) -> impl AsyncStorageIterator<Key = u64, Value = u64, Error = Infallible> + use<> {
    let requests = Arc::clone(requests);
    let read = move |number: usize| {
        let requests = Arc::clone(&requests);
        let first = number as u64 * ENTRIES;
        ((number as u64) < BLOCKS).then_some(async move {
            requests.make().await;
            let pairs: Vec<_> = (first..first + ENTRIES).map(|entry| (entry * SOURCES + source, source)).collect();
            Ok::<Block, _>(PairsIterator::new(pairs))
        })
    };
    BlockIterator::new(read).read_ahead(ahead)
}

fn merged(requests: &Arc<Requests>, ahead: usize) -> MergeIterator<impl AsyncStorageIterator<Error = Infallible>> {
    MergeIterator::new((0..SOURCES).map(|index| source(index, requests, ahead)))
}

async fn timed<T>(future: impl Future<Output = T>) -> (Duration, T) {
    let start = Instant::now();
    let output = future.await;
    (start.elapsed(), output)
}

/// Promised are less than three requests' time.
#[tokio::test(start_paused = true)]
async fn opening_many_sources_takes_as_long_as_opening_one() {
    let requests = Arc::<Requests>::default();
    let mut merged = merged(&requests, 0);
    let (elapsed, stepped) = timed(merged.next()).await;
    assert_eq!(stepped, Ok(true));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");
    assert_eq!(requests.most.load(Ordering::Relaxed), SOURCES as usize);
}

#[tokio::test(start_paused = true)]
async fn no_more_sources_are_opened_at_once_than_was_said() {
    let requests = Arc::<Requests>::default();
    let mut merged = merged(&requests, 0).max_in_flight(8);
    let (elapsed, stepped) = timed(merged.next()).await;
    assert_eq!(stepped, Ok(true));
    assert_eq!(requests.most.load(Ordering::Relaxed), 8);
    assert!((4 * REQUEST..6 * REQUEST).contains(&elapsed), "{elapsed:?}");
}

/// The first step of a two-merge as well.
#[tokio::test(start_paused = true)]
async fn both_children_are_opened_at_once() {
    let requests = Arc::<Requests>::default();
    let mut both = source(0, &requests, 0).two_merge(source(1, &requests, 0));
    let (elapsed, stepped) = timed(both.next()).await;
    assert_eq!(stepped, Ok(true));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");

    // And a merge that has none of its own to wait for.
    let mut nested = MergeIterator::new(
        (0..4).map(|pair| source(2 * pair, &requests, 0).two_merge(source(2 * pair + 1, &requests, 0))),
    );
    let (elapsed, stepped) = timed(nested.next()).await;
    assert_eq!(stepped, Ok(true));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");
}

/// So are those of a set operation.
#[tokio::test(start_paused = true)]
async fn the_children_of_a_set_are_opened_at_once() {
    let requests = Arc::<Requests>::default();
    let sources = || (0..SOURCES).map(|index| source(index, &requests, 0));
    let (elapsed, stepped) = timed(UnionIterator::new(sources()).next()).await;
    assert_eq!(stepped, Ok(true));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");
    let (elapsed, stepped) = timed(source(0, &requests, 0).union(source(1, &requests, 0)).next()).await;
    assert_eq!(stepped, Ok(true));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");

    // All have the first key.
    let same = || (0..SOURCES).map(|_| source(0, &requests, 0));
    let (elapsed, stepped) = timed(IntersectionIterator::new(same()).next()).await;
    assert_eq!(stepped, Ok(true));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");
    let (elapsed, stepped) = timed(source(0, &requests, 0).difference(source(1, &requests, 0)).next()).await;
    assert_eq!(stepped, Ok(true));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");
    assert_eq!(requests.most.load(Ordering::Relaxed), SOURCES as usize);

    let requests = Arc::<Requests>::default();
    let sources = (0..SOURCES).map(|index| source(index, &requests, 0));
    let (elapsed, stepped) = timed(UnionIterator::new(sources).max_in_flight(8).next()).await;
    assert_eq!(stepped, Ok(true));
    assert_eq!(requests.most.load(Ordering::Relaxed), 8);
    assert!((4 * REQUEST..6 * REQUEST).contains(&elapsed), "{elapsed:?}");
}

/// A source on its own needs a request's time a block. Promised is 1.3 times as much for all of them.
#[tokio::test(start_paused = true)]
async fn a_scan_that_reads_ahead_takes_as_long_as_its_slowest_source() {
    let requests = Arc::<Requests>::default();
    let (one, count) = timed(source(0, &requests, 0).count()).await;
    assert_eq!(count, Ok((BLOCKS * ENTRIES) as usize));
    assert!(one >= REQUEST * BLOCKS as u32, "{one:?}");

    let requests = Arc::<Requests>::default();
    let (all, count) = timed(merged(&requests, 1).count()).await;
    assert_eq!(count, Ok((SOURCES * BLOCKS * ENTRIES) as usize));
    assert!(all.as_secs_f64() <= 1.3 * one.as_secs_f64(), "{all:?} for all, {one:?} for one");
    assert_eq!(requests.all.load(Ordering::Relaxed), (SOURCES * BLOCKS) as usize);
}

/// One request at a time: what reading ahead is compared with, and the reason for it.
#[tokio::test(start_paused = true)]
async fn a_scan_that_does_not_read_ahead_waits_for_every_block() {
    let requests = Arc::<Requests>::default();
    let (elapsed, _) = timed(merged(&requests, 0).max_in_flight(1).count()).await;
    assert!(elapsed >= REQUEST * (SOURCES * BLOCKS) as u32, "{elapsed:?}");
    assert_eq!(requests.most.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn no_more_blocks_are_read_ahead_than_was_said() {
    for ahead in [1, 2, 5] {
        let requests = Arc::<Requests>::default();
        let (elapsed, count) = timed(source(3, &requests, ahead).count()).await;
        assert_eq!(count, Ok((BLOCKS * ENTRIES) as usize));
        assert_eq!(requests.most.load(Ordering::Relaxed), ahead);
        assert!(elapsed < REQUEST * (BLOCKS.div_ceil(ahead as u64) + 2) as u32, "{elapsed:?}");
    }
}

/// A task that has nothing to wait for lets others run.
#[tokio::test]
async fn yielding_gives_other_tasks_a_turn() {
    static ENTRIES: [(u64, u64); 100] = {
        let mut entries = [(0, 0); 100];
        let mut key = 0;
        while key < 100 {
            entries[key as usize].0 = key;
            key += 1;
        }
        entries
    };
    let turns = Arc::new(AtomicUsize::new(0));
    let other = tokio::spawn({
        let turns = Arc::clone(&turns);
        async move {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        }
    });
    let source = || FromSync::new(SliceIterator::new(&ENTRIES));
    assert_eq!(source().count().await, Ok(100));
    assert_eq!(turns.load(Ordering::Relaxed), 0, "nobody else has run");
    assert_eq!(source().yield_every(10).count().await, Ok(100));
    // 101 steps, the last of which finds the end.
    assert_eq!(turns.load(Ordering::Relaxed), 10);
    other.abort();
}

/// A run somewhere else, in which a seek takes one request, and a step behind it none.
struct Remote<'a> {
    entries: SliceIterator<'a, u64, u64>,
    /// Where the next step has to go.
    target: Option<u64>,
    is_valid: bool,
    requests: Arc<Requests>,
}

impl AsyncStorageIterator for Remote<'_> {
    type Key = u64;
    type Value = u64;
    type Error = Infallible;

    async fn next(&mut self) -> Result<bool, Infallible> {
        self.is_valid = false;
        let stepped = match self.target {
            Some(target) => {
                self.requests.make().await;
                self.target = None;
                self.entries.seek(&target)?
            }
            None => self.entries.next()?,
        };
        self.is_valid = stepped;
        Ok(stepped)
    }

    fn is_valid(&self) -> bool {
        self.is_valid
    }

    fn key(&self) -> &u64 {
        self.entries.key()
    }

    fn value(&self) -> &u64 {
        self.entries.value()
    }
}

impl AsyncSeekableIterator for Remote<'_> {
    fn try_seek(&mut self, key: &u64) -> Option<Result<bool, Infallible>> {
        (self.is_valid, self.target) = (false, Some(*key));
        None
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, Infallible>> {
        self.try_seek(&0)
    }
}

/// A seek of a merge, back or ahead, of all children or of those that lag, waits for all at once.
#[tokio::test(start_paused = true)]
async fn a_seek_takes_as_long_as_that_of_one_child() {
    let runs: Vec<Vec<(u64, u64)>> =
        (0..SOURCES).map(|source| (0..100).map(|entry| (entry * SOURCES + source, source)).collect()).collect();
    let requests = Arc::<Requests>::default();
    let remote = |run| Remote {
        entries: SliceIterator::new(run),
        target: Some(0),
        is_valid: false,
        requests: Arc::clone(&requests),
    };
    let mut merged = MergeIterator::new(runs.iter().map(|run| remote(run)));
    for (target, asked) in [(1000, 32), (2000, 32), (2010, 10), (1, 32), (3, 2)] {
        let before = requests.all.load(Ordering::Relaxed);
        let (elapsed, sought) = timed(merged.seek(&target)).await;
        assert_eq!((sought, merged.key()), (Ok(true), &target));
        assert!(elapsed < 2 * REQUEST, "to {target}: {elapsed:?}");
        assert_eq!(requests.all.load(Ordering::Relaxed) - before, asked, "to {target}");
    }
    assert_eq!(requests.most.load(Ordering::Relaxed), SOURCES as usize);

    let mut union = UnionIterator::new(runs.iter().map(|run| remote(run)));
    let (elapsed, sought) = timed(union.seek(&1000)).await;
    assert_eq!((sought, union.key()), (Ok(true), &1000));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");

    let mut pair = remote(&runs[0]).two_merge(remote(&runs[1]));
    let (elapsed, sought) = timed(pair.seek(&1)).await;
    assert_eq!((sought, pair.key()), (Ok(true), &1));
    assert!(elapsed < 2 * REQUEST, "{elapsed:?}");
}
