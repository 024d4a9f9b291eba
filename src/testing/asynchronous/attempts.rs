//! [`Attempts`]: what is tried at a step before it is awaited.

use quickcheck::{Arbitrary, Gen};

use crate::testing::random::below;

/// A way to make a step that need not make it.
///
/// ```
/// use storage_iter::testing::{Attempt, Attempts};
///
/// let attempts = Attempts::at_every_step(&[Attempt::Try, Attempt::DropAfter(2)]);
/// assert_eq!(attempts.at(7), [Attempt::Try, Attempt::DropAfter(2)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// [`try_next`](crate::async_iter::AsyncStorageIterator::try_next), or the seek of that kind.
    Try,
    /// A future that is dropped after so many polls, if it is not done by then.
    DropAfter(usize),
    /// Before a seek, another one, to the first entry, whose future is dropped after so many polls: nobody completes it. If it fails,
    /// nobody hears of it. Before other steps, nothing.
    Abandon(usize),
}

/// What is tried at each step of an asynchronous iterator before the step is awaited: one list of attempts after the other, round
/// and round.
///
/// quickcheck makes up to 7 lists of up to 4 attempts. Shrinking drops lists.
///
/// ```
/// use quickcheck::QuickCheck;
/// use storage_iter::async_iter::FromSync;
/// use storage_iter::testing::{Attempts, BlockingIterator, PendingIterator, PendingPlan, SortedEntries};
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// fn dropped_futures_cost_nothing(entries: SortedEntries, plan: PendingPlan, attempts: Attempts) -> bool {
///     let waiting = PendingIterator::new(FromSync::new(SliceIterator::new(&entries.0)), &plan, 0);
///     BlockingIterator::new(waiting).attempting(&attempts).collect() == Ok(entries.0)
/// }
/// QuickCheck::new().quickcheck(dropped_futures_cost_nothing as fn(_, _, _) -> _);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attempts(Vec<Vec<Attempt>>);

impl Attempts {
    /// Every step is awaited at once.
    ///
    /// ```
    /// # use storage_iter::testing::Attempts;
    /// assert!(Attempts::none().at(0).is_empty());
    /// ```
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The same at every step.
    ///
    /// ```
    /// # use storage_iter::testing::{Attempt, Attempts};
    /// let attempts = Attempts::at_every_step(&[Attempt::DropAfter(1)]);
    /// assert_eq!(attempts.at(0), attempts.at(1));
    /// ```
    #[must_use]
    pub fn at_every_step(attempts: &[Attempt]) -> Self {
        Attempts(vec![attempts.to_vec()])
    }

    /// What is tried at a step, counted from 0.
    ///
    /// ```
    /// # use storage_iter::testing::{Attempt, Attempts};
    /// assert_eq!(Attempts::at_every_step(&[Attempt::Try]).at(3), [Attempt::Try]);
    /// ```
    #[must_use]
    pub fn at(&self, step: usize) -> &[Attempt] {
        if self.0.is_empty() { &[] } else { &self.0[step % self.0.len()] }
    }
}

impl Arbitrary for Attempts {
    fn arbitrary(g: &mut Gen) -> Self {
        let attempt = |g: &mut Gen| match below(g, 5) {
            0 => Attempt::Try,
            polls => Attempt::DropAfter(polls - 1),
        };
        Attempts((0..below(g, 8)).map(|_| (0..below(g, 5)).map(|_| attempt(g)).collect()).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let attempts = self.0.clone();
        Box::new((0..attempts.len()).map(move |index| {
            let mut fewer = attempts.clone();
            fewer.remove(index);
            Attempts(fewer)
        }))
    }
}
