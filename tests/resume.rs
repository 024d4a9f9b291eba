//! Promises 5 and 6: an error is never the end of the data, and never costs an entry.
//!
//! The leaves here are hostile: they panic when they are asked for anything but `next` after a failure, so every test is one
//! of promise 6 as well.

mod support;

use quickcheck::quickcheck;
use std::sync::Arc;
use storage_iter::{
    ChildError, EntriesIterator, FuseError, MergeIterator, OrderError, ResultPairsIterator, StorageIterator,
    TwoMergeIterator,
};
use support::{
    Composition, FOR_EVER, Failure, Failures, HostileIterator, HostileLeaves, Layers, Nesting, Origin, Visitor, run,
    run_without_errors, sample_layers, visit_every_composition, visit_owned_compositions,
};

/// Runs a composition over sources that fail and over sources that do not, and compares.
struct Resuming<'a> {
    layers: &'a Layers,
    failures: Vec<Failures>,
}

impl Visitor<HostileLeaves> for Resuming<'_> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&HostileLeaves) -> I)
    where
        I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        if composition.is_fused {
            return;
        }
        let name = composition.name;
        let leaves = HostileLeaves::new(self.layers, Failures::none());
        let undisturbed = run(composition, &mut make(&leaves), 0);
        assert!(undisturbed.ended && undisturbed.errors.is_empty(), "{name}");

        for failures in &self.failures {
            let leaves = HostileLeaves::new(self.layers, failures.clone());
            let disturbed = run(composition, &mut make(&leaves), failures.sum());
            assert!(disturbed.ended, "{name}: {failures:?}");
            assert_eq!(disturbed.entries, undisturbed.entries, "{name}: {failures:?}");
            // None was swallowed, none invented, and each names its source.
            assert_eq!(disturbed.errors.len(), leaves.take_failed(), "{name}: {failures:?}");
            for error in disturbed.errors {
                let failure = error.failure().unwrap_or_else(|| panic!("{name}: an error of its own: {failures:?}"));
                assert_eq!(error.path(), &*failure.path, "{name}: {failure}");
            }
        }
    }
}

/// The steps of all sources, with the one that finds the end.
fn steps(layers: &Layers) -> Vec<(usize, usize)> {
    layers.0.iter().enumerate().flat_map(|(source, layer)| (0..=layer.len()).map(move |step| (source, step))).collect()
}

#[test]
fn every_iterator_resumes_after_each_error() {
    let layers = sample_layers();
    let mut failures = vec![];
    for (source, step) in steps(&layers) {
        failures.push(Failures::none().and(source, step, 1));
        failures.push(Failures::none().and(source, step, 3));
    }
    visit_every_composition(&mut Resuming { layers: &layers, failures });
}

#[test]
fn every_iterator_resumes_when_two_sources_fail() {
    let layers = sample_layers();
    let mut failures = vec![];
    for (source, step) in steps(&layers) {
        for (other_source, other_step) in steps(&layers) {
            failures.push(Failures::none().and(source, step, 1).and(other_source, other_step, 1));
        }
    }
    visit_every_composition(&mut Resuming { layers: &layers, failures });
}

#[test]
fn every_iterator_resumes_when_every_step_fails() {
    let layers = sample_layers();
    let failures = [1, 2, 5].map(|times| Failures::everywhere(&layers, times)).to_vec();
    visit_every_composition(&mut Resuming { layers: &layers, failures });
}

quickcheck! {
    fn every_iterator_resumes_over_any_input(layers: Layers, failures: Failures) -> bool {
        let everywhere = Failures::everywhere(&layers, 1);
        visit_owned_compositions(&mut Resuming { layers: &layers, failures: vec![failures, everywhere] });
        true
    }

    fn every_nesting_resumes(nesting: Nesting, layers: Layers, failures: Failures) -> bool {
        let expected = nesting.expected(&layers);
        [failures, Failures::everywhere(&layers, 1)].into_iter().all(|failures| {
            let sum = failures.sum();
            let disturbed = run(Composition::of("nesting"), &mut nesting.build(&layers, &Arc::new(failures)), sum);
            let paths_are_right =
                disturbed.errors.iter().all(|error| error.failure().is_some_and(|failure| *failure.path == error.path()));
            disturbed.ended && disturbed.entries == expected && paths_are_right
        })
    }
}

