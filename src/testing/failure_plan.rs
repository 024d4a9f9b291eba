//! [`FailurePlan`]: which steps of which sources fail, and how often.

use quickcheck::{Arbitrary, Gen};

use super::Layers;
use super::random::below;

/// So many times that nobody waits for the end: what fails so often cannot go on.
///
/// ```
/// use storage_iter::testing::{FOR_EVER, FailurePlan};
///
/// assert_eq!(FailurePlan::at(3, FOR_EVER).times(0, 3), FOR_EVER);
/// ```
pub const FOR_EVER: usize = usize::MAX;

/// Which steps of which sources fail, and how many times each before it succeeds.
///
/// In a scan from the start, step `n` is the one to entry `n`; the last, behind all entries, is the one that finds the end. quickcheck
/// makes up to five failures, each one to three times, at places that [`Layers`] have.
///
/// ```
/// use storage_iter::testing::FailurePlan;
///
/// let plan = FailurePlan::none().and(0, 2, 1).and(1, 0, 3);
/// assert_eq!((plan.times(0, 2), plan.times(1, 0), plan.times(1, 1)), (1, 3, 0));
/// assert_eq!(plan.sum(), 4);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FailurePlan(Vec<Failing>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Failing {
    source: usize,
    step: usize,
    times: usize,
}

impl FailurePlan {
    /// Nothing fails.
    ///
    /// ```
    /// # use storage_iter::testing::FailurePlan;
    /// assert_eq!(FailurePlan::none().sum(), 0);
    /// ```
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One source, which fails `times` times at `step`.
    ///
    /// ```
    /// # use storage_iter::testing::FailurePlan;
    /// assert_eq!(FailurePlan::at(5, 2), FailurePlan::none().and(0, 5, 2));
    /// ```
    #[must_use]
    pub fn at(step: usize, times: usize) -> Self {
        Self::none().and(0, step, times)
    }

    /// Adds that `source` fails `times` times at `step`.
    ///
    /// ```
    /// # use storage_iter::testing::FailurePlan;
    /// assert_eq!(FailurePlan::at(5, 2).and(0, 5, 1).times(0, 5), 3);
    /// ```
    #[must_use]
    pub fn and(mut self, source: usize, step: usize, times: usize) -> Self {
        self.0.push(Failing { source, step, times });
        self
    }

    /// Every step of every source fails `times` times: sources fail in turns.
    ///
    /// ```
    /// use storage_iter::testing::{FailurePlan, Layers};
    ///
    /// // 18 entries and the ends of five layers.
    /// assert_eq!(FailurePlan::everywhere(&Layers::sample(), 2).sum(), 46);
    /// ```
    #[must_use]
    pub fn everywhere(layers: &Layers, times: usize) -> Self {
        let steps =
            layers.0.iter().enumerate().flat_map(|(source, layer)| (0..=layer.len()).map(move |step| (source, step)));
        steps.fold(Self::none(), |failures, (source, step)| failures.and(source, step, times))
    }

    /// How many times `source` fails at `step`.
    ///
    /// ```
    /// # use storage_iter::testing::FailurePlan;
    /// assert_eq!(FailurePlan::at(5, 2).times(0, 4), 0);
    /// ```
    #[must_use]
    pub fn times(&self, source: usize, step: usize) -> usize {
        let times = self.0.iter().filter(|failing| (failing.source, failing.step) == (source, step));
        times.fold(0, |sum, failing| sum.saturating_add(failing.times))
    }

    /// How often the sources fail in all, and so how often in a row at the most.
    ///
    /// ```
    /// # use storage_iter::testing::FailurePlan;
    /// assert_eq!(FailurePlan::at(5, 2).and(3, 0, 1).sum(), 3);
    /// ```
    #[must_use]
    pub fn sum(&self) -> usize {
        self.0.iter().fold(0, |sum, failing| sum.saturating_add(failing.times))
    }
}

impl Arbitrary for FailurePlan {
    fn arbitrary(g: &mut Gen) -> Self {
        (0..below(g, 6)).fold(Self::none(), |failures, _| {
            let source = if bool::arbitrary(g) { below(g, 3) } else { below(g, Layers::MOST) };
            let step = if bool::arbitrary(g) { below(g, 4) } else { below(g, 25) };
            failures.and(source, step, 1 + below(g, 3))
        })
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let failures = self.clone();
        Box::new((0..self.0.len()).map(move |index| {
            let mut fewer = failures.clone();
            fewer.0.remove(index);
            fewer
        }))
    }
}
