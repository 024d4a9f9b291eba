//! [`Faults`]: calls of sources that fail or panic, in any place.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use quickcheck::{Arbitrary, Gen};

use super::below;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails; the source can go on.
    Error,
    /// It fails, and if it was a seek, the source has kept no target and can go on only when it is sought again.
    Forget,
    /// It panics.
    Panic,
}

/// How many calls go well before each fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultScript(pub Vec<(usize, Fault)>);

/// What goes wrong with the calls of the sources that share it, in the order in which they are called.
#[derive(Debug, Default)]
pub struct Faults {
    script: RefCell<VecDeque<(usize, Fault)>>,
    errors: Cell<usize>,
    panics: Cell<usize>,
}

impl Faults {
    /// Faults as `script` says; behind them everything goes well.
    pub fn new(script: &FaultScript) -> Self {
        Faults { script: RefCell::new(script.0.iter().copied().collect()), ..Self::default() }
    }

    /// What goes wrong with the call that asks. To be counted by [`count_error`](Self::count_error).
    pub fn strike(&self) -> Option<Fault> {
        let mut script = self.script.borrow_mut();
        let (calls, fault) = script.front_mut()?;
        if *calls > 0 {
            *calls -= 1;
            return None;
        }
        let fault = *fault;
        script.pop_front();
        if fault == Fault::Panic {
            self.panics.set(self.panics.get() + 1);
        }
        Some(fault)
    }

    /// Whether a closure that asks is to panic: it takes the next fault if that is a panic and its time has come.
    pub fn strike_closure(&self) -> bool {
        let is_panic = matches!(self.script.borrow().front(), Some((0, Fault::Panic)));
        is_panic && self.strike().is_some()
    }

    /// A source has answered with an error.
    pub fn count_error(&self) {
        self.errors.set(self.errors.get() + 1);
    }

    /// How many errors the sources have answered with.
    pub fn errors(&self) -> usize {
        self.errors.get()
    }

    /// How many of their calls have panicked.
    pub fn panics(&self) -> usize {
        self.panics.get()
    }
}

impl Arbitrary for FaultScript {
    fn arbitrary(g: &mut Gen) -> Self {
        let faults = below(g, 12);
        let often = bool::arbitrary(g);
        let fault = |g: &mut Gen| match below(g, 8) {
            0 => Fault::Panic,
            1 | 2 => Fault::Forget,
            _ => Fault::Error,
        };
        FaultScript((0..faults).map(|_| (below(g, if often { 4 } else { 30 }), fault(g))).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let script = self.0.clone();
        let without_one = (0..script.len()).map(move |index| {
            let mut fewer = script.clone();
            let (calls, _) = fewer.remove(index);
            // The others stay where they are.
            if let Some((next, _)) = fewer.get_mut(index) {
                *next += calls + 1;
            }
            FaultScript(fewer)
        });
        let script = self.0.clone();
        let plainer = (0..script.len()).filter(|&index| self.0[index].1 != Fault::Error).collect::<Vec<_>>();
        let plainer = plainer.into_iter().map(move |index| {
            let mut plainer = script.clone();
            plainer[index].1 = Fault::Error;
            FaultScript(plainer)
        });
        Box::new(without_one.chain(plainer))
    }
}
