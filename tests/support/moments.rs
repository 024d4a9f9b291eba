//! Moments: everything that can happen below a combinator, counted, and made to panic.
//!
//! The counts are the thread's own, so tests that run at the same time do not meet.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

/// A call of a leaf, a comparison of two of its keys, or a call of a closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A leaf's `next`.
    Next,
    /// A leaf's `is_valid`.
    IsValid,
    /// A leaf's `key`.
    Key,
    /// A leaf's `value`.
    Value,
    /// A comparison of two keys, by any method.
    Compare,
    /// A closure given to a combinator.
    Closure,
}

/// How often each [`Moment`] came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; 6]);

impl Counts {
    /// Nothing happened.
    pub const NONE: Counts = Counts([0; 6]);

    /// How often `moment` came.
    pub fn of(self, moment: Moment) -> usize {
        self.0[moment as usize]
    }

    /// How many moments came, of any kind.
    pub fn sum(self) -> usize {
        self.0.iter().sum()
    }
}

thread_local! {
    static COUNTS: Cell<Counts> = const { Cell::new(Counts([0; 6])) };
    static PANICS: Cell<Panics> = const { Cell::new(Panics { after: NEVER, again_after: NEVER }) };
}

const NEVER: usize = usize::MAX;

#[derive(Clone, Copy)]
struct Panics {
    /// How many moments pass before one panics.
    after: usize,
    /// How many more pass before a second one does.
    again_after: usize,
}

/// What the panics that [`happened`] starts carry.
#[derive(Debug)]
pub struct Bang;

/// To be called by whatever is watched.
pub fn happened(moment: Moment) {
    let mut counts = COUNTS.get();
    counts.0[moment as usize] += 1;
    COUNTS.set(counts);

    let Panics { after, again_after } = PANICS.get();
    if after == 0 {
        PANICS.set(Panics { after: again_after, again_after: NEVER });
        // Not `panic!`: the hook would write a message for each of thousands.
        panic::resume_unwind(Box::new(Bang));
    }
    if after != NEVER {
        PANICS.set(Panics { after: after - 1, again_after });
    }
}

/// What happens in `f`.
pub fn counted<T>(f: impl FnOnce() -> T) -> (T, Counts) {
    let before = COUNTS.get();
    let result = f();
    let after = COUNTS.get();
    let mut counts = Counts::default();
    for (count, (after, before)) in counts.0.iter_mut().zip(after.0.into_iter().zip(before.0)) {
        *count = after - before;
    }
    (result, counts)
}

/// From now on `after` moments pass, then one panics, and if `again_after` says so, that many later another.
pub fn panic_after(after: usize, again_after: Option<usize>) {
    PANICS.set(Panics { after, again_after: again_after.unwrap_or(NEVER) });
}

/// No moment panics any more.
pub fn panic_no_more() {
    PANICS.set(Panics { after: NEVER, again_after: NEVER });
}

/// `f`, or `None` if one of our own panics came out of it. Others go through.
pub fn catch<T>(f: impl FnOnce() -> T) -> Option<T> {
    match panic::catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => Some(result),
        Err(payload) if payload.is::<Bang>() => None,
        Err(payload) => panic::resume_unwind(payload),
    }
}

/// `f`, or what it panicked with.
pub fn catch_any<T>(f: impl FnOnce() -> T) -> Result<T, Box<dyn std::any::Any + Send>> {
    panic::catch_unwind(AssertUnwindSafe(f))
}
