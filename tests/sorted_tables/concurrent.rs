//! Many threads: what a reader is promised while others write.

use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use storage_iter::{SortedTable, StorageIterator};

use crate::support::for_every_table;

const KEYS: u64 = 300;
const ROUNDS: usize = 60;

/// Sets the flag when it goes, so that the other threads end even if this one fails.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Two writers overwrite all keys and add others between them; readers find each of the old keys in every `get` and
/// once in every scan.
fn present_keys_come_out_exactly_once_in_order<T: SortedTable + Default>() {
    let table = T::default();
    // Even numbers are there from the start; odd ones come while the scans run.
    for number in 0..KEYS {
        table.put(&(2 * number).to_be_bytes(), &0_u64.to_be_bytes());
    }
    let (stop, writes) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for writer in 0..2 {
            let (table, stop, writes) = (&table, &stop, &writes);
            scope.spawn(move || {
                let mut number = writer;
                while !stop.load(Ordering::Relaxed) {
                    number = (number + 7) % (2 * KEYS);
                    table.put(&number.to_be_bytes(), &number.to_be_bytes());
                    writes.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let _stop = StopOnDrop(&stop);
        for round in 0..ROUNDS {
            let before = writes.load(Ordering::Relaxed);
            let mut seen = vec![false; KEYS as usize];
            let mut last: Option<Vec<u8>> = None;
            let mut scan = table.scan(Unbounded, Unbounded);
            while scan.next() == Ok(true) {
                assert!(last.as_deref().is_none_or(|last| last < scan.key()), "keys ascend");
                last = Some(scan.key().to_vec());
                let number = u64::from_be_bytes(scan.key().try_into().unwrap());
                let value = u64::from_be_bytes(scan.value().try_into().unwrap());
                assert!(value == number || (value == 0 && number % 2 == 0), "a value that was never put");
                if number % 2 == 0 {
                    seen[number as usize / 2] = true;
                }
            }
            assert!(seen.iter().all(|seen| *seen), "a key was absent from scan {round}");
            for number in 0..KEYS {
                assert!(table.get(&(2 * number).to_be_bytes()).is_some(), "a key was absent from a get");
            }
            // Where one thread runs at a time the writers may not have come yet.
            while writes.load(Ordering::Relaxed) == before {
                thread::yield_now();
            }
        }
    });
}

/// Four threads put to the same few keys; in the end the last value of one of them is there, and the size is exact.
fn racing_puts_leave_one_value_and_an_exact_size<T: SortedTable + Default>() {
    for _ in 0..30 {
        let table = T::default();
        thread::scope(|scope| {
            for thread in 0..4_usize {
                let table = &table;
                scope.spawn(move || {
                    for round in 1..=20_usize {
                        for key in 0..5_u8 {
                            table.put(&[key], &vec![thread as u8; 10 * round + thread]);
                        }
                    }
                });
            }
        });
        assert_eq!(table.len(), 5);
        let mut size = 0;
        for key in 0..5_u8 {
            let value = table.get(&[key]).unwrap();
            assert_eq!(value.len(), 200 + usize::from(value[0]), "the last value of a thread");
            size += 1 + value.len();
        }
        assert_eq!(table.approximate_size(), size);
    }
}

/// A scan that stands on an entry holds nobody up: not a writer of another thread, not one of its own.
fn writers_go_on_while_a_scan_stands_still<T: SortedTable + Default>() {
    let table = T::default();
    for number in 0..1000_u32 {
        table.put(&number.to_be_bytes(), b"old");
    }
    thread::scope(|scope| {
        let mut scan = table.scan(Unbounded, Unbounded);
        for _ in 0..10 {
            assert_eq!(scan.next(), Ok(true));
        }
        let (done, is_done) = mpsc::channel();
        let writer = scope.spawn({
            let table = &table;
            move || {
                for number in 0..2000_u32 {
                    table.put(&number.to_be_bytes(), b"new");
                }
                done.send(()).unwrap();
            }
        });
        // The scan is still open and on its entry when the writer reports.
        let result = is_done.recv_timeout(Duration::from_secs(30));
        assert_eq!((scan.key(), scan.value()), (9_u32.to_be_bytes().as_slice(), b"old".as_slice()));
        drop(scan);
        writer.join().unwrap();
        assert_eq!(result, Ok(()), "the writer waited for the scan");
    });
    assert_eq!(table.len(), 2000);
}

/// A value that was put before a scan, or before the chunk at hand, is never older than that in the scan: versions of
/// one key only grow.
fn scans_do_not_go_back_in_time<T: SortedTable + Default>() {
    let table = T::default();
    table.put(b"key", &0_u64.to_be_bytes());
    let (stop, finished) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut version = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                version += 1;
                table.put(b"key", &version.to_be_bytes());
                finished.store(version, Ordering::Release);
            }
        });
        let _stop = StopOnDrop(&stop);
        for _ in 0..3000 {
            let at_least = finished.load(Ordering::Acquire);
            let mut scan = table.scan(Included(b"key"), Excluded(b"kez"));
            assert_eq!(scan.next(), Ok(true));
            let seen = u64::from_be_bytes(scan.value().try_into().unwrap());
            assert!(seen >= at_least, "the scan shows {seen}, but {at_least} was put before it began");
            let got = u64::from_be_bytes(table.get(b"key").unwrap()[..].try_into().unwrap());
            assert!(got >= seen, "a get after the scan shows {got}, the scan {seen}");
        }
    });
}

for_every_table!(
    present_keys_come_out_exactly_once_in_order,
    racing_puts_leave_one_value_and_an_exact_size,
    writers_go_on_while_a_scan_stands_still,
    scans_do_not_go_back_in_time,
);
