//! What the fuzz targets do, as functions from bytes. The package's own tests replay their corpora through the same functions.

use std::panic;

pub mod awaited;
pub mod course;
pub mod cursors;
pub mod input;
pub mod keys;
pub mod merges;
pub mod sets;
pub mod versions;

/// A cursor panics when it is asked for a step after a seek that was cut short, and the check expects that. libFuzzer's hook, which
/// ends the process at any panic, is not told of these.
pub fn expect_seeks_cut_short() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !panic.to_string().contains("a seek was cut short") {
            hook(panic);
        }
    }));
}
