//! Errors of more than one combinator: [`ChildError`] and [`Never`].

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

/// An error of one of several children, and which child it was.
///
/// Every iterator with several children reports failures this way, so the error of nested merges reads like a path:
///
/// ```
/// use storage_iter::ChildError;
///
/// let error = ChildError { child: 1, error: ChildError { child: 4, error: "disk on fire" } };
/// assert_eq!(error.to_string(), "child 1: child 4: disk on fire");
/// assert_eq!(error.into_inner().into_inner(), "disk on fire");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildError<E> {
    /// The index of the child that failed: its place in the argument of the constructor, from 0, newest first.
    pub child: usize,
    /// What the child said.
    pub error: E,
}

impl<E> ChildError<E> {
    /// The child's own error.
    ///
    /// ```
    /// # use storage_iter::ChildError;
    /// assert_eq!(ChildError { child: 2, error: "no" }.into_inner(), "no");
    /// ```
    pub fn into_inner(self) -> E {
        self.error
    }
}

impl<E: fmt::Display> fmt::Display for ChildError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "child {}: {}", self.child, self.error)
    }
}

/// The message names the child's error already, so `source` is what lies behind that one.
impl<E: Error> Error for ChildError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// An error type without values: the source cannot fail.
///
/// It is what [`lift_err`](crate::StorageIterator::lift_err) asks for, to give a source that cannot fail the error type of
/// one that can.
///
/// ```
/// use std::convert::Infallible;
/// use storage_iter::{ChildError, Never};
///
/// fn unwrap<T>(result: Result<T, impl Never>) -> T {
///     result.unwrap_or_else(|error| error.never())
/// }
/// assert_eq!(unwrap(Ok::<_, Infallible>(1)), 1);
/// assert_eq!(unwrap(Ok::<_, ChildError<Infallible>>(2)), 2);
/// ```
pub trait Never {
    /// Anything at all, since there is no `self` to call this with.
    ///
    /// ```
    /// use storage_iter::Never;
    ///
    /// fn to_io_error(error: std::convert::Infallible) -> std::io::Error {
    ///     error.never()
    /// }
    /// ```
    fn never<T>(self) -> T;
}

impl Never for Infallible {
    #[inline]
    fn never<T>(self) -> T {
        match self {}
    }
}

impl<E: Never> Never for ChildError<E> {
    #[inline]
    fn never<T>(self) -> T {
        self.error.never()
    }
}
