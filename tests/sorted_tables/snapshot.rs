//! `SnapshotMemTable`: a scan is one moment of the table.

use std::collections::BTreeMap;
use std::ops::Bound::Unbounded;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quickcheck::{TestResult, quickcheck};
use storage_iter::{MemTableSnapshot, SnapshotMemTable, StorageIterator};

use crate::support::{Entry, Key, entries};

fn contents(model: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<Entry> {
    model.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

quickcheck! {
    /// Puts, with snapshots opened and closed in between: each shows the state at its opening, whenever it is read.
    fn every_snapshot_shows_the_state_at_its_opening(steps: Vec<(u8, Key, u8)>) -> TestResult {
        let table = Arc::new(SnapshotMemTable::new());
        let mut model = BTreeMap::new();
        let mut open: Vec<(MemTableSnapshot<Arc<SnapshotMemTable>>, Vec<Entry>)> = Vec::new();
        for (number, (kind, key, choice)) in steps.into_iter().enumerate() {
            match kind % 8 {
                0 => open.push((MemTableSnapshot::new(Arc::clone(&table)), contents(&model))),
                1 if !open.is_empty() => {
                    let (snapshot, expected) = open.swap_remove(usize::from(choice) % open.len());
                    if entries(snapshot.scan(Unbounded, Unbounded)) != expected {
                        return TestResult::failed();
                    }
                }
                2 if !open.is_empty() => {
                    // A clone looks at the same moment, also when the original is gone.
                    let (snapshot, expected) = open.swap_remove(usize::from(choice) % open.len());
                    open.push((snapshot.clone(), expected));
                }
                _ => {
                    let value = number.to_be_bytes()[4..].to_vec();
                    table.put(&key.0, &value);
                    model.insert(key.0, value);
                }
            }
        }
        for (snapshot, expected) in &open {
            let got: Vec<Entry> = entries(snapshot.scan(Unbounded, Unbounded));
            let each = expected.iter().all(|(key, value)| snapshot.get(key).as_deref() == Some(value));
            if &got != expected || !each {
                return TestResult::failed();
            }
        }
        TestResult::from_bool(entries(table.scan(Unbounded, Unbounded)) == contents(&model))
    }
}

#[test]
fn open_scans_do_not_see_later_writes() {
    let table = Arc::new(SnapshotMemTable::new());
    for number in 0..200_u32 {
        table.put(&(2 * number).to_be_bytes(), b"old");
    }
    let expected = entries(table.scan(Unbounded, Unbounded));
    let borrowed = table.scan(Unbounded, Unbounded);
    let owned = Arc::clone(&table).scan_owned(Unbounded, Unbounded);
    let half_way = {
        let mut scan = table.scan(Unbounded, Unbounded);
        for _ in 0..100 {
            scan.next().unwrap();
        }
        scan
    };
    for number in 0..400_u32 {
        table.put(&number.to_be_bytes(), b"new");
        table.delete(&number.to_be_bytes());
    }
    assert_eq!(entries(half_way), expected[100..]);
    assert_eq!(entries(borrowed), expected);
    assert_eq!(entries(owned), expected);
    assert!(entries(table.scan(Unbounded, Unbounded)).iter().all(|(_, value)| value.is_empty()));
}

/// One writer moves an amount from one key to another: it adds to the second before it takes from the first. In every
/// moment the sum is the total, or one amount more between the two puts.
#[test]
fn scans_are_consistent_cuts() {
    const KEYS: u64 = 64;
    let table = SnapshotMemTable::new();
    for key in 0..KEYS {
        table.put(&key.to_be_bytes(), &100_u64.to_be_bytes());
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let amount = |key: u64| u64::from_be_bytes(table.get(&key.to_be_bytes()).unwrap()[..].try_into().unwrap());
            let mut key = 1;
            while !stop.load(Ordering::Relaxed) {
                let (from, to) = (key % KEYS, (key * 31 + 7) % KEYS);
                key += 1;
                if from != to && amount(from) > 0 {
                    table.put(&to.to_be_bytes(), &(amount(to) + 1).to_be_bytes());
                    table.put(&from.to_be_bytes(), &(amount(from) - 1).to_be_bytes());
                }
            }
        });
        let sums = (0..3000).map(|_| {
            let scan = table.scan(Unbounded, Unbounded).entries().map(Result::unwrap);
            scan.map(|(_, value)| u64::from_be_bytes(value.try_into().unwrap())).sum::<u64>()
        });
        let wrong = sums.into_iter().find(|sum| !(100 * KEYS..=100 * KEYS + 1).contains(sum));
        stop.store(true, Ordering::Relaxed);
        assert_eq!(wrong, None);
    });
}
