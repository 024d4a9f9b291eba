//! [`FailPoint`]: a place in a source that fails when it is told to.

use std::collections::VecDeque;
use std::panic;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::events::InjectedPanic;
use super::{FOR_EVER, Fault, FaultScript, InjectedFailure};

/// A place below a source, such as a read of a file, that fails when it is told to.
///
/// Put [`pass`](Self::pass) where the real thing may fail. [`Contract::check_under_failures`](super::Contract::check_under_failures) first
/// counts how often it is passed, then lets each of these passes fail in turn. Clones are one fail point, and may be in several places.
///
/// ```
/// use std::io::{self, Read};
/// use storage_iter::testing::FailPoint;
///
/// struct Disk(FailPoint);
///
/// impl Read for Disk {
///     fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
///         self.0.pass()?;
///         buffer.fill(b'x');
///         Ok(buffer.len())
///     }
/// }
///
/// let mut disk = Disk(FailPoint::failing_at(1, 2));
/// let mut buffer = [0; 4];
/// let results: Vec<bool> = (0..5).map(|_| disk.read(&mut buffer).is_ok()).collect();
/// assert_eq!(results, [true, false, false, true, true]);
/// ```
#[derive(Clone, Debug)]
pub struct FailPoint(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What comes, and how often in a row, after so many passes.
    faults: VecDeque<(usize, Fault, usize)>,
    /// What comes again and again behind these, and after how many passes each time.
    recurring: Option<(Fault, Interval)>,
    passed: usize,
    errors: usize,
    panics: usize,
    /// How often it has failed since it was passed.
    failed_since: usize,
    is_quiet: bool,
}

/// How many passes lie between two faults.
#[derive(Debug)]
enum Interval {
    Same(usize),
    /// Less than `end`, by chance, which has come to `state`.
    Random {
        end: u64,
        state: u64,
    },
}

impl Interval {
    fn next(&mut self) -> usize {
        match self {
            Interval::Same(passes) => *passes,
            Interval::Random { end, state } => (split_mix(state) % *end) as usize,
        }
    }
}

/// The next of the numbers that follow from a seed (SplitMix64).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// One that never fails.
impl Default for FailPoint {
    fn default() -> Self {
        Self::harmless()
    }
}

impl FailPoint {
    /// One that does what `script` says; behind that everything goes well.
    ///
    /// ```
    /// # use storage_iter::testing::{FailPoint, Fault, FaultScript};
    /// let point = FailPoint::new(&FaultScript(vec![(0, Fault::Error), (1, Fault::Error)]));
    /// let results: Vec<bool> = (0..5).map(|_| point.pass().is_ok()).collect();
    /// assert_eq!(results, [false, true, false, true, true]);
    /// ```
    #[must_use]
    pub fn new(script: &FaultScript) -> Self {
        Self::following(script.0.iter().map(|&(passes, fault)| (passes, fault, 1)).collect())
    }

    fn following(faults: VecDeque<(usize, Fault, usize)>) -> Self {
        FailPoint(Arc::new(Mutex::new(State { faults, ..State::default() })))
    }

    /// One that never fails.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// assert_eq!(FailPoint::harmless().pass(), Ok(()));
    /// ```
    #[must_use]
    pub fn harmless() -> Self {
        Self::following(VecDeque::new())
    }

    /// One that fails at pass number `pass`, counted from 0, `times` times before it succeeds.
    ///
    /// ```
    /// # use storage_iter::testing::{FOR_EVER, FailPoint};
    /// let broken = FailPoint::failing_at(0, FOR_EVER);
    /// assert!((0..100).all(|_| broken.pass().is_err()));
    /// ```
    #[must_use]
    pub fn failing_at(pass: usize, times: usize) -> Self {
        Self::following([(pass, Fault::Error, times)].into())
    }

    /// One that panics at pass number `pass`, once, without a message.
    ///
    /// ```
    /// # use storage_iter::testing::{FailPoint, events::catch_injected};
    /// let point = FailPoint::panicking_at(0);
    /// assert_eq!(catch_injected(|| point.pass()), None);
    /// assert_eq!(point.pass(), Ok(()));
    /// ```
    #[must_use]
    pub fn panicking_at(pass: usize) -> Self {
        Self::following([(pass, Fault::Panic, 1)].into())
    }

    /// One that does the same again and again, each time after `passes` good ones.
    ///
    /// ```
    /// # use storage_iter::testing::{FailPoint, Fault};
    /// let point = FailPoint::regularly(2, Fault::Error);
    /// let results: Vec<bool> = (0..7).map(|_| point.pass().is_ok()).collect();
    /// assert_eq!(results, [true, true, false, true, true, false, true]);
    /// ```
    #[must_use]
    pub fn regularly(passes: usize, fault: Fault) -> Self {
        Self::recurring(fault, Interval::Same(passes))
    }

