//! `MemTable` against std's `BTreeMap`.

#![cfg(feature = "mem-table")]

mod support;

use std::collections::BTreeMap;
use std::ops::Bound;

use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::{MemTable, StorageIterator};
use support::{Bounds, Entry, below, run_without_errors};

#[derive(Clone, Debug)]
enum Operation {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    Get(Vec<u8>),
    Scan(Bounds),
}

/// Few keys, the empty one among them, so that most operations meet others.
fn key(g: &mut Gen) -> Vec<u8> {
    (0..below(g, 3)).map(|_| *g.choose(&[0, b'a', b'b', 0xFF]).expect("not empty")).collect()
}

impl Arbitrary for Operation {
    fn arbitrary(g: &mut Gen) -> Self {
        match below(g, 10) {
            0..=3 => {
                let length = below(g, 5);
                Operation::Put(key(g), vec![u8::arbitrary(g); length])
            }
            4 | 5 => Operation::Delete(key(g)),
            6 | 7 => Operation::Get(key(g)),
            _ => Operation::Scan(Bounds::arbitrary(g)),
        }
    }
}

fn expected(model: &BTreeMap<Vec<u8>, Vec<u8>>, bounds: &Bounds) -> Vec<Entry> {
    let entries: Vec<Entry> = model.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let (lower, upper) = bounds.as_slices();
    support::oracles::between(&entries, lower, upper)
}

fn size(model: &BTreeMap<Vec<u8>, Vec<u8>>) -> usize {
    model.iter().map(|(key, value)| key.len() + value.len()).sum()
}

quickcheck! {
    fn a_table_behaves_as_a_map(operations: Vec<Operation>) -> bool {
        let table = MemTable::new();
        let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for operation in operations {
            match operation {
                Operation::Put(key, value) => {
                    table.put(&key, &value);
                    model.insert(key, value);
                }
                Operation::Delete(key) => {
                    table.delete(&key);
                    // A tombstone is kept: the caller must know that an older layer is hidden.
                    model.insert(key, vec![]);
                }
                Operation::Get(key) => assert_eq!(table.get(&key).as_deref(), model.get(&key).map(Vec::as_slice)),
                Operation::Scan(bounds) => {
                    let (lower, upper) = bounds.as_slices();
                    assert_eq!(run_without_errors("scan", table.scan(lower, upper)), expected(&model, &bounds));
                }
            }
            assert_eq!(table.len(), model.len());
            assert_eq!(table.is_empty(), model.is_empty());
            assert_eq!(table.approximate_size(), size(&model), "an overwrite counts once");
        }
        true
    }

    /// A scan sees each key ahead of it as it is when it steps there, and what it has passed no more.
    fn a_scan_goes_on_while_the_table_changes(before: Vec<Operation>, during: Vec<Operation>, bounds: Bounds) -> bool {
        let table = MemTable::new();
        let mut model = BTreeMap::new();
        let apply = |operation: Operation, model: &mut BTreeMap<Vec<u8>, Vec<u8>>| match operation {
            Operation::Put(key, value) => {
                table.put(&key, &value);
                model.insert(key, value);
            }
            Operation::Delete(key) => {
                table.delete(&key);
                model.insert(key, vec![]);
            }
            _ => {}
        };
        before.into_iter().for_each(|operation| apply(operation, &mut model));
        let (lower, upper) = bounds.as_slices();
        let mut scan = table.scan(lower, upper);
        let mut passed: Bound<Vec<u8>> = bounds.lower.clone();
        for operation in during {
            let ahead = expected(&model, &Bounds { lower: passed.clone(), upper: bounds.upper.clone() });
            let Ok(is_valid) = scan.next();
            assert_eq!(is_valid.then(|| (scan.key().to_vec(), scan.value().to_vec())).as_ref(), ahead.first());
            if !is_valid {
                break;
            }
            passed = Bound::Excluded(scan.key().to_vec());
            let (key, value) = (scan.key().to_vec(), scan.value().to_vec());
            apply(operation, &mut model);
            assert_eq!((scan.key(), scan.value()), (key.as_slice(), value.as_slice()), "changed under a reader");
        }
        true
    }

    /// A clone of a scan goes on by itself.
    fn a_clone_of_a_scan_goes_on_by_itself(keys: Vec<Vec<u8>>, steps: usize) -> bool {
        let table = MemTable::new();
        keys.iter().for_each(|key| table.put(key, key));
        let mut scan = table.scan(Bound::Unbounded, Bound::Unbounded);
        for _ in 0..steps % (table.len() + 2) {
            let Ok(_) = scan.next();
        }
        let clone = scan.clone();
        assert_eq!(clone.is_valid(), scan.is_valid());
        assert!(!clone.is_valid() || (clone.key(), clone.value()) == (scan.key(), scan.value()));
        clone.collect::<Vec<_>>() == scan.collect::<Vec<_>>()
    }
}

/// Every pair of bounds over a few keys: std's `BTreeMap::range` would panic at some of them.
#[test]
fn inverted_bounds_give_empty_scans() {
    let table = MemTable::new();
    let keys: [&[u8]; 5] = [b"", b"\0", b"a", b"a\0", b"b"];
    let mut model = BTreeMap::new();
    for key in &keys[..4] {
        table.put(key, key);
        model.insert(key.to_vec(), key.to_vec());
    }
    let bounds: Vec<Bound<Vec<u8>>> = keys
        .iter()
        .flat_map(|key| [Bound::Included(key.to_vec()), Bound::Excluded(key.to_vec())])
        .chain([Bound::Unbounded])
        .collect();
    let mut empty = 0;
    for lower in &bounds {
        for upper in &bounds {
            let bounds = Bounds { lower: lower.clone(), upper: upper.clone() };
            let (lower, upper) = bounds.as_slices();
            let entries = run_without_errors("scan", table.scan(lower, upper));
            assert_eq!(entries, expected(&model, &bounds), "{bounds:?}");
            empty += usize::from(entries.is_empty());
        }
    }
    assert!(empty > 40, "most of the pairs leave no room");
}

/// `get` shares the value with the table and keeps it alive beyond the table.
#[test]
fn a_value_outlives_overwrites_and_the_table() {
    let table = MemTable::new();
    table.put(b"a", b"old");
    let old = table.get(b"a").expect("there");
    table.put(b"a", b"new");
    assert_eq!((old.as_ref(), table.get(b"a").expect("there").as_ref()), (b"old".as_slice(), b"new".as_slice()));
    drop(table);
    assert_eq!(old, "old");
}

#[test]
fn a_tombstone_is_an_entry() {
    let table = MemTable::new();
    table.delete(b"never put");
    assert_eq!(table.get(b"never put").as_deref(), Some(b"".as_slice()));
    assert_eq!((table.len(), table.approximate_size()), (1, b"never put".len()));
    assert_eq!(table.scan(Bound::Unbounded, Bound::Unbounded).count(), Ok(1));
    assert_eq!(table.scan(Bound::Unbounded, Bound::Unbounded).skip_tombstones().count(), Ok(0));
}
