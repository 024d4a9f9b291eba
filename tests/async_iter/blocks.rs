//! `BlockIterator`: the entries of blocks that are read ahead, whatever fails and whenever a future is dropped.

use std::future::{poll_fn, ready};
use std::ops::Bound::Unbounded;
use std::panic;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use quickcheck::quickcheck;
use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, BlockIterator, MergeIterator};
use storage_iter::{BorrowedIterator, LiftErrIterator, SliceIterator, SortedRun, StorageIterator};

use crate::compositions::AsyncLeaves;
use crate::driver::Driver;
use crate::support::moments::{Bang, catch};
use crate::support::{Composition, Entry, Failure, Failures, Layers, oracles};
use crate::waiting::Waits;

type Block<'a> = LiftErrIterator<BorrowedIterator<SliceIterator<'a, Vec<u8>, Vec<u8>>, [u8], [u8]>, String>;

/// The entries in blocks of `length`, an empty one in front of every third. Read `n` waits and fails as step `n` of source 0 does.
fn blocks<'a>(
    entries: &'a [Entry],
    length: usize,
    failures: &Failures,
    waits: &Waits,
    reads: &Arc<Mutex<Vec<usize>>>,
) -> BlockIterator<impl FnMut(usize) -> Option<ReadingOf<'a>> + Send + use<'a>, ReadingOf<'a>, Block<'a>> {
    let mut blocks: Vec<&[Entry]> = vec![];
    for (number, block) in entries.chunks(length).enumerate() {
        if number % 3 == 0 {
            blocks.push(&[]);
        }
        blocks.push(block);
    }
    let (failures, waits, reads) = (failures.clone(), waits.clone(), Arc::clone(reads));
    let mut failed = vec![0; blocks.len()];
    BlockIterator::new(move |number| {
        let block = *blocks.get(number)?;
        reads.lock().expect("no panic").push(number);
        let fails = failed[number] < failures.times(0, number);
        failed[number] += usize::from(fails);
        let block =
            if fails { Err(format!("read {number}")) } else { Ok(SliceIterator::new(block).borrowed().lift_err()) };
        Some(Reading { block: Some(block), waits: waits.times(0, number) })
    })
}

type ReadingOf<'a> = Reading<Result<Block<'a>, String>>;

/// A read under way.
pub(crate) struct Reading<T> {
    block: Option<T>,
    waits: usize,
}

impl<T: Unpin> Future for Reading<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if self.waits > 0 {
            self.waits -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.block.take().expect("polled after it was done"))
    }
}

/// The entries of a leaf in blocks of `length`, as a cursor whose index tells a block that is up to `too_early` too early. Read `n`
/// waits and fails as step `n` of source 0 does.
pub(crate) fn seekable_blocks(
    leaves: &AsyncLeaves<'_>,
    length: usize,
    too_early: usize,
    ahead: usize,
) -> impl AsyncSeekableIterator<Key = [u8], Value = [u8], Error = Failure> + use<> {
    let entries = leaves.entries(0).to_vec();
    let last_keys: Vec<_> =
        entries.chunks(length).filter_map(|block| block.last()).map(|(key, _)| key.clone()).collect();
    let blocks: Vec<SortedRun> = entries
        .chunks(length)
        .map(|block| SliceIterator::new(block).borrowed::<[u8], [u8]>().collect().expect("never fails"))
        .collect();
    let plan = leaves.plan();
    let mut failed = vec![0; blocks.len()];
    let read = move |number: usize| {
        let block = blocks.get(number)?.clone();
        // One that is read ahead fails now, and its error comes when it is due.
        let fails = failed[number] < plan.times(number) || ahead == 0 && plan.is_struck();
        failed[number] += usize::from(fails);
        let time = failed[number];
        let plan = plan.clone();
        let block =
            if fails { Err(plan.fail(number, time)) } else { Ok(block.scan_owned(Unbounded, Unbounded).lift_err()) };
        Some(Reading { block: Some(block), waits: plan.waits(number) })
    };
    BlockIterator::with_index(read, move |key: &[u8]| {
        last_keys.partition_point(|last| last.as_slice() < key).saturating_sub(too_early)
    })
    .read_ahead(ahead)
}

quickcheck! {
    fn blocks_yield_their_entries(
        layers: Layers, length: u8, ahead: u8, failures: Failures, waits: Waits, driver: Driver
    ) -> bool {
        let entries = oracles::newest(&layers.0);
        let reads = Arc::default();
        let length = usize::from(length % 7) + 1;
        let mut blocks = blocks(&entries, length, &failures, &waits, &reads).read_ahead(usize::from(ahead % 5));
        let run = driver.run(Composition::of("blocks"), &mut blocks, failures.sum());
        // Every block is read once, and once more for each time that it failed.
        let count = entries.len().div_ceil(length);
        let count = count + count.div_ceil(3);
        let expected = (0..count).map(|block| 1 + failures.times(0, block)).sum::<usize>();
        run.ended && run.entries == entries && reads.lock().unwrap().len() == expected
            && run.errors.len() == expected - count
    }

    /// Merges ask blocks how much their keys share, and the first key of a block must not be taken for the second of another.
    fn blocks_are_merged(layers: Layers, length: u8, waits: Waits, driver: Driver) -> bool {
        let sources = layers.0.iter().map(|entries| {
            blocks(entries, usize::from(length % 5) + 1, &Failures::none(), &waits, &Arc::default())
        });
        let run = driver.run(Composition::of("merge of blocks"), &mut MergeIterator::new(sources), 0);
        run.ended && run.entries == oracles::newest(&layers.0)
    }
}

