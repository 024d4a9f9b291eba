use itertools::Itertools;

use crate::data::{BenchKey, Entry};

/// itertools' merge, with duplicates removed, over pairs by value: two words for the value and, for byte keys, two for the
/// key. It does not say which of several entries with one key comes first, so it has less to do than the others.
pub(super) fn merge<'a, K: BenchKey<'a>>(sources: &[Vec<Entry<'a, K>>], mut visit: impl FnMut(&K::Lent, &[u8])) {
    sources
        .iter()
        .map(|entries| entries.iter().copied())
        .kmerge_by(|(one, _), (other, _)| one < other)
        .dedup_by(|(one, _), (other, _)| one == other)
        .for_each(|(key, value)| visit(key.borrow(), value));
}
