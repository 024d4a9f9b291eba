//! `ChunkIterator` over sources that fail, panic and lie.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};

use quickcheck::quickcheck;
use storage_iter::testing::{FailPoint, Fault, InjectedFailure};
use storage_iter::{Chunk, ChunkIterator, ChunkSource, StorageIterator};

/// A map that fails, or panics, each time it has given out some entries, and notes how it was asked.
struct Flaky {
    map: BTreeMap<Vec<u8>, Vec<u8>>,
    point: FailPoint,
    largest_chunks: RefCell<Vec<usize>>,
}

impl Flaky {
    fn new(count: u32, every: usize) -> Self {
        let point =
            every.checked_sub(1).map_or_else(FailPoint::harmless, |good| FailPoint::regularly(good, Fault::Error));
        Self::failing(count, point)
    }

    fn failing(count: u32, point: FailPoint) -> Self {
        let map = (0..count).map(|number| (number.to_be_bytes().to_vec(), vec![number as u8; 10])).collect();
        Flaky { map, point, largest_chunks: RefCell::new(vec![]) }
    }
}

impl ChunkSource for Flaky {
    type Error = InjectedFailure;

    fn fill(&self, from: Bound<&[u8]>, upper: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), InjectedFailure> {
        assert!(chunk.is_empty() && !chunk.is_full());
        // Panics on bounds that leave no room, of which there must be none.
        for (key, value) in self.map.range::<[u8], _>((from, upper)) {
            self.point.pass()?;
            if !chunk.push(key, value) {
                break;
            }
        }
        self.largest_chunks.borrow_mut().push(chunk.len());
        Ok(())
    }
}

/// All entries, and how many calls failed.
fn drain<E>(mut iterator: impl StorageIterator<Key = [u8], Value = [u8], Error = E>) -> (Vec<Vec<u8>>, usize) {
    let (mut keys, mut failures) = (vec![], 0);
    loop {
        match catch_unwind(AssertUnwindSafe(|| iterator.next())) {
            Ok(Ok(true)) => {
                assert_eq!(iterator.value(), [iterator.key()[3]; 10]);
                keys.push(iterator.key().to_vec());
            }
            Ok(Ok(false)) => break,
            Ok(Err(_)) | Err(_) => {
                assert!(!iterator.is_valid());
                failures += 1;
                assert!(failures < 10_000, "no progress");
            }
        }
    }
    (keys, failures)
}

quickcheck! {
    fn no_error_costs_or_repeats_an_entry(
        count: u8,
        every: u8,
        max_entries: u8,
        lower: Option<u8>,
        upper: Option<u8>
    ) -> bool {
        let (lower, upper) = (lower.map(u32::from), upper.map(u32::from));
        let source = Flaky::new(count.into(), usize::from(every % 40) + 2);
        let expected: Vec<_> = (0..u32::from(count))
            .filter(|number| lower.is_none_or(|lower| *number > lower) && upper.is_none_or(|upper| *number <= upper))
            .map(|number| number.to_be_bytes().to_vec())
            .collect();
        let (lower, upper) = (lower.map(u32::to_be_bytes), upper.map(u32::to_be_bytes));
        let iterator = ChunkIterator::new(
            &source,
            lower.as_ref().map_or(Unbounded, |key| Excluded(&key[..])),
            upper.as_ref().map_or(Unbounded, |key| Included(&key[..])),
        );
        let (keys, _) = drain(iterator.max_entries(max_entries.into()));
        keys == expected
    }
}

#[test]
fn errors_are_reported_and_the_step_stays_open() {
    let source = Flaky::new(100, 30);
    let (keys, failures) = drain(ChunkIterator::new(&source, Unbounded, Unbounded));
    assert_eq!(keys.len(), 100);
    assert!(failures >= 3, "{failures} of the source's errors came through");
}

#[test]
fn a_source_that_fails_for_ever_never_ends() {
    let source = Flaky::new(10, 1);
    let mut iterator = ChunkIterator::new(&source, Unbounded, Unbounded);
    for _ in 0..100 {
        assert!(iterator.next().is_err());
    }
}

