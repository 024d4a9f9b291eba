use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{RefreshPolicy, RefreshStep};

/// Asks for refreshes, from any thread: of all iterators whose policy it made.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{RefreshIterator, RefreshSignal, ScanFn, SliceIterator, SortedRun, StorageIterator};
///
/// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
/// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
/// let signal = RefreshSignal::new();
/// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(signal.policy());
/// entries.next()?;
/// signal.request();
/// entries.next()?;
/// assert_eq!(entries.refreshes(), 2);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RefreshSignal {
    requests: Arc<AtomicU64>,
}

impl RefreshSignal {
    /// A signal that nobody has given yet.
    ///
    /// ```
    /// # use storage_iter::RefreshSignal;
    /// let signal = RefreshSignal::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every iterator with a policy of this signal to refresh at its next step.
    ///
    /// ```
    /// # use storage_iter::RefreshSignal;
    /// let signal = RefreshSignal::new();
    /// let elsewhere = signal.clone();
    /// std::thread::spawn(move || elsewhere.request()).join().unwrap();
    /// ```
    pub fn request(&self) {
        self.requests.fetch_add(1, Ordering::Release);
    }

    /// A policy that refreshes when this signal is given.
    ///
    /// ```
    /// # use storage_iter::{RefreshOnSignal, RefreshSignal};
    /// let signal = RefreshSignal::new();
    /// let policy: RefreshOnSignal = signal.policy();
    /// ```
    #[must_use]
    pub fn policy(&self) -> RefreshOnSignal {
        RefreshOnSignal { requests: Arc::clone(&self.requests), answered: 0 }
    }
}

/// Refreshes at the first step after a [`RefreshSignal`] was given, made by [`policy`](RefreshSignal::policy). One load
/// and one comparison a step.
///
/// ```
/// use storage_iter::{RefreshOnViewChange, RefreshPolicy, RefreshSignal};
///
/// let signal = RefreshSignal::new();
/// let policy = RefreshOnViewChange::new().or(signal.policy());
/// ```
#[derive(Clone, Debug)]
pub struct RefreshOnSignal {
    requests: Arc<AtomicU64>,
    /// How many requests there were when the iterator was opened.
    answered: u64,
}

impl RefreshPolicy for RefreshOnSignal {
    fn opened(&mut self, _version: u64) {
        // What was done before the request has to be visible to the iterator that answers it.
        self.answered = self.requests.load(Ordering::Acquire);
    }

    #[inline]
    fn is_due(&mut self, _step: &impl RefreshStep) -> bool {
        self.requests.load(Ordering::Relaxed) != self.answered
    }
}
