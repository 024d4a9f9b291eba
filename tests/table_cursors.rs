//! Cursors over mem-tables, over chunks of any source, and long ones: any sequence of operations against a position in a list;
//! and what a cursor sees that walks back and forth while others write.

#![cfg(feature = "mem-table")]

mod support;

use std::cell::Cell;
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::panic;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quickcheck::quickcheck;
use storage_iter::testing::FailingIterator;
use storage_iter::{
    BTreeMemTable, BidirectionalIterator, Chunk, ChunkIterator, ChunkSource, DescendingChunkSource, LongIterator,
    MemTable, MemTableSnapshot, RefreshIterator, ScanFn, SeekableIterator, SnapshotMemTable, SortedTable,
    StorageIterator,
};
use support::moments::Bang;
use support::{
    Bounds, Composition, Entry, Failure, Fault, FaultScript, Faults, Layers, Operation, Operations, check_cursor,
    oracles,
};

fn byte_operations(layers: &Layers, operations: &Operations) -> Vec<Operation<Vec<u8>>> {
    let keys: Vec<_> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    operations.near(&keys, <[u8]>::to_vec)
}

fn check<I>(name: &'static str, cursor: I, entries: &[Entry], operations: &[Operation<Vec<u8>>])
where
    I: BidirectionalIterator<Key = [u8], Value = [u8], Error: std::fmt::Debug>,
{
    check_cursor(Composition::of(name), cursor, &Faults::default(), entries, operations);
}

fn fill(table: &impl SortedTable, entries: &[Entry]) {
    entries.iter().for_each(|(key, value)| table.put(key, value));
}

quickcheck! {
    fn tables(layers: Layers, bounds: Bounds, operations: Operations) -> bool {
        let operations = byte_operations(&layers, &operations);
        let (lower, upper) = bounds.as_slices();
        for (lower, upper) in [(Unbounded, Unbounded), (lower, upper)] {
            let entries = oracles::between(layers.layer(0), lower, upper);
            let (table, btree) = (Arc::new(MemTable::new()), Arc::new(BTreeMemTable::new()));
            fill(&*table, layers.layer(0));
            fill(&*btree, layers.layer(0));
            check("mem-table", table.scan(lower, upper), &entries, &operations);
            check("owned scan of a mem-table", table.scan_owned(lower, upper), &entries, &operations);
            check("B-tree", btree.scan(lower, upper).max_entries(2), &entries, &operations);
            check("B-tree by large chunks", btree.scan(lower, upper), &entries, &operations);
            let long = LongIterator::new(&*btree, lower, upper).max_entries(3).max_bytes(20);
            check("long iterator", long, &entries, &operations);
            check("owned scan of a B-tree", btree.scan_owned(lower, upper), &entries, &operations);
        }
        true
    }

    /// Only what was there at the moment of the scan, whatever was written since.
    fn moments_of_a_table(layers: Layers, bounds: Bounds, operations: Operations) -> bool {
        let operations = byte_operations(&layers, &operations);
        let (lower, upper) = bounds.as_slices();
        let table = Arc::new(SnapshotMemTable::new());
        fill(&*table, layers.layer(0));
        let scan = table.scan(lower, upper);
        let chunks = ChunkIterator::new(MemTableSnapshot::new(Arc::clone(&table)), lower, upper).max_entries(2);
        let long = LongIterator::new(MemTableSnapshot::new(&*table), lower, upper);
        layers.0.iter().skip(1).for_each(|layer| fill(&*table, layer));
        let entries = oracles::between(layers.layer(0), lower, upper);
        check("snapshot", scan, &entries, &operations);
        check("chunks of a snapshot", chunks, &entries, &operations);
        check("long iterator over a snapshot", long, &entries, &operations);
        true
    }

    fn chunks_whose_source_fails(layers: Layers, bounds: Bounds, operations: Operations, script: FaultScript) -> bool {
        let operations = byte_operations(&layers, &operations);
        let (lower, upper) = bounds.as_slices();
        let entries = oracles::between(layers.layer(0), lower, upper);
        let faults = Rc::new(Faults::new(&script));
        let source = FlakyChunks { entries: layers.layer(0).to_vec(), faults: Rc::clone(&faults) };
        let cursor = ChunkIterator::new(source, lower, upper).max_entries(3);
        check_cursor(Composition::of("flaky chunks"), cursor, &faults, &entries, &operations);
        true
    }
}

/// A source of chunks that is asked for its fate at every entry.
struct FlakyChunks {
    entries: Vec<Entry>,
    faults: Rc<Faults>,
}

impl FlakyChunks {
    fn push(&self, chunk: &mut Chunk, entries: impl Iterator<Item = Entry>) -> Result<(), Failure> {
        for (step, (key, value)) in entries.enumerate() {
            match self.faults.strike() {
                None => {}
                Some(Fault::Panic) => panic::resume_unwind(Box::new(Bang)),
                Some(Fault::Error | Fault::Forget) => {
                    self.faults.count_error();
                    return Err(Failure { path: [].into(), step, time: 1 });
                }
            }
            if !chunk.push(&key, &value) {
                break;
            }
        }
        Ok(())
    }
}

impl ChunkSource for FlakyChunks {
    type Error = Failure;

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Failure> {
        self.push(chunk, oracles::between(&self.entries, from, upper).into_iter())
    }
}

impl DescendingChunkSource for FlakyChunks {
    fn fill_descending(&self, lower: Bound<&[u8]>, until: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Failure> {
        self.push(chunk, oracles::between(&self.entries, lower, until).into_iter().rev())
    }
}

/// A chunk that was read forwards is not read backwards: what is behind is fetched as it is by then.
#[test]
fn a_cursor_that_turns_round_sees_what_was_put_meanwhile() {
    fn check(
        table: &impl SortedTable,
        mut cursor: impl BidirectionalIterator<Key = [u8], Value = [u8], Error: std::fmt::Debug>,
    ) {
        for key in ["b", "d", "f"] {
            table.put(key.as_bytes(), b"1");
        }
        assert!(cursor.seek(b"e").unwrap());
        table.put(b"e", b"2");
        assert!(cursor.prev().unwrap());
        assert_eq!(cursor.key(), b"e");
        table.put(b"d1", b"2");
        assert!(cursor.next().unwrap());
        assert_eq!(cursor.key(), b"f", "a step back and a step on come to where they began");
        assert!(!cursor.next().unwrap());
        table.put(b"g", b"2");
        assert!(cursor.prev().unwrap());
        assert_eq!(cursor.key(), b"g", "behind the last entry means behind the last there is");
        assert!(cursor.seek(b"c").unwrap());
        assert_eq!(cursor.key(), b"d");
    }
    let (table, btree) = (MemTable::new(), BTreeMemTable::new());
    check(&table, table.scan(Unbounded, Unbounded));
    check(&btree, btree.scan(Unbounded, Unbounded));
}

/// One thread walks up and down while two others put. What is there all the time comes out exactly once each way, in order.
#[test]
fn keys_come_out_once_each_way_while_others_are_put() {
    fn check<T: SortedTable>(
        table: &T,
        mut cursor: impl BidirectionalIterator<Key = [u8], Value = [u8], Error: std::fmt::Debug>,
    ) {
        const KEYS: u32 = 64;
        let key = |number: u32| number.to_be_bytes();
        (0..KEYS).for_each(|number| table.put(&key(2 * number), b"1"));
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for writer in 0..2 {
                let (table, stop) = (&table, &stop);
                scope.spawn(move || {
                    for round in 0..=u32::MAX {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        table.put(&key((2 * round + 1 + 32 * writer) % (2 * KEYS)), b"odd");
                        table.put(&key(round % KEYS * 2), b"2");
                    }
                });
            }
            for _ in 0..200 {
                let mut up = vec![];
                assert!(cursor.seek(&key(2)).unwrap());
                while {
                    up.push(u32::from_be_bytes(cursor.key().try_into().unwrap()));
                    cursor.next().unwrap()
                } {}
                let mut down = vec![];
                while cursor.prev().unwrap() {
                    down.push(u32::from_be_bytes(cursor.key().try_into().unwrap()));
                }
                assert!(up.is_sorted_by(|a, b| a < b) && down.is_sorted_by(|a, b| a > b));
                let even = |keys: &[u32]| keys.iter().filter(|key| *key % 2 == 0).count();
                assert_eq!((even(&up), even(&down)), (KEYS as usize - 1, KEYS as usize - 1));
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
    let lower = 1_u32.to_be_bytes();
    let (table, btree) = (MemTable::new(), BTreeMemTable::new());
    check(&table, table.scan(Included(&lower), Unbounded));
    check(&btree, btree.scan(Excluded(&lower), Unbounded));
}

/// A long iterator that was sought goes on from there, and its place can be stored.
#[test]
fn a_long_iterator_that_was_sought_knows_its_place() {
    let table = BTreeMemTable::new();
    (0..10_u8).for_each(|key| table.put(&[key], b"1"));
    let mut entries = LongIterator::new(&table, Unbounded, Excluded(&[9])).max_entries(2);
    assert_eq!(entries.seek(&[4]), Ok(true));
    assert_eq!((entries.key(), entries.resume_key()), ([4].as_slice(), Some([4].as_slice())));
    assert_eq!(entries.seek(&[9]), Ok(false));
    assert_eq!(entries.resume_key(), None);
    assert_eq!(entries.prev(), Ok(true));
    assert_eq!(entries.key(), [8]);
    assert_eq!(entries.seek_to_first(), Ok(true));
    assert_eq!(entries.key(), [0]);
}

/// A refresh iterator goes anywhere, by a new scan each time, and on from there through changes of the view.
#[test]
fn a_refresh_iterator_seeks_by_a_new_scan() {
    let table = Arc::new(MemTable::new());
    (0..10_u8).for_each(|key| table.put(&[key], b"1"));
    let version = Cell::new(0);
    let fails = Cell::new(false);
    let source = ScanFn::new(
        |lower, upper| {
            if fails.get() { Err("no scan") } else { Ok(Arc::clone(&table).scan_owned(lower, upper).lift_err()) }
        },
        || version.get(),
    );
    let mut entries = RefreshIterator::new(source, Included(&[2]), Excluded(&[8]));
    for (target, expected) in [(5, Some(5)), (0, Some(2)), (7, Some(7)), (8, None), (2, Some(2))] {
        assert_eq!(entries.seek(&[target]), Ok(expected.is_some()));
        assert_eq!(entries.is_valid().then(|| entries.key()[0]), expected);
        assert_eq!(entries.resume_key().map(|key| key[0]), expected);
    }
    version.set(1);
    assert_eq!((entries.next(), entries.key()), (Ok(true), [3].as_slice()));

    fails.set(true);
    assert_eq!(entries.seek(&[6]), Err("no scan"));
    assert_eq!((entries.is_valid(), entries.resume_key()), (false, None));
    fails.set(false);
    assert_eq!((entries.next(), entries.key()), (Ok(true), [6].as_slice()));
    assert_eq!((entries.next(), entries.next(), entries.next()), (Ok(true), Ok(false), Ok(false)));
    assert_eq!((entries.seek_to_first(), entries.key()), (Ok(true), [2].as_slice()));
}

/// Steps to either side of a range fail while others put entries beside it: what is shown stays inside.
#[test]
fn failed_steps_do_not_lead_past_the_bounds() {
    // The first step past the bound fails, and so does the one back after the first was completed.
    let script = |good| FaultScript(vec![(good, Fault::Error), (1, Fault::Error)]);
    let range = (Included(b"d".as_slice()), Included(b"d".as_slice()));
    let table = || {
        let table = MemTable::new();
        [b"b", b"d", b"f"].iter().for_each(|key| table.put(*key, b""));
        table
    };

    let forward = table();
    let scan = FailingIterator::new(forward.scan(Unbounded, Unbounded), Faults::new(&script(2)));
    let mut cursor = scan.between(range.0, range.1);
    assert_eq!(cursor.next(), Ok(true));
    assert!(cursor.prev().is_err() && cursor.next().is_err());
    forward.put(b"c", b"");
    assert_eq!((cursor.next(), cursor.key()), (Ok(true), b"d".as_slice()));

    let backward = table();
    let scan = FailingIterator::new(backward.scan(Unbounded, Unbounded), Faults::new(&script(1)));
    let mut cursor = scan.between(range.0, range.1);
    assert_eq!(cursor.seek_to_last(), Ok(true));
    assert!(cursor.next().is_err() && cursor.prev().is_err());
    backward.put(b"e", b"");
    assert_eq!((cursor.prev(), cursor.key()), (Ok(true), b"d".as_slice()));
}
