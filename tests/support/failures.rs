//! [`Failures`]: which steps of which sources fail, and how often.

use quickcheck::{Arbitrary, Gen};

use super::{Layers, below};

/// So many times that nobody waits for the end.
pub const FOR_EVER: usize = usize::MAX;

/// Which steps fail, and how many times each before it succeeds. Step `n` is the one to entry `n`; the last, behind all
/// entries, is the one that finds the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failures(Vec<Failing>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Failing {
    source: usize,
    step: usize,
    times: usize,
}

impl Failures {
    /// Nothing fails.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds that `source` fails `times` times at `step`.
    pub fn and(mut self, source: usize, step: usize, times: usize) -> Self {
        self.0.push(Failing { source, step, times });
        self
    }

    /// Every step of every source fails `times` times: sources fail in turns.
    pub fn everywhere(layers: &Layers, times: usize) -> Self {
        let steps =
            layers.0.iter().enumerate().flat_map(|(source, layer)| (0..=layer.len()).map(move |step| (source, step)));
        steps.fold(Self::none(), |failures, (source, step)| failures.and(source, step, times))
    }

    /// How many times `source` fails at `step`.
    pub fn times(&self, source: usize, step: usize) -> usize {
        let times = self.0.iter().filter(|failing| (failing.source, failing.step) == (source, step));
        times.fold(0, |sum, failing| sum.saturating_add(failing.times))
    }

    /// How often the sources fail in a row at the most.
    pub fn sum(&self) -> usize {
        self.0.iter().fold(0, |sum, failing| sum.saturating_add(failing.times))
    }
}

/// Up to five failures, each one to three times, at places that inputs of the usual size have.
impl Arbitrary for Failures {
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
