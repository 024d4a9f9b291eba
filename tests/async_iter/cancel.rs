//! Promise 13: a future that is dropped leaves the step open, and costs nothing.

use storage_iter::StorageIterator;
use storage_iter::async_iter::AsyncStorageIterator;

use crate::compositions::{AsyncLeaves, SyncLeaves, Visitor, visit_every_composition, visit_galloping_sets};
use crate::driver::{Attempt, Driver};
use crate::support::{Composition, Failures, Layers, Origin, run, sample_layers};
use crate::waiting::Waits;

/// Drops futures after each number of polls, and compares with what the synchronous twin yields.
struct Dropping<'a> {
    layers: &'a Layers,
    waits: &'a [Waits],
    drivers: &'a [Driver],
}

impl Visitor for Dropping<'_> {
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
        for waits in self.waits {
            for driver in self.drivers {
                let leaves = AsyncLeaves::new(self.layers, &Failures::none(), waits);
                let dropped = driver.run(composition, &mut asynchronous(&leaves), 0);
                assert!(dropped.ended, "{name}: {waits:?}, {driver:?}");
                assert_eq!(dropped.entries, expected.entries, "{name}: {waits:?}, {driver:?}");
            }
        }
    }
}

fn drivers() -> Vec<Driver> {
    let once = (0..8).map(|polls| Driver::impatient(&[Attempt::DropAfter(polls)]));
    let twice = (0..5).map(|polls| Driver::impatient(&[Attempt::DropAfter(polls), Attempt::DropAfter(1)]));
    let often = (1..4).map(|polls| Driver::impatient(&[Attempt::DropAfter(polls); 6]));
    let tried = (0..4).map(|polls| Driver::impatient(&[Attempt::Try, Attempt::DropAfter(polls), Attempt::Try]));
    once.chain(twice).chain(often).chain(tried).collect()
}

#[test]
fn every_composition_outlives_dropped_futures() {
    let waits = [false, true].map(|forgets| {
        [[1].as_slice(), &[3], &[0, 1], &[0, 2, 1], &[3, 0, 0, 1, 2]].map(|times| Waits::of(times, forgets))
    });
    let (layers, drivers) = (sample_layers(), drivers());
    let mut dropping = Dropping { layers: &layers, waits: waits.as_flattened(), drivers: &drivers };
    visit_every_composition(&mut dropping);
    visit_galloping_sets(&mut dropping);
}
