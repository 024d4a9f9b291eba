use super::{RefreshPolicy, RefreshStep};

/// Refreshes at the first step after the source's [`version`](crate::ScanSource::version) has changed: one load and one
/// comparison a step, and no refresh while nothing changes.
///
/// ```
/// use storage_iter::{RefreshIterator, RefreshOnViewChange, ScanSource};
///
/// /// It is the default.
/// struct Cursor<Engine: ScanSource> {
///     entries: RefreshIterator<Engine, RefreshOnViewChange>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RefreshOnViewChange {
    opened: u64,
}

impl RefreshOnViewChange {
    /// The policy.
    ///
    /// ```
    /// use storage_iter::{RefreshEveryBytes, RefreshOnViewChange, RefreshPolicy};
    ///
    /// let policy = RefreshOnViewChange::new().or(RefreshEveryBytes::new(64 << 20));
    /// ```
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl RefreshPolicy for RefreshOnViewChange {
    #[inline]
    fn opened(&mut self, version: u64) {
        self.opened = version;
    }

    #[inline]
    fn is_due(&mut self, step: &impl RefreshStep) -> bool {
        step.version() != self.opened
    }
}
