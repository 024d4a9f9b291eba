//! When a [`RefreshIterator`](crate::RefreshIterator) replaces its open iterator: the trait, and one policy a file.

mod after;
mod always;
mod every_bytes;
mod every_entries;
mod never;
mod on_any;
mod on_signal;
mod on_view_change;

pub use after::RefreshAfter;
pub use always::RefreshAlways;
pub use every_bytes::RefreshEveryBytes;
pub use every_entries::RefreshEveryEntries;
pub use never::RefreshNever;
pub use on_any::RefreshOnAny;
pub use on_signal::{RefreshOnSignal, RefreshSignal};
pub use on_view_change::RefreshOnViewChange;

/// When a [`RefreshIterator`](crate::RefreshIterator) replaces its open iterator by a fresh one.
///
/// | policy | refreshes | keeps old state alive, while `next` is called |
/// |---|---|---|
/// | [`RefreshOnViewChange`](crate::RefreshOnViewChange), the default | at the first step after the source's version changed | for one step |
/// | [`RefreshEveryEntries`](crate::RefreshEveryEntries) | after so many entries | for so many entries |
/// | [`RefreshEveryBytes`](crate::RefreshEveryBytes) | after so many bytes of keys and values | for so many bytes |
/// | [`RefreshAfter`](crate::RefreshAfter) | after so much time | for about that time |
/// | [`RefreshOnSignal`](crate::RefreshOnSignal) | at the first step after somebody asked for it | until then |
/// | [`RefreshOnAny`](crate::RefreshOnAny) | when one of two says so | as the shorter one |
/// | [`RefreshAlways`](crate::RefreshAlways) | at every step, for tests | for one step |
/// | [`RefreshNever`](crate::RefreshNever) | not at all | to the end |
///
/// A refresh costs a search in everything that is scanned, so a policy that refreshes without need wants a large
/// number.
///
/// ```
/// use storage_iter::{RefreshPolicy, RefreshStep};
///
/// /// After entries of more than 4096 bytes.
/// #[derive(Debug)]
/// struct AfterLargeEntries;
///
/// impl RefreshPolicy for AfterLargeEntries {
///     fn opened(&mut self, _version: u64) {}
///
///     fn is_due(&mut self, step: &impl RefreshStep) -> bool {
///         step.entry_bytes() > 4096
///     }
/// }
/// ```
pub trait RefreshPolicy {
    /// Is called before an iterator is opened, with the version of the source at that time.
    ///
    /// ```
    /// use storage_iter::{RefreshEveryBytes, RefreshPolicy};
    ///
    /// let mut policy = RefreshEveryBytes::new(1 << 20);
    /// policy.opened(0); // Counts from here.
    /// ```
    fn opened(&mut self, version: u64);

    /// Whether the open iterator is to be replaced. Is asked once at every step, before it is moved.
    ///
    /// ```
    /// use storage_iter::{RefreshPolicy, RefreshStep};
    ///
    /// /// Both, if neither needs to see the steps at which the other is not asked.
    /// fn are_due(a: &mut impl RefreshPolicy, b: &mut impl RefreshPolicy, step: &impl RefreshStep) -> bool {
    ///     a.is_due(step) && b.is_due(step)
    /// }
    /// ```
    fn is_due(&mut self, step: &impl RefreshStep) -> bool;

    /// Refreshes when this policy says so or `other` does. See [`RefreshOnAny`].
    ///
    /// ```
    /// use std::time::Duration;
    /// use storage_iter::{RefreshAfter, RefreshEveryBytes, RefreshOnViewChange, RefreshPolicy};
    ///
    /// let policy = RefreshOnViewChange::new()
    ///     .or(RefreshEveryBytes::new(64 << 20))
    ///     .or(RefreshAfter::new(Duration::from_secs(10)));
    /// ```
    fn or<B: RefreshPolicy>(self, other: B) -> RefreshOnAny<Self, B>
    where
        Self: Sized,
    {
        RefreshOnAny::new(self, other)
    }
}

/// What a [`RefreshPolicy`] may look at. Each method is worked out when it is called, so a policy pays only for what it
/// asks.
///
/// ```
/// use storage_iter::RefreshStep;
///
/// fn is_first(step: &impl RefreshStep) -> bool {
///     step.entries() == 1
/// }
/// ```
pub trait RefreshStep {
    /// How many entries have come out of the open iterator, that on which it stands included.
    ///
    /// ```
    /// use storage_iter::RefreshStep;
    ///
    /// fn has_come_far(step: &impl RefreshStep) -> bool {
    ///     step.entries() >= 1_000_000
    /// }
    /// ```
    fn entries(&self) -> u64;

    /// How long the current key and value are together; 0 if the iterator stands on no entry, because it is new or its
    /// first step has failed.
    ///
    /// ```
    /// use storage_iter::RefreshStep;
    ///
    /// fn is_large(step: &impl RefreshStep) -> bool {
    ///     step.entry_bytes() > 4096
    /// }
    /// ```
    fn entry_bytes(&self) -> usize;

    /// The version of the source at this moment.
    ///
    /// ```
    /// use storage_iter::RefreshStep;
    ///
    /// fn has_changed(step: &impl RefreshStep, since: u64) -> bool {
    ///     step.version() != since
    /// }
    /// ```
    fn version(&self) -> u64;
}
