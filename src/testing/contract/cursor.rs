//! Cursors, compared with a model at each call.

use std::borrow::Borrow;
use std::panic::{self, AssertUnwindSafe};

use super::{Contract, ScanOf, failures, steps};
use crate::key::Shown;
use crate::testing::events::InjectedPanic;
use crate::testing::{BrokenPromise, CursorModel, FailPoint, Operation};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// Which methods a cursor has, and how they are called.
pub(super) struct Kind<I: StorageIterator> {
    is_bidirectional: bool,
    apply: Apply<I>,
}

type Apply<I> = fn(&mut I, &Operation<&<I as StorageIterator>::Key>) -> Step<I>;
type Step<I> = Result<bool, <I as StorageIterator>::Error>;

impl<I: SeekableIterator> Kind<I> {
    pub(super) fn seekable() -> Self {
        let apply = |cursor: &mut I, operation: &Operation<&I::Key>| match *operation {
            Operation::Next => cursor.next(),
            Operation::Seek(key) => cursor.seek(key),
            Operation::SeekToFirst => cursor.seek_to_first(),
            _ => unreachable!("only cursors that walk both ways are asked to"),
        };
        Kind { is_bidirectional: false, apply }
    }
}

impl<I: BidirectionalIterator> Kind<I> {
    pub(super) fn bidirectional() -> Self {
        Kind { is_bidirectional: true, apply: |cursor, operation| operation.apply(cursor) }
    }
}

impl<I: StorageIterator> Kind<I> {
    /// Whether the cursor has the method.
    fn has<K>(&self, operation: &Operation<K>) -> bool {
        let needs_both_ways = matches!(operation, Operation::Prev | Operation::SeekForPrev(_) | Operation::SeekToLast);
        self.is_bidirectional || !needs_both_ways
    }
}

pub(super) fn check<I, T>(
    contract: &Contract,
    kind: &Kind<I>,
    targets: &[T],
    make: &impl Fn() -> I,
) -> Result<ScanOf<I>, BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    T: Borrow<I::Key>,
{
    let scan = steps::check(contract, make)?;
    let course = Course::new(contract, kind, targets, &scan);
    let operations = course.operations();
    let harmless = FailPoint::harmless();
    // A new cursor, and one at its end, know nothing that could help them.
    for first in &operations {
        for second in &operations {
            course.walk(make(), [first.clone(), second.clone(), Operation::Next], &harmless)?;
        }
        let to_the_end = vec![Operation::Next; scan.entries.len() + 1];
        course.walk(make(), to_the_end.into_iter().chain([first.clone(), Operation::Next]), &harmless)?;
    }
    const LONG: usize = 3_000;
    let mut random = Random(1);
    course.walk(make(), (0..LONG).map(|_| course.random_operation(&operations, &mut random)), &harmless)?;
    Ok(scan)
}

pub(super) fn check_under_failures<I, T>(
    contract: &Contract,
    kind: &Kind<I>,
    targets: &[T],
    make: &impl Fn(FailPoint) -> I,
) -> Result<ScanOf<I>, BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    T: Borrow<I::Key>,
{
    let scan = failures::check_under_failures(contract, make)?;
    check(contract, kind, targets, &|| make(FailPoint::harmless()))?;
    let course = Course::new(contract, kind, targets, &scan);
    let operations = course.operations();
    const WALKS: u64 = 40;
    const STEPS: usize = 12;
    for seed in 0..WALKS {
        let walk = |point: FailPoint| {
            let mut random = Random(seed);
            let walk = (0..STEPS).map(|_| course.random_operation(&operations, &mut random));
            course.walk(make(point.clone()), walk, &point)
        };
        for pass in failures::chosen(failures::passes(walk)?) {
            for times in [1, 2, 5] {
                walk(FailPoint::failing_at(pass, times))
                    .map_err(|broken| broken.context(format!("failing at pass {pass}, {times} in a row")))?;
            }
        }
    }
    Ok(scan)
}

/// Where cursors over the same entries are sent.
struct Course<'a, I: StorageIterator> {
    contract: &'a Contract,
    kind: &'a Kind<I>,
    entries: Vec<(&'a I::Key, &'a I::Value)>,
    targets: Vec<&'a I::Key>,
}

