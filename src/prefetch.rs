//! Hints to the processor about what will be read next.

/// Asks the processor to fetch the cache line in which `place` begins, if the library was built with the feature `prefetch` for a
/// processor that can be asked.
#[inline(always)]
pub(crate) fn prefetch<T>(place: &T) {
    #[cfg(all(feature = "prefetch", any(target_arch = "x86", target_arch = "x86_64"), target_feature = "sse"))]
    safe_arch::prefetch_t0(place);
    #[cfg(not(all(feature = "prefetch", any(target_arch = "x86", target_arch = "x86_64"), target_feature = "sse")))]
    let _ = place;
}
