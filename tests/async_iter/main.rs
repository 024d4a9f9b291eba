//! The asynchronous twin: the same entries as the synchronous library yields, whatever has to be waited for, whatever fails,
//! and whenever a future is dropped.

#[path = "../support/mod.rs"]
mod support;

mod cancel;
mod compositions;
mod driver;
mod nesting;
mod parity;
mod resume;
mod waiting;
