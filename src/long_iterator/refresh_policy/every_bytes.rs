use super::{RefreshPolicy, RefreshStep};

/// Refreshes after entries whose keys and values take a number of bytes.
///
/// It looks at every entry's key and value, which costs something where the iterator works them out when they are asked
/// for.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{RefreshEveryBytes, RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
///
/// let run: SortedRun<u64, str> = SliceIterator::new(&[(1, "ab"), (2, "cd"), (3, "ef")]).borrowed().collect()?;
/// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
/// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(RefreshEveryBytes::new(20));
/// while entries.next()? {}
/// assert_eq!(entries.refreshes(), 2); // Two entries of 8 + 2 bytes are 20.
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RefreshEveryBytes {
    limit: usize,
    passed: usize,
}

impl RefreshEveryBytes {
    /// Refreshes after `limit` bytes, and at least one entry.
    ///
    /// ```
    /// # use storage_iter::RefreshEveryBytes;
    /// let policy = RefreshEveryBytes::new(64 << 20);
    /// ```
    #[inline]
    #[must_use]
    pub fn new(limit: usize) -> Self {
        RefreshEveryBytes { limit, passed: 0 }
    }
}

impl RefreshPolicy for RefreshEveryBytes {
    #[inline]
    fn opened(&mut self, _version: u64) {
        self.passed = 0;
    }

    #[inline]
    fn is_due(&mut self, step: &impl RefreshStep) -> bool {
        self.passed = self.passed.saturating_add(step.entry_bytes());
        step.entries() > 0 && self.passed >= self.limit
    }
}
