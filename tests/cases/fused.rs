//! What an iterator does when it is asked again behind its end, or behind an error.

use std::sync::Arc;

use storage_iter::{FuseError, StorageIterator};

use super::case::Case;
use super::support::{Failures, HostileIterator, run_without_errors};

/// Without an error: `next` at the end goes on to answer that it is the end. With one: the source must not be asked anything
/// behind it, and every later `next` fails. The cases expect it valid before the error, on the first entry; so is ours after
/// its first step.
pub(crate) fn fused(case: &Case) {
    let layers = case.layers();
    let failures = match case.error() {
        None => Failures::none(),
        Some((source, step)) => Failures::none().and(source, step, 1),
    };
    let fails = failures.sum() > 0;
    let mut fused = HostileIterator::new(&layers[0], 0, Arc::new(failures), &[]).fuse();
    if fails {
        assert!(matches!(fused.next(), Ok(true)) && fused.is_valid(), "{}", case.name());
        assert!(matches!(fused.next(), Err(FuseError::First(_))), "{}", case.name());
    } else {
        assert_eq!(run_without_errors("fused", fused.by_ref()), case.expected(), "{}", case.name());
    }
    for _ in 0..3 {
        assert!(!fused.is_valid(), "{}", case.name());
        let next = fused.next();
        let is_as_expected = if fails { next == Err(FuseError::Again) } else { next == Ok(false) };
        assert!(is_as_expected, "{}", case.name());
    }
}
