//! The asynchronous `RefreshIterator`: never two scans at once, and every entry once, whatever is dropped, fails or changes.

use std::ops::Bound::{self, Unbounded};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use quickcheck::quickcheck;
use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, RefreshIterator, ScanSource};
use storage_iter::testing::{OpenCount, Tracked};
use storage_iter::{RefreshAlways, RefreshEveryEntries, RefreshNever, RefreshOnViewChange, RefreshPolicy};

use crate::compositions::AsyncLeaves;
use crate::driver::{Driver, complete, poll};
use crate::support::{Composition, Failure, Failures, Layers, oracles, sample_layers};
use crate::waiting::{WaitingIterator, Waits};

/// Opens scans that wait, after having been waited for. Each failure happens in the first scan that comes to its step, and every
/// so-manieth opening fails.
struct Engine {
    layers: Layers,
    failures: Mutex<Failures>,
    waits: Waits,
    fails_every: usize,
    openings: AtomicUsize,
    open: OpenCount,
    version: AtomicU64,
}

impl Engine {
    fn new(layers: &Layers, failures: &Failures, waits: &Waits, fails_every: usize) -> Self {
        Engine {
            layers: layers.clone(),
            failures: Mutex::new(failures.clone()),
            waits: waits.clone(),
            fails_every,
            openings: AtomicUsize::new(0),
            open: OpenCount::new(),
            version: AtomicU64::new(0),
        }
    }

    fn open(&self) -> usize {
        self.open.open()
    }
}

impl ScanSource for Engine {
    type Iter = Tracked<WaitingIterator>;
    type Error = Failure;

