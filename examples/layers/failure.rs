//! [`Failure`]: why the program ends early.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use storage_iter::ChildError;

use crate::layer_error::LayerError;

/// Why the program ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A folder cannot be listed.
    Folder { folder: PathBuf, error: io::Error },
    /// A layer cannot be read or is malformed.
    Layer(LayerError),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<LayerError> for Failure {
    fn from(error: LayerError) -> Self {
        Failure::Layer(error)
    }
}

/// The error of a merge of merges. The layer's own error names the file, which says more here than its place in the
/// merge.
impl From<ChildError<ChildError<LayerError>>> for Failure {
    fn from(error: ChildError<ChildError<LayerError>>) -> Self {
        Failure::Layer(error.into_inner().into_inner())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Folder { folder, error } => write!(f, "{}: {error}", folder.display()),
            Failure::Layer(error) => error.fmt(f),
            Failure::Output(error) => write!(f, "cannot write to standard output: {error}"),
        }
    }
}

/// The messages name the errors behind them already, so `source` is what lies behind those.
impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Failure::Folder { error, .. } | Failure::Output(error) => error.source(),
            Failure::Layer(error) => error.source(),
        }
    }
}
