//! How an example ends: as it has found, or with one line that says what is wrong.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::{ExitCode, Termination};

/// The exit status of an example, after the line that says why it failed, if it has.
///
/// That whoever reads the output has gone is no failure: they have seen enough. (`println!` would panic there, so examples print by
/// `writeln!`.)
pub(crate) fn end(example: &str, result: Result<impl Termination, Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(ended) => ended.report(),
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(is_broken_pipe) => ExitCode::SUCCESS,
        Err(error) => {
            // A message that cannot be written to standard error has no other place to go.
            let _ = writeln!(io::stderr(), "{example}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}