impl<'a, I> Course<'a, I>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    fn new<T: Borrow<I::Key>>(
        contract: &'a Contract,
        kind: &'a Kind<I>,
        targets: &'a [T],
        scan: &'a ScanOf<I>,
    ) -> Self {
        /// More keys than these are passed over.
        const MOST_KEYS: usize = 8;
        let entries: Vec<_> = scan.entries.iter().map(|(key, value)| (key.borrow(), value.borrow())).collect();
        let step = entries.len() / MOST_KEYS + 1;
        let keys = entries.iter().step_by(step).chain(entries.last()).map(|&(key, _)| key);
        let targets = keys.chain(targets.iter().map(Borrow::borrow)).collect();
        Course { contract, kind, entries, targets }
    }

    /// All that a cursor may be asked to do.
    fn operations(&self) -> Vec<Operation<&'a I::Key>> {
        let mut operations = vec![Operation::Next, Operation::SeekToFirst];
        operations.extend(self.targets.iter().map(|&key| Operation::Seek(key)));
        if self.kind.is_bidirectional {
            operations.extend([Operation::Prev, Operation::SeekToLast]);
            operations.extend(self.targets.iter().map(|&key| Operation::SeekForPrev(key)));
        }
        operations
    }

    /// One of `operations`, which are the first of all steps as often as not.
    fn random_operation(&self, operations: &[Operation<&'a I::Key>], random: &mut Random) -> Operation<&'a I::Key> {
        match random.below(4) {
            0 => Operation::Next,
            1 if self.kind.is_bidirectional => Operation::Prev,
            _ => operations[random.below(operations.len())].clone(),
        }
    }

    fn walk(
        &self,
        mut cursor: I,
        operations: impl IntoIterator<Item = Operation<&'a I::Key>>,
        point: &FailPoint,
    ) -> Result<(), BrokenPromise> {
        drive(self.contract, self.kind, &mut cursor, &self.entries, has_value, operations, point).map(drop)
    }
}

/// Makes the calls one after the other and compares with the model after each, also after one that failed or panicked. Answers with the
/// errors that came out.
///
/// `has` says whether the entry that a cursor stands on has a value.
pub(super) fn drive<'a, I, V>(
    contract: &Contract,
    kind: &Kind<I>,
    cursor: &mut I,
    entries: &[(&'a I::Key, &'a V)],
    has: impl Fn(&I, &V) -> bool,
    operations: impl IntoIterator<Item = Operation<&'a I::Key>>,
    point: &FailPoint,
) -> Result<Vec<I::Error>, BrokenPromise>
where
    I: StorageIterator,
    V: ?Sized,
{
    if cursor.is_valid() {
        return Err(BrokenPromise::new(2, "`is_valid` answers true before the first step"));
    }
    let mut drive = Drive { contract, kind, point, has, model: CursorModel::new(entries), errors: vec![] };
    let mut history: Vec<Operation<&I::Key>> = vec![];
    for operation in operations.into_iter().filter(|operation| kind.has(operation)) {
        let result = drive.call(cursor, &operation);
        history.push(operation);
        result.map_err(|broken| broken.context(shown(&history)))?;
    }
    Ok(drive.errors)
}

/// A cursor on its way.
struct Drive<'d, 'a, I: StorageIterator, V: ?Sized, H> {
    contract: &'d Contract,
    kind: &'d Kind<I>,
    point: &'d FailPoint,
    has: H,
    model: CursorModel<'d, &'a I::Key, &'a V>,
    errors: Vec<I::Error>,
}

/// What a call came to.
enum Outcome<E> {
    Returned(Result<bool, E>),
    Panicked,
    /// It panicked because a seek before it had been cut short.
    NoPosition,
}

