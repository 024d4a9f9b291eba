use super::{RefreshPolicy, RefreshStep};

/// Refreshes after a number of entries.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{RefreshEveryEntries, RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
///
/// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
/// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
/// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(RefreshEveryEntries::new(2));
/// while entries.next()? {}
/// assert_eq!(entries.refreshes(), 2);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RefreshEveryEntries {
    count: u64,
}

impl RefreshEveryEntries {
    /// Refreshes after `count` entries, at least one.
    ///
    /// ```
    /// # use storage_iter::RefreshEveryEntries;
    /// let policy = RefreshEveryEntries::new(100_000);
    /// ```
    #[inline]
    #[must_use]
    pub fn new(count: u64) -> Self {
        RefreshEveryEntries { count: count.max(1) }
    }
}

impl RefreshPolicy for RefreshEveryEntries {
    #[inline]
    fn opened(&mut self, _version: u64) {}

    #[inline]
    fn is_due(&mut self, step: &impl RefreshStep) -> bool {
        step.entries() >= self.count
    }
}
