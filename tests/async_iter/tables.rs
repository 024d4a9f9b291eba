//! Mem-tables, which are borrowed, merged with runs that have to be waited for.

use std::ops::Bound::{Included, Unbounded};
use std::sync::Arc;
use std::time::Duration;

use storage_iter::async_iter::{AsyncStorageIterator, BlockIterator, FromSync, MergeIterator};
use storage_iter::{ChildError, MemTable, OwnedSortedRunIterator, SortedRun, StorageIterator};

type Block = OwnedSortedRunIterator<[u8], [u8]>;

/// A run of the keys `from..` by `step`, up to 100, ten entries a block, of which each takes a while to arrive.
fn run(from: u32, step: usize, layer: u8) -> impl AsyncStorageIterator<Key = [u8], Value = [u8], Error = Infallible> {
    let keys: Vec<u32> = (from..100).step_by(step).collect();
    let blocks: Vec<SortedRun> = keys.chunks(10).map(|keys| block(keys, layer)).collect();
    let read = move |number: usize| {
        let block = blocks.get(number)?.clone();
        Some(async move {
            tokio::time::sleep(Duration::from_micros(200)).await;
            Ok::<Block, _>(block.scan_owned(Unbounded, Unbounded))
        })
    };
    BlockIterator::new(read)
}

fn block(keys: &[u32], layer: u8) -> SortedRun {
    let table = MemTable::new();
    for key in keys {
        table.put(&key.to_be_bytes(), &[layer]);
    }
    table.scan(Unbounded, Unbounded).collect().expect("a table never fails")
}

type Infallible = std::convert::Infallible;

fn expected(live: impl Fn(u32) -> Option<u8>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let entry = |key: u32| Some((key.to_be_bytes().to_vec(), vec![live(key)?]));
    (0..100).filter_map(entry).collect()
}

fn fill(table: &MemTable) {
    for key in (0..100_u32).step_by(7) {
        table.put(&key.to_be_bytes(), &[9]);
    }
    for key in (0..100_u32).step_by(10) {
        table.delete(&key.to_be_bytes());
    }
}

fn newest(key: u32) -> Option<u8> {
    match key {
        key if key % 10 == 0 => None,
        key if key % 7 == 0 => Some(9),
        key if key % 3 == 1 => Some(2),
        key if key % 2 == 0 => Some(1),
        _ => None,
    }
}

/// The table is on the stack of the task.
#[tokio::test]
async fn a_borrowed_table_is_merged_with_awaited_runs() {
    let table = MemTable::new();
    fill(&table);
    let older = MergeIterator::new([run(1, 3, 2)]).map_err(ChildError::into_inner);
    let older = older.two_merge(run(0, 2, 1));
    let view = FromSync::new(table.scan(Included(&0_u32.to_be_bytes()), Unbounded)).lift_err().two_merge(older);
    let entries: Vec<_> = view.skip_tombstones().collect().await.expect("never fails");
    assert_eq!(entries, expected(newest));
}

/// The table belongs to several tasks, which run on other threads, and each scan borrows it from its task.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_scan_a_shared_table() {
    let table = Arc::new(MemTable::new());
    fill(&table);
    let tasks = (0..8).map(|_| {
        let table = Arc::clone(&table);
        tokio::spawn(async move {
            let older = run(1, 3, 2).two_merge(run(0, 2, 1));
            let newer = FromSync::new(table.scan(Unbounded, Unbounded)).yield_every(3).lift_err();
            let mut view = newer.two_merge(older).skip_tombstones();
            let mut entries = vec![];
            while view.next().await.expect("never fails") {
                entries.push((view.key().to_vec(), view.value().to_vec()));
            }
            entries
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.expect("no panic"), expected(newest));
    }
}
