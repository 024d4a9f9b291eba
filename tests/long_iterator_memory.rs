//! What a long scan allocates, counted by the allocator of this process. One test, so that nothing else counts.

use std::alloc::System;
use std::ops::Bound::Unbounded;
use std::sync::Arc;

use cap::Cap;
use storage_iter::{
    BTreeMemTable, LongIterator, RefreshEveryEntries, RefreshIterator, ScanFn, SortedRun, StorageIterator,
};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const KEYS: u32 = 20_000;
const WARM: u32 = 5_000;

/// After the buffers have grown, refills and refreshes included, if the source itself allocates nothing.
fn a_warm_scan_allocates_nothing(mut entries: impl StorageIterator, name: &str) {
    let mut step = || assert!(entries.next().is_ok_and(|moved| moved));
    (0..WARM).for_each(|_| step());
    let before = ALLOCATOR.total_allocated();
    (WARM..KEYS).for_each(|_| step());
    assert_eq!(ALLOCATOR.total_allocated() - before, 0, "{name} has allocated");
}

#[test]
fn warm_scans_allocate_nothing() {
    let table = Arc::new(BTreeMemTable::new());
    for number in 0..KEYS {
        table.put(&number.to_be_bytes(), &[7; 100]);
    }
    let run: SortedRun = table.freeze();
    a_warm_scan_allocates_nothing(LongIterator::new(Arc::clone(&table), Unbounded, Unbounded), "over a table");
    let over_run = LongIterator::from_fn(Unbounded, Unbounded, |lower, upper, chunk| {
        let view = run.clone();
        chunk.extend_from(view.scan(lower, upper))
    });
    a_warm_scan_allocates_nothing(over_run, "over a run");
    let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    let refreshed = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(RefreshEveryEntries::new(100));
    a_warm_scan_allocates_nothing(refreshed, "refreshed over a run");

    // Another scan of the same kind, to see what it takes in all.
    let before = ALLOCATOR.allocated();
    let mut entries = LongIterator::new(&*table, Unbounded, Unbounded);
    (0..WARM).for_each(|_| assert_eq!(entries.next(), Ok(true)));
    assert_eq!(ALLOCATOR.allocated() - before, entries.allocated_bytes());
    assert!(entries.allocated_bytes() <= 2 * (64 << 10), "{} bytes", entries.allocated_bytes());
}
