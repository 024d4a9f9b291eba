//! The progress bar, and an output that goes well with it.

use std::fs;
use std::io::{self, IsTerminal, Stdout, Write};
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar on standard error over the bytes of all layers; a hidden one unless it is wanted and there is a
/// terminal.
pub(crate) fn bar(wanted: bool, paths: &[PathBuf]) -> ProgressBar {
    if !wanted || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    // A file that cannot be read gets its error when it is.
    let bytes = paths.iter().filter_map(|path| fs::metadata(path).ok()).map(|metadata| metadata.len()).sum();
    let style = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Standard output that takes the bar away while it writes, for the case that both go to one terminal.
pub(crate) struct Output<'a> {
    bar: &'a ProgressBar,
    stdout: Stdout,
}

impl<'a> Output<'a> {
    pub(crate) fn new(bar: &'a ProgressBar) -> Self {
        Output { bar, stdout: io::stdout() }
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bar.suspend(|| self.stdout.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.bar.suspend(|| self.stdout.flush())
    }
}
