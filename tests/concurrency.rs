//! `MemTable` under many threads: never absent, never twice, in order, and nothing leaked.

#![cfg(feature = "mem-table")]

use std::ops::Bound;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use allocation_counter::AllocationInfo;
use storage_iter::{MemTable, StorageIterator};

const WRITERS: u64 = 2;

/// A value that tells its key, its writer and which write of that writer it was, counted from 1.
fn value(key: u64, writer: u64, count: u64) -> [u8; 24] {
    let mut value = [0; 24];
    for (place, number) in value.chunks_exact_mut(8).zip([key, writer, count]) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    value
}

fn numbers(value: &[u8]) -> (u64, u64, u64) {
    assert_eq!(value.len(), 24, "a value that nobody stored");
    let number = |at: usize| u64::from_be_bytes(value[at..at + 8].try_into().expect("eight bytes"));
    (number(0), number(8), number(16))
}

/// Whether that value was stored before the writer had counted so far.
fn check_value(key: u64, value: &[u8], written: &[AtomicU64]) -> (u64, u64) {
    let (of_key, writer, count) = numbers(value);
    assert_eq!(of_key, key, "a value of another key");
    assert!(count <= written[writer as usize].load(Ordering::SeqCst) + 1, "a value of the future");
    (writer, count)
}

/// Two writers overwrite all keys as fast as they can, while two readers `get` and scan.
#[test]
fn keys_are_never_absent_and_never_twice() {
    const KEYS: u64 = 48;
    let table = MemTable::new();
    for key in 0..KEYS {
        // Even numbers only: the odd ones are put meanwhile.
        table.put(&(2 * key).to_be_bytes(), &value(2 * key, 0, 0));
    }
    let written: Vec<AtomicU64> = (0..WRITERS).map(|_| AtomicU64::new(0)).collect();
    let stop = AtomicBool::new(false);
    let is_running = || !stop.load(Ordering::Relaxed);
    let (scans, gets) = (AtomicU64::new(0), AtomicU64::new(0));

    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (table, written) = (&table, &written);
            scope.spawn(move || {
                let (mut count, mut round) = (0, 0);
                while is_running() || round < KEYS {
                    for key in 0..KEYS {
                        count += 1;
                        table.put(&(2 * key).to_be_bytes(), &value(2 * key, writer, count));
                        written[writer as usize].store(count, Ordering::SeqCst);
                    }
                    // And one of the odd keys, which are new at first, so that nodes come in between.
                    let new = 2 * (round % KEYS) + 1;
                    round += 1;
                    table.put(&new.to_be_bytes(), &value(new, writer, count));
                }
            });
        }
        scope.spawn(|| {
            while is_running() {
                let mut all = table.scan(Bound::Unbounded, Bound::Unbounded);
                let (mut previous, mut even) = (None, 0);
                while all.next() == Ok(true) {
                    let key = u64::from_be_bytes(all.key().try_into().expect("eight bytes"));
                    assert!(previous.is_none_or(|previous| previous < key), "{previous:?} before {key}");
                    check_value(key, all.value(), &written);
                    previous = Some(key);
                    even += u64::from(key % 2 == 0);
                }
                assert_eq!(even, KEYS, "a scan misses a key that is always there");
                scans.fetch_add(1, Ordering::Relaxed);
            }
        });
        scope.spawn(|| {
            // The newest write of each writer that was seen for a key: an older one must not come back over it.
            let mut newest = vec![[0; WRITERS as usize]; KEYS as usize];
            while is_running() {
                for key in 0..KEYS {
                    let bytes = table.get(&(2 * key).to_be_bytes()).expect("always there");
                    let (writer, count) = check_value(2 * key, &bytes, &written);
                    let seen = &mut newest[key as usize][writer as usize];
                    assert!(*seen <= count, "key {key}: write {count} of {writer} after its write {seen}");
                    *seen = count;
                    gets.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        // Until enough was done, but not for ever on a machine that is busy with other things.
        let started = Instant::now();
        let enough = || scans.load(Ordering::Relaxed) > 2_000 && gets.load(Ordering::Relaxed) > 200_000;
        while started.elapsed() < Duration::from_millis(300)
            || (!enough() && started.elapsed() < Duration::from_millis(2_000))
        {
            thread::sleep(Duration::from_millis(10));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(scans.load(Ordering::Relaxed) > 0 && gets.load(Ordering::Relaxed) > 0, "the readers never ran");
    assert_eq!(table.len() as u64, 2 * KEYS);
    assert_eq!(table.approximate_size() as u64, 2 * KEYS * (8 + 24));
}

/// Many threads put the same new keys at the same moment, and one waits for each: a key is there once, never without a
/// value, and the size is exact.
#[test]
fn racing_first_puts_make_one_entry() {
    const THREADS: u64 = 3;
    const KEYS: u64 = 200;
    let bytes_of = |key: u64| key.to_be_bytes();
    for round in 0..50 {
        let table = MemTable::new();
        let start = Barrier::new(THREADS as usize + 1);
        thread::scope(|scope| {
            for writer in 0..THREADS {
                let (table, start) = (&table, &start);
                scope.spawn(move || {
                    start.wait();
                    for key in 0..KEYS {
                        // Of different lengths, so that the size shows which of them stayed.
                        let length = 8 * (1 + writer as usize % 3);
                        table.put(&bytes_of(key), &value(key, writer, round)[..length]);
                        let stored = table.get(&bytes_of(key)).expect("just put");
                        assert_eq!(stored[..8], bytes_of(key));
                    }
                });
            }
            // Waits at each key for the moment when it comes up.
            scope.spawn(|| {
                start.wait();
                for key in 0..KEYS {
                    let seen = loop {
                        let mut tip = table.scan(Bound::Included(&bytes_of(key)), Bound::Unbounded);
                        // A key behind it may come first: this one had no value yet when the scan went by.
                        if tip.next() == Ok(true) && tip.key() == bytes_of(key) {
                            break tip.value().to_vec();
                        }
                        if let Some(bytes) = table.get(&bytes_of(key)) {
                            break bytes.to_vec();
                        }
                    };
                    assert_eq!(seen.get(..8), Some(bytes_of(key).as_slice()), "a key without its value");
                }
            });
        });
        let entries: Vec<_> = table.scan(Bound::Unbounded, Bound::Unbounded).collect().expect("never fails");
        let keys: Vec<Vec<u8>> = (0..KEYS).map(|key| bytes_of(key).to_vec()).collect();
        assert!(entries.iter().map(|(key, _)| key).eq(&keys), "each key once, in order");
        assert_eq!(table.len() as u64, KEYS);
        let size: usize = entries.iter().map(|(key, value)| key.len() + value.len()).sum();
        assert_eq!(table.approximate_size(), size);
    }
}

/// The writer's own reads: what was put is there when `put` returns, for every other thread as well.
#[test]
fn a_put_that_has_returned_is_seen() {
    let table = MemTable::new();
    let published = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for count in 1..=20_000_u64 {
                table.put(b"key", &count.to_be_bytes());
                published.store(count, Ordering::Release);
            }
        });
        scope.spawn(|| {
            loop {
                let published = published.load(Ordering::Acquire);
                let seen =
                    table.get(b"key").map(|bytes| u64::from_be_bytes(bytes.as_ref().try_into().expect("eight bytes")));
                assert!(seen >= (published > 0).then_some(published), "{seen:?} after {published}");
                if published == 20_000 {
                    break;
                }
            }
        });
    });
}

