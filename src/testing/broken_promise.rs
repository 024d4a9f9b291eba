//! [`BrokenPromise`]: what a check of the contract found.

use std::error::Error;
use std::fmt;

/// A promise of [the contract](crate::StorageIterator#the-contract) that an iterator, or its caller, has broken.
///
/// ```
/// use storage_iter::testing::Contract;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let broken = Contract::new().check(|| SliceIterator::new(&[("b", 1), ("a", 2)])).unwrap_err();
/// assert_eq!(broken.promise(), 4);
/// assert_eq!(broken.to_string(), r#"promise 4 (order): key "a" comes after "b", which is not less"#);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BrokenPromise {
    promise: u8,
    detail: String,
}

impl BrokenPromise {
    pub(super) fn new(promise: u8, detail: impl Into<String>) -> Self {
        BrokenPromise { promise, detail: detail.into() }
    }

    /// The same, with what the check was about in front.
    pub(super) fn context(self, context: impl fmt::Display) -> Self {
        BrokenPromise { detail: format!("{context}: {}", self.detail), ..self }
    }

    /// The same for an iterator that breaks no promise as long as nothing fails.
    pub(super) fn by_error(self, context: impl fmt::Display) -> Self {
        BrokenPromise { promise: 5, ..self.context(context) }
    }

    /// The same for an iterator that breaks no promise as long as its futures are awaited.
    #[cfg(feature = "async")]
    pub(super) fn by_dropping(self, context: impl fmt::Display) -> Self {
        BrokenPromise { promise: 13, ..self.context(context) }
    }

    /// The number of the promise on [the trait's page](crate::StorageIterator#the-contract).
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// let twice = Contract::new().check(|| SliceIterator::new(&[(1, 'a'), (1, 'b')])).unwrap_err();
    /// assert_eq!(twice.promise(), 4);
    /// ```
    #[must_use]
    pub fn promise(&self) -> u8 {
        self.promise
    }

    /// The name of the promise, as it stands there.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// let twice = Contract::new().check(|| SliceIterator::new(&[(1, 'a'), (1, 'b')])).unwrap_err();
    /// assert_eq!(twice.name(), "order");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.promise {
            1 => "steps",
            3 => "ends",
            4 => "order",
            5 => "errors",
            6 => "hands off",
            8 => "borrows",
            9 => "comparisons",
            12 => "seeks",
            13 => "dropped futures",
            15 => "panics",
            _ => "start",
        }
    }

    /// What has happened.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Contract};
    /// let twice = Contract::new().check(|| SliceIterator::new(&[(1, 'a'), (1, 'b')])).unwrap_err();
    /// assert_eq!(twice.detail(), "key 1 comes after 1, which is not less");
    /// ```
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for BrokenPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "promise {} ({}): {}", self.promise, self.name(), self.detail)
    }
}

/// The message, so that `unwrap` shows it.
impl fmt::Debug for BrokenPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for BrokenPromise {}
