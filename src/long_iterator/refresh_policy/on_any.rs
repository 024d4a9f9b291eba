use super::{RefreshPolicy, RefreshStep};

/// Refreshes when one of two policies says so, made by [`or`](RefreshPolicy::or).
///
/// ```
/// use storage_iter::{RefreshEveryBytes, RefreshOnAny, RefreshOnViewChange, RefreshPolicy};
///
/// type Policy = RefreshOnAny<RefreshOnViewChange, RefreshEveryBytes>;
/// let policy: Policy = RefreshOnViewChange::new().or(RefreshEveryBytes::new(64 << 20));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RefreshOnAny<A, B> {
    a: A,
    b: B,
}

impl<A, B> RefreshOnAny<A, B> {
    /// Refreshes when `a` says so or `b` does.
    ///
    /// ```
    /// # use storage_iter::{RefreshEveryBytes, RefreshEveryEntries, RefreshOnAny};
    /// let policy = RefreshOnAny::new(RefreshEveryEntries::new(100_000), RefreshEveryBytes::new(64 << 20));
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self {
        RefreshOnAny { a, b }
    }
}

impl<A: RefreshPolicy, B: RefreshPolicy> RefreshPolicy for RefreshOnAny<A, B> {
    fn opened(&mut self, version: u64) {
        self.a.opened(version);
        self.b.opened(version);
    }

    #[inline]
    fn is_due(&mut self, step: &impl RefreshStep) -> bool {
        // Where `a` says so `b` is not asked, but then it is told of a new iterator.
        self.a.is_due(step) || self.b.is_due(step)
    }
}
