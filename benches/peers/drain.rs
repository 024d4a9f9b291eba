use std::hint::black_box;

use super::{source, visit_all};
use crate::data::{BenchKey, Entry};

/// Reads one source after the other: what it costs to look at the entries, in whatever order.
pub(super) fn drain<'a, K: BenchKey<'a>>(sources: &[Vec<Entry<'a, K>>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    for entries in sources {
        visit_all(source(entries), &mut visit);
    }
}

/// The same with one comparison an entry, the least that a merge can do to know that a source is still ahead. The key to
/// compare with is one from the middle.
pub(super) fn drain_and_compare<'a, K: BenchKey<'a>>(
    sources: &[Vec<Entry<'a, K>>],
    mut visit: impl FnMut(&K::Lent, &[u8]),
) {
    let middle = sources.iter().filter_map(|entries| entries.get(entries.len() / 2)).map(|(key, _)| *key).max();
    let Some(middle) = middle else { return };
    let fixed: &K::Lent = black_box(middle.borrow());
    let mut below = 0_usize;
    for entries in sources {
        visit_all(source(entries), |key, value| {
            below += usize::from(key < fixed);
            visit(key, value);
        });
    }
    black_box(below);
}
