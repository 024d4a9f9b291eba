//! What crossbeam-skiplist does that `MemTable` goes round.
//!
//! These tests are not about this library. They fail when a new version of the skiplist behaves otherwise, and then
//! `MemTable` may be made simpler: see the comments there.

#![cfg(feature = "mem-table")]

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_skiplist::SkipMap;

/// Far more than is needed where a core is free: what is looked for is seen in microseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether a reader sees a key absent while a writer overwrites it with `overwrite`.
fn is_ever_absent(read: fn(&SkipMap<u32, u64>) -> bool, overwrite: fn(&SkipMap<u32, u64>, u64)) -> bool {
    let map = SkipMap::new();
    for key in 0..8 {
        map.insert(key, 0);
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for value in 0.. {
                overwrite(&map, value);
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let started = Instant::now();
        let is_absent = loop {
            if (0..1_000).any(|_| !read(&map)) {
                break true;
            }
            if started.elapsed() > PATIENCE {
                break false;
            }
        };
        stop.store(true, Ordering::Relaxed);
        is_absent
    })
}

fn get(map: &SkipMap<u32, u64>) -> bool {
    map.get(&4).is_some()
}

fn walk(map: &SkipMap<u32, u64>) -> bool {
    let mut entry = map.lower_bound(Bound::Unbounded);
    while let Some(mut at) = entry {
        if *at.key() == 4 {
            return true;
        }
        entry = at.move_next().then_some(at);
    }
    false
}

#[test]
fn insert_over_a_key_makes_it_absent_for_a_moment() {
    const NOTE: &str = "`insert` no longer removes the key first";
    assert!(is_ever_absent(get, |map, value| drop(map.insert(4, value))), "{NOTE}, as `get` sees it");
    assert!(is_ever_absent(walk, |map, value| drop(map.insert(4, value))), "{NOTE}, as a walk sees it");
}

#[test]
fn compare_insert_over_a_key_makes_it_absent_for_a_moment() {
    let overwrite = |map: &SkipMap<u32, u64>, value| drop(map.compare_insert(4, value, |_| true));
    assert!(is_ever_absent(get, overwrite), "`compare_insert` no longer removes the key first");
}

/// Counts the values that are dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

const KEYS: u32 = 100;

/// Visits every entry of a map with `visit`, removes them all, and answers how many were dropped at the time when another
/// map's entries, removed later and never visited, had all been dropped.
fn dropped_after_a_visit(visit: impl Fn(&SkipMap<u32, Counted>)) -> usize {
    let fill = |dropped: &Arc<AtomicUsize>| {
        let map = SkipMap::new();
        (0..KEYS).for_each(|key| drop(map.insert(key, Counted(Arc::clone(dropped)))));
        map
    };
    let clear = |map: &SkipMap<u32, Counted>| (0..KEYS).for_each(|key| drop(map.remove(&key)));

    let dropped: Arc<AtomicUsize> = Arc::default();
    let visited = fill(&dropped);
    visit(&visited);
    clear(&visited);

    // Garbage is freed late, in the order in which it came up, when somebody uses a map.
    let dropped_later: Arc<AtomicUsize> = Arc::default();
    let untouched = fill(&dropped_later);
    clear(&untouched);
    let started = Instant::now();
    let other: SkipMap<u32, u64> = SkipMap::new();
    while dropped_later.load(Ordering::SeqCst) < KEYS as usize {
        assert!(started.elapsed() < PATIENCE, "the skiplist frees nothing");
        (0..1_000).for_each(|key| drop(other.insert(key, 0)));
    }
    // And some more of that, for what came up in another bag.
    for _ in 0..20 {
        (0..1_000).for_each(|key| drop(other.insert(key, 0)));
    }
    // Not even the map takes them along.
    drop(visited);
    dropped.load(Ordering::SeqCst)
}

#[test]
fn range_keeps_what_it_visits_for_ever() {
    let dropped = dropped_after_a_visit(|map| assert_eq!(map.range(..).count(), KEYS as usize));
    // All but the one that it stood on last.
    assert!(dropped <= 1, "`range` no longer leaks: {dropped} of {KEYS} entries were dropped");
}

/// The way round both: `lower_bound` and `move_next` leave nothing behind.
#[test]
fn walking_by_hand_keeps_nothing() {
    let dropped = dropped_after_a_visit(|map| {
        let mut entry = map.lower_bound(Bound::Unbounded).expect("there are entries");
        while entry.move_next() {}
    });
    assert_eq!(dropped, KEYS as usize);
}

/// The way round the first: `get_or_insert_with` leaves the key alone.
#[test]
fn get_or_insert_does_not_make_a_key_absent() {
    let map: SkipMap<u32, u64> = SkipMap::new();
    map.insert(4, 1);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(*map.get_or_insert_with(4, || 2).value(), 1);
            }
        });
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(200) {
            let is_there = get(&map) && walk(&map);
            if !is_there {
                stop.store(true, Ordering::Relaxed);
            }
            assert!(is_there, "`get_or_insert_with` makes the key absent");
        }
        stop.store(true, Ordering::Relaxed);
    });
}
