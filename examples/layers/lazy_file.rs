//! [`LazyFile`]: a file that is opened when it is first read.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// A file that is opened when it is first read. Opening may be tried again, like any other read.
#[derive(Debug)]
pub(crate) struct LazyFile {
    path: PathBuf,
    file: Option<File>,
}

impl LazyFile {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        LazyFile { path: path.into(), file: None }
    }
}

impl Read for LazyFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(File::open(&self.path)?),
        };
        file.read(buffer)
    }
}
