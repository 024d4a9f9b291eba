//! One thread: a table behaves as a `BTreeMap` of bytes.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use quickcheck::{Arbitrary, Gen, QuickCheck};
use storage_iter::{SortedTable, StorageIterator};

use crate::support::{Bounds, Entry, Key, entries, for_every_table};
use crate::third_party::ThirdPartyTable;

#[derive(Clone, Debug)]
enum Operation {
    Put(Key, Vec<u8>),
    Delete(Key),
    Get(Key),
    Scan(Bounds),
    ScanOwned(Bounds),
    Freeze(Bounds),
}

impl Arbitrary for Operation {
    fn arbitrary(g: &mut Gen) -> Self {
        match u8::arbitrary(g) % 16 {
            0..8 => Operation::Put(Key::arbitrary(g), Vec::arbitrary(g)),
            8 => Operation::Delete(Key::arbitrary(g)),
            9..12 => Operation::Get(Key::arbitrary(g)),
            12 | 13 => Operation::Scan(Bounds::arbitrary(g)),
            14 => Operation::ScanOwned(Bounds::arbitrary(g)),
            _ => Operation::Freeze(Bounds::arbitrary(g)),
        }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        match self.clone() {
            Operation::Put(key, value) => {
                Box::new((key, value).shrink().map(|(key, value)| Operation::Put(key, value)))
            }
            Operation::Scan(bounds) => Box::new(bounds.shrink().map(Operation::Scan)),
            _ => Box::new(std::iter::empty()),
        }
    }
}

fn equals_a_btree_map<T: SortedTable + Default + 'static>() {
    fn property<T: SortedTable + Default>(operations: Vec<Operation>) -> bool {
        let table = Arc::new(T::default());
        let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let between = |model: &BTreeMap<Vec<u8>, Vec<u8>>, bounds: &Bounds| -> Vec<Entry> {
            model
                .iter()
                .filter(|(key, _)| bounds.contain(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        };
        operations.into_iter().all(|operation| {
            let agrees = match operation {
                Operation::Put(key, value) => {
                    table.put(&key.0, &value);
                    model.insert(key.0, value);
                    true
                }
                Operation::Delete(key) => {
                    table.delete(&key.0);
                    model.insert(key.0, Vec::new());
                    true
                }
                Operation::Get(key) => table.get(&key.0).as_deref() == model.get(&key.0).map(Vec::as_slice),
                Operation::Scan(bounds) => {
                    entries(table.scan(bounds.lower(), bounds.upper())) == between(&model, &bounds)
                }
                Operation::ScanOwned(bounds) => {
                    entries(Arc::clone(&table).scan_owned(bounds.lower(), bounds.upper())) == between(&model, &bounds)
                }
                Operation::Freeze(bounds) => {
                    let run = table.freeze();
                    run.len() == model.len()
                        && entries(run.scan(bounds.lower(), bounds.upper())) == between(&model, &bounds)
                        && model.iter().all(|(key, value)| run.get(key) == Some(value))
                }
            };
            let size: usize = model.iter().map(|(key, value)| key.len() + value.len()).sum();
            agrees
                && table.len() == model.len()
                && table.is_empty() == model.is_empty()
                && table.approximate_size() == size
        })
    }
    QuickCheck::new().tests(300).quickcheck(property::<T> as fn(Vec<Operation>) -> bool);
}

fn bounds_that_leave_no_room_give_no_entries<T: SortedTable + Default>() {
    let table = T::default();
    for key in [b"a", b"b", b"c", b"d"] {
        table.put(key, b"1");
    }
    let [a, b, c, d, z] = [b"a", b"b", b"c", b"d", b"z"].map(|key| key.as_slice());
    let cases = [
        (Excluded(b), Excluded(b)),
        (Included(b), Excluded(b)),
        (Excluded(b), Included(b)),
        (Included(c), Included(b)),
        (Excluded(d), Excluded(a)),
        (Included(z), Unbounded),
    ];
    for (lower, upper) in cases {
        assert_eq!(table.scan(lower, upper).count(), Ok(0), "{lower:?} {upper:?}");
    }
    assert_eq!(table.scan(Included(b"b"), Included(b"b")).count(), Ok(1));
    assert_eq!(table.scan(Unbounded, Excluded(b"c")).count(), Ok(2));
    assert_eq!(table.scan(Excluded(b"c"), Unbounded).count(), Ok(1));
}

fn a_new_iterator_stands_before_its_first_entry<T: SortedTable + Default>() {
    let table = T::default();
    table.put(b"", b"");
    let mut entries = table.scan(Unbounded, Unbounded);
    assert!(!entries.is_valid());
    assert_eq!(entries.next(), Ok(true));
    assert_eq!((entries.key(), entries.value()), (b"".as_slice(), b"".as_slice()));
    assert_eq!(entries.next(), Ok(false));
    assert!(!entries.is_valid());
}

/// More than one chunk, and values that make a chunk end by its bytes, one of them larger than a chunk.
fn long_scans_and_large_values_come_out_whole<T: SortedTable + Default + 'static>() {
    let table = Arc::new(T::default());
    let mut expected = Vec::new();
    for number in 0..2000_u32 {
        let length = match number {
            700 => 200_000,
            701..720 => 20_000,
            _ => number as usize % 50,
        };
        let entry = (number.to_be_bytes().to_vec(), vec![number as u8; length]);
        table.put(&entry.0, &entry.1);
        expected.push(entry);
    }
    assert_eq!(entries(table.scan(Unbounded, Unbounded)), expected);
    assert_eq!(entries(table.freeze().iter()), expected);
    assert_eq!(entries(table.scan_owned(Unbounded, Unbounded)), expected);
}

/// Behind the entry on which it stands, a scan sees nothing of what its own thread writes; the table sees all of it.
fn the_scanning_thread_may_write<T: SortedTable + Default>() {
    let table = T::default();
    for number in 0..500_u32 {
        table.put(&number.to_be_bytes(), b"old");
    }
    let mut scan = table.scan(Unbounded, Unbounded);
    let mut count = 0;
    while scan.next() == Ok(true) {
        table.put(scan.key(), b"new");
        count += 1;
    }
    assert_eq!(count, 500);
    assert!(entries(table.scan(Unbounded, Unbounded)).iter().all(|(_, value)| value == b"new"));
}

fn a_value_outlives_its_table<T: SortedTable + Default>() {
    let table = T::default();
    table.put(b"a", b"1");
    let value = table.get(b"a").unwrap();
    table.put(b"a", b"2");
    drop(table);
    assert_eq!(value, "1");
}

for_every_table!(
    equals_a_btree_map,
    bounds_that_leave_no_room_give_no_entries,
    a_new_iterator_stands_before_its_first_entry,
    long_scans_and_large_values_come_out_whole,
    the_scanning_thread_may_write,
    a_value_outlives_its_table,
);

/// The methods that the trait provides.
#[test]
fn a_table_of_somebody_else_equals_a_btree_map() {
    equals_a_btree_map::<ThirdPartyTable>();
}
