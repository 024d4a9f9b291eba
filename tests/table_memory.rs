//! What the tables allocate and free, counted by the allocator of this process. One test, so that nothing else counts.

use std::alloc::System;
use std::ops::Bound::Unbounded;
use std::sync::Arc;

use cap::Cap;
use storage_iter::{BTreeMemTable, MemTable, SnapshotMemTable, SortedTable, StorageIterator};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const KEYS: u32 = 2000;
const VALUE: [u8; 100] = [7; 100];

fn put_all(table: &impl SortedTable) {
    for number in 0..KEYS {
        table.put(format!("key {number:012}").as_bytes(), &VALUE);
    }
}

/// Overwriting and scanning in turn neither keeps the old values nor the nodes, and dropping the table frees all.
fn nothing_is_left<T: SortedTable + Default>(name: &str) {
    let before = ALLOCATOR.allocated();
    let table = Arc::new(T::default());
    put_all(&*table);
    let filled = ALLOCATOR.allocated();
    for _ in 0..20 {
        put_all(&*table);
        assert_eq!(table.scan(Unbounded, Unbounded).count(), Ok(KEYS as usize));
        assert_eq!(Arc::clone(&table).scan_owned(Unbounded, Unbounded).count(), Ok(KEYS as usize));
    }
    let overwritten = ALLOCATOR.allocated();
    let payload = KEYS as usize * (16 + VALUE.len());
    assert!(overwritten < filled + payload / 10, "{name}: grew from {} to {}", filled - before, overwritten - before);
    let run = table.freeze();
    let bound = KEYS as usize * 16 + 200;
    let run_size = ALLOCATOR.allocated() - overwritten;
    assert!(run_size <= payload + bound, "{name}: a run of {payload} bytes takes {run_size}");
    drop((run, table));
    // The skiplist's collector keeps some of its own bookkeeping, once for the process.
    let left = ALLOCATOR.allocated().saturating_sub(before);
    assert!(left < payload / 10, "{name}: {left} bytes are left");
}

/// A warm iterator allocates nothing.
fn steps_allocate_nothing<T: SortedTable + Default>(name: &str) {
    let table = Arc::new(T::default());
    put_all(&*table);
    let (mut borrowed, mut owned) =
        (table.scan(Unbounded, Unbounded), Arc::clone(&table).scan_owned(Unbounded, Unbounded));
    for _ in 0..200 {
        assert_eq!((borrowed.next(), owned.next()), (Ok(true), Ok(true)));
    }
    let before = ALLOCATOR.total_allocated();
    for _ in 200..KEYS {
        assert_eq!((borrowed.next(), owned.next()), (Ok(true), Ok(true)));
    }
    assert_eq!(ALLOCATOR.total_allocated() - before, 0, "{name}: a step allocated");
}

/// The values that a snapshot kept are freed by the next put of their key after it closed.
fn a_closed_snapshot_keeps_nothing() {
    let table = SnapshotMemTable::new();
    put_all(&table);
    let filled = ALLOCATOR.allocated();
    let snapshot = table.snapshot();
    for _ in 0..5 {
        put_all(&table);
    }
    let kept = ALLOCATOR.allocated() - filled;
    let values = KEYS as usize * VALUE.len();
    assert!((values..3 * values).contains(&kept), "one value a key is kept, not five: {kept} for {values}");
    drop(snapshot);
    put_all(&table);
    let left = ALLOCATOR.allocated().saturating_sub(filled);
    assert!(left < values / 10, "{left} bytes are kept for a snapshot that is closed");
}

/// The same beside a snapshot that stays open: what only others looked at is freed.
fn closed_snapshots_keep_nothing_beside_an_open_one() {
    let table = SnapshotMemTable::new();
    put_all(&table);
    let oldest = table.snapshot();
    put_all(&table);
    let kept_for_the_oldest = ALLOCATOR.allocated();
    for _ in 0..5 {
        let later = table.snapshot();
        put_all(&table);
        drop(later);
    }
    put_all(&table);
    let left = ALLOCATOR.allocated().saturating_sub(kept_for_the_oldest);
    let values = KEYS as usize * VALUE.len();
    assert!(left < values / 10, "{left} bytes are kept for snapshots that are closed");
    drop(oldest);
}

/// An overwrite pays for snapshots only while one is open.
fn overwrites_are_cheaper_without_snapshots() {
    let table = SnapshotMemTable::new();
    put_all(&table);
    let overwrite_all = || {
        let before = ALLOCATOR.total_allocated();
        put_all(&table);
        ALLOCATOR.total_allocated() - before
    };
    let without = overwrite_all();
    let snapshot = table.snapshot();
    let with = overwrite_all();
    drop(snapshot);
    assert!(without < with, "{without} bytes without a snapshot, {with} with one");
    // Frees what was kept.
    overwrite_all();
    assert_eq!(overwrite_all(), without, "after a snapshot as before it");
}

/// A key of up to 22 bytes has no allocation of its own.
fn short_keys_lie_in_the_table<T: SortedTable + Default>(name: &str) {
    let put_keys_of = |length: usize| {
        let keys: Vec<String> = (0..KEYS).map(|number| format!("{number:0length$}")).collect();
        let table = T::default();
        let before = ALLOCATOR.total_allocated();
        keys.iter().for_each(|key| table.put(key.as_bytes(), b""));
        ALLOCATOR.total_allocated() - before
    };
    let (short, longest_short, long) = (put_keys_of(4), put_keys_of(22), put_keys_of(23));
    let spread = KEYS as usize * 8;
    assert!(
        short.abs_diff(longest_short) < spread,
        "{name}: {short} bytes for keys of 4, {longest_short} for those of 22"
    );
    assert!(
        long > longest_short + KEYS as usize * 16,
        "{name}: {longest_short} for those of 22, {long} for those of 23"
    );
}

#[test]
fn tables_free_what_they_do_not_need() {
    nothing_is_left::<MemTable>("MemTable");
    nothing_is_left::<BTreeMemTable>("BTreeMemTable");
    nothing_is_left::<SnapshotMemTable>("SnapshotMemTable");
    steps_allocate_nothing::<MemTable>("MemTable");
    steps_allocate_nothing::<BTreeMemTable>("BTreeMemTable");
    steps_allocate_nothing::<SnapshotMemTable>("SnapshotMemTable");
    a_closed_snapshot_keeps_nothing();
    closed_snapshots_keep_nothing_beside_an_open_one();
    overwrites_are_cheaper_without_snapshots();
    short_keys_lie_in_the_table::<MemTable>("MemTable");
    short_keys_lie_in_the_table::<BTreeMemTable>("BTreeMemTable");
    short_keys_lie_in_the_table::<SnapshotMemTable>("SnapshotMemTable");
}
