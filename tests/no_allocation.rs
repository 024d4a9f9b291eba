//! After its first step, `next` allocates nothing, whatever it is made of.

mod support;

use std::hint::black_box;
use std::ops::Bound;

use allocation_counter::measure;
#[cfg(feature = "mem-table")]
use storage_iter::{BTreeMemTable, LongIterator, MemTable, SnapshotMemTable};
use storage_iter::{
    BidirectionalIterator, Descending, EmptyIterator, MergeAllIterator, MergeIterator, OnceIterator, PairsIterator,
    ResultPairsIterator, SeekableIterator, SliceIterator, SortedRun, StorageIterator, TwoMergeIterator,
};
use support::{
    Composition, Failures, HostileIterator, HostileLeaves, Layers, Leaves, Origin, Visitor, WatchedLeaves,
    sample_layers, visit_every_composition,
};

/// Makes the first step, then counts what all others allocate, with every call that belongs to a loop.
fn check<I: StorageIterator>(name: &str, mut iterator: I) {
    assert!(iterator.next().is_ok(), "{name}: failed");
    let mut steps = 0;
    let allocated = measure(|| {
        while let Ok(true) = iterator.next() {
            black_box((iterator.is_valid(), iterator.key(), iterator.value(), iterator.num_active_iterators()));
            steps += 1;
        }
        assert!(matches!(iterator.next(), Ok(false)));
    });
    assert_eq!(allocated.count_total, 0, "{name}: {steps} steps allocated {} bytes", allocated.bytes_total);
}

/// The sample with keys that are all of one length: a buffer that is reused may grow with the longest key, and shall have
/// done so in the first step.
fn layers() -> Layers {
    let mut layers = sample_layers();
    let padding = [b' '; 9];
    for layer in &mut layers.0 {
        for (key, _) in layer.iter_mut() {
            key.extend_from_slice(&padding[key.len()..]);
        }
        layer.sort();
    }
    assert!(layers.are_sorted());
    layers
}

struct Checking<L>(L);

impl<L: Leaves> Visitor<L> for Checking<L> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&L) -> I)
    where
        I: StorageIterator<Key = L::Key, Value = [u8], Error: Origin>,
    {
        check(composition.name, make(&self.0));
    }
}

#[test]
fn compositions_of_byte_keys() {
    visit_every_composition(&mut Checking(HostileLeaves::new(&layers(), Failures::none())));
}

#[test]
fn compositions_of_keys_of_somebody_else() {
    visit_every_composition(&mut Checking(WatchedLeaves(layers())));
}

#[test]
fn sources() {
    let pairs: Vec<(u64, String)> = (0..100).map(|key| (key, key.to_string())).collect();
    let run: SortedRun<u64, String> = SliceIterator::new(&pairs).collect().unwrap();
    check("empty", EmptyIterator::<[u8], [u8]>::new());
    check("once", OnceIterator::new(String::from("a"), vec![1]));
    check("slice", SliceIterator::new(&pairs));
    check("pairs", PairsIterator::new(pairs.clone()));
    check("result pairs", ResultPairsIterator::new(pairs.clone().into_iter().map(Ok::<_, String>)));
    check("run", run.iter());
    check("run scan", run.scan(Bound::Excluded(&3), Bound::Included(&70)));
    let texts: SortedRun<str, [u8]> = SliceIterator::new(&[("a", *b"1"), ("b", *b"2")]).borrowed().collect().unwrap();
    check("run of str", texts.iter());
}

#[cfg(feature = "mem-table")]
fn table(step: usize) -> MemTable {
    let table = MemTable::new();
    for key in (0..1_000_usize).step_by(step) {
        let value: &[u8] = if key % 3 == 0 { b"" } else { b"value" };
        table.put(format!("{key:08}").as_bytes(), value);
        table.put(format!("{key:08}").as_bytes(), value);
    }
    table
}

#[cfg(feature = "mem-table")]
#[test]
fn mem_table_scans() {
    let table = table(1);
    check("mem-table", table.scan(Bound::Unbounded, Bound::Unbounded));
    check("mem-table between", table.scan(Bound::Excluded(b"00000005"), Bound::Included(b"00000900")));
    check("mem-table inverted", table.scan(Bound::Included(b"9"), Bound::Included(b"1")));
}