const VALUE: [u8; 1_000] = [7; 1_000];

/// Overwrites and scans, so many rounds. Every value has 1,000 bytes, so one leaked entry a round would be seen from afar.
fn overwrite_and_scan(table: &MemTable, rounds: usize) {
    for round in 0..rounds {
        for key in 0..10_u8 {
            table.put(&[key], &VALUE[..900 + round % 100]);
        }
        let mut all = table.scan(Bound::Included(&[1]), Bound::Unbounded);
        let mut entries = 0;
        while all.next() == Ok(true) {
            entries += 1;
        }
        assert_eq!(entries, 9);
        // One that is given up half way, on an entry.
        let mut given_up = table.scan(Bound::Unbounded, Bound::Unbounded);
        assert_eq!(given_up.next(), Ok(true));
        assert!(table.get(&[3]).is_some());
    }
}

/// What a thread has allocated and not freed since. Negative: it has freed what others allocated.
fn net_bytes(info: &AllocationInfo) -> i64 {
    info.bytes_current
}

/// The skiplist's garbage is freed late, some hundred objects at a time, so a fixed amount may be left. A leak grows with
/// the number of rounds: 2,000 rounds would leave 20 MB of values, or 2 MB if every tenth leaked.
const LEFT_OVER: i64 = 256 * 1024;

#[test]
fn overwrites_and_scans_leak_nothing() {
    let info = allocation_counter::measure(|| {
        let table = MemTable::new();
        overwrite_and_scan(&table, 100);
        let while_alive = allocation_counter::measure(|| overwrite_and_scan(&table, 2_000));
        assert!(while_alive.bytes_total > 2_000 * 10 * 900, "the counter counts");
        assert!(net_bytes(&while_alive) < LEFT_OVER, "{while_alive:?}");
    });
    assert!(net_bytes(&info) < LEFT_OVER, "after the table: {info:?}");
}

/// The same with threads that free each other's values: the sum counts.
#[test]
fn overwrites_and_scans_of_many_threads_leak_nothing() {
    let table = MemTable::new();
    let setup = allocation_counter::measure(|| overwrite_and_scan(&table, 1));
    let of_threads: i64 = thread::scope(|scope| {
        let work = || net_bytes(&allocation_counter::measure(|| overwrite_and_scan(&table, 500)));
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert!(of_threads < LEFT_OVER, "while the table lives: {of_threads}");
    let destruction = allocation_counter::measure(|| drop(table));
    let all = net_bytes(&setup) + of_threads + net_bytes(&destruction);
    assert!(all < LEFT_OVER, "after the table: {all}");
}

/// Tables that come and go, each with entries on which iterators stood.
#[test]
fn tables_free_their_entries() {
    let make_and_drop = || {
        let table = MemTable::new();
        for key in 0..100_u8 {
            table.put(&[key], &VALUE);
        }
        let mut scan = table.scan(Bound::Unbounded, Bound::Unbounded);
        while scan.next() == Ok(true) {}
        let mut given_up = table.scan(Bound::Unbounded, Bound::Unbounded);
        assert_eq!(given_up.next(), Ok(true));
    };
    make_and_drop();
    let info = allocation_counter::measure(|| (0..200).for_each(|_| make_and_drop()));
    assert!(info.bytes_total > 200 * 100 * 1_000, "the counter counts");
    assert!(net_bytes(&info) < LEFT_OVER, "{info:?}");
}
