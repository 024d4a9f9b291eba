//! Models of the concurrent parts of storage-iter: each is run under many schedules, and holds under all of them.

use std::ops::Bound::{Included, Unbounded};
use std::process::ExitCode;
use std::time::Instant;

use shuttle::sync::Arc;
use shuttle::{scheduler, thread};
use storage_iter::{BTreeMemTable, MemTable, SnapshotMemTable, SortedTable, StorageIterator};

/// What a model is called, what it is, and how much less often it is run than the others.
type Model = (&'static str, fn(), usize);

const MODELS: [Model; 8] = [
    ("a B-tree table: keys that stay come out once, whatever is put meanwhile", btree_scans_beside_writers, 4),
    ("a B-tree table: a scan that comes later sees what a waiting writer has put", btree_scans_come_in_turn, 1),
    ("a skiplist table: keys are never absent and never twice", skiplist_scans_beside_writers, 4),
    ("a skiplist table: two writers of one key, and the size afterwards", sizes_after_two_writers, 1),
    ("a snapshot table: a snapshot has what was put before, in the order of the puts", snapshots_keep_the_order, 1),
    ("a snapshot table: a snapshot stays as it is while writers overwrite", snapshots_stay, 1),
    ("a snapshot table: snapshots that are cloned and dropped meanwhile", snapshots_come_and_go, 1),
    ("a snapshot table: two writers of one key", snapshots_beside_two_writers, 1),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let runs = match (arguments.next().as_deref(), arguments.next().map(|runs| runs.parse())) {
        (None, None) => 20_000,
        (Some("--runs"), Some(Ok(runs))) => runs,
        _ => {
            eprintln!("usage: run [--runs NUMBER]");
            return ExitCode::from(2);
        }
    };
    for (name, model, weight) in MODELS {
        let runs = (runs / weight).max(1);
        let start = Instant::now();
        check(scheduler::RandomScheduler::new(runs), model);
        // Switches at up to three places beside those that the threads' ends ask for.
        check(scheduler::PctScheduler::new(3, runs), model);
        println!("{name}: {} schedules, {:.1} s", 2 * runs, start.elapsed().as_secs_f64());
    }
    ExitCode::SUCCESS
}

fn check(scheduler: impl scheduler::Scheduler + 'static, model: fn()) {
    shuttle::Runner::new(scheduler, shuttle::Config::new()).run(model);
}

/// The number under each key, as text.
fn entries(mut scan: impl StorageIterator<Key = [u8], Value = [u8]>) -> Vec<(u8, u8)> {
    let mut entries: Vec<(u8, u8)> = vec![];
    while matches!(scan.next(), Ok(true)) {
        let entry = (scan.key()[0], scan.value()[0]);
        assert!(entries.last().is_none_or(|last| last.0 < entry.0), "{entry:?} after {entries:?}");
        entries.push(entry);
    }
    entries
}

/// Even keys are there all the time, and odd ones come meanwhile.
fn scan_beside_writers<T: SortedTable + Default + Send + Sync + 'static>() {
    const KEYS: u8 = 12;
    let table = Arc::new(T::default());
    (0..KEYS).step_by(2).for_each(|key| table.put(&[key], &[0]));
    let writers = [1, 2].map(|writer| {
        let table = Arc::clone(&table);
        thread::spawn(move || {
            for key in [4, 5, 9, 2 * writer] {
                table.put(&[key], &[writer]);
            }
        })
    });
    for _ in 0..2 {
        let seen = entries(table.scan(Unbounded, Unbounded));
        let even: Vec<u8> = seen.iter().map(|(key, _)| *key).filter(|key| key % 2 == 0).collect();
        assert!(even.iter().copied().eq((0..KEYS).step_by(2)), "{seen:?}");
        assert!(seen.iter().all(|(key, value)| *value <= 2 && (*value > 0 || key % 2 == 0)), "{seen:?}");
        assert_eq!(table.get(&[4]).map(|value| value.len()), Some(1));
    }
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    assert_eq!(entries(table.scan(Included(&[4]), Included(&[5]))).len(), 2);
}

fn btree_scans_beside_writers() {
    scan_beside_writers::<BTreeMemTable>();
}

fn skiplist_scans_beside_writers() {
    scan_beside_writers::<MemTable>();
}

