//! What cursors over several children say when a seek has not reached all of them.

/// Panics with the one message for a step after a seek that was cut short by a panic.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn seek_was_cut_short() -> ! {
    panic!("a seek was cut short; seek again");
}
