//! [`LayerError`]: what is wrong with a layer, and where.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// What is wrong with a layer: the file, the line, the problem.
#[derive(Debug)]
pub(crate) struct LayerError {
    pub(crate) path: PathBuf,
    /// Counted from 1.
    pub(crate) line: u64,
    pub(crate) problem: Problem,
}

/// What is wrong with a line.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It could not be read. Reading may be tried again; every other problem stays.
    Io(io::Error),
    /// It has no tab, so no key ends anywhere.
    NoTab,
    /// Its key does not come after that of the line before.
    NotAscending { previous: Vec<u8>, key: Vec<u8> },
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LayerError { path, line, problem } = self;
        let path = path.display();
        match problem {
            // Most likely the file cannot be opened: a line number would only puzzle.
            Problem::Io(error) if *line == 1 => write!(f, "{path}: {error}"),
            Problem::Io(error) => write!(f, "{path}:{line}: {error}"),
            Problem::NoTab => write!(f, "{path}:{line}: there is no tab between a key and a value"),
            Problem::NotAscending { previous, key } => {
                let relation = if key == previous { "equals" } else { "is less than" };
                let (previous, key) = (previous.escape_ascii(), key.escape_ascii());
                write!(f, "{path}:{line}: key \"{key}\" {relation} key \"{previous}\" of line {}", line - 1)?;
                f.write_str(", but the keys of a layer must ascend")
            }
        }
    }
}

/// The message names the I/O error already, so `source` is what lies behind that one.
impl Error for LayerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => error.source(),
            Problem::NoTab | Problem::NotAscending { .. } => None,
        }
    }
}
