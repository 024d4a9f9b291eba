//! A table of somebody else, which has nothing but what the trait asks for.

use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use storage_iter::{BTreeMemTable, SortedTable};

#[derive(Default)]
pub(crate) struct ThirdPartyTable(Arc<BTreeMemTable>);

impl SortedTable for ThirdPartyTable {
    type Iter<'a> = <BTreeMemTable as SortedTable>::Iter<'a>;
    type OwnedIter = <BTreeMemTable as SortedTable>::OwnedIter;

    fn put(&self, key: &[u8], value: &[u8]) {
        self.0.put(key, value);
    }

    fn get(&self, key: &[u8]) -> Option<Bytes> {
        self.0.get(key)
    }

    fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self::Iter<'_> {
        self.0.scan(lower, upper)
    }

    fn scan_owned(self: Arc<Self>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self::OwnedIter {
        Arc::clone(&self.0).scan_owned(lower, upper)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn approximate_size(&self) -> usize {
        self.0.approximate_size()
    }
}