/// What a storage engine puts together: tables over runs over a single entry.
#[cfg(feature = "mem-table")]
#[test]
fn a_whole_view() {
    let tables = [table(2), table(3), table(5)];
    let runs: Vec<SortedRun> =
        (1..20).map(|step| table(step).scan(Bound::Unbounded, Bound::Unbounded).collect().unwrap()).collect();
    let newer = || MergeIterator::new(tables.iter().map(|table| table.scan(Bound::Unbounded, Bound::Unbounded)));
    let older = || MergeIterator::new(runs.iter().map(SortedRun::iter));
    let upper = || Bound::Excluded(b"00000950".as_slice());
    check(
        "view",
        newer().two_merge(older()).between(Bound::Included(b"00000010".as_slice()), upper()).skip_tombstones(),
    );
    check("checked view", newer().check_order().fuse().take(500));
    check("versions", MergeAllIterator::new(runs.iter().map(|run| run.iter().filter(|_, value| !value.is_empty()))));
}

/// Seeks everywhere and steps both ways, once to let buffers grow and once to count.
fn check_both_ways<I: BidirectionalIterator<Key = [u8], Value = [u8]>>(name: &str, mut cursor: I) {
    let targets: Vec<Vec<u8>> = (0..1_000).step_by(37).map(|key| format!("{key:08}").into_bytes()).collect();
    let mut walk = || {
        for target in &targets {
            for result in
                [cursor.seek(target), cursor.next(), cursor.prev(), cursor.prev(), cursor.seek_for_prev(target)]
            {
                assert!(result.is_ok(), "{name}: failed");
            }
            black_box(cursor.is_valid().then(|| (cursor.key(), cursor.value())));
        }
        assert!(cursor.seek_to_first().is_ok() && cursor.seek_to_last().is_ok(), "{name}: failed");
        while let Ok(true) = cursor.prev() {}
        while let Ok(true) = cursor.next() {}
    };
    walk();
    let allocated = measure(walk);
    assert_eq!(allocated.count_total, 0, "{name}: allocated {} bytes", allocated.bytes_total);
}

#[test]
fn cursors() {
    let entries: Vec<(Vec<u8>, Vec<u8>)> =
        (0..1_000).step_by(2).map(|key| (format!("{key:08}").into_bytes(), vec![7; key % 3])).collect();
    let run: SortedRun = SliceIterator::new(&entries).borrowed().collect().unwrap();
    let (lower, upper) = (Bound::Included(b"00000100".as_slice()), Bound::Excluded(b"00000900".as_slice()));
    check_both_ways("run", run.iter());
    check_both_ways("scan of a run", run.scan(lower, upper));
    check_both_ways("owned scan of a run", run.clone().scan_owned(lower, upper));
    check_both_ways("view of a run", run.iter().between(lower, upper).skip_tombstones().inspect(|_, _| {}).fuse());
    check_both_ways("checked run", run.iter().filter(|key, _| key.len() == 8).check_order().map_err(|error| error));
    check_both_ways("empty", EmptyIterator::new());
    let allocated = measure(|| {
        let mut slice = SliceIterator::new(&entries);
        let (key, other) = (&entries[7].0, &entries[300].0);
        assert_eq!((slice.seek(other), slice.prev(), slice.seek_for_prev(key)), (Ok(true), Ok(true), Ok(true)));
        let mut reversed = run.iter().rev();
        assert_eq!((reversed.next(), reversed.seek(Descending::from_ref(key))), (Ok(true), Ok(true)));
    });
    assert_eq!(allocated.count_total, 0);
}

#[cfg(feature = "mem-table")]
#[test]
fn cursors_over_tables() {
    let (table, btree, snapshots) = (table(1), BTreeMemTable::new(), SnapshotMemTable::new());
    for key in 0..1_000 {
        btree.put(format!("{key:08}").as_bytes(), b"value");
        snapshots.put(format!("{key:08}").as_bytes(), b"value");
    }
    let (lower, upper) = (Bound::Included(b"00000100".as_slice()), Bound::Excluded(b"00000900".as_slice()));
    check_both_ways("mem-table", table.scan(lower, upper));
    check_both_ways("snapshot", snapshots.scan(lower, upper));
    check_both_ways("B-tree", btree.scan(lower, upper));
    check_both_ways("long iterator", LongIterator::new(&btree, lower, upper));
}

