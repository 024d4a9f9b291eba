//! How an example ends: with its output, or with one line that says what is wrong.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// The exit status of an example, after the line that says why it failed, if it has.
///
/// That whoever reads the output has gone is no failure: they have seen enough. (`println!` panics there, so examples write by
/// `writeln!`.)
pub(crate) fn end(example: &str, result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    // A message that cannot be written to standard error has no other place to go.
    let _ = writeln!(io::stderr(), "{example}: {error}");
    ExitCode::FAILURE
}
