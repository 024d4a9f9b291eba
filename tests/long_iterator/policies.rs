//! When each policy refreshes, to the entry.

use std::cell::{Cell, RefCell};
use std::ops::Bound::{self, Excluded, Unbounded};
use std::thread;
use std::time::{Duration, Instant};

use storage_iter::testing::{FailPoint, FailingIterator};
use storage_iter::{
    OwnedSortedRunIterator, RefreshAfter, RefreshAlways, RefreshEveryBytes, RefreshEveryEntries, RefreshIterator,
    RefreshNever, RefreshOnViewChange, RefreshPolicy, RefreshSignal, ScanFn, ScanSource, SliceIterator, SortedRun,
    StorageIterator,
};

/// Ten numbers, and a version that the test changes.
struct Numbers {
    run: SortedRun<u64, str>,
    version: Cell<u64>,
}

impl Numbers {
    fn new() -> Self {
        let pairs: Vec<_> = (0..10_u64).map(|number| (number, "12")).collect();
        Numbers { run: SliceIterator::new(&pairs).borrowed().collect().unwrap(), version: Cell::new(0) }
    }
}

impl ScanSource for Numbers {
    type Iter = OwnedSortedRunIterator<u64, str>;
    type Error = std::convert::Infallible;

    fn scan(
        &self,
        lower: std::ops::Bound<&u64>,
        upper: std::ops::Bound<&u64>,
    ) -> Result<Self::Iter, std::convert::Infallible> {
        Ok(self.run.clone().scan_owned(lower, upper))
    }

    fn version(&self) -> u64 {
        self.version.get()
    }
}

/// The keys at which the iterator has just been refreshed. All keys must come out, whatever the policy does.
fn first_keys(policy: impl RefreshPolicy, mut before_step: impl FnMut(u64, &Numbers)) -> Vec<u64> {
    let numbers = Numbers::new();
    let mut iterator = RefreshIterator::new(&numbers, Unbounded, Unbounded).refresh_when(policy);
    let (mut first, mut refreshes) = (vec![], 0);
    for number in 0..10 {
        before_step(number, &numbers);
        assert_eq!(iterator.next(), Ok(true));
        assert_eq!((*iterator.key(), iterator.value()), (number, "12"));
        if iterator.refreshes() > refreshes {
            first.push(number);
            refreshes = iterator.refreshes();
        }
        assert_eq!(iterator.entries_since_refresh(), number - first[first.len() - 1] + 1);
    }
    before_step(10, &numbers);
    assert_eq!(iterator.next(), Ok(false));
    if iterator.refreshes() > refreshes {
        first.push(10);
    }
    first
}

fn nothing(_: u64, _: &Numbers) {}

#[test]
fn never_and_always() {
    assert_eq!(first_keys(RefreshNever, nothing), [0]);
    assert_eq!(first_keys(RefreshAlways, nothing), Vec::from_iter(0..=10));
}

#[test]
fn every_so_many_entries() {
    assert_eq!(first_keys(RefreshEveryEntries::new(3), nothing), [0, 3, 6, 9]);
    assert_eq!(first_keys(RefreshEveryEntries::new(10), nothing), [0, 10]);
    assert_eq!(first_keys(RefreshEveryEntries::new(11), nothing), [0]);
    assert_eq!(first_keys(RefreshEveryEntries::new(0), nothing), Vec::from_iter(0..=10), "at least one");
}

#[test]
fn every_so_many_bytes() {
    // Entries of 8 + 2 bytes.
    assert_eq!(first_keys(RefreshEveryBytes::new(30), nothing), [0, 3, 6, 9]);
    assert_eq!(first_keys(RefreshEveryBytes::new(31), nothing), [0, 4, 8]);
    assert_eq!(first_keys(RefreshEveryBytes::new(0), nothing), Vec::from_iter(0..=10), "at least one");
    assert_eq!(first_keys(RefreshEveryBytes::new(usize::MAX), nothing), [0]);
}

#[test]
fn when_the_view_changes() {
    let changes = |at: &'static [u64]| {
        move |number, numbers: &Numbers| {
            if at.contains(&number) {
                numbers.version.set(numbers.version.get() + 1);
            }
        }
    };
    assert_eq!(first_keys(RefreshOnViewChange::new(), nothing), [0]);
    assert_eq!(first_keys(RefreshOnViewChange::new(), changes(&[0])), [0], "the first iterator is of that version");
    assert_eq!(first_keys(RefreshOnViewChange::new(), changes(&[1, 9])), [0, 1, 9], "first and last entry");
    assert_eq!(first_keys(RefreshOnViewChange::new(), changes(&[4, 5, 10])), [0, 4, 5, 10]);
}

#[test]
fn on_a_signal() {
    let signal = RefreshSignal::new();
    signal.request();
    let policy = signal.policy();
    let keys = first_keys(policy, |number, _| {
        if [0, 3, 4, 10].contains(&number) {
            let elsewhere = signal.clone();
            thread::spawn(move || {
                elsewhere.request();
                elsewhere.request();
            })
            .join()
            .unwrap();
        }
    });
    assert_eq!(keys, [0, 3, 4, 10]);
}

