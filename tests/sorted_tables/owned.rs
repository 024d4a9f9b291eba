//! Iterators that own a share of what they walk.

use std::ops::Bound::{Included, Unbounded};
use std::sync::Arc;
use std::thread;

use storage_iter::{ChunkIterator, MemTable, SliceIterator, SortedRun, SortedTable, StorageIterator};

use crate::support::{entries, for_every_table};

/// The iterator leaves the function that made it, moves to another thread, and the table lives exactly as long as it
/// does.
fn an_owned_scan_keeps_its_table_and_nothing_else_does<T: SortedTable + Default + 'static>()
where
    T::OwnedIter: 'static,
{
    fn scan<T: SortedTable + Default>() -> (T::OwnedIter, std::sync::Weak<T>) {
        let table = Arc::new(T::default());
        for number in 0..1000_u32 {
            table.put(&number.to_be_bytes(), b"1");
        }
        let weak = Arc::downgrade(&table);
        (table.scan_owned(Included(&10_u32.to_be_bytes()), Unbounded), weak)
    }
    let (scan, weak) = scan::<T>();
    assert!(weak.upgrade().is_some());
    let count = thread::spawn(move || entries(scan).len()).join().unwrap();
    assert_eq!(count, 990);
    assert!(weak.upgrade().is_none());
}

for_every_table!(an_owned_scan_keeps_its_table_and_nothing_else_does);

#[test]
fn an_owned_scan_of_a_run_outlives_the_run() {
    let run: SortedRun<u64, str> = SliceIterator::new(&[(1, "a"), (2, "b"), (3, "c")]).borrowed().collect().unwrap();
    let mut scan = run.clone().scan_owned(Included(&2), Unbounded);
    drop(run);
    assert_eq!(scan.next(), Ok(true));
    let ahead = scan.clone();
    assert_eq!((scan.key(), scan.value()), (&2, "b"));
    assert_eq!(scan.count(), Ok(1));
    assert_eq!(ahead.key(), &2);
}

#[test]
fn a_chunk_of_one_is_as_live_as_the_skiplist() {
    let table = Arc::new(MemTable::new());
    table.put(b"a", b"1");
    table.put(b"b", b"1");
    let mut scan = ChunkIterator::new(Arc::clone(&table), Unbounded, Unbounded).max_entries(1);
    assert_eq!(scan.next(), Ok(true));
    table.put(b"b", b"2");
    assert_eq!(scan.next(), Ok(true));
    assert_eq!(scan.value(), b"2");
}
