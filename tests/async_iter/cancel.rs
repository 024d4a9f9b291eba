//! Promise 13: a future that is dropped leaves the step open, and costs nothing.

use crate::compositions::{visit_every_composition, visit_galloping_sets};
use crate::driver::{Attempt, Driver};
use crate::resume::Resuming;
use crate::support::{Failures, sample_layers};
use crate::waiting::Waits;

fn drivers() -> Vec<Driver> {
    let once = (0..8).map(|polls| Driver::impatient(&[Attempt::DropAfter(polls)]));
    let twice = (0..5).map(|polls| Driver::impatient(&[Attempt::DropAfter(polls), Attempt::DropAfter(1)]));
    let often = (1..4).map(|polls| Driver::impatient(&[Attempt::DropAfter(polls); 6]));
    let tried = (0..4).map(|polls| Driver::impatient(&[Attempt::Try, Attempt::DropAfter(polls), Attempt::Try]));
    once.chain(twice).chain(often).chain(tried).collect()
}

/// Futures are dropped after each number of polls.
#[test]
fn every_composition_outlives_dropped_futures() {
    let waits = [false, true].map(|forgets| {
        [[1].as_slice(), &[3], &[0, 1], &[0, 2, 1], &[3, 0, 0, 1, 2]].map(|times| Waits::of(times, forgets))
    });
    let mut dropping = Resuming {
        layers: &sample_layers(),
        failures: &[Failures::none()],
        waits: waits.as_flattened(),
        drivers: &drivers(),
    };
    visit_every_composition(&mut dropping);
    visit_galloping_sets(&mut dropping);
}