#[test]
fn one_signal_reaches_all_its_iterators() {
    let (signal, numbers) = (RefreshSignal::new(), Numbers::new());
    let mut iterators =
        [(); 3].map(|()| RefreshIterator::new(&numbers, Unbounded, Unbounded).refresh_when(signal.policy()));
    for iterator in &mut iterators {
        iterator.next().unwrap();
    }
    signal.request();
    for iterator in &mut iterators {
        iterator.next().unwrap();
        iterator.next().unwrap();
        assert_eq!((iterator.refreshes(), *iterator.key()), (2, 2));
    }
}

/// Whatever else the machine does meanwhile: nothing is asked of a step but that it takes no less than it sleeps. How seldom the
/// clock is read is tested where it is.
#[test]
fn after_some_time() {
    let age = Duration::from_millis(5);
    let slow = |_, _: &Numbers| thread::sleep(age);
    assert_eq!(first_keys(RefreshAfter::new(Duration::from_secs(3600)), slow), [0]);
    assert_eq!(first_keys(RefreshAfter::new(Duration::ZERO), nothing), Vec::from_iter(0..=10));
    assert_eq!(first_keys(RefreshAfter::new(age), slow), Vec::from_iter(0..=10));
    // Never before its time, however long the steps take.
    let begins = RefCell::new(vec![]);
    let keys = first_keys(RefreshAfter::new(age), |_, _| {
        begins.borrow_mut().push(Instant::now());
        thread::sleep(age / 4);
    });
    let begins = begins.into_inner();
    let ended = Instant::now();
    for pair in keys.windows(2) {
        let [opened_in, due_in] = [pair[0], pair[1]].map(|number| number as usize);
        let at_the_latest = begins.get(due_in + 1).copied().unwrap_or(ended);
        assert!(at_the_latest - begins[opened_in] >= age, "refreshed though it was young: {keys:?}");
    }
}

#[test]
fn when_any_says_so() {
    let policy = RefreshEveryEntries::new(4).or(RefreshEveryBytes::new(70)).or(RefreshNever);
    assert_eq!(first_keys(policy, nothing), [0, 4, 8]);
    let signal = RefreshSignal::new();
    let policy = RefreshEveryEntries::new(4).or(signal.policy());
    let keys = first_keys(policy, |number, _| {
        if number == 2 {
            signal.request();
        }
    });
    assert_eq!(keys, [0, 2, 6, 10], "the count starts anew with each iterator");
}

#[test]
fn a_policy_can_be_changed() {
    let numbers = Numbers::new();
    let iterator = RefreshIterator::new(&numbers, Excluded(&4), Unbounded).refresh_when(RefreshAlways);
    let mut iterator = iterator.refresh_when(RefreshNever);
    let mut ahead = iterator.clone();
    while iterator.next().unwrap() {}
    assert_eq!(iterator.refreshes(), 1);
    assert_eq!(ahead.next(), Ok(true));
    assert_eq!(ahead.key(), &5);
}

/// Every iterator may fail at its first step and completes it at the next. One that was replaced in between would never come to
/// an entry.
#[test]
fn a_first_step_may_be_completed() {
    fn keys(policy: impl RefreshPolicy + std::fmt::Debug) -> Vec<u64> {
        let name = format!("{policy:?}");
        let run = Numbers::new().run;
        let scan = |lower: Bound<&u64>, upper: Bound<&u64>| {
            Ok(FailingIterator::new(run.clone().scan_owned(lower, upper), FailPoint::failing_at(0, 1)))
        };
        let mut iterator = RefreshIterator::new(ScanFn::new(scan, || 0), Unbounded, Unbounded).refresh_when(policy);
        let mut keys = vec![];
        for _ in 0..100 {
            match iterator.next() {
                Ok(true) => keys.push(*iterator.key()),
                Ok(false) => return keys,
                Err(_) => {}
            }
        }
        panic!("{name}: no progress behind {keys:?}")
    }
    let all = Vec::from_iter(0..10);
    assert_eq!(keys(RefreshNever), all);
    assert_eq!(keys(RefreshAlways), all);
    assert_eq!(keys(RefreshEveryEntries::new(0)), all);
    assert_eq!(keys(RefreshEveryBytes::new(0)), all);
    assert_eq!(keys(RefreshAfter::new(Duration::ZERO)), all);
    assert_eq!(keys(RefreshOnViewChange::new().or(RefreshAlways)), all);
}

/// The version of a source that is made of closures.
#[test]
fn closures_tell_their_version() {
    let (run, version) = (Numbers::new().run, Cell::new(7));
    let scan = |lower: Bound<&u64>, upper: Bound<&u64>| Ok(run.clone().scan_owned(lower, upper));
    let mut iterator = RefreshIterator::new(ScanFn::new(scan, || version.get()), Unbounded, Unbounded);
    for (now, refreshes) in [(7, 1), (7, 1), (8, 2), (0, 3), (0, 3), (1, 4)] {
        version.set(now);
        assert_eq!((iterator.next(), iterator.refreshes()), (Ok(true), refreshes));
    }
}
