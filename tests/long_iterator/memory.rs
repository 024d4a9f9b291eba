//! What is kept alive: told by `Weak` handles on tables that the engine has let go of.

use std::ops::Bound::Unbounded;
use std::sync::Arc;

use storage_iter::{LongIterator, RefreshIterator, RefreshNever, SortedTable, StorageIterator, ViewSource};

use crate::engine::{Engine, for_every_table};
use crate::operations::{drain, step};

const KEYS: u32 = 1000;
const BEFORE: usize = 300;

fn filled<T: SortedTable + Default>() -> Engine<T> {
    let engine = Engine::new();
    for number in 0..KEYS {
        engine.put(&number.to_be_bytes(), &number.to_le_bytes());
    }
    engine
}

/// Moves the iterator so far, then flushes, and returns what came out and a handle on the flushed table.
fn move_and_flush<T: SortedTable + Default>(
    engine: &Engine<T>,
    iterator: &mut impl StorageIterator<Key = [u8], Value = [u8], Error: std::fmt::Debug>,
) -> (Vec<u32>, std::sync::Weak<T>) {
    let keys = (0..BEFORE).map(|_| number(&step(iterator).unwrap().0)).collect();
    let flushed = Arc::downgrade(&engine.state().tables[0]);
    engine.rotate();
    engine.flush();
    (keys, flushed)
}

fn number(key: &[u8]) -> u32 {
    u32::from_be_bytes(key.try_into().unwrap())
}

fn numbers(entries: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<u32> {
    entries
        .into_iter()
        .map(|(key, value)| {
            assert_eq!(value, number(&key).to_le_bytes());
            number(&key)
        })
        .collect()
}

/// The proof that the test can fail: a plain scan does pin the table.
fn a_plain_scan_keeps_a_flushed_table<T: SortedTable + Default>() {
    let engine = filled::<T>();
    let view = engine.view().unwrap();
    let mut plain = ViewSource::scan(&engine, &view, Unbounded, Unbounded).unwrap();
    let (mut keys, flushed) = move_and_flush(&engine, &mut plain);
    assert!(flushed.upgrade().is_some());
    keys.extend(numbers(drain(&mut plain)));
    assert_eq!(keys, Vec::from_iter(0..KEYS));
}

fn a_long_iterator_keeps_nothing<T: SortedTable + Default>() {
    let engine = filled::<T>();
    let mut long = LongIterator::latest(&engine, Unbounded, Unbounded);
    let (mut keys, flushed) = move_and_flush(&engine, &mut long);
    assert!(flushed.upgrade().is_none(), "the open iterator pins a flushed table");
    assert!(long.is_valid() && number(long.key()) == BEFORE as u32 - 1);
    assert_eq!(long.num_active_iterators(), 0);
    keys.extend(numbers(drain(&mut long)));
    assert_eq!(keys, Vec::from_iter(0..KEYS));
}

/// As long as nobody moves it, it keeps the table; one step later it does not.
fn a_refresh_iterator_lets_go_at_the_next_step<T: SortedTable + Default>() {
    let engine = filled::<T>();
    let mut refreshed = RefreshIterator::new(&engine, Unbounded, Unbounded);
    let (mut keys, flushed) = move_and_flush(&engine, &mut refreshed);
    assert!(flushed.upgrade().is_some());
    keys.push(number(&step(&mut refreshed).unwrap().0));
    assert!(flushed.upgrade().is_none(), "the refreshed iterator pins a flushed table");
    assert_eq!(refreshed.refreshes(), 2);
    keys.extend(numbers(drain(&mut refreshed)));
    assert_eq!(keys, Vec::from_iter(0..KEYS));
}

fn release_lets_go_at_once<T: SortedTable + Default>() {
    let engine = filled::<T>();
    let mut released = RefreshIterator::new(&engine, Unbounded, Unbounded).refresh_when(RefreshNever);
    let (mut keys, flushed) = move_and_flush(&engine, &mut released);
    assert!(flushed.upgrade().is_some());
    for _ in 0..2 {
        assert!(released.release());
        assert!(flushed.upgrade().is_none(), "a released iterator pins a flushed table");
        let last = BEFORE as u32 - 1;
        assert_eq!((released.key(), released.value()), (&last.to_be_bytes()[..], &last.to_le_bytes()[..]));
        assert_eq!(released.resume_key(), Some(&last.to_be_bytes()[..]));
        assert_eq!(released.num_active_iterators(), 0);
    }
    keys.extend(numbers(drain(&mut released)));
    assert_eq!(keys, Vec::from_iter(0..KEYS));
}

/// Before the first step and after the end nothing is open, whatever the policy says.
fn nothing_is_kept_before_the_start_and_after_the_end<T: SortedTable + Default>() {
    let engine = filled::<T>();
    let table = Arc::downgrade(&engine.state().tables[0]);
    let mut iterator = RefreshIterator::new(&engine, Unbounded, Unbounded).refresh_when(RefreshNever);
    assert_eq!((table.strong_count(), iterator.num_active_iterators()), (1, 0));
    iterator.next().unwrap();
    assert!(table.strong_count() > 1);
    assert_eq!(iterator.num_active_iterators(), 1, "one table");
    drain(&mut iterator);
    assert_eq!((table.strong_count(), iterator.num_active_iterators()), (1, 0));
}

for_every_table!(
    a_plain_scan_keeps_a_flushed_table,
    a_long_iterator_keeps_nothing,
    a_refresh_iterator_lets_go_at_the_next_step,
    release_lets_go_at_once,
    nothing_is_kept_before_the_start_and_after_the_end,
);
