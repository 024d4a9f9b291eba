//! [`Driver`]: an executor that drops futures, and checks the contract at every step.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};

use quickcheck::{Arbitrary, Gen};
use storage_iter::async_iter::AsyncStorageIterator;

use crate::support::{Composition, Run, below};

/// How the steps are made.
#[derive(Clone, Debug)]
pub(crate) struct Driver {
    /// What is tried before a future is awaited to its end, one list after the other, round and round.
    attempts: Vec<Vec<Attempt>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// `try_next`.
    Try,
    /// A future that is dropped after so many polls, if it is not done by then.
    DropAfter(usize),
}

impl Driver {
    /// Awaits every step.
    pub(crate) fn patient() -> Self {
        Driver { attempts: vec![] }
    }

    /// Makes these attempts at each step before it awaits the step.
    pub(crate) fn impatient(attempts: &[Attempt]) -> Self {
        Driver { attempts: vec![attempts.to_vec()] }
    }
}

impl Arbitrary for Driver {
    fn arbitrary(g: &mut Gen) -> Self {
        let attempt = |g: &mut Gen| match below(g, 5) {
            0 => Attempt::Try,
            polls => Attempt::DropAfter(polls - 1),
        };
        Driver { attempts: (0..below(g, 8)).map(|_| (0..below(g, 5)).map(|_| attempt(g)).collect()).collect() }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let attempts = self.attempts.clone();
        Box::new((0..attempts.len()).map(move |index| {
            let mut fewer = attempts.clone();
            fewer.remove(index);
            Driver { attempts: fewer }
        }))
    }
}

/// Notes that it was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls a future up to `polls` times. `None`: it is not done, and was dropped.
///
/// # Panics
///
/// If it answers `Pending` and wakes nobody: then it would never be polled again.
pub(crate) fn poll<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let woken = Arc::new(Woken::default());
    let waker = Arc::clone(&woken).into();
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        assert!(woken.0.swap(false, Ordering::Relaxed), "pending, and nobody was woken");
    }
    None
}

/// Polls a future until it is done.
pub(crate) fn complete<F: Future>(future: F) -> F::Output {
    poll(future, 100_000).expect("waits for ever")
}

impl Driver {
    /// One step, with its attempts.
    pub(crate) fn step<I: AsyncStorageIterator>(
        &self,
        number: usize,
        iterator: &mut I,
        mind: impl Fn(&I),
    ) -> Result<bool, I::Error> {
        let attempts = if self.attempts.is_empty() { &[] } else { &*self.attempts[number % self.attempts.len()] };
        for attempt in attempts {
            let stepped = match *attempt {
                Attempt::Try => iterator.try_next(),
                Attempt::DropAfter(polls) => poll(iterator.next(), polls),
            };
            match stepped {
                Some(stepped) => return stepped,
                // A future that was not polled need not have begun anything.
                None if *attempt == Attempt::DropAfter(0) => {}
                None => mind(iterator),
            }
        }
        complete(iterator.next())
    }

    /// Goes to the end, on after each error, but gives up at more than `patience` errors in a row.
    ///
    /// # Panics
    ///
    /// Where the iterator breaks the contract in a way that every iterator must keep: validity, order, the end.
    pub(crate) fn run<I>(
        &self,
        composition: Composition,
        iterator: &mut I,
        patience: usize,
    ) -> Run<<I::Key as ToOwned>::Owned, I::Error>
    where
        I: AsyncStorageIterator<Key: ToOwned, Value = [u8]>,
    {
        let name = composition.name;
        let is_open = |iterator: &I| {
            // What only passes calls on has no state to answer from, and the source may not be asked.
            if !composition.passes_is_valid_on {
                assert!(!iterator.is_valid(), "{name}: valid while a step is open");
            }
        };
        let mut run = Run { entries: vec![], errors: vec![], ended: false };
        let mut errors_in_a_row = 0;
        assert!(!iterator.is_valid(), "{name}: valid before its first entry");
        for number in 0.. {
            match self.step(number, iterator, is_open) {
                Ok(true) => {
                    errors_in_a_row = 0;
                    assert!(iterator.is_valid(), "{name}: not valid after `Ok(true)`");
                    if let Some((previous, _)) = run.entries.last() {
                        let previous = std::borrow::Borrow::borrow(previous);
                        let key = iterator.key();
                        let in_order = if composition.keeps_duplicates { previous <= key } else { previous < key };
                        assert!(in_order, "{name}: out of order after {} entries", run.entries.len());
                    }
                    run.entries.push((iterator.key().to_owned(), iterator.value().to_vec()));
                }
                Ok(false) => break,
                Err(error) => {
                    run.errors.push(error);
                    errors_in_a_row += 1;
                    is_open(iterator);
                    if errors_in_a_row > patience {
                        return run;
                    }
                }
            }
        }
        for _ in 0..3 {
            assert!(!iterator.is_valid(), "{name}: valid at its end");
            assert!(matches!(complete(iterator.next()), Ok(false)), "{name}: the end is not final");
            // It may have to wait for a child to say so again.
            assert!(matches!(iterator.try_next(), Some(Ok(false)) | None), "{name}: the end is not final");
        }
        run.ended = true;
        run
    }
}
