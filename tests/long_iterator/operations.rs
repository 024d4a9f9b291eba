//! What the properties do to an engine and to a model of it, step by step.

use std::collections::BTreeMap;
use std::ops::Bound;

use quickcheck::{Arbitrary, Gen};
use storage_iter::{SortedTable, StorageIterator};

use crate::engine::Engine;

pub(crate) type Entry = (Vec<u8>, Vec<u8>);
pub(crate) type Model = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Put(u8, u8),
    Delete(u8),
    Rotate,
    Flush,
    Compact,
    /// The iterators under test are moved so often.
    Step(u8),
}

impl Arbitrary for Operation {
    fn arbitrary(g: &mut Gen) -> Self {
        let key = u8::arbitrary(g) % 40;
        match u8::arbitrary(g) % 12 {
            0..=3 => Operation::Put(key, u8::arbitrary(g)),
            4 => Operation::Delete(key),
            5 => Operation::Rotate,
            6 => Operation::Flush,
            7 => Operation::Compact,
            _ => Operation::Step(u8::arbitrary(g) % 4),
        }
    }
}

pub(crate) fn key_of(number: u8) -> Vec<u8> {
    // Key 0 is the empty key.
    if number == 0 { vec![] } else { vec![b'k', number] }
}

/// Rotation, flush and compaction; writes are for the caller.
pub(crate) fn maintain<T: SortedTable + Default>(engine: &Engine<T>, operation: &Operation) {
    match operation {
        Operation::Rotate => engine.rotate(),
        Operation::Flush => engine.flush(),
        Operation::Compact => engine.compact(),
        Operation::Put(..) | Operation::Delete(_) | Operation::Step(_) => {}
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Bounds(Bound<Vec<u8>>, Bound<Vec<u8>>);

impl Bounds {
    pub(crate) fn lower(&self) -> Bound<&[u8]> {
        self.0.as_ref().map(Vec::as_slice)
    }

    pub(crate) fn upper(&self) -> Bound<&[u8]> {
        self.1.as_ref().map(Vec::as_slice)
    }

    /// The first entry of `model` between these bounds and behind `last`.
    pub(crate) fn following(&self, model: &Model, last: Option<&[u8]>) -> Option<Entry> {
        let lower = last.map_or(self.lower(), Bound::Excluded);
        let behind = model.iter().filter(|(key, _)| match lower {
            Bound::Included(lower) => key.as_slice() >= lower,
            Bound::Excluded(lower) => key.as_slice() > lower,
            Bound::Unbounded => true,
        });
        let mut up_to = behind.filter(|(key, _)| match self.upper() {
            Bound::Included(upper) => key.as_slice() <= upper,
            Bound::Excluded(upper) => key.as_slice() < upper,
            Bound::Unbounded => true,
        });
        up_to.next().map(|(key, value)| (key.clone(), value.clone()))
    }

    /// All entries of `model` between these bounds.
    pub(crate) fn all(&self, model: &Model) -> Vec<Entry> {
        let mut entries: Vec<Entry> = vec![];
        while let Some(entry) = self.following(model, entries.last().map(|(key, _)| key.as_slice())) {
            entries.push(entry);
        }
        entries
    }
}

impl Arbitrary for Bounds {
    fn arbitrary(g: &mut Gen) -> Self {
        let lower = Bound::<u8>::arbitrary(g).map(|number| key_of(number % 40));
        // Most ranges reach far; some leave no room.
        let upper = Bound::<u8>::arbitrary(g).map(|number| key_of(number % 60));
        Bounds(lower, upper)
    }
}

/// The entry that a step leads to.
pub(crate) fn step<I>(iterator: &mut I) -> Option<Entry>
where
    I: StorageIterator<Key = [u8], Value = [u8], Error: std::fmt::Debug>,
{
    let moved = iterator.next().unwrap();
    assert_eq!(iterator.is_valid(), moved);
    moved.then(|| (iterator.key().to_vec(), iterator.value().to_vec()))
}

pub(crate) fn drain<I>(iterator: &mut I) -> Vec<Entry>
where
    I: StorageIterator<Key = [u8], Value = [u8], Error: std::fmt::Debug>,
{
    let entries = std::iter::from_fn(|| step(iterator)).collect();
    assert_eq!(step(iterator), None, "the end is final");
    entries
}
