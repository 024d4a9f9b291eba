//! What the tests are made of: generators, oracles, and sources that behave badly on purpose.
//!
//! - [`Layers`]: random input, made to hit what merges get wrong.
//! - [`oracles`]: what should come out, computed in ways that share nothing with the library.
//! - [`HostileIterator`]: fails where it is told to, lends from buffers that it overwrites, and panics when it is touched
//!   where the contract forbids it.
//! - [`WatchedIterator`] and [`WatchedKey`]: report every call and every comparison, and panic at any of these [`moments`].
//! - [`visit_every_composition`]: every combinator, alone and nested, over leaves of your choice.
//! - [`check_cursor`]: drives a cursor by any operations, over sources that [`Faults`] strike, beside a model.
//! - [`visit_every_cursor`]: every combinator that keeps a cursor a cursor.
//! - [`run`]: drives a storage iterator to its end and checks the contract at every step.

#![allow(dead_code, unused_imports, unreachable_pub, reason = "every test binary uses a part of it")]

mod compositions;
mod cursor;
mod cursor_compositions;
mod cursor_nesting;
mod failures;
mod faults;
pub mod flaky;
mod hostile;
mod keys;
mod layers;
pub mod moments;
mod nesting;
pub mod oracles;
mod origin;
mod run;
pub mod walk;
mod watched;

pub use compositions::{
    Composition, HostileLeaves, Leaves, Visitor, WatchedLeaves, visit_every_composition, visit_owned_compositions,
};
pub use cursor::{Direction, Operation, Operations, check_cursor};
pub use cursor_compositions::{CursorLeaves, CursorVisitor, lifted, visit_every_cursor};
pub use cursor_nesting::CursorNesting;
pub use failures::{FOR_EVER, Failures};
pub use faults::{Fault, FaultScript, Faults};
pub use hostile::{Failure, HostileIterator};
pub use keys::{ByLength, layers_of};
pub use layers::{Entry, Layer, Layers};
pub use nesting::{Bounds, Nesting};
pub use origin::Origin;
pub use run::{Run, run, run_without_errors};
pub use watched::{WatchedIterator, WatchedKey};

/// One of `0..end`.
pub fn below(g: &mut quickcheck::Gen, end: usize) -> usize {
    use quickcheck::Arbitrary;
    u32::arbitrary(g) as usize % end
}

/// The layers that tests with fixed input use: every kind of tie, tombstones, the empty key, an empty layer.
pub fn sample_layers() -> Layers {
    let layer = |entries: &[(&str, &str)]| -> Layer {
        entries.iter().map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
    };
    Layers(vec![
        layer(&[("", "e0"), ("b", ""), ("c", "c0"), ("f", "f0")]),
        layer(&[("a", "a1"), ("b", "b1"), ("c\0", ""), ("d", "d1"), ("f", "")]),
        layer(&[]),
        layer(&[("", ""), ("b", "b3"), ("d", ""), ("e", "e3"), ("g", "g3")]),
        layer(&[("b", "b4"), ("c", "c4"), ("c\0", "c00"), ("ca", "4")]),
    ])
}
