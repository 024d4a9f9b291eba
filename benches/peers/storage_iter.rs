use storage_iter::MergeIterator;

use super::{source, visit_all};
use crate::data::{BenchKey, Entry};

/// This library's merge.
pub(super) fn merge<'a, K: BenchKey<'a>>(sources: &[Vec<Entry<'a, K>>], visit: impl FnMut(&K::Lent, &[u8])) {
    visit_all(MergeIterator::new(sources.iter().map(|entries| source(entries))), visit);
}
