//! [`waiting`]: the kit's source that fails and minds being touched, and has to be waited for.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use quickcheck::{Arbitrary, Gen};
use storage_iter::async_iter::FromSync;
use storage_iter::testing::{FailPoint, PendingIterator, PendingPlan};

use crate::support::{Entry, Failures, HostileIterator};

/// A source that keeps the contract to the letter and forgives nothing: it panics when it is asked for anything but a step
/// while a step is open, and it overwrites its buffers at each step.
///
/// A step that needs no waiting is answered by `try_next`.
pub(crate) type WaitingIterator = PendingIterator<FromSync<HostileIterator>>;

/// Source number `source` among those that share `failures`, `waits` and `record`. Its errors carry `path`.
pub(crate) fn waiting(
    entries: &[Entry],
    source: usize,
    path: &[usize],
    failures: &Arc<Failures>,
    waits: &Waits,
    record: &Arc<Record>,
) -> WaitingIterator {
    let hostile = HostileIterator::new(entries, source, Arc::clone(failures), path).struck_by(&record.point);
    PendingIterator::new(FromSync::new(hostile), &waits.0, source).under_combinator().counting_in(&record.pending)
}

/// How often the sources have to be polled in vain before they do anything: a [`PendingPlan`].
#[derive(Clone, Debug)]
pub(crate) struct Waits(PendingPlan);

impl Waits {
    pub(crate) fn never() -> Self {
        Waits(PendingPlan::never())
    }

    pub(crate) fn of(times: &[usize], forgets: bool) -> Self {
        let plan = PendingPlan::new(times);
        Waits(if forgets { plan.forgetting() } else { plan })
    }

    pub(crate) fn times(&self, source: usize, step: usize) -> usize {
        self.0.times(source, step)
    }
}

impl Arbitrary for Waits {
    fn arbitrary(g: &mut Gen) -> Self {
        Waits(PendingPlan::arbitrary(g))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Waits))
    }
}

/// What the sources of one composition share.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Where they fail, beside the steps that they have plans for; it counts all failures.
    pub(crate) point: FailPoint,
    /// How often they were polled in vain.
    pub(crate) pending: Arc<AtomicUsize>,
}
