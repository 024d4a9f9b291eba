//! What the fuzz targets do, as functions from bytes. The package's own tests replay their corpora through the same functions.

pub mod cursors;
pub mod input;
pub mod keys;
pub mod merges;
