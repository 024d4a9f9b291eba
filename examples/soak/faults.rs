//! What fails now and then, and how a caller goes on.

use std::io;
use std::sync::atomic::AtomicU64;

use storage_iter::StorageIterator;
use storage_iter::testing::{FailPoint, FailingIterator};

use crate::add;
use crate::lsm::layers::Run;
use crate::lsm::read_path::{self, Versions};

/// Opens the file of a run, which may fail, and so may each step in it.
pub(crate) fn open(run: &Run, faults: &FailPoint) -> io::Result<impl Versions> {
    faults.pass()?;
    Ok(FailingIterator::new(read_path::open(run)?, faults.clone()).map_err(io::Error::other))
}

/// Repeats what failed until it is done, and counts how often. An error costs nothing, so this must not lose an entry. What fails a
/// thousand times in a row does not fail by chance.
pub(crate) fn insist<T>(repeated: &AtomicU64, mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 1..1000 {
        if let Ok(done) = attempt() {
            return Ok(done);
        }
        add(repeated, 1);
    }
    attempt()
}

/// A storage iterator whose open steps are completed, as the contract has it: by another call.
pub(crate) struct Insistent<'a, I> {
    pub(crate) child: I,
    pub(crate) repeated: &'a AtomicU64,
}

impl<I: StorageIterator<Error = io::Error>> StorageIterator for Insistent<'_, I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = io::Error;

    fn next(&mut self) -> io::Result<bool> {
        insist(self.repeated, || self.child.next())
    }

    fn is_valid(&self) -> bool {
        self.child.is_valid()
    }

    fn key(&self) -> &I::Key {
        self.child.key()
    }

    fn value(&self) -> &I::Value {
        self.child.value()
    }
}
