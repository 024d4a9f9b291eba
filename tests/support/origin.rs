//! [`Origin`]: where an error says it comes from, and where it really comes from.

use storage_iter::{ChildError, FoldError, FuseError, OrderError, VersionedKeysError};

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

impl<E: Origin, O> Origin for FoldError<E, O> {
    fn path(&self) -> Vec<usize> {
        match self {
            FoldError::Child(error) => error.path(),
            FoldError::Operator(_) => vec![],
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            FoldError::Child(error) => error.failure(),
            FoldError::Operator(_) => None,
        }
    }
}

impl<E: Origin> Origin for VersionedKeysError<E> {
    fn path(&self) -> Vec<usize> {
        match self {
            VersionedKeysError::Child(error) => error.path(),
            VersionedKeysError::Malformed { .. } => vec![],
        }
    }

    fn failure(&self) -> Option<&Failure> {
        match self {
            VersionedKeysError::Child(error) => error.failure(),
            VersionedKeysError::Malformed { .. } => None,
        }
    }
}