/// Merges allocate in `new` only, as their pages say; a run's clone and scan cost no allocation at all.
#[test]
fn what_else_does_not_allocate() {
    let entries: Vec<(u64, u64)> = (0..100).map(|key| (key, key)).collect();
    let mut merged = MergeIterator::new((0..5).map(|_| SliceIterator::new(&entries)));
    let mut merged_all = MergeAllIterator::new((0..5).map(|_| SliceIterator::new(&entries)));
    let first_steps = measure(|| assert_eq!((merged.next(), merged_all.next()), (Ok(true), Ok(true))));
    assert_eq!(first_steps.count_total, 0);

    let two_merge = measure(|| {
        let mut merged = SliceIterator::new(&entries).two_merge(SliceIterator::new(&entries)).take(50);
        while merged.next() == Ok(true) {}
    });
    assert_eq!(two_merge.count_total, 0);

    let run: SortedRun<u64, u64> = SliceIterator::new(&entries).collect().unwrap();
    let scans = measure(|| {
        let clone = run.clone();
        assert_eq!(clone.scan(Bound::Included(&10), Bound::Excluded(&20)).count(), Ok(10));
        assert_eq!(run.get(&7), Some(&7));
    });
    assert_eq!(scans.count_total, 0);
}

/// Walks to and fro and seeks here and there, after a walk to the end has shown the longest key.
fn check_cursor<I>(name: &str, mut cursor: I, targets: &[Vec<u8>])
where
    I: BidirectionalIterator<Key = [u8], Value = [u8]>,
{
    while cursor.next().is_ok_and(|is_valid| is_valid) {}
    let mut valid = 0;
    let allocated = measure(|| {
        for (target, steps) in targets.iter().zip((0..7).cycle()) {
            let sought = [cursor.seek(target).is_ok(), cursor.prev().is_ok(), cursor.seek_for_prev(target).is_ok()];
            assert_eq!(sought, [true; 3], "{name}: failed");
            for _ in 0..steps {
                valid += usize::from(cursor.next().is_ok_and(|is_valid| is_valid));
            }
            for _ in 0..2 * steps {
                valid += usize::from(cursor.prev().is_ok_and(|is_valid| is_valid));
            }
        }
        assert!(cursor.seek_to_first().is_ok() && cursor.seek_to_last().is_ok() && cursor.prev().is_ok());
    });
    assert!(valid > 0, "{name}: stood nowhere");
    assert_eq!(allocated.count_total, 0, "{name} allocated {} bytes", allocated.bytes_total);
}

#[test]
fn cursors_of_merges() {
    let mut layers = layers();
    // Longer than the buffer of a merge is before it has seen a key.
    for (key, _) in layers.0.iter_mut().flatten() {
        key.extend([b' '; 80]);
    }
    let leaves = || layers.0.iter().map(|layer| HostileIterator::harmless(layer));
    let targets: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    for children in 1..=layers.0.len() {
        let leaves = || leaves().take(children);
        check_cursor("merge", MergeIterator::new(leaves()), &targets);
        check_cursor("merge_all", MergeAllIterator::new(leaves()), &targets);
    }
    let merge = || MergeIterator::new(leaves());
    check_cursor("two_merge of merges", TwoMergeIterator::new(merge(), merge()), &targets);
}

/// The counter counts: a test that cannot fail is none.
#[test]
fn the_counter_sees_an_allocation() {
    let entries: Vec<(u64, u64)> = (0..4).map(|key| (key, key)).collect();
    let allocated = measure(|| {
        let copying = SliceIterator::new(&entries).inspect(|key, _| drop(black_box(vec![*key])));
        assert_eq!(copying.count(), Ok(4));
    });
    assert_eq!(allocated.count_total, 4);
}

/// Room that was made in a column suffices, and what is not needed is given back.
#[test]
fn columns_keep_to_the_room_that_was_made() {
    use storage_iter::{Column, ListColumn, StrColumn};

    fn check<T: ?Sized>(name: &str, mut column: impl Column<T>, item: &T, length: usize) {
        for items in [3, 50] {
            column.reserve(items, items * length);
            let filled = measure(|| (0..items).for_each(|_| column.push(item)));
            assert_eq!(filled.count_total, 0, "{name}: {items} items more, after room for them was made");
        }
        let exact = column.len();
        column.reserve(1_000, 1_000 * length);
        let mut shrunk = measure(|| column.shrink());
        assert!(shrunk.bytes_current < 0, "{name}: nothing was given back");
        shrunk = measure(|| column.shrink());
        assert_eq!((shrunk.count_total, column.len()), (0, exact), "{name}: shrunk twice");
    }
    check("numbers", Vec::<u64>::new(), &7, 0);
    check::<[u8]>("lists", ListColumn::default(), b"four", 4);
    check("strings", StrColumn::default(), "four", 4);
    let key = storage_iter::OwnedVersionedKey::new(b"a", 1);
    check::<storage_iter::VersionedKey>(
        "versions",
        storage_iter::VersionedKeyColumn::default(),
        &key,
        key.as_bytes().len(),
    );
}
