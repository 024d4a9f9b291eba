//! Searches among the indices of sorted entries.

use std::ops::Range;

/// The first index that `is_before` does not hold for.
#[inline]
pub(super) fn partition_point(Range { start, end }: Range<usize>, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (start, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The same from the index `here` in the range: if what is searched for lies ahead, in strides that double, so that it takes
/// *O(log distance)* calls.
#[inline]
pub(super) fn gallop(Range { start, end }: Range<usize>, here: usize, is_before: impl Fn(usize) -> bool) -> usize {
    if !is_before(here) {
        return partition_point(start..here, is_before);
    }
    let next = here + 1;
    // Most often it is the next one.
    if next == end || !is_before(next) { next } else { gallop_ahead(next + 1..end, is_before) }
}

fn gallop_ahead(Range { start, end }: Range<usize>, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut stride) = (start, 2);
    while stride <= end - low {
        let probe = low + stride - 1;
        if !is_before(probe) {
            return partition_point(low..probe, is_before);
        }
        low = probe + 1;
        stride *= 2;
    }
    partition_point(low..end, is_before)
}
