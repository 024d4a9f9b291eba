//! What the tests are made of: the library's own test kit, `storage_iter::testing`, and what only they need beside it.
//!
//! - [`oracles`]: what should come out, computed in two ways that share nothing with the library.
//! - [`watched`] and [`WatchedKey`]: report every call and every comparison, and panic at any of these [`moments`].
//! - [`visit_every_composition`]: every combinator, alone and nested, over leaves of your choice.
//! - [`check_cursor`]: drives a cursor by any operations, over sources that [`Faults`] strike, beside a model.
//! - [`visit_every_cursor`]: every combinator that keeps a cursor a cursor.
//! - [`run`]: drives a storage iterator to its end and checks the contract at every step.

#![allow(dead_code, unused_imports, unreachable_pub, reason = "every test binary uses a part of it")]

mod compositions;
mod cursor;
mod cursor_compositions;
mod cursor_nesting;
mod keys;
mod nesting;
pub mod oracles;
mod origin;
mod run;
mod ties;
mod watched;

pub use storage_iter::testing::{
    CountingKey as WatchedKey, Entry, FOR_EVER, FailPoint as Faults, FailurePlan as Failures, Fault, FaultScript,
    HostileIterator, InjectedFailure as Failure, Layer, Layers, Operation, Operations,
};

pub use compositions::{
    Composition, HostileLeaves, Leaves, Visitor, WatchedLeaves, visit_every_composition, visit_owned_compositions,
};
pub use cursor::check_cursor;
pub use cursor_compositions::{CursorLeaves, CursorVisitor, lifted, visit_every_cursor};
pub use cursor_nesting::CursorNesting;
pub use keys::{ByLength, layers_of};
pub use nesting::{Bounds, Nesting};
pub use origin::Origin;
pub use run::{Run, run, run_without_errors};
pub use ties::{TIES, behind_ties};
pub use watched::{WatchedIterator, watched};

/// The kit's events, under the names of these tests.
pub mod moments {
    pub use storage_iter::testing::events::{
        Event as Moment, EventCounts as Counts, InjectedPanic as Bang, announce as happened, catch_injected as catch,
        count_events as counted, panic_after, panic_no_more,
    };

    /// `f`, or what it panicked with.
    pub fn catch_any<T>(f: impl FnOnce() -> T) -> Result<T, Box<dyn std::any::Any + Send>> {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(f))
    }
}

/// One of `0..end`.
pub fn below(g: &mut quickcheck::Gen, end: usize) -> usize {
    use quickcheck::Arbitrary;
    u32::arbitrary(g) as usize % end
}

/// The layers that tests with fixed input use.
pub fn sample_layers() -> Layers {
    Layers::sample()
}