impl<'a, I, V, H> Drive<'_, 'a, I, V, H>
where
    I: StorageIterator,
    V: ?Sized,
    H: Fn(&I, &V) -> bool,
{
    fn call(&mut self, cursor: &mut I, operation: &Operation<&'a I::Key>) -> Result<(), BrokenPromise> {
        let before = self.model.clone();
        let has_no_position = before.is_cut_short() && !operation.is_seek();
        let (errors, panics) = (self.point.errors(), self.point.panics());
        let outcome = match panic::catch_unwind(AssertUnwindSafe(|| (self.kind.apply)(cursor, operation))) {
            Ok(result) => Outcome::Returned(result),
            Err(payload) if payload.is::<InjectedPanic>() => Outcome::Panicked,
            Err(_) if has_no_position => Outcome::NoPosition,
            Err(payload) => panic::resume_unwind(payload),
        };
        let (errors, panics) = (self.point.errors() - errors, self.point.panics() - panics);
        let has_failed = !self.errors.is_empty();
        let is_strict = self.contract.reports_every_failure;
        if has_no_position && self.contract.is_awaited && matches!(outcome, Outcome::Returned(_)) {
            // The panic was one of a step that the seek waited for.
            self.model.reopen();
        }
        match outcome {
            Outcome::Returned(Ok(is_valid)) => {
                if has_no_position && !self.contract.is_awaited {
                    return Err(BrokenPromise::new(15, "a position, though the seek before was cut short by a panic"));
                }
                if self.contract.is_fused && has_failed {
                    return Err(BrokenPromise::new(5, "it goes on after its final error"));
                }
                if is_strict && errors + panics > 0 {
                    return Err(BrokenPromise::new(5, "an error was swallowed"));
                }
                self.model.apply(operation);
                self.point.quietly(|| self.compare(cursor, operation, is_valid, &before))
            }
            Outcome::Returned(Err(error)) => {
                let was_dead = self.contract.is_fused && has_failed;
                if errors == 0 && (!has_failed || is_strict && !was_dead) {
                    return Err(BrokenPromise::new(5, "an error, and nothing has failed"));
                }
                if is_strict && was_dead && errors > 0 {
                    return Err(BrokenPromise::new(5, "something is called after the final error"));
                }
                if is_strict && panics > 0 {
                    return Err(BrokenPromise::new(15, "a panic was swallowed"));
                }
                self.errors.push(error);
                self.model.fail(operation);
                self.assure_invalid(cursor, 5, "an error")
            }
            Outcome::Panicked => {
                self.model.panic(operation);
                self.assure_invalid(cursor, 15, "a panic")
            }
            Outcome::NoPosition => self.assure_invalid(cursor, 15, "a seek that was cut short"),
        }
    }

    fn assure_invalid(&self, cursor: &I, promise: u8, after: &str) -> Result<(), BrokenPromise> {
        if !self.contract.passes_calls_on && self.point.quietly(|| cursor.is_valid()) {
            return Err(BrokenPromise::new(promise, format!("`is_valid` answers true after {after}")));
        }
        Ok(())
    }

    /// Compares the cursor, after a call that succeeded, with the model.
    fn compare(
        &self,
        cursor: &I,
        operation: &Operation<&'a I::Key>,
        is_valid: bool,
        before: &CursorModel<'_, &'a I::Key, &'a V>,
    ) -> Result<(), BrokenPromise> {
        if cursor.is_valid() != is_valid {
            return Err(BrokenPromise::new(1, format!("`is_valid` answers {} after `Ok({is_valid})`", !is_valid)));
        }
        let promise = match operation {
            operation if operation.is_seek() => 12,
            _ if before.is_open() && !self.errors.is_empty() => 5,
            Operation::Next if before.is_at_end() => 1,
            Operation::Next if !self.kind.is_bidirectional => 12,
            _ => 3,
        };
        let expected = self.model.entry();
        let found = is_valid.then(|| cursor.key());
        if found != expected.map(|&(key, _)| key) {
            let [found, expected] = [found, expected.map(|&(key, _)| key)].map(|key| match key {
                Some(key) => format!("key {}", Shown(key)),
                None => "no entry".to_string(),
            });
            return Err(BrokenPromise::new(promise, format!("{found} where {expected} is")));
        }
        let Some((key, value)) = expected else { return Ok(()) };
        if !(self.has)(cursor, value) {
            return Err(BrokenPromise::new(promise, format!("the value of {} is another one", Shown(*key))));
        }
        let came_from = self.model.came_from().map(|&(key, _)| key);
        steps::check_shared_prefix(cursor.shared_prefix_len(), came_from, key)
    }
}

/// Whether a cursor stands on `value` itself.
pub(super) fn has_value<I: StorageIterator<Value: PartialEq>>(cursor: &I, value: &I::Value) -> bool {
    cursor.value() == value
}

/// The last calls, for a message.
fn shown<K: crate::Key>(history: &[Operation<K>]) -> String {
    const MOST: usize = 5;
    let last = &history[history.len().saturating_sub(MOST)..];
    let calls: Vec<String> = last.iter().map(ToString::to_string).collect();
    let before = if last.len() < history.len() { ".. " } else { "" };
    format!("after {before}{}", calls.join(", "))
}

/// A generator of few demands: the same numbers each time, so that what was found is found again.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}