/// What comes before a failed block is not held back, and the failed one is read again, not those behind it.
#[test]
fn an_error_is_reported_when_its_block_is_due() {
    let entries: Vec<Entry> = (0..4_u8).map(|key| (vec![key], vec![key])).collect();
    let reads = Arc::default();
    let failures = Failures::none().and(0, 2, 1);
    // The blocks are: nothing, 0, 1, 2, nothing, 3.
    let mut blocks = blocks(&entries, 1, &failures, &Waits::never(), &reads).read_ahead(4);
    assert_eq!(blocks.try_next(), Some(Ok(true)));
    assert_eq!(*reads.lock().unwrap(), [0, 1, 2, 3, 4, 5], "read ahead of the first entry");
    assert_eq!(blocks.try_next(), Some(Err("read 2".to_string())));
    assert!(!blocks.is_valid());
    assert_eq!(blocks.try_next(), Some(Ok(true)));
    assert_eq!(blocks.key(), [1]);
    assert_eq!(*reads.lock().unwrap(), [0, 1, 2, 3, 4, 5, 2]);
}

/// A seek reads from the block of its target on, and nothing where that is the one that is open.
#[test]
fn a_seek_in_the_open_block_reads_nothing() {
    let entries = [[(1, 'a'), (2, 'b')], [(3, 'c'), (5, 'd')], [(7, 'e'), (9, 'f')]];
    let reads = Mutex::new(vec![]);
    let read = |number: usize| {
        let block = entries.get(number)?;
        reads.lock().unwrap().push(number);
        Some(ready(Ok(SliceIterator::new(block))))
    };
    let mut blocks = BlockIterator::with_index(read, |key| entries.partition_point(|block| block[1].0 < *key));
    blocks = blocks.read_ahead(0);
    for (target, found, expected) in
        [(4, 5, vec![1]), (3, 3, vec![]), (5, 5, vec![]), (8, 9, vec![2]), (9, 9, vec![]), (1, 1, vec![0])]
    {
        assert_eq!((blocks.try_seek(&target), *blocks.key()), (Some(Ok(true)), found));
        assert_eq!(std::mem::take(&mut *reads.lock().unwrap()), expected, "to {target}");
    }
}

/// A read that has more than one part goes on while the block before it is consumed, as soon as it says that it can.
#[test]
fn reads_go_on_at_steps() {
    static BLOCK: [(u64, u64); 4] = [(1, 1), (2, 2), (3, 3), (4, 4)];
    let polled = Arc::new(AtomicUsize::new(0));
    let waker = Arc::new(Mutex::new(None::<Waker>));
    let read = {
        let (polled, waker) = (Arc::clone(&polled), Arc::clone(&waker));
        move |number: usize| {
            let (polled, waker) = (Arc::clone(&polled), Arc::clone(&waker));
            let mut parts = if number == 0 { 0 } else { 3 };
            (number < 2).then_some(async move {
                poll_fn(|context| {
                    if parts == 0 {
                        return Poll::Ready(());
                    }
                    parts -= 1;
                    polled.fetch_add(1, Ordering::Relaxed);
                    *waker.lock().unwrap() = Some(context.waker().clone());
                    Poll::Pending
                })
                .await;
                Ok(SliceIterator::new(&BLOCK))
            })
        }
    };
    let mut blocks = BlockIterator::new(read);
    let wake = || waker.lock().unwrap().take().expect("a read has asked to be woken").wake();
    assert_eq!(blocks.try_next(), Some(Ok(true)));
    assert_eq!(polled.load(Ordering::Relaxed), 1, "started at once");
    assert_eq!(blocks.try_next(), Some(Ok(true)));
    assert_eq!(polled.load(Ordering::Relaxed), 1, "not polled without need");
    wake();
    assert_eq!(blocks.try_next(), Some(Ok(true)));
    assert_eq!(polled.load(Ordering::Relaxed), 2, "polled after it was woken");
    assert_eq!(blocks.try_next(), Some(Ok(true)));
    assert_eq!(polled.load(Ordering::Relaxed), 2, "polled once for that");
    assert_eq!(blocks.try_next(), None, "the last part is still to come");
    assert_eq!(polled.load(Ordering::Relaxed), 3);
    let context = &mut Context::from_waker(Waker::noop());
    assert!(pin!(blocks.next()).poll(context).is_ready());
}

/// The block ahead is polled by steps in the one before. If that panics, the step is made by the next call.
#[test]
fn a_panic_ahead_costs_no_entry() {
    let entries = [[(1, 'a'), (2, 'b'), (3, 'c')], [(4, 'd'), (5, 'e'), (6, 'f')]];
    let panics = AtomicBool::new(true);
    let mut blocks = BlockIterator::new(|number: usize| {
        let block = entries.get(number)?;
        let (mut polled, panics) = (false, &panics);
        Some(poll_fn(move |context| {
            if number == 1 && !std::mem::replace(&mut polled, true) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if number == 1 && panics.swap(false, Ordering::Relaxed) {
                panic::resume_unwind(Box::new(Bang));
            }
            Poll::Ready(Ok(SliceIterator::new(block)))
        }))
    });
    let mut keys = vec![];
    let mut interrupted = 0;
    loop {
        match catch(|| blocks.try_next()) {
            Some(Some(Ok(true))) => keys.push(*blocks.key()),
            Some(Some(_)) => break,
            Some(None) => {}
            None => {
                assert!(!blocks.is_valid());
                interrupted += 1;
            }
        }
    }
    assert_eq!((keys, interrupted), (vec![1, 2, 3, 4, 5, 6], 1));
}
