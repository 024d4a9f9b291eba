//! The asynchronous twin: the same entries as the synchronous library yields, whatever has to be waited for, whatever fails,
//! and whenever a future is dropped.

#[path = "../support/mod.rs"]
mod support;

mod blocks;
mod cancel;
mod compositions;
mod concat;
mod cost;
mod driver;
mod groups;
mod latency;
#[cfg(feature = "mem-table")]
mod long;
mod nesting;
mod parity;
#[cfg(feature = "mem-table")]
mod places;
#[cfg(feature = "mem-table")]
mod refresh;
mod resume;
mod seeks;
mod send;
mod streams;
#[cfg(feature = "mem-table")]
mod tables;
mod twin;
mod waiting;
