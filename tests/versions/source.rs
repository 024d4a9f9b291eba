//! [`Source`]: a cursor that fails or panics at the calls it was told to, and minds being touched afterwards.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::rc::Rc;

use storage_iter::{BidirectionalIterator, Key, SeekableIterator, StorageIterator};

use super::support::moments::Bang;

/// What is to happen at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Error,
    Panic,
}

/// What happens at which call of those who share it, and how many calls there were.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    faults: BTreeMap<usize, Fault>,
    calls: Cell<usize>,
}

impl Plan {
    pub(crate) fn new(faults: impl IntoIterator<Item = (usize, Fault)>) -> Rc<Self> {
        Rc::new(Plan { faults: faults.into_iter().collect(), calls: Cell::new(0) })
    }

    pub(crate) fn none() -> Rc<Self> {
        Rc::default()
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.get()
    }

    /// Counts a call and does what is planned for it.
    pub(crate) fn call(&self) -> Result<(), Failed> {
        let call = self.calls.replace(self.calls.get() + 1);
        let fault = self.faults.get(&call).copied();
        match fault {
            None => Ok(()),
            Some(Fault::Error) => Err(Failed { call }),
            // Not `panic!`: the hook would write a message for each of thousands.
            Some(Fault::Panic) => resume_unwind(Box::new(Bang)),
        }
    }
}

/// The error of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) call: usize,
}

/// A cursor over entries that keeps the contract to the letter: an open step is completed in its own direction first, a
/// seek that failed is completed by a step, one that was cut short leaves no position. It lends from buffers that it
/// overwrites whenever it is moved. Off an entry, and above all while a step is open, it panics when it is asked for
/// anything.
pub(crate) struct Source<K: ?Sized + ToOwned> {
    entries: Rc<[(K::Owned, Vec<u8>)]>,
    plan: Rc<Plan>,
    /// The entry with the number `position` - 1; 0 is before the first, and there is one behind the last.
    position: usize,
    /// The open step: where it leads, and whether forward.
    open: Option<(usize, bool)>,
    is_seeking: bool,
    lent: Option<(K::Owned, Vec<u8>)>,
}

impl<K: ?Sized + ToOwned> Source<K> {
    pub(crate) fn new(entries: &Rc<[(K::Owned, Vec<u8>)]>, plan: &Rc<Plan>) -> Self {
        Source {
            entries: Rc::clone(entries),
            plan: Rc::clone(plan),
            position: 0,
            // A new iterator is one whose first `next` is open.
            open: Some((1, true)),
            is_seeking: false,
            lent: None,
        }
    }
}

impl<K: ?Sized + Key + ToOwned<Owned: Clone>> Source<K> {
    fn step(&mut self, forward: bool) -> Result<bool, Failed> {
        assert!(!self.is_seeking, "a seek was cut short; seek again");
        self.lent = None;
        if let Some((target, is_forward)) = self.open
            && is_forward != forward
        {
            self.plan.call()?;
            (self.position, self.open) = (target, None);
        }
        let (target, _) = *self.open.get_or_insert_with(|| {
            let target = if forward { self.position + 1 } else { self.position.saturating_sub(1) };
            (target.min(self.entries.len() + 1), forward)
        });
        if target != self.position {
            // An end that was found is not looked for again.
            self.plan.call()?;
        }
        Ok(self.arrive(target))
    }

    fn seek_at(&mut self, target: usize, forward: bool) -> Result<bool, Failed> {
        self.lent = None;
        self.is_seeking = true;
        self.open = Some((target, forward));
        let result = self.plan.call();
        self.is_seeking = false;
        result?;
        Ok(self.arrive(target))
    }

    fn arrive(&mut self, target: usize) -> bool {
        (self.position, self.open) = (target, None);
        self.lent = target.checked_sub(1).and_then(|index| self.entries.get(index)).cloned();
        self.lent.is_some()
    }

    fn lent(&self) -> &(K::Owned, Vec<u8>) {
        self.lent.as_ref().expect("the source is asked for an entry where there is none")
    }

    fn count_below(&self, is_below: impl Fn(&K) -> bool) -> usize {
        use std::borrow::Borrow;
        self.entries.partition_point(|(key, _)| is_below(key.borrow()))
    }
}

impl<K: ?Sized + Key + ToOwned<Owned: Clone>> StorageIterator for Source<K> {
    type Key = K;
    type Value = [u8];
    type Error = Failed;

    fn next(&mut self) -> Result<bool, Failed> {
        self.step(true)
    }

    fn is_valid(&self) -> bool {
        assert!(self.open.is_none() && !self.is_seeking, "`is_valid` while a step is open");
        self.lent.is_some()
    }

    fn key(&self) -> &K {
        use std::borrow::Borrow;
        self.lent().0.borrow()
    }

    fn value(&self) -> &[u8] {
        &self.lent().1
    }
}

impl<K: ?Sized + Key + ToOwned<Owned: Clone>> SeekableIterator for Source<K> {
    fn seek(&mut self, key: &K) -> Result<bool, Failed> {
        self.seek_at(self.count_below(|other| other < key) + 1, true)
    }

    fn seek_to_first(&mut self) -> Result<bool, Failed> {
        self.seek_at(1, true)
    }
}

impl<K: ?Sized + Key + ToOwned<Owned: Clone>> BidirectionalIterator for Source<K> {
    fn prev(&mut self) -> Result<bool, Failed> {
        self.step(false)
    }

    fn seek_to_last(&mut self) -> Result<bool, Failed> {
        self.seek_at(self.entries.len(), false)
    }

    fn seek_for_prev(&mut self, key: &K) -> Result<bool, Failed> {
        self.seek_at(self.count_below(|other| other <= key), false)
    }
}
