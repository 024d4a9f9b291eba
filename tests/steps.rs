//! Promise 1: what `next` returns, what `is_valid` says then, and when `key` and `value` may be called.

mod support;

use std::fmt::Debug;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(feature = "mem-table")]
use storage_iter::MemTable;
use storage_iter::{
    EmptyIterator, OnceIterator, PairsIterator, ResultPairsIterator, SliceIterator, SortedRun, StorageIterator,
};
use support::{
    Composition, Failures, HostileLeaves, Layers, Origin, Visitor, run, sample_layers, visit_every_composition,
};

/// Calls `next` so many times and checks after each that `is_valid` repeats its answer, however often it is asked.
fn check_validity<I: StorageIterator<Error: Debug>>(name: &str, mut iterator: I) {
    assert!(!iterator.is_valid(), "{name}: valid before the first step");
    for step in 0..40 {
        let is_valid = iterator.next().unwrap();
        for _ in 0..3 {
            assert_eq!(iterator.is_valid(), is_valid, "{name}: step {step}");
        }
        if is_valid {
            let (key, value) = (iterator.key() as *const I::Key, iterator.value() as *const I::Value);
            assert!(std::ptr::addr_eq(key, iterator.key()), "{name}: `key` moves at step {step}");
            assert!(std::ptr::addr_eq(value, iterator.value()), "{name}: `value` moves at step {step}");
        }
    }
}

/// Once `Ok(false)`, always `Ok(false)`.
fn check_end<I: StorageIterator<Error: Debug>>(name: &str, mut iterator: I) {
    while iterator.next().unwrap() {}
    for _ in 0..10 {
        assert!(!iterator.next().unwrap(), "{name}: an entry behind the end");
        assert!(!iterator.is_valid(), "{name}: valid behind the end");
    }
}

/// `key` and `value` panic before the first entry and after the last, whatever stands below, and do no harm by it.
fn check_panics<I: StorageIterator<Error: Debug>>(name: &str, mut iterator: I) {
    let assert_off = |iterator: &I, place| {
        let key = catch_unwind(AssertUnwindSafe(|| _ = iterator.key()));
        assert!(key.is_err(), "{name}: a key {place}");
        let value = catch_unwind(AssertUnwindSafe(|| _ = iterator.value()));
        assert!(value.is_err(), "{name}: a value {place}");
    };
    assert_off(&iterator, "before the first entry");
    while iterator.next().unwrap() {}
    assert_off(&iterator, "after the last entry");
    assert!(!iterator.next().unwrap(), "{name}: an entry behind the end");
    assert_off(&iterator, "behind the end");
}

/// One of the three checks above.
trait Check {
    fn check<I: StorageIterator<Error: Debug>>(&self, name: &str, iterator: I);
}

macro_rules! checks {
    ($($check:ident => $function:ident),*) => {$(
        struct $check;
        impl Check for $check {
            fn check<I: StorageIterator<Error: Debug>>(&self, name: &str, iterator: I) {
                $function(name, iterator);
            }
        }
    )*};
}
checks!(Validity => check_validity, End => check_end, Panics => check_panics);

struct Checking<C>(C);

impl<C: Check> Visitor<HostileLeaves> for Checking<C> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&HostileLeaves) -> I)
    where
        I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        for layers in [sample_layers(), Layers(vec![]), Layers(vec![vec![]; 3])] {
            let leaves = HostileLeaves::new(&layers, Failures::none());
            let iterator = make(&leaves).map_err(|error| error.failure().cloned());
            self.0.check(composition.name, iterator);
            // Without the `map_err`, which answers `is_valid` by itself.
            let run = run(composition, &mut make(&leaves), 0);
            assert!(run.ended, "{}", composition.name);
        }
    }
}

fn check_everything(check: impl Check) {
    const PAIRS: [(u64, &str); 3] = [(0, ""), (1, "a"), (u64::MAX, "b")];
    check.check("empty", EmptyIterator::<[u8], [u8]>::new());
    check.check("once", OnceIterator::new("", ""));
    check.check("slice", SliceIterator::new(&PAIRS));
    check.check("slice of nothing", SliceIterator::<u64, u64>::new(&[]));
    check.check("pairs", PairsIterator::new(PAIRS));
    check.check("pairs of an iterator that starts again", PairsIterator::new(StartsAgain(0)));
    check.check("result pairs", ResultPairsIterator::new(PAIRS.map(Ok::<_, String>)));
    check.check(
        "result pairs of an iterator that starts again",
        ResultPairsIterator::new(StartsAgain(0).map(Ok::<_, ()>)),
    );

    let run: SortedRun<u64, &str> = SliceIterator::new(&PAIRS).collect().unwrap();
    check.check("sorted run", run.iter());
    check.check("sorted run scan", run.scan(Bound::Included(&1), Bound::Excluded(&7)));
    check.check("sorted run inverted scan", run.scan(Bound::Included(&7), Bound::Excluded(&0)));
    check.check("sorted run of nothing", <SortedRun>::default().iter());

    #[cfg(feature = "mem-table")]
    {
        let table = MemTable::new();
        check.check("mem-table of nothing", table.scan(Bound::Unbounded, Bound::Unbounded));
        for key in ["", "a", "b"] {
            table.put(key.as_bytes(), key.as_bytes());
        }
        check.check("mem-table", table.scan(Bound::Unbounded, Bound::Unbounded));
        check.check("mem-table scan", table.scan(Bound::Excluded(b""), Bound::Included(b"a")));
        check.check("mem-table inverted scan", table.scan(Bound::Included(b"b"), Bound::Excluded(b"a")));
    }

    visit_every_composition(&mut Checking(check));
}

/// A std iterator that is not fused: after each `None` it yields its two entries again.
struct StartsAgain(usize);

impl Iterator for StartsAgain {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        self.0 = (self.0 + 1) % 3;
        (self.0 != 0).then_some((self.0 as u64, 7))
    }
}

#[test]
fn validity_follows_next() {
    check_everything(Validity);
}

#[test]
fn the_end_is_final() {
    check_everything(End);
}

#[test]
fn key_and_value_panic_off_an_entry() {
    check_everything(Panics);
}

/// A scan that has ended stays ended, though its table goes on to grow.
#[cfg(feature = "mem-table")]
#[test]
fn the_end_is_final_in_a_growing_table() {
    let table = MemTable::new();
    let mut scan = table.scan(Bound::Unbounded, Bound::Unbounded);
    assert_eq!(scan.next(), Ok(false));
    table.put(b"a", b"1");
    assert_eq!(scan.next(), Ok(false));

    let mut scan = table.scan(Bound::Unbounded, Bound::Excluded(b"b"));
    assert_eq!(scan.next(), Ok(true));
    assert_eq!(scan.next(), Ok(false));
    table.put(b"aa", b"2");
    assert_eq!(scan.next(), Ok(false));
}
