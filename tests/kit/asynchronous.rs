//! Asynchronous iterators: what is right passes, and what loses or repeats something when a future is dropped does not.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use quickcheck::quickcheck;
use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, FromSync, MergeIterator};
use storage_iter::testing::{
    Attempt, Attempts, BlockingIterator, Contract, FailPoint, FailingIterator, HostileIterator, Operations,
    PendingIterator, PendingPlan, SortedEntries, VerifyingIterator, block_on, check_async_contract,
    check_async_seekable_contract, poll_times,
};
use storage_iter::{SliceIterator, StorageIterator};

use super::{ENTRIES, TARGETS, assert_broken, assert_panics, slice};

fn waiting<I>(iterator: I, times: &[usize]) -> PendingIterator<FromSync<I>> {
    PendingIterator::new(FromSync::new(iterator), &PendingPlan::new(times), 0)
}

// What is right.

#[test]
fn what_waits_keeps_the_contract() {
    assert_eq!(check_async_contract(|| FromSync::new(slice())).entries, ENTRIES);
    for times in [[].as_slice(), &[1], &[0, 3, 1], &[2, 0]] {
        assert_eq!(check_async_contract(|| waiting(slice(), times)).entries, ENTRIES);
        assert_eq!(check_async_seekable_contract(&TARGETS, || waiting(slice(), times)).entries, ENTRIES);
        let merged = || MergeIterator::new([waiting(slice(), times), waiting(slice(), &[1, 0])]);
        assert_eq!(check_async_seekable_contract(&TARGETS, merged).entries, ENTRIES);
        let forgetting = || PendingIterator::new(FromSync::new(slice()), &PendingPlan::new(times).forgetting(), 0);
        assert_eq!(check_async_seekable_contract(&TARGETS, forgetting).entries, ENTRIES);
        let failing = |point| waiting(FailingIterator::new(slice(), point), times);
        assert_eq!(Contract::new().check_async_under_failures(failing).unwrap().entries, ENTRIES);
        let checked = Contract::new().check_async_seekable_under_failures(&TARGETS, failing);
        assert_eq!(checked.unwrap().entries, ENTRIES);
    }
}

quickcheck! {
    /// Sources that mind being asked, under every plan.
    fn waiting_keeps_the_place(
        entries: SortedEntries, operations: Operations, plan: PendingPlan, attempts: Attempts
    ) -> bool {
        let source = FromSync::new(HostileIterator::harmless(&entries.0));
        let cursor = BlockingIterator::new(PendingIterator::new(source, &plan, 1)).attempting(&attempts);
        let operations = operations.near(&entries.keys(), <[u8]>::to_vec);
        Contract::new().check_seekable_operations(cursor, &entries.0, &operations, &FailPoint::harmless()).is_ok()
    }
}

/// The plan is what happens, no more and no less.
#[test]
fn a_step_is_pending_as_often_as_planned() {
    let pending = Arc::new(AtomicUsize::new(0));
    let counted = || pending.swap(0, Ordering::Relaxed);
    let mut entries = waiting(slice(), &[0, 2, 1]).counting_in(&pending);
    assert_eq!((block_on(entries.next()), counted()), (Ok(true), 0));
    assert_eq!((block_on(entries.next()), counted()), (Ok(true), 2));
    assert_eq!((block_on(entries.next()), counted()), (Ok(true), 1));
    assert_eq!((entries.try_next(), counted()), (Some(Ok(true)), 0));
    assert_eq!((entries.try_next(), entries.is_valid()), (None, false));
    // What was waited for is remembered, unless it is to be forgotten.
    assert_eq!((poll_times(entries.next(), 1), counted()), (None, 1));
    assert_eq!((poll_times(entries.next(), 2), counted()), (Some(Ok(true)), 1));
    assert_eq!(entries.key(), &"dart");
    assert_eq!((block_on(entries.next()), counted()), (Ok(false), 1));
    assert_eq!((block_on(entries.next()), counted()), (Ok(false), 0));
    let plan = PendingPlan::always(2).forgetting();
    let mut entries = PendingIterator::new(FromSync::new(slice()), &plan, 0).counting_in(&pending);
    assert_eq!((poll_times(entries.next(), 2), counted()), (None, 2));
    assert_eq!((poll_times(entries.next(), 2), counted()), (None, 2));
    assert_eq!((poll_times(entries.next(), 3), counted()), (Some(Ok(true)), 2));
    // A seek waits as well, and has gone nowhere until it is awaited.
    assert_eq!((entries.try_seek(&"cz"), entries.is_valid()), (None, false));
    assert_eq!((block_on(entries.next()), *entries.key()), (Ok(true), "d"));
}

