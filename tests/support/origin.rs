//! [`Origin`]: where an error says it comes from, and where it really comes from.

use storage_iter::{ChildError, FuseError, OrderError};

use super::Failure;

/// An error of a composition over [`HostileIterator`](super::HostileIterator)s.
pub trait Origin {
    /// The indices of the children on the way down to the source, as the error names them.
    fn path(&self) -> Vec<usize>;

    /// What the source said, if a source said it.
    fn failure(&self) -> Option<&Failure>;
}

impl Origin for Failure {
    fn path(&self) -> Vec<usize> {
        vec![]
    }

    fn failure(&self) -> Option<&Failure> {
        Some(self)
    }
}

impl<E: Origin> Origin for ChildError<E> {
    fn path(&self) -> Vec<usize> {
        [vec![self.child], self.error.path()].concat()
    }

    fn failure(&self) -> Option<&Failure> {
        self.error.failure()
    }
}

impl<E: Origin> Origin for FuseError<E> {
    fn path(&self) -> Vec<usize> {
        match self {
            FuseError::First(error) => error.path(),
            FuseError::Again => vec![],
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            FuseError::First(error) => error.failure(),
            FuseError::Again => None,
        }
    }
}

impl<E: Origin, K> Origin for OrderError<E, K> {
    fn path(&self) -> Vec<usize> {
        match self {
            OrderError::Child(error) => error.path(),
            OrderError::NotAscending { .. } | OrderError::NotDescending { .. } => vec![],
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            OrderError::Child(error) => error.failure(),
            OrderError::NotAscending { .. } | OrderError::NotDescending { .. } => None,
        }
    }
}
