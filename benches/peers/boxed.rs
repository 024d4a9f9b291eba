use std::convert::Infallible;

use storage_iter::{MergeIterator, StorageIterator};

use super::{source, visit_all};
use crate::data::{BenchKey, Entry};

type Boxed<'s, K> = Box<dyn StorageIterator<Key = K, Value = [u8], Error = Infallible> + 's>;

/// This library's merge over boxed sources: what those pay who cannot name the types of their sources.
pub(super) fn merge<'a, K: BenchKey<'a>>(sources: &[Vec<Entry<'a, K>>], visit: impl FnMut(&K::Lent, &[u8])) {
    let children = sources.iter().map(|entries| Box::new(source(entries)) as Boxed<'_, K::Lent>);
    visit_all(MergeIterator::new(children), visit);
}