#[test]
fn a_step_that_failed_is_waited_for_again() {
    let pending = Arc::new(AtomicUsize::new(0));
    let failing = FailingIterator::new(slice(), FailPoint::failing_at(0, 2));
    let mut entries = waiting(failing, &[3]).counting_in(&pending);
    assert!(block_on(entries.next()).is_err() && !entries.is_valid());
    assert!(block_on(entries.next()).is_err());
    assert_eq!(block_on(entries.next()).ok(), Some(true));
    assert_eq!(pending.load(Ordering::Relaxed), 9);
}

#[test]
fn under_a_combinator_it_minds_being_asked() {
    let waiting = || waiting(slice(), &[1]).under_combinator();
    type Waiting = PendingIterator<FromSync<SliceIterator<'static, &'static str, u64>>>;
    let touches: [fn(&Waiting); 3] = [|it| _ = it.is_valid(), |it| _ = it.key(), |it| _ = it.value()];
    for touch in touches {
        let mut entries = waiting();
        assert!(!entries.is_valid());
        assert_eq!(entries.try_next(), None);
        assert_panics("promise 6 (hands off)", || touch(&entries));
        assert_eq!(block_on(entries.next()), Ok(true));
        touch(&entries);
    }
}

/// The instruments of synchronous iterators, over and under what is awaited.
#[test]
fn synchronous_instruments_do_for_asynchronous_iterators() {
    let blocking = VerifyingIterator::new(BlockingIterator::new(waiting(slice(), &[2])));
    assert_eq!(blocking.count(), Ok(ENTRIES.len()));
    let mut disordered =
        VerifyingIterator::new(BlockingIterator::new(waiting(SliceIterator::new(&[("b", 1), ("a", 2)]), &[1])));
    assert_eq!(disordered.next(), Ok(true));
    assert_panics("promise 4 (order)", || disordered.next());
}

// What is wrong.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// It moves, then waits: who drops the future loses an entry.
    MovesBeforeItWaits,
    /// It takes back the step before when it is dropped, and makes that one again.
    GoesBack,
    /// It stands on the entry before while it waits.
    ValidWhileItWaits,
    /// Once it was dropped it says that there is nothing more.
    DropIsTheEnd,
    /// `try_next` says that there is nothing more where there is nothing at hand.
    NothingAtHandIsTheEnd,
    /// `try_next` passes over an entry that is not at hand.
    TrySkips,
    /// It wakes nobody.
    WakesNobody,
    /// The second time it waits within a step it forgets that it has moved.
    LosesTheSecondWait,
    /// The target of a seek is in the future alone.
    SeekIsInTheFuture,
    /// Entries in the wrong order, whoever waits for what.
    OutOfOrder,
}

/// Entries that are waited for twice each, and what is wrong with them.
struct Flawed {
    entries: Vec<(&'static str, u64)>,
    flaw: Flaw,
    point: FailPoint,
    /// How many entries have come out.
    passed: usize,
    /// A step has begun.
    is_waiting: bool,
    is_valid: bool,
    is_at_end: bool,
}

impl Flawed {
    fn new(flaw: Flaw, point: FailPoint) -> Self {
        let mut entries = ENTRIES.to_vec();
        if flaw == Flaw::OutOfOrder {
            entries.swap(2, 3);
        }
        Flawed { entries, flaw, point, passed: 0, is_waiting: false, is_valid: false, is_at_end: false }
    }

