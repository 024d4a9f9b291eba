use super::{RefreshPolicy, RefreshStep};

/// Never refreshes: only [`release`](crate::RefreshIterator::release) lets go of the open iterator.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::{RefreshIterator, RefreshNever, ScanFn, SliceIterator, SortedRun, StorageIterator};
///
/// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
/// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
/// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(RefreshNever);
/// while entries.next()? {}
/// assert_eq!(entries.refreshes(), 1);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RefreshNever;

impl RefreshPolicy for RefreshNever {
    #[inline]
    fn opened(&mut self, _version: u64) {}

    #[inline]
    fn is_due(&mut self, _step: &impl RefreshStep) -> bool {
        false
    }
}
