//! [`PendingPlan`]: which steps of which sources have to be waited for, and how long.

use quickcheck::{Arbitrary, Gen};

use crate::testing::random::below;

/// How often the steps of asynchronous sources are polled in vain before they do anything.
///
/// quickcheck makes plans with up to three such polls; half of the steps need none.
///
/// ```
/// use storage_iter::testing::PendingPlan;
///
/// let plan = PendingPlan::new(&[0, 3, 1]);
/// assert_eq!([0, 1, 2, 3].map(|step| plan.times(0, step)), [0, 3, 1, 0]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PendingPlan {
    times: Vec<usize>,
    forgets: bool,
}

impl PendingPlan {
    /// Step `n` of source `s` is pending as often as the number at place `3 s + n` says, counted round and round. Nothing: never.
    ///
    /// ```
    /// # use storage_iter::testing::PendingPlan;
    /// assert_eq!(PendingPlan::new(&[0, 1, 2, 3]).times(1, 0), 3);
    /// ```
    #[must_use]
    pub fn new(times: &[usize]) -> Self {
        PendingPlan { times: times.to_vec(), forgets: false }
    }

    /// Nothing has to be waited for.
    ///
    /// ```
    /// # use storage_iter::testing::PendingPlan;
    /// assert_eq!(PendingPlan::never().times(3, 4), 0);
    /// ```
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// Every step of every source is pending `times` times.
    ///
    /// ```
    /// # use storage_iter::testing::PendingPlan;
    /// assert_eq!(PendingPlan::always(2).times(3, 4), 2);
    /// ```
    #[must_use]
    pub fn always(times: usize) -> Self {
        Self::new(&[times])
    }

    /// A future that is dropped leaves nothing behind, so that the next one waits as long again. Without this it goes on where the
    /// last one has stopped.
    ///
    /// ```
    /// # use storage_iter::testing::PendingPlan;
    /// assert!(PendingPlan::always(2).forgetting().forgets());
    /// ```
    #[must_use]
    pub fn forgetting(mut self) -> Self {
        self.forgets = true;
        self
    }

    /// Whether a future that is dropped leaves nothing behind.
    ///
    /// ```
    /// # use storage_iter::testing::PendingPlan;
    /// assert!(!PendingPlan::always(2).forgets());
    /// ```
    #[must_use]
    pub fn forgets(&self) -> bool {
        self.forgets
    }

    /// How often `step` of `source` is pending.
    ///
    /// ```
    /// # use storage_iter::testing::PendingPlan;
    /// assert_eq!(PendingPlan::new(&[5, 6]).times(0, 3), 6);
    /// ```
    #[must_use]
    pub fn times(&self, source: usize, step: usize) -> usize {
        if self.times.is_empty() { 0 } else { self.times[(3 * source + step) % self.times.len()] }
    }
}

impl Arbitrary for PendingPlan {
    fn arbitrary(g: &mut Gen) -> Self {
        let times = (0..below(g, 12)).map(|_| if bool::arbitrary(g) { 0 } else { below(g, 4) }).collect();
        PendingPlan { times, forgets: bool::arbitrary(g) }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let forgets = self.forgets;
        Box::new(self.times.shrink().map(move |times| PendingPlan { times, forgets }))
    }
}