    async fn wait(&mut self) {
        let wakes = self.flaw != Flaw::WakesNobody;
        let mut is_first = true;
        poll_fn(|context| {
            if !std::mem::take(&mut is_first) {
                return Poll::Ready(());
            }
            if wakes {
                context.waker().wake_by_ref();
            }
            Poll::Pending
        })
        .await;
    }
}

impl AsyncStorageIterator for Flawed {
    type Key = &'static str;
    type Value = u64;
    type Error = io::Error;

    async fn next(&mut self) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        let was_dropped = std::mem::replace(&mut self.is_waiting, true);
        self.is_valid &= self.flaw == Flaw::ValidWhileItWaits;
        match self.flaw {
            Flaw::MovesBeforeItWaits => self.passed += 1,
            Flaw::DropIsTheEnd if was_dropped => return Ok(false),
            Flaw::GoesBack if was_dropped => self.passed = self.passed.saturating_sub(1),
            _ => {}
        }
        self.wait().await;
        if self.flaw == Flaw::LosesTheSecondWait {
            self.passed += 1;
        }
        self.wait().await;
        self.point.pass()?;
        let has_moved = matches!(self.flaw, Flaw::MovesBeforeItWaits | Flaw::LosesTheSecondWait);
        self.passed += usize::from(!has_moved);
        self.is_waiting = false;
        self.is_valid = self.passed <= self.entries.len();
        self.is_at_end = !self.is_valid;
        Ok(self.is_valid)
    }

    fn try_next(&mut self) -> Option<io::Result<bool>> {
        match self.flaw {
            Flaw::NothingAtHandIsTheEnd => {
                self.is_valid = false;
                return Some(Ok(false));
            }
            Flaw::TrySkips if self.passed < self.entries.len() => self.passed += 1,
            _ => {}
        }
        self.is_valid &= self.flaw == Flaw::ValidWhileItWaits;
        None
    }

    fn is_valid(&self) -> bool {
        self.is_valid
    }

    fn key(&self) -> &&'static str {
        assert!(self.is_valid, "not on an entry");
        &self.entries[self.passed - 1].0
    }

    fn value(&self) -> &u64 {
        assert!(self.is_valid, "not on an entry");
        &self.entries[self.passed - 1].1
    }
}

impl AsyncSeekableIterator for Flawed {
    fn try_seek(&mut self, key: &&'static str) -> Option<io::Result<bool>> {
        self.is_valid = false;
        (self.is_waiting, self.is_at_end) = (false, false);
        self.passed = self.entries.partition_point(|(entry, _)| entry < key);
        None
    }

    fn try_seek_to_first(&mut self) -> Option<io::Result<bool>> {
        self.try_seek(&"")
    }

    async fn seek(&mut self, key: &&'static str) -> io::Result<bool> {
        if self.flaw == Flaw::SeekIsInTheFuture {
            self.is_valid = false;
            self.wait().await;
        }
        if let Some(sought) = self.try_seek(key) {
            return sought;
        }
        self.next().await
    }
}