    /// One that does the same again and again, at one in `one_in` passes on average, by chance; the same seed gives the same places.
    ///
    /// ```
    /// # use storage_iter::testing::{FailPoint, Fault};
    /// let places = |seed| {
    ///     let point = FailPoint::randomly(10, seed, Fault::Error);
    ///     (0..1000).filter(|_| point.pass().is_err()).collect::<Vec<_>>()
    /// };
    /// assert_eq!(places(1), places(1));
    /// assert_ne!(places(1), places(2));
    /// assert!((50..200).contains(&places(1).len()));
    /// ```
    ///
    /// # Panics
    ///
    /// When `one_in` is 0.
    #[must_use]
    pub fn randomly(one_in: usize, seed: u64, fault: Fault) -> Self {
        assert!(one_in > 0, "one in 0 passes");
        Self::recurring(fault, Interval::Random { end: 2 * one_in as u64 - 1, state: seed })
    }

    fn recurring(fault: Fault, interval: Interval) -> Self {
        FailPoint(Arc::new(Mutex::new(State { recurring: Some((fault, interval)), ..State::default() })))
    }

    /// Succeeds, unless it was told to fail now.
    ///
    /// # Errors
    ///
    /// With an [`InjectedFailure`], which turns into a [`std::io::Error`] by `?`.
    ///
    /// # Panics
    ///
    /// With an [`InjectedPanic`] if it was told to.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// assert_eq!(FailPoint::failing_at(0, 1).pass().unwrap_err().time, 1);
    /// ```
    pub fn pass(&self) -> Result<(), InjectedFailure> {
        match self.strike() {
            None => Ok(()),
            Some(Fault::Panic) => panic::resume_unwind(Box::new(InjectedPanic)),
            Some(Fault::Error | Fault::Forget) => {
                self.count_error();
                let state = self.state();
                Err(InjectedFailure { path: [].into(), step: state.passed, time: state.failed_since })
            }
        }
    }

    /// The same for sources that make the fault themselves: what goes wrong with the call that asks, if anything does. An error that
    /// comes of it is to be [counted](Self::count_error).
    ///
    /// ```
    /// # use storage_iter::testing::{FailPoint, Fault};
    /// assert_eq!(FailPoint::failing_at(0, 1).strike(), Some(Fault::Error));
    /// ```
    #[must_use]
    pub fn strike(&self) -> Option<Fault> {
        let mut state = self.state();
        if state.is_quiet {
            return None;
        }
        if state.faults.is_empty()
            && let Some((fault, interval)) = &mut state.recurring
        {
            let recurrence = (interval.next(), *fault, 1);
            state.faults.push_back(recurrence);
        }
        let fault = match state.faults.front_mut() {
            Some((0, fault, times)) if *times > 0 => {
                if *times != FOR_EVER {
                    *times -= 1;
                }
                Some((*fault, *times == 0))
            }
            Some((passes, ..)) if *passes > 0 => {
                *passes -= 1;
                None
            }
            _ => None,
        };
        let Some((fault, is_over)) = fault else {
            state.passed += 1;
            state.failed_since = 0;
            return None;
        };
        if is_over {
            state.faults.pop_front();
        }
        state.panics += usize::from(fault == Fault::Panic);
        state.failed_since += 1;
        Some(fault)
    }

    /// Whether a closure that asks is to panic: it takes the next fault if that is a panic and its time has come. The call is not
    /// counted, since a closure is no place that may fail.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// assert!(FailPoint::panicking_at(0).strike_closure());
    /// assert!(!FailPoint::failing_at(0, 1).strike_closure());
    /// ```
    #[must_use]
    pub fn strike_closure(&self) -> bool {
        let is_panic = matches!(self.state().faults.front(), Some((0, Fault::Panic, _)));
        is_panic && self.strike().is_some()
    }

    /// What `look` gives, while which nothing fails and no pass is counted: for a test that looks at what it tests.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// let point = FailPoint::failing_at(0, 1);
    /// assert!(point.quietly(|| point.pass().is_ok()));
    /// assert!(point.pass().is_err());
    /// ```
    pub fn quietly<T>(&self, look: impl FnOnce() -> T) -> T {
        /// Also when `look` panics.
        struct Restore<'a>(&'a FailPoint, bool);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                self.0.state().is_quiet = self.1;
            }
        }
        let was_quiet = std::mem::replace(&mut self.state().is_quiet, true);
        let _restore = Restore(self, was_quiet);
        look()
    }

    /// Counts an error that a source has answered with, after a [`strike`](Self::strike) or for a reason of its own.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// let point = FailPoint::harmless();
    /// point.count_error();
    /// assert_eq!(point.errors(), 1);
    /// ```
    pub fn count_error(&self) {
        self.state().errors += 1;
    }

    /// How often it was passed.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// let point = FailPoint::harmless();
    /// point.pass()?;
    /// assert_eq!(point.passed(), 1);
    /// # Ok::<(), storage_iter::testing::InjectedFailure>(())
    /// ```
    #[must_use]
    pub fn passed(&self) -> usize {
        self.state().passed
    }

    /// How often it has failed, or a source that it belongs to has.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// let point = FailPoint::failing_at(0, 1);
    /// assert!(point.pass().is_err());
    /// assert_eq!(point.errors(), 1);
    /// ```
    #[must_use]
    pub fn errors(&self) -> usize {
        self.state().errors
    }

    /// How often it has panicked.
    ///
    /// ```
    /// # use storage_iter::testing::FailPoint;
    /// assert_eq!(FailPoint::panicking_at(0).panics(), 0);
    /// ```
    #[must_use]
    pub fn panics(&self) -> usize {
        self.state().panics
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
