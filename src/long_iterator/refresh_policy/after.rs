use std::time::{Duration, Instant};

use super::{RefreshPolicy, RefreshStep};

/// The most steps that are taken without a look at the clock.
const MAX_STRIDE: u32 = 64;

/// Refreshes when the open iterator is older than a given time.
///
/// It reads the clock seldom: at most every 64th step where steps are fast, and at every step where a few of them take
/// a noticeable part of the given time. So it may be late by 64 steps when fast steps become slow, and it is asked only
/// by `next`: an iterator that nobody moves is not refreshed.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use std::time::Duration;
/// use storage_iter::{RefreshAfter, RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
///
/// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
/// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
/// let policy = RefreshAfter::new(Duration::from_secs(10));
/// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(policy);
/// while entries.next()? {}
/// assert_eq!(entries.refreshes(), 1);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RefreshAfter {
    age: Duration,
    /// When the iterator was opened, and when the clock was read last.
    clock: Option<(Instant, Instant)>,
    /// How many steps are taken from one look at the clock to the next, and how many of them are left.
    stride: u32,
    left: u32,
}

impl RefreshAfter {
    /// Refreshes when the open iterator is older than `age`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use storage_iter::RefreshAfter;
    /// let policy = RefreshAfter::new(Duration::from_secs(10));
    /// ```
    #[must_use]
    pub fn new(age: Duration) -> Self {
        RefreshAfter { age, clock: None, stride: 1, left: 1 }
    }

    #[cold]
    fn read_clock(&mut self) -> bool {
        let now = Instant::now();
        let (opened, read) = self.clock.unwrap_or((now, now));
        self.clock = Some((opened, now));
        let is_fast = now.duration_since(read) < self.age / 64;
        self.stride = if is_fast { (self.stride * 2).min(MAX_STRIDE) } else { 1 };
        self.left = self.stride;
        now.duration_since(opened) >= self.age
    }
}

impl RefreshPolicy for RefreshAfter {
    fn opened(&mut self, _version: u64) {
        let now = Instant::now();
        self.clock = Some((now, now));
        self.left = self.stride;
    }

    #[inline]
    fn is_due(&mut self, _step: &impl RefreshStep) -> bool {
        self.left -= 1;
        self.left == 0 && self.read_clock()
    }
}