#[test]
fn flaws_of_what_waits_are_caught_as_what_they_are() {
    let contract = Contract::new();
    let check = |flaw| contract.check_async(|| Flawed::new(flaw, FailPoint::harmless()));
    assert_eq!(check(Flaw::None).unwrap().entries, ENTRIES);
    assert_eq!(check(Flaw::SeekIsInTheFuture).unwrap().entries, ENTRIES);
    for (flaw, promise, message) in [
        (Flaw::MovesBeforeItWaits, 13, r#"entry "b" is lost"#),
        (Flaw::GoesBack, 13, "key"),
        (Flaw::ValidWhileItWaits, 13, "`is_valid` answers true after"),
        (Flaw::DropIsTheEnd, 13, "taken for the end"),
        (Flaw::NothingAtHandIsTheEnd, 13, r#"with `try_next` first: taken for the end: "b" and what follows is lost"#),
        (Flaw::TrySkips, 13, r#"with `try_next` first: entry "b" is lost"#),
        (Flaw::LosesTheSecondWait, 13, "with futures dropped after 2 polls"),
        (Flaw::OutOfOrder, 4, r#"key "c" comes after "d", which is not less"#),
    ] {
        assert_broken(check(flaw), promise, message);
        assert_broken(contract.check_async_under_failures(|point| Flawed::new(flaw, point)), promise, "");
        assert_broken(
            contract.check_async_seekable(&TARGETS, || Flawed::new(flaw, FailPoint::harmless())),
            promise,
            "",
        );
    }
    assert_panics("nobody can wake it", || check(Flaw::WakesNobody));
}

#[test]
fn flaws_of_seeks_that_wait_are_caught_as_what_they_are() {
    let contract = Contract::new();
    let check = |flaw| contract.check_async_seekable(&TARGETS, || Flawed::new(flaw, FailPoint::harmless()));
    assert_eq!(check(Flaw::None).unwrap().entries, ENTRIES);
    let failing = contract.check_async_seekable_under_failures(&TARGETS, |point| Flawed::new(Flaw::None, point));
    assert_eq!(failing.unwrap().entries, ENTRIES);
    assert_broken(check(Flaw::SeekIsInTheFuture), 13, "seek");
}

/// Alone, without a check: the message is the same.
#[test]
fn a_driver_minds_what_is_valid_while_it_waits() {
    let dropping = Attempts::at_every_step(&[Attempt::DropAfter(1)]);
    let flawed = Flawed::new(Flaw::ValidWhileItWaits, FailPoint::harmless());
    let mut blocking = BlockingIterator::new(flawed).attempting(&dropping);
    assert!(matches!(blocking.next(), Ok(true)));
    assert_panics("promise 13 (dropped futures): `is_valid` answers true after", || blocking.next());
    let mut unasked = BlockingIterator::new(Flawed::new(Flaw::ValidWhileItWaits, FailPoint::harmless()));
    unasked = unasked.attempting(&dropping).passing_calls_on();
    assert!(matches!(unasked.next(), Ok(true)) && matches!(unasked.next(), Ok(true)));
}

/// A waker that another thread uses, late.
#[test]
fn blocking_sleeps_until_it_is_woken() {
    let mut handle = None;
    let mut is_woken = false;
    let waited: Result<u64, Infallible> = block_on(poll_fn(|context| {
        if is_woken {
            return Poll::Ready(Ok(7));
        }
        is_woken = true;
        let waker = context.waker().clone();
        handle = Some(std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            waker.wake();
        }));
        Poll::Pending
    }));
    assert_eq!(waited, Ok(7));
    handle.unwrap().join().unwrap();
}

/// A source of tokio's, in tokio's time.
#[tokio::test]
async fn a_source_over_tokio_is_checked_in_its_runtime() {
    struct Slow(SliceIterator<'static, &'static str, u64>, bool);

    impl AsyncStorageIterator for Slow {
        type Key = &'static str;
        type Value = u64;
        type Error = Infallible;

        async fn next(&mut self) -> Result<bool, Infallible> {
            self.1 = true;
            tokio::time::sleep(std::time::Duration::from_micros(100)).await;
            self.1 = false;
            self.0.next()
        }

        fn is_valid(&self) -> bool {
            !self.1 && self.0.is_valid()
        }

        fn key(&self) -> &&'static str {
            assert!(!self.1);
            self.0.key()
        }

        fn value(&self) -> &u64 {
            assert!(!self.1);
            self.0.value()
        }
    }
    let check = tokio::task::spawn_blocking(|| check_async_contract(|| Slow(slice(), false)));
    assert_eq!(check.await.expect("no promise is broken").entries, ENTRIES);
}
