//! Promise 5 where there is waiting: errors and dropped futures, mixed, cost nothing.

use quickcheck::quickcheck;
use storage_iter::StorageIterator;
use storage_iter::async_iter::AsyncStorageIterator;

use crate::compositions::{AsyncLeaves, SyncLeaves, Visitor, visit_every_composition};
use crate::driver::{Attempt, Driver};
use crate::support::{Composition, FOR_EVER, Failures, Layers, Origin, run, sample_layers};
use crate::waiting::Waits;

/// Runs a composition over sources that fail and wait, drops futures, and compares with the synchronous twin over sources that
/// do neither.
pub(crate) struct Resuming<'a> {
    pub(crate) layers: &'a Layers,
    pub(crate) failures: &'a [Failures],
    pub(crate) waits: &'a [Waits],
    pub(crate) drivers: &'a [Driver],
}

impl Visitor for Resuming<'_> {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: StorageIterator<Key = [u8], Value = [u8]>,
        A: AsyncStorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let name = composition.name;
        let expected = run(composition, &mut synchronous(&SyncLeaves(self.layers)), 0);
        for failures in self.failures {
            if composition.is_fused && failures.sum() > 0 {
                continue;
            }
            for waits in self.waits {
                for driver in self.drivers {
                    let leaves = AsyncLeaves::new(self.layers, failures, waits);
                    let disturbed = driver.run(composition, &mut asynchronous(&leaves), failures.sum());
                    let context = || format!("{name}: {failures:?}, {waits:?}, {driver:?}");
                    assert!(disturbed.ended && expected.ended, "{}", context());
                    assert_eq!(disturbed.entries, expected.entries, "{}", context());
                    // None was swallowed, none invented, and each names its source.
                    assert_eq!(disturbed.errors.len(), leaves.failed(), "{}", context());
                    for error in disturbed.errors {
                        let failure = error.failure().unwrap_or_else(|| panic!("an error of its own: {}", context()));
                        assert_eq!(error.path(), &*failure.path, "{}", context());
                    }
                }
            }
        }
    }
}

fn steps(layers: &Layers) -> Vec<(usize, usize)> {
    layers.0.iter().enumerate().flat_map(|(source, layer)| (0..=layer.len()).map(move |step| (source, step))).collect()
}

fn drivers() -> [Driver; 4] {
    [
        Driver::patient(),
        Driver::impatient(&[Attempt::DropAfter(1)]),
        Driver::impatient(&[Attempt::DropAfter(2), Attempt::DropAfter(1)]),
        Driver::impatient(&[Attempt::Try, Attempt::DropAfter(1)]),
    ]
}

#[test]
fn every_composition_resumes_after_each_error() {
    let layers = sample_layers();
    let failures: Vec<_> =
        steps(&layers).into_iter().map(|(source, step)| Failures::none().and(source, step, 2)).collect();
    let waits = [Waits::never(), Waits::of(&[0, 1], false), Waits::of(&[2, 1, 0], true)];
    visit_every_composition(&mut Resuming { layers: &layers, failures: &failures, waits: &waits, drivers: &drivers() });
}

#[test]
fn every_composition_resumes_when_every_step_fails() {
    let layers = sample_layers();
    let failures = [1, 3].map(|times| Failures::everywhere(&layers, times));
    let waits = [Waits::of(&[1], true), Waits::of(&[0, 3, 1], false)];
    visit_every_composition(&mut Resuming { layers: &layers, failures: &failures, waits: &waits, drivers: &drivers() });
}

quickcheck! {
    fn every_composition_resumes_over_any_input(layers: Layers, failures: Failures, waits: Waits, driver: Driver) -> bool {
        let everywhere = Failures::everywhere(&layers, 1);
        visit_every_composition(&mut Resuming {
            layers: &layers,
            failures: &[failures, everywhere],
            waits: &[waits],
            drivers: &[driver],
        });
        true
    }
}

/// Lets a source die at each step, and goes on for long.
struct Dying;

impl Visitor for Dying {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: StorageIterator<Key = [u8], Value = [u8]>,
        A: AsyncStorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let name = composition.name;
        let layers = sample_layers();
        let undisturbed = run(composition, &mut synchronous(&SyncLeaves(&layers)), 0);
        for (source, step) in steps(&layers) {
            let dies = Failures::none().and(source, step, FOR_EVER);
            let leaves = AsyncLeaves::new(&layers, &dies, &Waits::of(&[0, 1, 2], false));
            let dead = Driver::patient().run(composition, &mut asynchronous(&leaves), 50);
            if leaves.failed() == 0 {
                assert_eq!(dead.entries, undisturbed.entries, "{name}: source {source} at step {step}");
                continue;
            }
            assert!(!dead.ended, "{name}: took the death of source {source} at step {step} for the end");
            assert_eq!(dead.errors.len(), 51, "{name}: an entry after an error of source {source} at step {step}");
            assert!(undisturbed.entries.starts_with(&dead.entries), "{name}: source {source} at step {step}");
        }
    }
}

#[test]
fn a_dead_source_never_looks_exhausted() {
    visit_every_composition(&mut Dying);
}

/// `fuse` makes the first error final, but no dropped future.
struct Fusing;

impl Visitor for Fusing {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: StorageIterator<Key = [u8], Value = [u8]>,
        A: AsyncStorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        if !composition.is_fused {
            return;
        }
        let name = composition.name;
        let layers = sample_layers();
        let undisturbed = run(composition, &mut synchronous(&SyncLeaves(&layers)), 0);
        for (source, step) in steps(&layers) {
            let leaves = AsyncLeaves::new(&layers, &Failures::none().and(source, step, 1), &Waits::of(&[1], false));
            let driver = Driver::impatient(&[Attempt::DropAfter(1)]);
            let fused = driver.run(composition, &mut asynchronous(&leaves), 20);
            if leaves.failed() == 0 {
                assert!(fused.ended && fused.errors.is_empty(), "{name}");
                continue;
            }
            assert!(!fused.ended, "{name}: goes on after an error");
            assert!(undisturbed.entries.starts_with(&fused.entries), "{name}");
            let (first, others) = fused.errors.split_first().expect("a source has failed");
            assert_eq!(first.failure().map(|failure| failure.step), Some(step), "{name}");
            assert!(others.iter().all(|error| error.failure().is_none()), "{name}: asked the source again");
        }
    }
}

#[test]
fn fuse_makes_the_first_error_final() {
    visit_every_composition(&mut Fusing);
}
