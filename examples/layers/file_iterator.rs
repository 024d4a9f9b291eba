//! [`FileIterator`]: a source of your own, here over the lines of a file.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use storage_iter::StorageIterator;

use crate::layer_error::{LayerError, Problem};

/// The entries of one layer: lines of `key<TAB>value`, keys ascending.
///
/// Nothing is read before the first `next`, the opening of the file included (see
/// [`LazyFile`](crate::lazy_file::LazyFile)): `new` cannot fail, so layers go into a merge as `paths.map(..)` without
/// a `Result` in between, an unreadable file is reported in the same place as an unreadable line, and either may be
/// tried again.
///
/// # Complexity
///
/// One pass over the line a step, and one comparison of its key with the one before. Everything happens in one
/// buffer, which grows with the longest line and is otherwise reused.
///
/// # Errors
///
/// A [`LayerError`], with the file and the line. After one that came from reading, `next` goes on reading where it
/// stopped. A line that is not an entry, or is out of order, has no right continuation: it is reported again for ever.
#[derive(Debug)]
pub(crate) struct FileIterator<R> {
    path: PathBuf,
    reader: BufReader<R>,
    /// The key of the entry before, directly followed by the current line, as much of it as has been read.
    buffer: Vec<u8>,
    /// Where the current line begins in `buffer`.
    line_start: usize,
    /// The number of the current line once it has been read, that of the line before until then.
    line_number: u64,
    position: Position,
}

/// Where the iterator stands. It changes only after what may fail has succeeded, so a failed step is taken up again
/// where it failed: that is all it takes to leave the step open.
#[derive(Clone, Copy, Debug)]
enum Position {
    /// The current line is to be read, or the rest of it.
    Reading,
    /// The current line has been read and is to be judged. A line that is not an entry stays so.
    Judging,
    /// The current line is an entry, with its first tab at this place in `buffer`.
    OnEntry { tab: usize },
    /// There are no more lines.
    AfterLast,
}

impl<R: Read> FileIterator<R> {
    /// The entries that `reader` reads. The path is for errors only.
    pub(crate) fn new(path: impl Into<PathBuf>, reader: R) -> Self {
        FileIterator {
            path: path.into(),
            reader: BufReader::with_capacity(32 * 1024, reader),
            buffer: Vec::new(),
            line_start: 0,
            line_number: 0,
            position: Position::Reading,
        }
    }

    /// Reads the current line without its line feed. `false`: there is none.
    fn read_line(&mut self) -> Result<bool, LayerError> {
        // What was read before an error stays in the buffer, so the next call goes on behind it.
        if let Err(error) = self.reader.read_until(b'\n', &mut self.buffer) {
            return Err(self.error(self.line_number + 1, Problem::Io(error)));
        }
        if self.buffer.len() == self.line_start {
            return Ok(false);
        }
        self.buffer.pop_if(|byte| *byte == b'\n');
        self.line_number += 1;
        Ok(true)
    }

    /// The place of the first tab of the current line, if the line is an entry and in order.
    fn judge_line(&self) -> Result<usize, LayerError> {
        let (previous, line) = self.buffer.split_at(self.line_start);
        let Some(key_len) = line.iter().position(|byte| *byte == b'\t') else {
            return Err(self.error(self.line_number, Problem::NoTab));
        };
        let key = &line[..key_len];
        // The empty key is a key: that nothing came before the first line is not to be seen from `previous`.
        if self.line_number > 1 && key <= previous {
            let problem = Problem::NotAscending { previous: previous.to_vec(), key: key.to_vec() };
            return Err(self.error(self.line_number, problem));
        }
        Ok(self.line_start + key_len)
    }

    /// Leaves of the buffer only the key of the current entry, and makes it that of the entry before.
    fn leave_entry(&mut self, tab: usize) {
        self.buffer.truncate(tab);
        self.buffer.drain(..self.line_start);
        self.line_start = self.buffer.len();
    }

    #[cold]
    fn error(&self, line: u64, problem: Problem) -> LayerError {
        LayerError { path: self.path.clone(), line, problem }
    }

    /// The place of the tab of the current entry.
    fn tab(&self) -> usize {
        match self.position {
            Position::OnEntry { tab } => tab,
            _ => panic!("`key` or `value` of a `FileIterator` that does not stand on an entry"),
        }
    }
}

impl<R: Read> StorageIterator for FileIterator<R> {
    type Key = [u8];
    type Value = [u8];
    type Error = LayerError;

    fn next(&mut self) -> Result<bool, LayerError> {
        if let Position::OnEntry { tab } = self.position {
            self.leave_entry(tab);
            self.position = Position::Reading;
        }
        if let Position::Reading = self.position {
            self.position = if self.read_line()? { Position::Judging } else { Position::AfterLast };
        }
        if let Position::Judging = self.position {
            self.position = Position::OnEntry { tab: self.judge_line()? };
        }
        Ok(self.is_valid())
    }

    fn is_valid(&self) -> bool {
        matches!(self.position, Position::OnEntry { .. })
    }

    fn key(&self) -> &[u8] {
        &self.buffer[self.line_start..self.tab()]
    }

    fn value(&self) -> &[u8] {
        &self.buffer[self.tab() + 1..]
    }
}
