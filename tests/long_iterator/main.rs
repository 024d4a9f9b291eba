//! `LongIterator` and `RefreshIterator`: what they keep alive, what they show, and what they do when their source
//! fails.

mod concurrent;
mod counters;
mod engine;
mod errors;
mod flaky;
mod latest;
mod memory;
mod operations;
mod policies;
mod snapshot;
mod versioned;
