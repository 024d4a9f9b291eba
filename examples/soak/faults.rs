//! [`FaultyIterator`]: a cursor whose steps fail now and then, and go on afterwards.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use storage_iter::{BidirectionalIterator, SeekableIterator, StorageIterator};

use crate::lsm::driver::Random;
use crate::lsm::layers::Run;
use crate::lsm::read_path::{self, Versions};

/// Where faults come from: about one in `one_in` calls fails.
#[derive(Debug)]
pub(crate) struct Faults {
    one_in: u64,
    calls: AtomicU64,
    injected: AtomicU64,
}

impl Faults {
    pub(crate) fn new(one_in: u64) -> Self {
        Faults { one_in, calls: AtomicU64::new(0), injected: AtomicU64::new(0) }
    }

    pub(crate) fn injected(&self) -> u64 {
        self.injected.load(Ordering::Relaxed)
    }

    /// Fails, or does not: each call draws the next number of one sequence.
    fn strike(&self) -> io::Result<()> {
        if Random::new(self.calls.fetch_add(1, Ordering::Relaxed)).below(self.one_in) > 0 {
            return Ok(());
        }
        self.injected.fetch_add(1, Ordering::Relaxed);
        Err(io::Error::other("injected"))
    }

    /// Opens the file of a run, which may fail, and so may each step in it.
    pub(crate) fn open(&self, run: &Run) -> io::Result<impl Versions> {
        self.strike()?;
        Ok(FaultyIterator { child: read_path::open(run)?, faults: self, open: None })
    }
}

/// A cursor whose step fails when it was made already, and is completed by the next call, as the contract has it.
struct FaultyIterator<'a, I> {
    child: I,
    faults: &'a Faults,
    /// The step that failed: whether it went forward, and whether it came to an entry.
    open: Option<(bool, bool)>,
}

impl<I: Versions> FaultyIterator<'_, I> {
    fn finish(&mut self, is_forward: bool, is_valid: bool) -> io::Result<bool> {
        self.open = Some((is_forward, is_valid));
        self.faults.strike()?;
        self.open = None;
        Ok(is_valid)
    }

    /// What the open step has come to, if it was in this direction. Otherwise it is finished all the same.
    fn completed(&mut self, is_forward: bool) -> Option<bool> {
        self.open.take().filter(|(was_forward, _)| *was_forward == is_forward).map(|(_, is_valid)| is_valid)
    }
}

impl<I: Versions> StorageIterator for FaultyIterator<'_, I> {
    type Key = I::Key;
    type Value = [u8];
    type Error = io::Error;

    fn next(&mut self) -> io::Result<bool> {
        if let Some(is_valid) = self.completed(true) {
            return Ok(is_valid);
        }
        let is_valid = self.child.next()?;
        self.finish(true, is_valid)
    }

    fn is_valid(&self) -> bool {
        self.open.is_none() && self.child.is_valid()
    }

    fn key(&self) -> &I::Key {
        assert!(self.is_valid(), "not on an entry");
        self.child.key()
    }

    fn value(&self) -> &[u8] {
        assert!(self.is_valid(), "not on an entry");
        self.child.value()
    }
}

impl<I: Versions> SeekableIterator for FaultyIterator<'_, I> {
    fn seek(&mut self, key: &I::Key) -> io::Result<bool> {
        let is_valid = self.child.seek(key)?;
        self.finish(true, is_valid)
    }

    fn seek_to_first(&mut self) -> io::Result<bool> {
        let is_valid = self.child.seek_to_first()?;
        self.finish(true, is_valid)
    }
}

impl<I: Versions> BidirectionalIterator for FaultyIterator<'_, I> {
    fn prev(&mut self) -> io::Result<bool> {
        if let Some(is_valid) = self.completed(false) {
            return Ok(is_valid);
        }
        let is_valid = self.child.prev()?;
        self.finish(false, is_valid)
    }

    fn seek_to_last(&mut self) -> io::Result<bool> {
        let is_valid = self.child.seek_to_last()?;
        self.finish(false, is_valid)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> io::Result<bool> {
        let is_valid = self.child.seek_for_prev(key)?;
        self.finish(false, is_valid)
    }
}
