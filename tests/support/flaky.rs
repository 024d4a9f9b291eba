//! [`FlakyCursor`]: a cursor that fails and panics at random, keeps the contract to the letter and forgives nothing.

use std::cell::Cell;
use std::rc::Rc;

use storage_iter::{BidirectionalIterator, SeekableIterator, StorageIterator};

use super::Entry;
use super::moments::Bang;

/// What happens at random, shared by all sources of a composition. It happens only while armed.
#[derive(Debug, Default)]
pub struct Chance {
    state: Cell<u64>,
    /// One in so many calls fails; 0: none does.
    pub fails: Cell<u64>,
    /// One in so many calls panics; 0: none does.
    pub panics: Cell<u64>,
    armed: Cell<bool>,
}

impl Chance {
    /// Chance made of `seed`.
    pub fn new(seed: u64, fails: u64, panics: u64) -> Rc<Self> {
        let chance =
            Chance { state: Cell::new(seed), fails: Cell::new(fails), panics: Cell::new(panics), ..Self::default() };
        Rc::new(chance)
    }

    fn is_one_in(&self, count: u64) -> bool {
        let state = self.state.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.state.set(state);
        self.armed.get() && count > 0 && (state >> 33).is_multiple_of(count)
    }

    /// Panics, or does not.
    pub fn may_panic(&self) {
        if self.is_one_in(self.panics.get()) {
            // Not `panic!`: the hook would write a message for each of thousands.
            std::panic::resume_unwind(Box::new(Bang));
        }
    }

    /// Panics, fails, or does neither.
    pub fn call(&self) -> Result<(), Flaked> {
        self.may_panic();
        if self.is_one_in(self.fails.get()) { Err(Flaked) } else { Ok(()) }
    }

    /// What `f` gives while failures and panics happen.
    pub fn armed<T>(&self, f: impl FnOnce() -> T) -> T {
        self.armed.set(true);
        let result = super::moments::catch_any(f);
        self.armed.set(false);
        result.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
    }
}

/// The error of whatever is left to [`Chance`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flaked;

/// A cursor whose every call is left to [`Chance`]. Off an entry it panics when `key` or `value` is called, and
/// while its step is open when `is_valid` is.
#[derive(Clone, Debug)]
pub struct FlakyCursor {
    entries: Rc<[Entry]>,
    /// Entries before the position: -1 stands before the first, as many as there are behind the last.
    position: isize,
    /// The direction of the open step, and where it ends.
    open: Option<(bool, isize)>,
    is_cut_short: bool,
    has_failed: bool,
    chance: Rc<Chance>,
    calls: Rc<Cell<usize>>,
}

impl FlakyCursor {
    /// A cursor over `entries`.
    pub fn new(entries: &[Entry], chance: &Rc<Chance>) -> Self {
        FlakyCursor {
            entries: entries.into(),
            position: -1,
            open: Some((true, 0)),
            is_cut_short: false,
            has_failed: false,
            chance: Rc::clone(chance),
            calls: Rc::default(),
        }
    }

    fn end(&self) -> isize {
        self.entries.len() as isize
    }

    fn is_on_entry(&self) -> bool {
        (0..self.end()).contains(&self.position)
    }

    fn step(&mut self, is_forward: bool) -> Result<bool, Flaked> {
        assert!(!self.is_cut_short, "a seek was cut short; seek again");
        if let Some((open_is_forward, landing)) = self.open {
            self.has_failed = true;
            self.chance.call()?;
            (self.position, self.open, self.has_failed) = (landing, None, false);
            if open_is_forward == is_forward {
                return Ok(self.is_on_entry());
            }
        }
        let landing = if is_forward { self.position + 1 } else { self.position - 1 };
        let landing = landing.clamp(-1, self.end());
        self.open = Some((is_forward, landing));
        self.has_failed = true;
        self.chance.call()?;
        (self.position, self.open, self.has_failed) = (landing, None, false);
        Ok(self.is_on_entry())
    }

    fn land(&mut self, is_forward: bool, landing: usize, back: usize) -> Result<bool, Flaked> {
        self.is_cut_short = true;
        self.chance.may_panic();
        self.is_cut_short = false;
        let landing = landing as isize - back as isize;
        self.open = Some((is_forward, landing));
        self.has_failed = true;
        if self.chance.is_one_in(self.chance.fails.get()) {
            return Err(Flaked);
        }
        (self.position, self.open, self.has_failed) = (landing, None, false);
        Ok(self.is_on_entry())
    }
}

impl StorageIterator for FlakyCursor {
    type Key = [u8];
    type Value = [u8];
    type Error = Flaked;

    fn next(&mut self) -> Result<bool, Flaked> {
        self.step(true)
    }

    fn is_valid(&self) -> bool {
        assert!(!self.has_failed && !self.is_cut_short, "`is_valid` while a step that failed is open");
        self.chance.may_panic();
        self.open.is_none() && self.is_on_entry()
    }

    fn key(&self) -> &[u8] {
        assert!(!self.has_failed && !self.is_cut_short && self.open.is_none() && self.is_on_entry(), "`key`");
        self.chance.may_panic();
        &self.entries[self.position as usize].0
    }

    fn value(&self) -> &[u8] {
        assert!(!self.has_failed && !self.is_cut_short && self.open.is_none() && self.is_on_entry(), "`value`");
        self.chance.may_panic();
        &self.entries[self.position as usize].1
    }
}

impl SeekableIterator for FlakyCursor {
    fn seek(&mut self, key: &[u8]) -> Result<bool, Flaked> {
        let landing = self.entries.partition_point(|(entry, _)| entry.as_slice() < key);
        self.land(true, landing, 0)
    }

    fn seek_to_first(&mut self) -> Result<bool, Flaked> {
        self.land(true, 0, 0)
    }
}

impl BidirectionalIterator for FlakyCursor {
    fn prev(&mut self) -> Result<bool, Flaked> {
        self.step(false)
    }

    fn seek_to_last(&mut self) -> Result<bool, Flaked> {
        self.land(false, self.entries.len(), 1)
    }

    fn seek_for_prev(&mut self, key: &[u8]) -> Result<bool, Flaked> {
        let landing = self.entries.partition_point(|(entry, _)| entry.as_slice() <= key);
        self.land(false, landing, 1)
    }
}