    async fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Result<Tracked<WaitingIterator>, Failure> {
        assert_eq!(self.open(), 0, "an old scan is held while a new one is awaited");
        let mut waits = self.waits.times(1, self.openings.load(Ordering::Relaxed));
        std::future::poll_fn(|context| {
            if waits == 0 {
                return std::task::Poll::Ready(());
            }
            waits -= 1;
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
        let opening = self.openings.fetch_add(1, Ordering::Relaxed) + 1;
        if self.fails_every > 0 && opening.is_multiple_of(self.fails_every) {
            return Err(Failure { path: [].into(), step: 0, time: opening });
        }
        let entries = oracles::between(&oracles::newest(&self.layers.0), lower, upper);
        let failures = std::mem::take(&mut *self.failures.lock().expect("no panic"));
        // Something changes at every second opening.
        self.version.store(opening as u64 / 2, Ordering::Relaxed);
        let leaves = Layers(vec![entries]);
        Ok(self.open.track(AsyncLeaves::new(&leaves, &failures, &self.waits).leaf(0, &[])))
    }

    fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }
}

fn check(engine: &Engine, policy: impl RefreshPolicy + Send, driver: &Driver, patience: usize) -> u64 {
    let mut entries = RefreshIterator::new(engine, Unbounded, Unbounded).refresh_when(policy);
    let run = driver.run(Composition::of("refresh"), &mut entries, patience);
    assert!(run.ended);
    assert_eq!(run.entries, oracles::newest(&engine.layers.0));
    assert_eq!(engine.open(), 0);
    entries.refreshes()
}

quickcheck! {
    fn a_scan_that_is_refreshed_yields_every_entry_once(
        layers: Layers, failures: Failures, waits: Waits, driver: Driver, every: u8
    ) -> bool {
        let engine = || Engine::new(&layers, &failures, &waits, if every == 0 { 0 } else { 2 + usize::from(every % 5) });
        let patience = failures.sum() + 2;
        check(&engine(), RefreshOnViewChange::new(), &driver, patience);
        check(&engine(), RefreshEveryEntries::new(u64::from(every % 3) + 1), &driver, patience);
        check(&engine(), RefreshAlways, &driver, patience);
        check(&engine(), RefreshNever, &driver, patience);
        true
    }
}

/// A refresh at every step opens one scan for each entry, and one for the end.
#[test]
fn refreshes_are_counted_once() {
    let layers = sample_layers();
    let entries = oracles::newest(&layers.0).len() as u64;
    for waits in [Waits::never(), Waits::of(&[2], false), Waits::of(&[0, 1], true)] {
        let engine = Engine::new(&layers, &Failures::none(), &waits, 0);
        assert_eq!(check(&engine, RefreshAlways, &Driver::patient(), 0), entries + 1);
        let engine = Engine::new(&layers, &Failures::none(), &waits, 0);
        assert_eq!(check(&engine, RefreshNever, &Driver::patient(), 0), 1);
    }
}

/// Released, it keeps nothing alive and still stands on its entry.
#[test]
fn nothing_is_open_after_a_release() {
    let engine = Engine::new(&sample_layers(), &Failures::none(), &Waits::of(&[1], false), 0);
    let mut entries = RefreshIterator::new(&engine, Unbounded, Unbounded).refresh_when(RefreshNever);
    let mut keys = vec![];
    while complete(entries.next()).expect("never fails") {
        let key = entries.key().to_vec();
        assert_eq!(engine.open(), 1);
        assert!(entries.release());
        assert_eq!(engine.open(), 0);
        assert_eq!((entries.key(), entries.resume_key()), (&*key, Some(&*key)));
        keys.push(key);
        // The scan that is opened next has not yielded anything yet.
        assert!(poll(entries.next(), 2).is_none());
        assert_eq!(engine.open(), 1);
        assert!(entries.release());
    }
    assert_eq!(keys, oracles::newest(&sample_layers().0).into_iter().map(|(key, _)| key).collect::<Vec<_>>());
}

/// A step that has begun behind an entry of the open scan can only be completed by that scan.
#[test]
fn an_open_step_keeps_its_scan() {
    let engine = Engine::new(&sample_layers(), &Failures::none(), &Waits::of(&[1], false), 0);
    let mut entries = RefreshIterator::new(&engine, Unbounded, Unbounded).refresh_when(RefreshNever);
    assert!(complete(entries.next()).expect("never fails"));
    assert!(poll(entries.next(), 1).is_none());
    assert!(!entries.release());
    assert_eq!((engine.open(), entries.resume_key()), (1, None));
    assert!(complete(entries.next()).expect("never fails"));
    assert_eq!((entries.key(), entries.refreshes()), (&*oracles::newest(&sample_layers().0)[1].0, 1));
}

/// A seek is a step from another place: it is dropped, repeated and abandoned like one.
#[test]
fn a_refresh_iterator_seeks() {
    let layers = sample_layers();
    let expected = oracles::newest(&layers.0);
    let engine = Engine::new(&layers, &Failures::none(), &Waits::of(&[0, 1], false), 3);
    let mut entries = RefreshIterator::new(&engine, Bound::Included(b"a".as_slice()), Unbounded);
    for target in [b"c".as_slice(), b"", b"b", b"g", b"z", b"a\0", b"c"] {
        for polls in 0..5 {
            let _ = poll(entries.seek(b"d"), polls);
            let from = target.max(b"a");
            let index = expected.partition_point(|(key, _)| key.as_slice() < from);
            let mut sought = poll(entries.seek(target), polls);
            if sought.is_none() && polls == 0 {
                sought = Some(complete(entries.seek(target)));
            }
            while !matches!(sought, Some(Ok(_))) {
                assert!(!entries.is_valid());
                sought = Some(complete(entries.next()));
            }
            let shown = entries.is_valid().then(|| (entries.key().to_vec(), entries.value().to_vec()));
            assert_eq!(shown.as_ref(), expected.get(index), "{target:?}");
        }
    }
    let mut sought = complete(entries.seek_to_first());
    while sought.is_err() {
        sought = complete(entries.next());
    }
    assert!(entries.key() >= b"a".as_slice());
}

/// Back from the end, over a source that never fails.
#[test]
fn a_refresh_iterator_seeks_its_first_entry() {
    let engine = Engine::new(&sample_layers(), &Failures::none(), &Waits::never(), 0);
    let mut entries = RefreshIterator::new(&engine, Unbounded, Unbounded);
    while complete(entries.next()).expect("never fails") {}
    assert_eq!(complete(entries.seek_to_first()), Ok(true));
    assert_eq!(entries.key(), oracles::newest(&engine.layers.0)[0].0);
}

/// One scan is open, or none, and what has come out is counted from its beginning.
#[test]
fn scans_and_their_entries_are_counted() {
    let engine = Engine::new(&sample_layers(), &Failures::none(), &Waits::never(), 0);
    let mut entries = RefreshIterator::new(&engine, Unbounded, Unbounded).refresh_when(RefreshEveryEntries::new(3));
    assert_eq!((entries.num_active_iterators(), entries.entries_since_refresh()), (0, 0));
    let mut since_refresh = vec![];
    for _ in 0..7 {
        assert_eq!(complete(entries.next()), Ok(true));
        assert_eq!(entries.num_active_iterators(), 1);
        since_refresh.push(entries.entries_since_refresh());
    }
    assert_eq!(since_refresh, [1, 2, 3, 1, 2, 3, 1]);
    assert!(entries.release());
    assert_eq!(entries.num_active_iterators(), 0);
}
