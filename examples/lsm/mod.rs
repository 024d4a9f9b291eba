//! A log-structured merge tree in memory, made of this library's parts, for the example `soak`: one whose files can fail, and which
//! several threads write, read and compact. (`lsm_read_path` and `compaction` show the same parts in one file each.)
//!
//! [`layers`] is the tree, [`read_path`] and [`compaction`] are its reads and its compaction, [`model`] is what it is checked
//! against, [`driver`] runs the examples.

pub(crate) mod compaction;
pub(crate) mod driver;
pub(crate) mod layers;
pub(crate) mod model;
pub(crate) mod read_path;