/// Lets a source die at each step, and calls `next` a hundred times more.
struct Dying<'a> {
    layers: &'a Layers,
}

impl Visitor<HostileLeaves> for Dying<'_> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&HostileLeaves) -> I)
    where
        I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let name = composition.name;
        let leaves = HostileLeaves::new(self.layers, Failures::none());
        let undisturbed = run(composition, &mut make(&leaves), 0);

        for (source, step) in steps(self.layers) {
            let leaves = HostileLeaves::new(self.layers, Failures::none().and(source, step, FOR_EVER));
            let dead = run(composition, &mut make(&leaves), 100);
            if leaves.take_failed() == 0 {
                // It has no use for that step, so nothing happens to it.
                assert_eq!(dead.entries, undisturbed.entries, "{name}: source {source} at step {step}");
                continue;
            }
            assert!(!dead.ended, "{name}: took the death of source {source} at step {step} for the end");
            assert_eq!(dead.errors.len(), 101, "{name}: an entry after an error of source {source} at step {step}");
            // Every entry until then was right.
            assert!(undisturbed.entries.starts_with(&dead.entries), "{name}: source {source} at step {step}");
        }
    }
}

#[test]
fn a_dead_source_never_looks_exhausted() {
    visit_every_composition(&mut Dying { layers: &sample_layers() });
}

/// The sources of std iterators: they cannot go on, so they say so for ever.
#[test]
fn a_failed_std_iterator_never_looks_exhausted() {
    for failing in 0..4 {
        let pairs = (0..4).map(|key| if key == failing { Err("torn page") } else { Ok((key, 'a')) });
        let mut entries = ResultPairsIterator::new(pairs);
        for _ in 0..failing {
            assert_eq!(entries.next(), Ok(true));
        }
        assert_eq!(entries.next(), Err(FuseError::First("torn page")));
        for _ in 0..100 {
            assert!(!entries.is_valid());
            assert_eq!(entries.next(), Err(FuseError::Again));
        }
    }
}

/// `fuse` is the exception: its first error is final, though the source could go on.
struct Fusing<'a> {
    layers: &'a Layers,
}

impl Visitor<HostileLeaves> for Fusing<'_> {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&HostileLeaves) -> I)
    where
        I: StorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        if !composition.is_fused {
            return;
        }
        let name = composition.name;
        let undisturbed = run(composition, &mut make(&HostileLeaves::new(self.layers, Failures::none())), 0);
        for (source, step) in steps(self.layers) {
            let leaves = HostileLeaves::new(self.layers, Failures::none().and(source, step, 1));
            let fused = run(composition, &mut make(&leaves), 100);
            if leaves.take_failed() == 0 {
                assert!(fused.ended && fused.errors.is_empty(), "{name}");
                continue;
            }
            assert!(!fused.ended, "{name}: goes on after an error");
            assert!(undisturbed.entries.starts_with(&fused.entries), "{name}");
            let (first, others) = fused.errors.split_first().expect("a source has failed");
            let failure = first.failure().expect("the first error is the source's");
            assert_eq!((failure.step, first.path()), (step, failure.path.to_vec()), "{name}");
            assert!(others.iter().all(|error| error.failure().is_none()), "{name}: asked the source again");
        }
    }
}

#[test]
fn fuse_makes_the_first_error_final() {
    visit_every_composition(&mut Fusing { layers: &sample_layers() });
}

fn hostile(layer: usize, failures: &Arc<Failures>) -> HostileIterator {
    HostileIterator::new(sample_layers().layer(layer), layer, Arc::clone(failures), &[layer])
}

/// The std iterator made of a storage iterator goes on behind its errors as well.
#[test]
fn entries_resume() {
    let layers = sample_layers();
    for (source, step) in steps(&layers) {
        let failures = Arc::new(Failures::none().and(source, step, 2));
        let merged = MergeIterator::new((0..layers.0.len()).map(|layer| hostile(layer, &failures)));
        let (entries, errors): (Vec<_>, Vec<_>) = EntriesIterator::new(merged).partition(Result::is_ok);
        let entries: Vec<_> = entries.into_iter().map(Result::unwrap).collect();
        assert_eq!(entries, support::oracles::newest(&layers.0));
        let expected = |time| Err(ChildError { child: source, error: Failure { path: [source].into(), step, time } });
        assert_eq!(errors, [expected(1), expected(2)]);
    }
}

