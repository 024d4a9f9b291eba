//! The inputs of all benchmarks: sorted sources in flat memory, made from a seed.
//!
//! Every source is one [`Arena`] of bytes, key next to value in the order of the keys, as a block of a table file has them,
//! and one slice of `(key, value)` pairs into it. All peers read the same slices.

mod arena;
mod bench_key;
mod digest;
mod random;
mod shape;

pub(crate) use arena::{Arena, Entry};
pub(crate) use bench_key::{BenchKey, PlainKey, Touch};
pub(crate) use digest::Digest;
pub(crate) use shape::{Keys, Order, Shape};

/// What all inputs are made from.
pub(crate) const SEED: u64 = 0x5EED;