/// Scans that take the lock again and again, and a writer between them. That nobody waits for ever is for the scheduler to see.
fn btree_scans_come_in_turn() {
    let table = Arc::new(BTreeMemTable::new());
    (0..6).for_each(|key| table.put(&[key], &[0]));
    let put = Arc::new(shuttle::sync::atomic::AtomicBool::new(false));
    let scanner = {
        let (table, put) = (Arc::clone(&table), Arc::clone(&put));
        thread::spawn(move || {
            for _ in 0..2 {
                let was_put = put.load(shuttle::sync::atomic::Ordering::SeqCst);
                let seen = entries(table.scan(Unbounded, Unbounded));
                assert!(!was_put || seen.contains(&(3, 1)), "{seen:?}");
            }
        })
    };
    let reader = {
        let table = Arc::clone(&table);
        thread::spawn(move || assert!(table.get(&[3]).is_some_and(|value| value[0] <= 1)))
    };
    table.put(&[3], &[1]);
    put.store(true, shuttle::sync::atomic::Ordering::SeqCst);
    scanner.join().unwrap();
    reader.join().unwrap();
}

fn sizes_after_two_writers() {
    let table = Arc::new(MemTable::new());
    let writers = [1, 2].map(|writer: u8| {
        let table = Arc::clone(&table);
        thread::spawn(move || (0..2).for_each(|_| table.put(b"key", &vec![writer; usize::from(writer)])))
    });
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let value = table.get(b"key").unwrap();
    assert_eq!((table.len(), table.approximate_size()), (1, 3 + value.len()));
}

/// One writer counts up `a`, then `b`, round and round.
fn snapshots_keep_the_order() {
    let table = Arc::new(SnapshotMemTable::new());
    let writer = {
        let table = Arc::clone(&table);
        thread::spawn(move || {
            for round in 1..=3 {
                table.put(b"a", &[round]);
                table.put(b"b", &[round]);
            }
        })
    };
    let mut earlier = (0, 0);
    for _ in 0..3 {
        let snapshot = table.snapshot();
        let number = |key: &[u8]| snapshot.get(key).map_or(0, |value| value[0]);
        let (b, a) = (number(b"b"), number(b"a"));
        assert!(a == b || a == b + 1, "a = {a}, b = {b}");
        assert!((a, b) >= earlier, "{earlier:?} before a = {a}, b = {b}");
        let scanned = entries(snapshot.scan(Unbounded, Unbounded));
        let expected = [(b'a', a), (b'b', b)].into_iter().filter(|(_, number)| *number > 0);
        assert!(scanned.iter().copied().eq(expected), "{scanned:?} where a = {a}, b = {b}");
        earlier = (a, b);
    }
    writer.join().unwrap();
}

fn snapshots_stay() {
    let table = Arc::new(SnapshotMemTable::new());
    table.put(b"a", &[0]);
    let writer = {
        let table = Arc::clone(&table);
        thread::spawn(move || (1..=4).for_each(|round| table.put(b"a", &[round])))
    };
    let first = table.snapshot();
    let seen = entries(first.scan(Unbounded, Unbounded));
    let second = table.snapshot();
    let later = entries(second.scan(Unbounded, Unbounded));
    assert!(seen <= later && seen.len() == 1);
    assert_eq!(first.get(b"a").unwrap()[0], seen[0].1);
    drop(first);
    assert_eq!(entries(second.scan(Unbounded, Unbounded)), later);
    writer.join().unwrap();
    assert_eq!(second.get(b"a").unwrap()[0], later[0].1);
    assert_eq!(table.get(b"a").unwrap()[0], 4);
}

fn snapshots_come_and_go() {
    let table = Arc::new(SnapshotMemTable::new());
    table.put(b"a", &[0]);
    let kept = table.snapshot();
    let readers = [(); 2].map(|()| {
        let table = Arc::clone(&table);
        thread::spawn(move || {
            let snapshot = table.snapshot();
            let seen = snapshot.get(b"a").unwrap()[0];
            let clone = snapshot.clone();
            drop(snapshot);
            assert_eq!(clone.get(b"a").unwrap()[0], seen);
        })
    });
    (1..=3).for_each(|round| table.put(b"a", &[round]));
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert_eq!(kept.get(b"a").unwrap()[0], 0);
    drop(kept);
    table.put(b"a", &[9]);
    assert_eq!(entries(table.snapshot().scan(Unbounded, Unbounded)), [(b'a', 9)]);
}

fn snapshots_beside_two_writers() {
    let table = Arc::new(SnapshotMemTable::new());
    let writers = [1, 2].map(|writer: u8| {
        let table = Arc::clone(&table);
        thread::spawn(move || [10, 20].into_iter().for_each(|round| table.put(b"a", &[round + writer])))
    });
    let snapshot = table.snapshot();
    let first = snapshot.get(b"a");
    let now = table.get(b"a");
    assert_eq!(snapshot.get(b"a"), first);
    assert!(first.is_none() || now.is_some());
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    assert_eq!(snapshot.get(b"a"), first);
    assert_eq!(table.snapshot().get(b"a"), table.get(b"a"));
    assert!(matches!(table.get(b"a").unwrap()[0], 21 | 22));
}
