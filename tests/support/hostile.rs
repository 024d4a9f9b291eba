//! [`HostileIterator`]: a source that fails, and that minds being touched afterwards.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use storage_iter::StorageIterator;

use super::{Entry, Failures};

/// A source that keeps the contract to the letter and forgives nothing.
///
/// It lends from buffers of its own, which it overwrites at each `next`, also at one that fails. It fails at the steps that it
/// was given [`Failures`] for, and can go on afterwards: the step that failed is done by the call that succeeds. In between it
/// panics when it is asked for anything but `next`.
#[derive(Clone, Debug)]
pub struct HostileIterator {
    entries: Rc<[Entry]>,
    failures: Rc<Failures>,
    index: usize,
    path: Rc<[usize]>,
    /// How many failures this source and its sisters have answered with.
    failed: Rc<Cell<usize>>,
    step: usize,
    failed_at_step: usize,
    position: Position,
    key: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Before,
    OnEntry,
    Failed,
    AtEnd,
}

impl HostileIterator {
    /// Source number `index` among those that share the plan `failures`. Its errors carry `path`.
    pub fn new(entries: &[Entry], index: usize, failures: Rc<Failures>, path: &[usize]) -> Self {
        let longest = |length: fn(&Entry) -> usize| entries.iter().map(length).max().unwrap_or(0);
        HostileIterator {
            key: Vec::with_capacity(longest(|(key, _)| key.len())),
            value: Vec::with_capacity(longest(|(_, value)| value.len())),
            entries: entries.into(),
            failures,
            index,
            path: path.into(),
            failed: Rc::default(),
            step: 0,
            failed_at_step: 0,
            position: Position::Before,
        }
    }

    /// One that never fails.
    pub fn harmless(entries: &[Entry]) -> Self {
        Self::new(entries, 0, Rc::default(), &[])
    }

    /// Counts its failures in `failed`, as others may.
    pub fn counting_in(mut self, failed: &Rc<Cell<usize>>) -> Self {
        self.failed = Rc::clone(failed);
        self
    }
}

impl StorageIterator for HostileIterator {
    type Key = [u8];
    type Value = [u8];
    type Error = Failure;

    fn next(&mut self) -> Result<bool, Failure> {
        // References to the last entry are over: whoever kept a copy of one by cheating shall see rubbish.
        self.key.iter_mut().chain(&mut self.value).for_each(|byte| *byte = !*byte);
        if self.position == Position::AtEnd {
            return Ok(false);
        }
        if self.failed_at_step < self.failures.times(self.index, self.step) {
            self.failed_at_step += 1;
            self.failed.set(self.failed.get() + 1);
            self.position = Position::Failed;
            return Err(Failure { path: Rc::clone(&self.path), step: self.step, time: self.failed_at_step });
        }
        let Some((key, value)) = self.entries.get(self.step) else {
            self.position = Position::AtEnd;
            return Ok(false);
        };
        self.key.clone_from(key);
        self.value.clone_from(value);
        self.position = Position::OnEntry;
        self.step += 1;
        self.failed_at_step = 0;
        Ok(true)
    }

    fn is_valid(&self) -> bool {
        assert_ne!(self.position, Position::Failed, "`is_valid` of source {:?} while its step is open", self.path);
        self.position == Position::OnEntry
    }

    fn key(&self) -> &[u8] {
        assert_eq!(self.position, Position::OnEntry, "`key` of source {:?}", self.path);
        &self.key
    }

    fn value(&self) -> &[u8] {
        assert_eq!(self.position, Position::OnEntry, "`value` of source {:?}", self.path);
        &self.value
    }
}

/// The error of a [`HostileIterator`], which says where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where the source stands in the composition: the indices of the children on the way down to it.
    pub path: Rc<[usize]>,
    /// The step that failed.
    pub step: usize,
    /// Which failure of this step it is, from 1.
    pub time: usize,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source {:?} failed at step {} (time {})", self.path, self.step, self.time)
    }
}

impl Error for Failure {}
