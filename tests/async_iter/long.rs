//! The asynchronous `LongIterator`: it holds no view while it waits for one, and outlives dropped futures and errors.

use std::ops::Bound::{self, Unbounded};
use std::sync::{Arc, Mutex, RwLock};

use quickcheck::quickcheck;
use storage_iter::MemTable;
use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, FromSync, LongIterator, ViewSource};
use storage_iter::testing::{OpenCount, Tracked};

use crate::compositions::AsyncLeaves;
use crate::driver::{Driver, complete, poll};
use crate::support::{Composition, Failure, Failures, Layers, oracles, sample_layers};
use crate::waiting::Waits;

/// An engine whose views have to be waited for, and whose scans wait and fail.
struct Engine {
    layers: Layers,
    failures: Mutex<Failures>,
    waits: Waits,
    /// How many views are alive.
    views: OpenCount,
}

impl Engine {
    fn new(layers: &Layers, failures: &Failures, waits: &Waits) -> Self {
        let failures = Mutex::new(failures.clone());
        Engine { layers: layers.clone(), failures, waits: waits.clone(), views: OpenCount::new() }
    }
}

async fn wait_once() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

impl ViewSource for Engine {
    type View = Tracked<()>;
    type Iter<'v> = Box<Scan>;
    type Error = Failure;

    async fn view(&self) -> Result<Tracked<()>, Failure> {
        assert_eq!(self.views.open(), 0, "an old view is held while a new one is awaited");
        wait_once().await;
        assert_eq!(self.views.open(), 0);
        Ok(self.views.track(()))
    }

    async fn scan<'v>(
        &'v self,
        _: &'v Tracked<()>,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Box<Scan>, Failure> {
        wait_once().await;
        let entries = oracles::newest(&self.layers.0);
        let entries = Layers(vec![oracles::between(&entries, lower, upper)]);
        // The failures are used up by the first scans; later ones succeed.
        let failures = std::mem::take(&mut *self.failures.lock().expect("no panic"));
        Ok(Box::new(AsyncLeaves::new(&entries, &failures, &self.waits).leaf(0, &[])))
    }
}

type Scan = crate::waiting::WaitingIterator;

quickcheck! {
    fn a_long_scan_yields_every_entry_once(
        layers: Layers, max_entries: u8, failures: Failures, waits: Waits, driver: Driver
    ) -> bool {
        let engine = Engine::new(&layers, &failures, &waits);
        let entries = LongIterator::latest(&engine, Unbounded, Unbounded).max_entries(usize::from(max_entries % 5));
        let mut entries = entries;
        let run = driver.run(Composition::of("long"), &mut entries, failures.sum());
        run.ended && run.entries == oracles::newest(&layers.0) && engine.views.open() == 0
    }
}

/// Between two steps, and after a future that was dropped, no view is held.
#[test]
fn nothing_is_held_between_steps() {
    let engine = Engine::new(&sample_layers(), &Failures::none(), &Waits::of(&[1], false));
    let mut entries = LongIterator::latest(&engine, Unbounded, Unbounded).max_entries(1);
    let mut keys = vec![];
    loop {
        for polls in 1..4 {
            // Some of these get as far as the scan, and take its view along when they are dropped.
            if let Some(stepped) = poll(entries.next(), polls) {
                panic!("{polls} polls are too many for this test: {stepped:?}");
            }
            assert_eq!(engine.views.open(), 0);
            assert!(!entries.is_valid());
            assert_eq!(entries.resume_key().map(<[u8]>::to_vec), keys.last().cloned());
        }
        if !complete(entries.next()).expect("never fails") {
            break;
        }
        assert_eq!(engine.views.open(), 0);
        assert_eq!(entries.entries_since_refresh(), 1);
        assert!(entries.allocated_bytes() >= entries.key().len() + entries.value().len());
        keys.push(entries.key().to_vec());
    }
    let expected: Vec<_> = oracles::newest(&sample_layers().0).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, expected);
}

/// A table that was flushed is freed while the scan of it is open, and a task owns the scan.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spawned_long_scan_keeps_no_table_alive() {
    struct Tables(RwLock<Arc<MemTable>>);
    impl ViewSource for Tables {
        type View = Arc<MemTable>;
        type Iter<'v> = FromSync<storage_iter::MemTableIterator<'v>>;
        type Error = std::convert::Infallible;

        async fn view(&self) -> Result<Self::View, Self::Error> {
            tokio::task::yield_now().await;
            Ok(Arc::clone(&self.0.read().expect("no panic")))
        }

        async fn scan<'v>(
            &'v self,
            view: &'v Self::View,
            lower: Bound<&[u8]>,
            upper: Bound<&[u8]>,
        ) -> Result<Self::Iter<'v>, Self::Error> {
            Ok(FromSync::new(view.scan(lower, upper)))
        }
    }
    let tables = Arc::new(Tables(RwLock::default()));
    for key in 0..10_u8 {
        tables.0.read().expect("no panic").put(&[key], b"1");
    }
    let scan = tokio::spawn({
        let tables = Arc::clone(&tables);
        async move {
            let mut entries = LongIterator::latest(Arc::clone(&tables), Unbounded, Unbounded).max_entries(1);
            let mut count = 0;
            while entries.next().await.expect("never fails") {
                count += 1;
                // A flush; the new table has the same entries.
                let flushed = {
                    let mut table = tables.0.write().expect("no panic");
                    let next = MemTable::new();
                    (0..10_u8).for_each(|key| next.put(&[key], b"2"));
                    std::mem::replace(&mut *table, Arc::new(next))
                };
                assert_eq!(Arc::strong_count(&flushed), 1, "the open scan has no share");
            }
            count
        }
    });
    assert_eq!(scan.await.expect("no panic"), 10);
}

/// A seek of a long iterator is a step from another place: it is dropped, repeated and abandoned like one.
#[test]
fn a_long_iterator_seeks() {
    let layers = sample_layers();
    let entries = oracles::newest(&layers.0);
    let engine = Engine::new(&layers, &Failures::none(), &Waits::of(&[0, 1], false));
    let mut long = LongIterator::latest(&engine, Unbounded, Unbounded).max_entries(2);
    for target in [b"c".as_slice(), b"", b"b", b"g", b"z", b"a\0", b"c"] {
        for polls in 0..4 {
            let expected = entries.partition_point(|(key, _)| key.as_slice() < target);
            if poll(long.seek(b"d"), polls).is_none() && polls > 0 {
                assert!(!long.is_valid());
            }
            if poll(long.seek(target), 1).is_none() {
                assert!(poll(long.next(), polls).is_none_or(|stepped| stepped.is_ok()));
                if !long.is_valid() {
                    assert!(complete(long.next()).is_ok());
                }
            }
            let shown = long.is_valid().then(|| (long.key().to_vec(), long.value().to_vec()));
            assert_eq!(shown.as_ref(), entries.get(expected), "{target:?}");
            assert!(complete(long.next()).is_ok());
            assert_eq!(long.is_valid().then(|| long.key()), entries.get(expected + 1).map(|(key, _)| key.as_slice()));
        }
    }
    assert!(complete(long.seek_to_first()).is_ok());
    assert_eq!(long.key(), entries[0].0);
}
