//! [`Driver`]: the kit's ways to make a step, and its check of the contract at every step.

use quickcheck::{Arbitrary, Gen};
use storage_iter::async_iter::AsyncStorageIterator;
use storage_iter::testing::{Attempts, BlockingIterator};

pub(crate) use storage_iter::testing::{Attempt, block_on as complete, poll_times as poll};

use crate::support::{self, Composition, Run};

/// How the steps are made.
#[derive(Clone, Debug)]
pub(crate) struct Driver(Attempts);

impl Driver {
    /// Awaits every step.
    pub(crate) fn patient() -> Self {
        Driver(Attempts::none())
    }

    /// Makes these attempts at each step before it awaits the step.
    pub(crate) fn impatient(attempts: &[Attempt]) -> Self {
        Driver(Attempts::at_every_step(attempts))
    }

    /// One step, with its attempts; after each that has left the step open, `mind` looks at the iterator.
    pub(crate) fn step<I: AsyncStorageIterator>(
        &self,
        number: usize,
        iterator: &mut I,
        mind: impl Fn(&I),
    ) -> Result<bool, I::Error> {
        for attempt in self.0.at(number) {
            let stepped = match *attempt {
                Attempt::Try => iterator.try_next(),
                Attempt::DropAfter(polls) => poll(iterator.next(), polls),
                // Of seeks.
                Attempt::Abandon(_) => continue,
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
        let mut blocking = BlockingIterator::new(iterator).attempting(&self.0).minding_tries();
        if composition.passes_is_valid_on {
            // What only passes calls on has no state to answer from, and the source may not be asked.
            blocking = blocking.passing_calls_on();
        }
        support::run(composition, &mut blocking, patience)
    }
}

impl Arbitrary for Driver {
    fn arbitrary(g: &mut Gen) -> Self {
        Driver(Attempts::arbitrary(g))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Driver))
    }
}
