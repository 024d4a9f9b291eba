//! `for_each_while` and what stands on it, `for_each` and `count`: the entries that a loop around `next` shows, wherever it
//! begins, until the closure has enough or a source fails.
//!
//! Many combinators have a loop of their own for this.

mod support;

use std::cell::Cell;
use std::ops::Bound;
use std::panic::{self, AssertUnwindSafe};

use quickcheck::quickcheck;
use storage_iter::{BidirectionalIterator, SliceIterator, StorageIterator};
use support::{
    Composition, CursorLeaves, CursorVisitor, Entry, Failures, Faults, HostileLeaves, Layers, Nesting, Operation,
    Operations, Origin, Visitor, visit_every_cursor, visit_owned_compositions,
};

/// What was shown, and how it ended: `Ok(true)` at the end of the data, `Ok(false)` when there was enough.
type Shown = (Vec<Entry>, Result<bool, Failed>);

/// Some source has failed. Which one is left open: of two that move in one step, either may be the first.
#[derive(Debug, PartialEq, Eq)]
struct Failed;

fn failed<E: Origin>(error: &E) -> Failed {
    if let Some(failure) = error.failure() {
        assert_eq!(*failure.path, error.path(), "the error names another source");
    }
    Failed
}

/// The loop by hand, over at most `enough` entries.
fn by_next<I>(mut iterator: I, enough: usize) -> Shown
where
    I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
{
    let mut shown = vec![];
    loop {
        match iterator.next() {
            Err(error) => return (shown, Err(failed(&error))),
            Ok(false) => return (shown, Ok(true)),
            Ok(true) => shown.push((iterator.key().to_vec(), iterator.value().to_vec())),
        }
        if shown.len() == enough {
            return (shown, Ok(false));
        }
    }
}

fn by_for_each<I>(iterator: I, enough: usize) -> Shown
where
    I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
{
    let mut shown: Vec<Entry> = vec![];
    let result = iterator.for_each_while(|key, value| {
        assert!(shown.len() < enough, "called again after it has had enough");
        shown.push((key.to_vec(), value.to_vec()));
        shown.len() < enough
    });
    (shown, result.map_err(|error| failed(&error)))
}

fn assert_same<I>(name: &str, make: impl Fn() -> I, enough: usize)
where
    I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
{
    let expected = by_next(make(), enough);
    assert_eq!(by_for_each(make(), enough), expected, "{name}, {enough} entries");
    if expected.1 != Ok(false) {
        let count = make().count().map_err(|error| failed(&error));
        assert_eq!(count, expected.1.map(|_| expected.0.len()), "{name}");
    }
}

/// From the first entry or from an entry behind it, over sources that fail.
struct FromSteps<'a> {
    layers: &'a Layers,
    failures: &'a Failures,
    steps: usize,
    enough: usize,
}

impl Visitor<HostileLeaves> for FromSteps<'_> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&HostileLeaves) -> I)
    where
        I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let moved = || {
            let mut iterator = make(&HostileLeaves::new(self.layers, self.failures.clone()));
            for _ in 0..self.steps {
                // An error leaves a step open, and that is one of the places to begin at.
                let _ = iterator.next();
            }
            iterator
        };
        assert_same(composition.name, moved, self.enough);
    }
}

/// From where any operations of a cursor lead, over sources of whose calls one fails.
struct FromOperations<'a> {
    layers: &'a Layers,
    operations: &'a [Operation<Vec<u8>>],
    failing: usize,
    enough: usize,
}

impl CursorVisitor for FromOperations<'_> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&CursorLeaves) -> I)
    where
        I: BidirectionalIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let moved = || {
            let mut cursor = make(&CursorLeaves::new(self.layers, Faults::failing_at(self.failing, 2)));
            for operation in self.operations {
                let _ = operation.as_ref().map_key(Vec::as_slice).apply(&mut cursor);
            }
            cursor
        };
        assert_same(composition.name, moved, self.enough);
    }
}

quickcheck! {
    fn every_composition(layers: Layers, failures: Failures, steps: u8, enough: u8) -> bool {
        let (steps, enough) = (usize::from(steps % 8), 1 + usize::from(enough % 16));
        for failures in [&Failures::none(), &failures] {
            for enough in [enough, usize::MAX] {
                visit_owned_compositions(&mut FromSteps { layers: &layers, failures, steps, enough });
            }
        }
        true
    }

    fn every_nesting(nesting: Nesting, layers: Layers, failures: Failures, enough: u8) -> bool {
        for failures in [Failures::none(), failures] {
            for enough in [1 + usize::from(enough), usize::MAX] {
                assert_same("nesting", || nesting.build(&layers, &failures.clone().into()), enough);
            }
        }
        true
    }

    fn every_cursor(layers: Layers, operations: Operations, failing: u8, enough: u8) -> bool {
        let keys: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
        let operations = operations.near(&keys, <[u8]>::to_vec);
        for enough in [1 + usize::from(enough % 16), usize::MAX] {
            let failing = usize::from(failing);
            visit_every_cursor(&mut FromOperations { layers: &layers, operations: &operations, failing, enough });
        }
        true
    }
}

/// An entry that was come to but not judged, because judging panicked, is the first that comes out. Behind the end there is none.
#[test]
fn an_entry_that_was_not_judged_comes_first() {
    let entries = [1, 2, 3, 4].map(|key| (key, 'a'));
    for enough in 1..=4 {
        let panics = Cell::new(true);
        let mut filtered = SliceIterator::new(&entries).filter(|key, _| {
            if *key == 2 && panics.replace(false) {
                panic::resume_unwind(Box::new("not judged"));
            }
            true
        });
        assert_eq!(filtered.next(), Ok(true));
        assert!(panic::catch_unwind(AssertUnwindSafe(|| filtered.next())).is_err());
        let mut shown = vec![];
        let result = filtered.for_each_while(|key, _| {
            shown.push(*key);
            shown.len() < enough
        });
        assert_eq!((result, shown.as_slice()), (Ok(enough > 3), &[2, 3, 4][..enough.min(3)]));
    }
    let mut first_two = SliceIterator::new(&entries).between(Bound::Unbounded, Bound::Included(2));
    while first_two.next() == Ok(true) {}
    assert_eq!(first_two.count(), Ok(0));
}
