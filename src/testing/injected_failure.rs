//! [`InjectedFailure`]: the error of what fails on purpose.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// The error of what fails on purpose. It says where it comes from, so that no other can be taken for it.
///
/// ```
/// use std::io;
/// use storage_iter::testing::InjectedFailure;
///
/// let failure = InjectedFailure { path: [1, 0].into(), step: 7, time: 2 };
/// assert_eq!(failure.to_string(), "source [1, 0] failed at step 7 (time 2)");
/// assert_eq!(io::Error::from(failure).kind(), io::ErrorKind::Other);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InjectedFailure {
    /// Where the source stands in a composition: the indices of the children on the way down to it. Empty, if nobody has
    /// said it.
    pub path: Arc<[usize]>,
    /// The step that failed.
    pub step: usize,
    /// Which failure of this step it is, from 1.
    pub time: usize,
}

impl fmt::Display for InjectedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source {:?} failed at step {} (time {})", self.path, self.step, self.time)
    }
}

impl Error for InjectedFailure {}

/// For sources that fail with what their files fail with.
impl From<InjectedFailure> for io::Error {
    fn from(failure: InjectedFailure) -> Self {
        io::Error::other(failure)
    }
}
