//! *Latest*, beside writers and a thread that rotates, flushes and compacts all the time.

use std::ops::Bound::Unbounded;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use storage_iter::{LongIterator, RefreshIterator, SortedTable, StorageIterator};

use crate::engine::{Engine, for_every_table};

const KEYS: u32 = 2000;
const SCANS: usize = 30;

/// Even keys are there throughout, with ever new values; odd ones come and go.
fn every_key_that_stays_comes_out_exactly_once<T: SortedTable + Default>() {
    let engine = Engine::<T>::new();
    for number in (0..KEYS).step_by(2) {
        engine.put(&number.to_be_bytes(), &number.to_le_bytes());
    }
    let stop = AtomicBool::new(false);
    let is_running = || !stop.load(Ordering::Relaxed);
    let refreshes = thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 1_u32;
            while is_running() {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let key = (number >> 8) % KEYS;
                let is_deleted = key % 2 == 1 && number >> 31 == 1;
                engine.put(&key.to_be_bytes(), if is_deleted { &[] } else { b"a value whose key is all that counts" });
            }
        });
        scope.spawn(|| {
            while is_running() {
                engine.rotate();
                engine.flush();
                if engine.state().runs.len() > 4 {
                    engine.compact();
                }
                thread::yield_now();
            }
        });
        let mut refreshes = 0;
        for _ in 0..SCANS {
            let mut long = LongIterator::latest(&engine, Unbounded, Unbounded).max_entries(50);
            check(&mut long);
            let mut refreshed = RefreshIterator::new(&engine, Unbounded, Unbounded);
            check(&mut refreshed);
            refreshes += refreshed.refreshes();
        }
        stop.store(true, Ordering::Relaxed);
        refreshes
    });
    assert!(refreshes > SCANS as u64, "nothing changed under the iterators: {refreshes} refreshes");
}

fn check(iterator: &mut impl StorageIterator<Key = [u8], Value = [u8], Error: std::fmt::Debug>) {
    let mut last = None;
    let mut stayed = 0;
    while iterator.next().unwrap() {
        let key = u32::from_be_bytes(iterator.key().try_into().unwrap());
        assert!(last < Some(key), "{key} after {last:?}");
        assert!(!iterator.value().is_empty(), "a deletion came out");
        if key.is_multiple_of(2) {
            assert_eq!(key, stayed, "a key that stays is missing");
            stayed += 2;
        }
        last = Some(key);
        if key % 100 == 0 {
            thread::yield_now();
        }
    }
    assert_eq!(stayed, KEYS, "the scan ended early");
}

for_every_table!(every_key_that_stays_comes_out_exactly_once);
