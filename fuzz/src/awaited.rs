//! Asynchronous iterators over sources that wait, fail and panic, sought and stepped by futures that are dropped, with a model.

use std::future::poll_fn;
use std::ops::Bound;
use std::task::Poll;

use storage_iter::async_iter::{
    AsyncSeekableIterator, AsyncStorageIterator, ConcatIterator, FromSync, MergeAllIterator, MergeIterator,
    TwoMergeIterator,
};
use storage_iter::testing::{
    Attempt, Attempts, BlockingIterator, Contract, Entry, Fault, HostileIterator, InjectedFailure, PendingIterator,
    PendingPlan, oracle,
};

use super::course::Course;
use super::input::Input;

type Source = PendingIterator<FromSync<HostileIterator>>;

/// Reads an input and compares.
///
/// # Panics
///
/// Where a cursor is wrong.
pub fn awaited(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let family = input.byte();
    let faults = input.faults(&[Fault::Error, Fault::Error, Fault::Forget, Fault::Panic]);
    let layers = input.layers().0;
    let attempts = attempts(&mut input);
    let waits: Vec<usize> = (0..input.below(12)).map(|_| input.below(4)).collect();
    let plan = if input.below(2) == 0 { PendingPlan::new(&waits) } else { PendingPlan::new(&waits).forgetting() };
    let in_flight = 1 + input.below(4);
    let keys: Vec<Vec<u8>> = layers.iter().flatten().map(|(key, _)| key.clone()).collect();
    let bounds = (input.key(), input.key());
    let course = Course::new(faults, &keys, &mut input);
    let awaiting = Awaiting { course, layers, attempts, plan };
    let newest = oracle::newest(&awaiting.layers);
    let strict = Contract::new().reporting_every_failure().awaited();
    match family % 9 {
        0 => awaiting.drive(strict, &newest, |sources| MergeIterator::new(sources).max_in_flight(in_flight)),
        1 => {
            let all = oracle::all_versions(&awaiting.layers).into_iter().map(|(_, entry)| entry).collect::<Vec<_>>();
            awaiting.drive(strict, &all, |sources| MergeAllIterator::new(sources).max_in_flight(in_flight));
        }
        2 => {
            let layers = [0, 1].map(|index| awaiting.layers.get(index).cloned().unwrap_or_default()).to_vec();
            let expected = oracle::newest(&layers);
            Awaiting { layers, ..awaiting }.drive(strict, &expected, |sources| {
                let [a, b] = sources.try_into().expect("two layers");
                TwoMergeIterator::new(a, b)
            });
        }
        3 => awaiting.drive(strict, &newest, |mut newer| {
            let older = newer.split_off(newer.len() / 2);
            TwoMergeIterator::new(MergeIterator::new(newer), MergeIterator::new(older))
        }),
        4 => {
            let live = oracle::live(&newest, Vec::is_empty);
            awaiting.drive(strict, &live, |sources| MergeIterator::new(sources).skip_tombstones().yield_every(3));
        }
        5 => {
            let bounds = (Bound::Included(bounds.0.as_slice()), Bound::Excluded(bounds.1.as_slice()));
            let between = oracle::between(&newest, bounds.0, bounds.1);
            awaiting.drive(strict, &between, |sources| {
                MergeIterator::new(sources).between(bounds.0.map(<[u8]>::to_vec), bounds.1.map(<[u8]>::to_vec))
            });
        }
        6 => awaiting.drive(strict.fused(), &newest, |sources| MergeIterator::new(sources).fuse()),
        7 => {
            let first = awaiting.layers.first().cloned().unwrap_or_default();
            Awaiting { layers: vec![first.clone()], ..awaiting }
                .drive(strict, &first, |mut sources| sources.remove(0).filter(|_, _| true).check_order());
        }
        _ => {
            let children: Vec<Vec<Entry>> = newest.chunks(1 + bounds.0.len() % 4).map(<[Entry]>::to_vec).collect();
            let last_keys: Vec<Vec<u8>> = children.iter().map(|child| child[child.len() - 1].0.clone()).collect();
            Awaiting { layers: children, ..awaiting }.drive(strict, &newest, |sources| {
                ConcatIterator::with_last_keys(last_keys, move |child: usize| opened(sources[child].clone(), child % 3))
            });
        }
    }
}

/// A child whose opening has to be waited for.
async fn opened(child: Source, mut polls: usize) -> Result<Source, InjectedFailure> {
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    Ok(child)
}

fn attempts(input: &mut Input<'_>) -> Attempts {
    let attempt = |_| match input.below(6) {
        0 => Attempt::Try,
        polls => Attempt::DropAfter(polls - 1),
    };
    let attempts: Vec<Attempt> = (0..4).map(attempt).collect();
    Attempts::at_every_step(&attempts[..input.below(5)])
}

struct Awaiting {
    course: Course,
    layers: Vec<Vec<Entry>>,
    attempts: Attempts,
    plan: PendingPlan,
}

impl Awaiting {
    /// Moves the iterator that `make` makes of sources, over which the faults come.
    #[track_caller]
    fn drive<I>(&self, contract: Contract, expected: &[Entry], make: impl FnOnce(Vec<Source>) -> I)
    where
        I: AsyncSeekableIterator<Key = [u8], Value = [u8]>,
    {
        let point = self.course.point();
        let sources = self.layers.iter().enumerate().map(|(number, layer)| {
            let hostile = HostileIterator::disturbed(layer, &point, &[]);
            PendingIterator::new(FromSync::new(hostile), &self.plan, number).under_combinator()
        });
        let cursor = BlockingIterator::new(make(sources.collect())).attempting(&self.attempts);
        contract.check_seekable_operations(cursor, expected, self.course.operations(), &point).unwrap();
    }
}
