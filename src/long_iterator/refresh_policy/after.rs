use std::time::{Duration, Instant};

use super::{RefreshPolicy, RefreshStep};

/// The most steps that are taken without a look at the clock.
const MAX_STRIDE: u32 = 64;

/// Refreshes when the open iterator is older than a given time and has yielded an entry.
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
        self.is_due_at(Instant::now())
    }

    fn opened_at(&mut self, now: Instant) {
        self.clock = Some((now, now));
        self.left = self.stride;
    }

    /// Whether this step wants to know what the clock says.
    #[inline]
    fn wants_the_clock(&mut self) -> bool {
        self.left -= 1;
        self.left == 0
    }

    /// Whether the iterator is due, if the clock says `now`.
    fn is_due_at(&mut self, now: Instant) -> bool {
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
        self.opened_at(Instant::now());
    }

    /// Not before the iterator has yielded an entry: one whose first step fails may complete it.
    #[inline]
    fn is_due(&mut self, step: &impl RefreshStep) -> bool {
        self.wants_the_clock() && self.read_clock() && step.entries() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps, of so many milliseconds each, at which an iterator is refreshed that may be 640 ms old; and how often the clock
    /// was read.
    fn refreshes(steps: impl IntoIterator<Item = u64>) -> (Vec<usize>, usize) {
        let mut policy = RefreshAfter::new(Duration::from_millis(640));
        let mut now = Instant::now();
        let (mut due, mut reads) = (vec![], 0);
        policy.opened_at(now);
        for (number, milliseconds) in steps.into_iter().enumerate() {
            now += Duration::from_millis(milliseconds);
            if policy.wants_the_clock() {
                reads += 1;
                if policy.is_due_at(now) {
                    policy.opened_at(now);
                    due.push(number);
                }
            }
        }
        (due, reads)
    }

    #[test]
    fn slow_steps_look_at_the_clock_each_time() {
        assert_eq!(refreshes([640; 4]), (vec![0, 1, 2, 3], 4));
        assert_eq!(refreshes([320; 6]), (vec![1, 3, 5], 6));
        // A 64th of the time is slow.
        assert_eq!(refreshes([10; 200]), (vec![63, 127, 191], 200));
        assert_eq!(refreshes([639, 0, 1]), (vec![], 2));
    }

    #[test]
    fn fast_steps_look_at_the_clock_seldom() {
        // After 1 + 2 + 4 + 8 + 16 + 32 steps at every 64th.
        let (due, reads) = refreshes([0; 63 + 64 * 10]);
        assert_eq!((due, reads), (vec![], 6 + 10));
    }

    /// Late by the rest of a stride, and then at each step.
    #[test]
    fn fast_steps_that_become_slow_are_late_by_one_stride() {
        let steps = [0; 63].into_iter().chain([700; 66]);
        assert_eq!(refreshes(steps), (vec![63 + 63, 63 + 64, 63 + 65], 6 + 3));
    }
}