/// What consumes an iterator stops at the first error and says what it was; with `by_ref` it can be called again.
#[test]
fn consumers_stop_at_the_first_error() {
    let failures = Arc::new(Failures::none().and(1, 2, 1));
    let failure = Failure { path: [1].into(), step: 2, time: 1 };
    let entries = || hostile(1, &failures);
    let keys = [b"a".as_slice(), b"b", b"c\0", b"d", b"f"];

    assert_eq!(entries().count(), Err(failure.clone()));
    assert_eq!(entries().collect::<Vec<_>>(), Err(failure.clone()));
    assert_eq!(entries().for_each(|_, _| {}), Err(failure.clone()));

    let mut iterator = entries();
    assert_eq!(iterator.by_ref().count(), Err(failure.clone()));
    assert_eq!(iterator.count(), Ok(3));

    let mut iterator = entries();
    let mut seen: Vec<Vec<u8>> = vec![];
    let mut see = |key: &[u8], _: &[u8]| {
        seen.push(key.to_vec());
        Ok::<_, Failure>(())
    };
    assert_eq!(iterator.try_for_each(&mut see), Err(failure));
    assert_eq!(iterator.try_for_each(&mut see), Ok(()));
    assert_eq!(seen, keys);
}

/// `try_for_each` that its closure stops goes on behind the entry that the closure has seen.
#[test]
fn try_for_each_goes_on_behind_the_entry_that_stopped_it() {
    let mut entries = hostile(1, &Arc::default());
    let mut seen = 0;
    let stop = Failure { path: [].into(), step: 0, time: 0 };
    let mut stopped = 0;
    while entries
        .try_for_each(|_, _| {
            seen += 1;
            Err(stop.clone())
        })
        .is_err()
    {
        stopped += 1;
    }
    assert_eq!((seen, stopped), (5, 5));
}

/// A child that fails is asked again; its sisters, which have moved, are not.
#[test]
fn only_the_child_that_failed_is_moved_again() {
    let failures = Arc::new(Failures::none().and(1, 0, 4));
    // Were the first one moved again, it would lose its first entry, which the second does not have.
    let mut merged = TwoMergeIterator::new(hostile(0, &failures), hostile(1, &failures));
    for time in 1..=4 {
        let error = merged.next().expect_err("fails four times");
        assert_eq!((error.child, error.error.time), (1, time));
    }
    assert_eq!(merged.next(), Ok(true));
    assert_eq!((merged.key(), merged.value()), (b"".as_slice(), b"e0".as_slice()));
}

/// `take` must not count steps that failed, nor ask for one more when it has enough.
#[test]
fn take_counts_entries_only() {
    for step in 0..3 {
        let mut three = hostile(1, &Arc::new(Failures::none().and(1, step, 2))).take(3);
        let run = run(Composition::of("take"), &mut three, 2);
        assert_eq!((run.entries.len(), run.errors.len()), (3, 2));
    }
    let dies_behind = Arc::new(Failures::none().and(1, 3, FOR_EVER));
    assert_eq!(run_without_errors("take", hostile(1, &dies_behind).take(3)).len(), 3);
}

/// `check_order`'s own errors stay as they are, and the source's errors pass.
#[test]
fn check_order_tells_its_errors_from_the_sources() {
    let entries = [(b"b".to_vec(), vec![]), (b"a".to_vec(), vec![])];
    let failures = Arc::new(Failures::none().and(0, 1, 1));
    let mut checked = HostileIterator::new(&entries, 0, failures, &[]).check_order();
    assert_eq!(checked.next(), Ok(true));
    assert!(matches!(checked.next(), Err(OrderError::Child(Failure { step: 1, time: 1, .. }))));
    for _ in 0..3 {
        assert_eq!(checked.next(), Err(OrderError::NotAscending { previous: b"b".to_vec(), key: b"a".to_vec() }));
        assert!(!checked.is_valid());
    }
}
