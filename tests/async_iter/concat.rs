//! Children that are opened one at a time and one ahead, by futures that wait and fail, dropped and abandoned at any time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::Poll;

use quickcheck::quickcheck;
use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, ConcatIterator};
use storage_iter::testing::FailPoint;
use storage_iter::testing::events::{InjectedPanic, catch_injected};

use crate::compositions::AsyncLeaves;
use crate::driver::{Driver, complete, poll};
use crate::support::{Composition, Entry, Failure, Failures, Layers, oracles, sample_layers};
use crate::waiting::{WaitingIterator, Waits};

/// Opens after some polls in vain, or fails.
async fn opened(polls: usize, result: Result<WaitingIterator, Failure>) -> Result<WaitingIterator, Failure> {
    let mut polled = 0;
    poll_fn(|context| {
        polled += 1;
        context.waker().wake_by_ref();
        if polled > polls { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    result
}

/// The newest entries of the layers, cut into children of a few entries each.
fn chunks(layers: &Layers) -> Vec<Vec<Entry>> {
    oracles::newest(&layers.0).chunks(3).map(<[Entry]>::to_vec).collect()
}

/// Opens each child, at the first time in vain if `fails` says so.
fn open<'a>(
    leaves: &'a AsyncLeaves<'a>,
    polls: usize,
    fails: bool,
) -> impl FnMut(usize) -> Pin<Box<dyn Future<Output = Result<WaitingIterator, Failure>> + Send>> + Send + 'a {
    let mut failed = None;
    move |child| {
        let result = if fails && failed != Some(child) {
            Err(Failure { path: [child].as_slice().into(), step: 0, time: 1 })
        } else {
            Ok(leaves.leaf(child, &[child]))
        };
        failed = Some(child);
        Box::pin(opened(polls, result))
    }
}

quickcheck! {
    fn every_entry_of_every_child_comes_out(
        layers: Layers, failures: Failures, waits: Waits, polls: usize, fails: bool, driver: Driver
    ) -> bool {
        let expected = oracles::newest(&layers.0);
        let chunks = Layers(chunks(&layers));
        let leaves = AsyncLeaves::new(&chunks, &failures, &waits);
        let mut concat = ConcatIterator::new(chunks.0.len(), open(&leaves, polls % 4, fails));
        let run = driver.run(Composition::of("concat"), &mut concat, failures.sum() + 1);
        assert!(run.errors.iter().all(|error| error.child == error.error.path[0]), "the error names another child");
        run.ended && run.entries == expected
    }

    fn seeks_open_the_right_child(
        layers: Layers, waits: Waits, polls: usize, fails: bool, driver: Driver, targets: Vec<(u8, u8, usize)>
    ) -> bool {
        let expected = oracles::newest(&layers.0);
        let chunks = Layers(chunks(&layers));
        let leaves = AsyncLeaves::new(&chunks, &Failures::none(), &waits);
        let last_keys = chunks.0.iter().map(|chunk| chunk.last().expect("not empty").0.clone());
        let mut concat = ConcatIterator::with_last_keys(last_keys, open(&leaves, polls % 4, fails));
        for (number, (which, change, drop_after)) in targets.into_iter().enumerate() {
            let near = expected.get(usize::from(which) % expected.len().max(1)).map(|(key, _)| key.clone());
            let mut target = near.unwrap_or_default();
            match change % 4 {
                0 => target.push(0),
                1 => _ = target.pop(),
                _ => {}
            }
            // A seek that is abandoned, and one that is completed by steps.
            let _ = poll(concat.seek(b"b"), drop_after % 3);
            let mut sought = poll(concat.seek(&target), 1 + drop_after % 5);
            let place = expected.partition_point(|(key, _)| *key < target);
            for place in place..place + 4 {
                let mut errors = 0;
                while !matches!(sought, Some(Ok(_))) {
                    errors += usize::from(sought.is_some());
                    assert!(errors <= 3, "opening fails again and again");
                    sought = Some(driver.step(number, &mut concat, |_| {}));
                }
                let shown = concat.is_valid().then(|| (concat.key().to_vec(), concat.value().to_vec()));
                assert_eq!(shown.as_ref(), expected.get(place), "{target:?}");
                sought = Some(driver.step(number, &mut concat, |_| {}));
            }
            while !matches!(sought, Some(Ok(_))) {
                sought = Some(complete(concat.next()));
            }
        }
        let first = loop {
            if let Ok(first) = complete(concat.seek_to_first()) {
                break first;
            }
        };
        first != expected.is_empty() && (!first || concat.key() == expected[0].0)
    }
}

/// One child ahead is opened and no other; a seek opens the one that it leads to.
#[test]
fn one_child_is_opened_ahead() {
    let chunks = Layers(chunks(&sample_layers()));
    assert!(chunks.0.len() > 3);
    let leaves = AsyncLeaves::new(&chunks, &Failures::none(), &Waits::never());
    let started = Mutex::new(vec![]);
    let open = |child: usize| {
        started.lock().expect("no panic").push(child);
        opened(2, Ok(leaves.leaf(child, &[child])))
    };
    let last_keys = chunks.0.iter().map(|chunk| chunk.last().expect("not empty").0.clone());
    let mut concat = ConcatIterator::with_last_keys(last_keys, open);
    assert!(started.lock().expect("no panic").is_empty());
    assert!(concat.try_next().is_none());
    assert_eq!(*started.lock().expect("no panic"), [0]);
    assert!(complete(concat.next()).is_ok());
    assert_eq!(*started.lock().expect("no panic"), [0, 1]);
    // The next one is there when its turn comes: it has been polled on the way.
    for _ in 1..=chunks.0[0].len() {
        assert!(matches!(concat.try_next(), Some(Ok(true))));
    }
    assert_eq!((concat.source_index(), started.lock().expect("no panic").as_slice()), (Some(1), [0, 1, 2].as_slice()));
    assert!(complete(concat.seek(&chunks.0[0][0].0)).is_ok());
    assert_eq!(*started.lock().expect("no panic"), [0, 1, 2, 0, 1]);
    // To the end, where there is none ahead.
    assert!(matches!(complete(concat.count()), Ok(count) if count > 1));
    let all: Vec<usize> = (2..chunks.0.len()).collect();
    assert_eq!(started.lock().expect("no panic")[5..], all);
}

/// Whatever panics on the way to the next child, the function that opens it or its future, costs no entry of the one before.
#[test]
fn a_panic_of_an_opening_costs_no_entry() {
    let chunks = Layers(chunks(&sample_layers()));
    let last_keys = || chunks.0.iter().map(|chunk| chunk.last().expect("not empty").0.clone());
    let entries: Vec<Entry> = chunks.0.concat();
    let leaves = AsyncLeaves::new(&chunks, &Failures::none(), &Waits::never());
    // The function and each of the polls of each child pass it.
    let open = |point: &FailPoint| {
        let (point, leaves) = (point.clone(), &leaves);
        move |child: usize| {
            if point.strike_closure() {
                std::panic::resume_unwind(Box::new(InjectedPanic));
            }
            let (point, leaf, mut polls) = (point.clone(), leaves.leaf(child, &[child]), 2);
            async move {
                poll_fn(|context| {
                    point.pass().expect("it only panics");
                    polls -= 1;
                    context.waker().wake_by_ref();
                    if polls == 0 { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                Ok(leaf)
            }
        }
    };
    let mut panicked = 0;
    for pass in 0..3 * chunks.0.len() {
        for from in [None, Some(2)] {
            let point = FailPoint::panicking_at(pass);
            let mut concat = ConcatIterator::with_last_keys(last_keys(), open(&point));
            let mut found = vec![];
            let mut stepped = catch_injected(|| match from {
                None => complete(concat.next()),
                Some(from) => complete(concat.seek(&entries[from].0)),
            });
            loop {
                match stepped {
                    Some(Ok(true)) => found.push((concat.key().to_vec(), concat.value().to_vec())),
                    Some(Ok(false)) => break,
                    Some(Err(error)) => panic!("{error}"),
                    None => {
                        panicked += 1;
                        assert!(!concat.is_valid());
                    }
                }
                stepped = catch_injected(|| complete(concat.next()));
            }
            assert_eq!(found, entries[from.unwrap_or(0)..], "panicking at pass {pass}, from {from:?}");
        }
    }
    assert!(panicked >= 2 * chunks.0.len(), "{panicked} panics");
}
