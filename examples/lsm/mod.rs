//! A log-structured merge tree in memory, made of this library's parts: what the examples `lsm_read_path`,
//! `compaction` and `soak` share.
//!
//! [`layers`] is the tree, [`read_path`] and [`compaction`] are what the examples are about, [`model`] is what they are
//! checked against, [`driver`] runs them.
#![allow(dead_code, reason = "each example uses a part of it")]

pub(crate) mod compaction;
pub(crate) mod driver;
pub(crate) mod layers;
pub(crate) mod model;
pub(crate) mod read_path;
