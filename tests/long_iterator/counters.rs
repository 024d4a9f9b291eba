//! What the iterators tell about themselves.

use std::ops::Bound::{Excluded, Included, Unbounded};

use storage_iter::{LongIterator, RefreshEveryEntries, RefreshIterator, StorageIterator};

use crate::flaky::Flaky;

#[test]
fn a_long_iterator_counts_its_chunks() {
    let source = Flaky::new(30, 0, false);
    let mut iterator = LongIterator::latest(&source, Unbounded, Unbounded).max_entries(10);
    assert_eq!((iterator.refreshes(), iterator.entries_since_refresh()), (0, 0));
    // Chunks of 4, 10, 10 and the rest.
    for (refreshes, entries) in [(1, 4), (2, 10), (3, 10), (4, 6)] {
        for entry in 1..=entries {
            assert!(iterator.next().unwrap());
            assert_eq!((iterator.refreshes(), iterator.entries_since_refresh()), (refreshes, entry));
            assert_eq!(iterator.num_active_iterators(), 0);
        }
    }
    assert!(!iterator.next().unwrap());
    assert_eq!((iterator.refreshes(), iterator.entries_since_refresh()), (4, 0), "the last chunk was not full");
    assert_eq!(iterator.resume_key(), Some(&[29][..]));
}

#[test]
fn a_lower_bound_is_not_a_resume_key() {
    let source = Flaky::new(3, 0, false);
    for lower in [Included(&[7][..]), Excluded(&[7]), Unbounded] {
        assert_eq!(LongIterator::latest(&source, lower, Unbounded).resume_key(), None);
        assert_eq!(RefreshIterator::new(&source, lower, Unbounded).resume_key(), None);
        let mut iterator = LongIterator::latest(&source, lower, Unbounded);
        let moved = iterator.next().unwrap();
        assert_eq!(iterator.resume_key(), moved.then_some(&[0][..]));
    }
}

#[test]
fn bounds_without_room_open_nothing() {
    let source = Flaky::new(10, 1, false);
    for (lower, upper) in [(Included(&[7][..]), Excluded(&[7][..])), (Excluded(&[7]), Included(&[3]))] {
        let mut iterator = LongIterator::latest(&source, lower, upper);
        assert_eq!((iterator.next(), iterator.refreshes()), (Ok(false), 0));
    }
}

#[test]
fn a_refresh_iterator_counts_what_it_opened() {
    let source = Flaky::new(5, 0, false);
    let mut iterator = RefreshIterator::new(&source, Unbounded, Unbounded).refresh_when(RefreshEveryEntries::new(2));
    assert_eq!((iterator.refreshes(), iterator.entries_since_refresh(), iterator.num_active_iterators()), (0, 0, 0));
    for (refreshes, entries) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)] {
        assert!(iterator.next().unwrap());
        assert_eq!((iterator.refreshes(), iterator.entries_since_refresh()), (refreshes, entries));
        assert_eq!((iterator.num_active_iterators(), source.open()), (1, 1));
    }
    assert!(!iterator.next().unwrap());
    assert_eq!((iterator.num_active_iterators(), source.open()), (0, 0));
}

/// A clone goes its own way from the same place.
#[test]
fn clones_are_independent() {
    let source = Flaky::new(20, 0, false);
    let mut iterator = LongIterator::latest(&source, Unbounded, Unbounded).max_entries(3);
    for _ in 0..5 {
        iterator.next().unwrap();
    }
    let clone = iterator.clone();
    assert_eq!(iterator.key(), clone.key());
    assert_eq!((iterator.count(), clone.count()), (Ok(15), Ok(15)));
}

#[test]
fn the_buffers_are_bounded_by_the_chunk() {
    let source = Flaky::new(255, 0, false);
    let mut iterator = LongIterator::latest(&source, Unbounded, Unbounded).max_bytes(64);
    while iterator.next().unwrap() {}
    // Sixteen entries of 4 bytes, and for each the two ends of its key and value.
    assert!(iterator.allocated_bytes() <= 2 * (64 + 16 * 16) + 8, "{} bytes", iterator.allocated_bytes());
}
