//! What the properties share: entries as owned pairs, and keys that are small in number and awkward in form.

use std::convert::Infallible;
use std::ops::Bound;

use quickcheck::{Arbitrary, Gen};
use storage_iter::StorageIterator;

pub(crate) type Entry = (Vec<u8>, Vec<u8>);

/// Runs each named property on each table, in a test of its own.
macro_rules! for_every_table {
    ($($property:ident),* $(,)?) => {
        mod mem_table {
            $(#[test] fn $property() { super::$property::<storage_iter::MemTable>(); })*
        }
        mod btree_mem_table {
            $(#[test] fn $property() { super::$property::<storage_iter::BTreeMemTable>(); })*
        }
        mod snapshot_mem_table {
            $(#[test] fn $property() { super::$property::<storage_iter::SnapshotMemTable>(); })*
        }
    };
}
pub(crate) use for_every_table;

pub(crate) fn entries<I>(mut iterator: I) -> Vec<Entry>
where
    I: StorageIterator<Key = [u8], Value = [u8], Error = Infallible>,
{
    let mut entries = Vec::new();
    while let Ok(true) = iterator.next() {
        entries.push((iterator.key().to_vec(), iterator.value().to_vec()));
    }
    assert!(!iterator.is_valid());
    assert_eq!(iterator.next(), Ok(false), "the end is final");
    entries
}

/// A key out of about eighty, so that overwrites are common: empty, of zeros, around the length that is stored in
/// place, and prefixes of each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) Vec<u8>);

impl Arbitrary for Key {
    fn arbitrary(g: &mut Gen) -> Self {
        let byte = *g.choose(&[0, 1, b'a', 255]).unwrap();
        let len = *g.choose(&[0, 1, 2, 3, 16, 21, 22, 23, 24, 40]).unwrap();
        let mut key = vec![byte; len];
        if let (Some(last), true) = (key.last_mut(), bool::arbitrary(g)) {
            *last = *g.choose(&[0, 1, b'a', 255]).unwrap();
        }
        Key(key)
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Key))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Bounds(pub(crate) Bound<Key>, pub(crate) Bound<Key>);

impl Bounds {
    pub(crate) fn lower(&self) -> Bound<&[u8]> {
        self.0.as_ref().map(|key| key.0.as_slice())
    }

    pub(crate) fn upper(&self) -> Bound<&[u8]> {
        self.1.as_ref().map(|key| key.0.as_slice())
    }

    pub(crate) fn contain(&self, key: &[u8]) -> bool {
        let from = match self.lower() {
            Bound::Included(lower) => key >= lower,
            Bound::Excluded(lower) => key > lower,
            Bound::Unbounded => true,
        };
        let up_to = match self.upper() {
            Bound::Included(upper) => key <= upper,
            Bound::Excluded(upper) => key < upper,
            Bound::Unbounded => true,
        };
        from && up_to
    }
}

impl Arbitrary for Bounds {
    fn arbitrary(g: &mut Gen) -> Self {
        Bounds(Bound::arbitrary(g), Bound::arbitrary(g))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new((self.0.clone(), self.1.clone()).shrink().map(|(lower, upper)| Bounds(lower, upper)))
    }
}
