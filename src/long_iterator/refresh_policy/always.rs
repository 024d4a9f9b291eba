use super::{RefreshPolicy, RefreshStep};

/// Refreshes at every step: the hardest test that a source can be put to.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{RefreshAlways, RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
///
/// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
/// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
/// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(RefreshAlways);
/// while entries.next()? {}
/// assert_eq!(entries.refreshes(), 3); // The third one found the end.
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RefreshAlways;

impl RefreshPolicy for RefreshAlways {
    #[inline]
    fn opened(&mut self, _version: u64) {}

    /// Not before the iterator has yielded an entry: one whose first step fails may complete it.
    #[inline]
    fn is_due(&mut self, step: &impl RefreshStep) -> bool {
        step.entries() > 0
    }
}
