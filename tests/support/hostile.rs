//! [`HostileIterator`]: a source that fails, and that minds being touched afterwards.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::panic;
use std::rc::Rc;

use storage_iter::{BidirectionalIterator, SeekableIterator, StorageIterator};

use super::moments::Bang;
use super::{Direction, Entry, Failures, Fault, Faults};

/// A source that keeps the contract to the letter and forgives nothing.
///
/// It lends from buffers of its own, which it overwrites at each call that moves it, also at one that fails. It fails at the
/// steps that it was given [`Failures`] for, and at the calls that [`Faults`] strike, and can go on afterwards: the step that
/// failed is done by the call that succeeds. In between it panics when it is asked for anything but a move.
#[derive(Clone, Debug)]
pub struct HostileIterator {
    entries: Rc<[Entry]>,
    failures: Rc<Failures>,
    faults: Rc<Faults>,
    index: usize,
    path: Rc<[usize]>,
    /// How many failures this source and its sisters have answered with.
    failed: Rc<Cell<usize>>,
    /// 0 is before the first entry, 1 on it, and so on; while a step is open, where it leads.
    place: usize,
    failed_at_step: usize,
    state: State,
    key: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    OnEntry,
    OffEntry,
    /// A step in this direction has failed.
    Open(Direction),
    /// A seek has failed whose target was not kept.
    Lost,
    /// A seek has panicked.
    CutShort,
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
            faults: Rc::default(),
            index,
            path: path.into(),
            failed: Rc::default(),
            place: 1,
            failed_at_step: 0,
            state: State::New,
        }
    }

    /// One that never fails.
    pub fn harmless(entries: &[Entry]) -> Self {
        Self::new(entries, 0, Rc::default(), &[])
    }

    /// One whose calls go wrong as `faults` say.
    pub fn disturbed(entries: &[Entry], faults: &Rc<Faults>, path: &[usize]) -> Self {
        HostileIterator { faults: Rc::clone(faults), ..Self::new(entries, 0, Rc::default(), path) }
    }

    /// Counts its failures in `failed`, as others may.
    pub fn counting_in(mut self, failed: &Rc<Cell<usize>>) -> Self {
        self.failed = Rc::clone(failed);
        self
    }

    /// References to the last entry are over: whoever kept a copy of one by cheating shall see rubbish.
    fn overwrite_buffers(&mut self) {
        self.key.iter_mut().chain(&mut self.value).for_each(|byte| *byte = !*byte);
    }

    /// A step of one entry, behind that which is still open.
    fn step(&mut self, direction: Direction) -> Result<bool, Failure> {
        self.overwrite_buffers();
        let open = match self.state {
            State::New => Some(Direction::Forward),
            State::Open(direction) => Some(direction),
            State::OnEntry | State::OffEntry => None,
            State::Lost => return Err(self.fail()),
            State::CutShort => panic!("a seek was cut short; seek again"),
        };
        match open {
            Some(open) if open == direction => return self.go(self.place, direction),
            Some(open) => _ = self.go(self.place, open)?,
            None => {}
        }
        let end = self.entries.len() + 1;
        let place = match direction {
            Direction::Forward => (self.place + 1).min(end),
            Direction::Backward => self.place.saturating_sub(1),
        };
        // Either end is final, and is not looked for again.
        if place == self.place {
            return Ok(false);
        }
        self.go(place, direction)
    }

    fn seek_to(&mut self, place: usize, direction: Direction) -> Result<bool, Failure> {
        self.overwrite_buffers();
        self.state = State::CutShort;
        self.go(place, direction)
    }

    fn go(&mut self, place: usize, direction: Direction) -> Result<bool, Failure> {
        let is_seek = self.state == State::CutShort;
        if !is_seek {
            self.state = State::Open(direction);
        }
        if place != self.place {
            self.failed_at_step = 0;
        }
        self.place = place;
        let fault = self.faults.strike();
        if fault == Some(Fault::Panic) {
            panic::resume_unwind(Box::new(Bang));
        }
        self.state = if is_seek && fault == Some(Fault::Forget) { State::Lost } else { State::Open(direction) };
        let step = place.checked_sub(1);
        let failures = step.map_or(0, |step| self.failures.times(self.index, step));
        if fault.is_some() || self.failed_at_step < failures {
            return Err(self.fail());
        }
        self.failed_at_step = 0;
        let Some((key, value)) = step.and_then(|step| self.entries.get(step)) else {
            self.state = State::OffEntry;
            return Ok(false);
        };
        self.key.clone_from(key);
        self.value.clone_from(value);
        self.state = State::OnEntry;
        Ok(true)
    }

    fn fail(&mut self) -> Failure {
        self.failed_at_step += 1;
        self.failed.set(self.failed.get() + 1);
        self.faults.count_error();
        Failure { path: Rc::clone(&self.path), step: self.place.saturating_sub(1), time: self.failed_at_step }
    }
}

impl StorageIterator for HostileIterator {
    type Key = [u8];
    type Value = [u8];
    type Error = Failure;

    fn next(&mut self) -> Result<bool, Failure> {
        self.step(Direction::Forward)
    }

    fn is_valid(&self) -> bool {
        let is_settled = matches!(self.state, State::New | State::OnEntry | State::OffEntry);
        assert!(is_settled, "`is_valid` of source {:?} while its step is open", self.path);
        self.state == State::OnEntry
    }

    fn key(&self) -> &[u8] {
        assert_eq!(self.state, State::OnEntry, "`key` of source {:?}", self.path);
        &self.key
    }

    fn value(&self) -> &[u8] {
        assert_eq!(self.state, State::OnEntry, "`value` of source {:?}", self.path);
        &self.value
    }
}

impl SeekableIterator for HostileIterator {
    fn seek(&mut self, key: &[u8]) -> Result<bool, Failure> {
        let less = self.entries.partition_point(|(entry, _)| entry.as_slice() < key);
        self.seek_to(less + 1, Direction::Forward)
    }

    fn seek_to_first(&mut self) -> Result<bool, Failure> {
        self.seek_to(1, Direction::Forward)
    }
}

impl BidirectionalIterator for HostileIterator {
    fn prev(&mut self) -> Result<bool, Failure> {
        self.step(Direction::Backward)
    }

    fn seek_to_last(&mut self) -> Result<bool, Failure> {
        self.seek_to(self.entries.len(), Direction::Backward)
    }

    fn seek_for_prev(&mut self, key: &[u8]) -> Result<bool, Failure> {
        let not_greater = self.entries.partition_point(|(entry, _)| entry.as_slice() <= key);
        self.seek_to(not_greater, Direction::Backward)
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