#[test]
fn a_panicking_fill_leaves_the_step_open() {
    let source = Flaky::failing(300, FailPoint::regularly(49, Fault::Panic));
    let expected: Vec<_> = source.map.keys().cloned().collect();
    let (keys, failures) = drain(ChunkIterator::new(&source, Unbounded, Unbounded).max_entries(16));
    assert_eq!(keys, expected);
    assert!(failures >= 5);
}

#[test]
fn chunks_grow_up_to_the_maximum() {
    let source = Flaky::new(300, 0);
    assert_eq!(ChunkIterator::new(&source, Unbounded, Unbounded).count(), Ok(300));
    assert_eq!(source.largest_chunks.take(), [4, 16, 64, 64, 64, 64, 24]);
    assert_eq!(ChunkIterator::new(&source, Unbounded, Unbounded).max_bytes(14 * 3 + 5).count(), Ok(300));
    assert!(source.largest_chunks.take().iter().all(|len| *len <= 3));
    assert_eq!(ChunkIterator::new(&source, Unbounded, Unbounded).max_bytes(0).max_entries(0).count(), Ok(300));
}

#[test]
fn nothing_is_asked_before_the_first_step_nor_for_bounds_without_room() {
    let source = Flaky::new(10, 1);
    let _iterator = ChunkIterator::new(&source, Unbounded, Unbounded);
    let (a, b) = (b"a".as_slice(), b"b".as_slice());
    let bounds = [(Excluded(a), Excluded(a)), (Included(b), Included(a)), (Excluded(a), Included(a))];
    for (lower, upper) in bounds {
        assert_eq!(ChunkIterator::new(&source, lower, upper).count(), Ok(0));
    }
    assert_eq!((source.point.passed(), source.point.errors()), (0, 0));
}

/// Pushes on after it was told to stop.
#[test]
fn an_eager_source_is_only_wasteful() {
    struct Eager;
    impl ChunkSource for Eager {
        type Error = Infallible;

        fn fill(&self, from: Bound<&[u8]>, _: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
            for number in 0..100_u8 {
                if !matches!(from, Excluded(key) if &[number][..] <= key) {
                    chunk.push(&[number], &[0; 2000]);
                }
            }
            Ok(())
        }
    }
    assert_eq!(ChunkIterator::new(Eager, Unbounded, Unbounded).max_bytes(4096).count(), Ok(100));
}

/// Without a word about it, 64 KiB.
#[test]
fn chunks_of_large_entries_take_few() {
    let map = (0..200_u32).map(|number| (number.to_be_bytes().to_vec(), vec![0; 2000])).collect();
    let source = Flaky { map, point: FailPoint::harmless(), largest_chunks: RefCell::default() };
    assert_eq!(ChunkIterator::new(&source, Unbounded, Unbounded).count(), Ok(200));
    assert_eq!(source.largest_chunks.borrow()[..4], [4, 16, 32, 32]);
}

/// In release builds; in others a debug assertion says what is wrong.
#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "has to start behind `from`"))]
fn a_source_that_starts_over_is_not_read_for_ever() {
    struct Stuck;
    impl ChunkSource for Stuck {
        type Error = Infallible;

        fn fill(&self, _: Bound<&[u8]>, _: Bound<&[u8]>, chunk: &mut Chunk) -> Result<(), Infallible> {
            while chunk.push(b"a", b"1") {}
            Ok(())
        }
    }
    let mut iterator = ChunkIterator::new(Stuck, Unbounded, Unbounded);
    for _ in 0..100 {
        iterator.next().unwrap();
    }
    assert_eq!(iterator.next(), Ok(false));
}

/// A chunk is as large as it may be, and the room for it grows in few steps.
#[test]
fn chunks_take_what_they_may() {
    let mut chunk = Chunk::new(10, 4);
    assert!(chunk.push(b"a", b"1"));
    chunk.push(b"b", b"2");
    assert!(!chunk.push(b"c", b""));
    assert_eq!(chunk.len(), 2);

    let mut chunk = Chunk::new(10_000, 1 << 20);
    let allocated =
        allocation_counter::measure(|| (0..10_000_u32).for_each(|key| _ = chunk.push(&key.to_be_bytes(), b"value")));
    assert_eq!(chunk.len(), 10_000);
    assert!(allocated.count_total < 64, "{} allocations", allocated.count_total);
}
