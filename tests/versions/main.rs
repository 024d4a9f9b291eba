//! Versions: the key type, and the combinators over versioned keys, against models and over sources that fail anywhere.

#[path = "../support/mod.rs"]
mod support;

mod append;
mod codec;
mod collect_garbage;
mod costs;
mod cursors;
mod for_each;
mod group_versions;
mod history;
mod places;
mod prefixes;
mod random_history;
mod range_tombstones;
mod scans;
mod source;
