//! *Snapshot*: however often it is refreshed, the scan is that of its start.

use std::ops::Bound::{self, Unbounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quickcheck::{QuickCheck, TestResult};
use storage_iter::{
    AtSnapshot, LongIterator, MemTable, RefreshAlways, RefreshIterator, ScanFn, ScanSource, SnapshotViewSource,
    SortedTable, StorageIterator, ViewSource,
};

use crate::engine::{NoError, for_every_table};
use crate::operations::{Bounds, Model, Operation, drain, maintain, step};
use crate::versioned::{Versioned, Visible, stored_bounds};

/// Keys of two bytes, as the engine wants them; the bounds lie between and on them.
fn key_of(number: u8) -> [u8; 2] {
    [b'k', number]
}

fn apply<T: SortedTable + Default>(engine: &Versioned<T>, model: &mut Model, operation: &Operation) {
    match operation {
        Operation::Put(key, value) => {
            engine.write(key_of(*key), Some(&[*value]));
            model.insert(key_of(*key).to_vec(), vec![*value]);
        }
        Operation::Delete(key) => {
            engine.write(key_of(*key), None);
            model.remove(&key_of(*key)[..]);
        }
        other => maintain(&engine.engine, other),
    }
}

/// Owned scans at one sequence number.
fn owned_at<T: SortedTable + Default>(
    engine: &Versioned<T>,
    at: u64,
) -> impl ScanSource<Iter = impl StorageIterator<Key = [u8], Value = [u8], Error = NoError>, Error = NoError> {
    ScanFn::new(
        move |lower: Bound<&[u8]>, upper: Bound<&[u8]>| {
            let (lower, upper) = stored_bounds(lower, upper);
            let versions =
                ScanSource::scan(&engine.engine, lower.as_ref().map(Vec::as_slice), upper.as_ref().map(Vec::as_slice))?;
            Ok(Visible::new(versions, at))
        },
        || engine.engine.version_now(),
    )
}

fn a_snapshot_scan_equals_the_plain_scan_at_its_start<T: SortedTable + Default>() {
    #[expect(clippy::needless_pass_by_value, reason = "quickcheck gives its arguments away")]
    fn property<T: SortedTable + Default>(
        before: Vec<Operation>,
        during: Vec<Operation>,
        bounds: Bounds,
        max_entries: u8,
    ) -> TestResult {
        let (engine, mut model) = (Versioned::<T>::new(), Model::new());
        for operation in &before {
            apply(&engine, &mut model, operation);
        }
        let view = engine.view().unwrap();
        let plain = drain(&mut engine.scan(&view, bounds.lower(), bounds.upper()).unwrap());
        drop(view);
        assert_eq!(plain, bounds.all(&model), "the plain scan itself");

        let (lower, upper) = (bounds.lower(), bounds.upper());
        let snapshot = engine.snapshot();
        let mut long = LongIterator::snapshot(&engine, lower, upper).max_entries(max_entries.into());
        let mut always = RefreshIterator::new(owned_at(&engine, snapshot), lower, upper).refresh_when(RefreshAlways);
        let mut on_change = RefreshIterator::new(owned_at(&engine, snapshot), lower, upper);
        let mut entries = [(); 3].map(|()| vec![]);
        for operation in &during {
            apply(&engine, &mut model, operation);
            let Operation::Step(count) = operation else { continue };
            for _ in 0..*count {
                entries[0].extend(step(&mut long));
                entries[1].extend(step(&mut always));
                entries[2].extend(step(&mut on_change));
            }
        }
        entries[0].extend(drain(&mut long));
        entries[1].extend(drain(&mut always));
        entries[2].extend(drain(&mut on_change));
        // The snapshot can be shared, and read again after everything.
        let mut again = LongIterator::new(AtSnapshot::new(&engine, snapshot), lower, upper);
        assert_eq!(drain(&mut again), plain, "read again");
        for (name, entries) in ["LongIterator", "always refreshed", "refreshed on change"].iter().zip(entries) {
            assert_eq!(entries, plain, "{name}");
        }
        TestResult::passed()
    }
    QuickCheck::new().quickcheck(property::<T> as fn(_, _, _, _) -> _);
}

for_every_table!(a_snapshot_scan_equals_the_plain_scan_at_its_start);

/// The same beside a writer and a thread that flushes and compacts: two scans of one snapshot see the same, whatever
/// is written meanwhile, and the tables they read from are gone.
#[test]
fn snapshots_hold_beside_writers_and_flushes() {
    let engine = Versioned::<MemTable>::new();
    for number in 0..=255 {
        engine.write(key_of(number), Some(&[0; 20]));
    }
    let first_table = Arc::downgrade(&engine.engine.state().tables[0]);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1_u32.. {
                for number in 0..=255 {
                    let value = round.to_be_bytes();
                    engine.write(key_of(number), (number as u32 % 5 != round % 5).then_some(&value[..]));
                }
                engine.engine.rotate();
                engine.engine.flush();
                if round % 4 == 0 {
                    engine.engine.compact();
                }
                if stop.load(Ordering::Relaxed) || round > 2000 {
                    break;
                }
            }
        });
        for _ in 0..20 {
            let snapshot = engine.snapshot();
            let view = engine.view().unwrap();
            let mut plain = engine.scan_at(&view, &snapshot, Unbounded, Unbounded).unwrap();
            let mut long = LongIterator::new(AtSnapshot::new(&engine, snapshot), Unbounded, Unbounded).max_entries(16);
            let mut refreshed = RefreshIterator::new(owned_at(&engine, snapshot), Unbounded, Unbounded);
            loop {
                let expected = step(&mut plain);
                assert_eq!(step(&mut long), expected);
                assert_eq!(step(&mut refreshed), expected);
                if expected.is_none() {
                    break;
                }
                thread::yield_now();
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(first_table.upgrade().is_none(), "the engine has flushed its first table");
}
