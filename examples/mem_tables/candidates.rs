//! The tables, behind one interface. Scans are whole loops, so what is measured of them is compiled for each table.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Bound::{self, Included, Unbounded};
use std::sync::RwLock;

use bytes::Bytes;
use clap::ValueEnum;
use crossbeam_skiplist::SkipMap;
use storage_iter::{BTreeMemTable, MemTable, SnapshotMemTable, SortedRun, SortedTable, StorageIterator};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    /// crossbeam-skiplist used directly: `SkipMap<Bytes, Bytes>`.
    SkipMap,
    /// `RwLock<BTreeMap<Bytes, Bytes>>`, locked for the whole of a scan.
    LockedBTree,
    MemTable,
    BTreeMemTable,
    SnapshotMemTable,
    /// What `MemTable` freezes into.
    SortedRun,
}

impl Kind {
    pub(crate) const ALL: [Kind; 6] = [
        Kind::SkipMap,
        Kind::LockedBTree,
        Kind::MemTable,
        Kind::BTreeMemTable,
        Kind::SnapshotMemTable,
        Kind::SortedRun,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::SkipMap => "SkipMap, direct",
            Kind::LockedBTree => "RwLock<BTreeMap>, held",
            Kind::MemTable => "MemTable",
            Kind::BTreeMemTable => "BTreeMemTable",
            Kind::SnapshotMemTable => "SnapshotMemTable",
            Kind::SortedRun => "SortedRun, frozen",
        }
    }

    /// An empty table; `None` for the run, which comes into being full.
    pub(crate) fn table(self) -> Option<Box<dyn Candidate>> {
        match self {
            Kind::SkipMap => Some(Box::new(Direct::default())),
            Kind::LockedBTree => Some(Box::new(Locked::default())),
            Kind::MemTable => Some(Box::new(MemTable::new())),
            Kind::BTreeMemTable => Some(Box::new(BTreeMemTable::new())),
            Kind::SnapshotMemTable => Some(Box::new(SnapshotMemTable::new())),
            Kind::SortedRun => None,
        }
    }
}

/// What a reader looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The key, and how long the value is: what a merge asks of every entry.
    Keys,
    /// The key and the value.
    Values,
}

pub(crate) trait Candidate: Sync {
    fn put(&self, key: &[u8], value: &[u8]);

    /// The length of the value, of which a handle is taken.
    fn get(&self, key: &[u8]) -> Option<usize>;

    /// The sum of what is looked at in `limit` entries from `lower` on.
    fn scan(&self, lower: Bound<&[u8]>, limit: usize, read: Read) -> u64;

    fn freeze(&self) -> Option<SortedRun> {
        None
    }

    fn scan_all(&self, read: Read) -> u64 {
        self.scan(Unbounded, usize::MAX, read)
    }

    fn scan_from(&self, key: &[u8], limit: usize) -> u64 {
        self.scan(Included(key), limit, Read::Values)
    }
}

#[inline]
fn look_at(read: Read, key: &[u8], value: &[u8]) -> u64 {
    let seen = u64::from(key[0]) + value.len() as u64;
    if read == Read::Values { seen + u64::from(value[0]) } else { seen }
}

#[inline]
fn sum<I>(mut iterator: I, limit: usize, read: Read) -> u64
where
    I: StorageIterator<Key = [u8], Value = [u8], Error = Infallible>,
{
    let (mut sum, mut count) = (0, 0);
    while count < limit && iterator.next() == Ok(true) {
        sum += look_at(read, iterator.key(), iterator.value());
        count += 1;
    }
    sum
}

impl<T: SortedTable> Candidate for T {
    fn put(&self, key: &[u8], value: &[u8]) {
        SortedTable::put(self, key, value);
    }

    fn get(&self, key: &[u8]) -> Option<usize> {
        SortedTable::get(self, key).map(|value| value.len())
    }

    fn scan(&self, lower: Bound<&[u8]>, limit: usize, read: Read) -> u64 {
        sum(SortedTable::scan(self, lower, Unbounded), limit, read)
    }

    fn freeze(&self) -> Option<SortedRun> {
        Some(SortedTable::freeze(self))
    }
}

/// Read only.
pub(crate) struct Frozen(pub(crate) SortedRun);

impl Candidate for Frozen {
    fn put(&self, _: &[u8], _: &[u8]) {
        unreachable!("a run cannot be written");
    }

    fn get(&self, key: &[u8]) -> Option<usize> {
        self.0.get(key).map(<[u8]>::len)
    }

    fn scan(&self, lower: Bound<&[u8]>, limit: usize, read: Read) -> u64 {
        sum(self.0.scan(lower, Unbounded), limit, read)
    }
}

/// As its users have it: cheap handles as keys and values, `insert` for every write. Not `range`, which leaks in 0.1.3.
#[derive(Default)]
struct Direct {
    map: SkipMap<Bytes, Bytes>,
}

impl Candidate for Direct {
    fn put(&self, key: &[u8], value: &[u8]) {
        self.map.insert(Bytes::copy_from_slice(key), Bytes::copy_from_slice(value));
    }

    fn get(&self, key: &[u8]) -> Option<usize> {
        Some(self.map.get(key)?.value().clone().len())
    }

    fn scan(&self, lower: Bound<&[u8]>, limit: usize, read: Read) -> u64 {
        if lower == Unbounded {
            return self.map.iter().take(limit).map(|entry| look_at(read, entry.key(), entry.value())).sum();
        }
        let (mut sum, mut count, mut entry) = (0, 0, self.map.lower_bound(lower));
        while let (Some(mut current), true) = (entry, count < limit) {
            sum += look_at(read, current.key(), current.value());
            count += 1;
            entry = current.move_next().then_some(current);
        }
        sum
    }
}

/// The plain way to iterate a B-tree that is shared.
#[derive(Default)]
struct Locked {
    map: RwLock<BTreeMap<Bytes, Bytes>>,
}

impl Candidate for Locked {
    fn put(&self, key: &[u8], value: &[u8]) {
        let (key, value) = (Bytes::copy_from_slice(key), Bytes::copy_from_slice(value));
        let replaced = self.map.write().unwrap().insert(key, value);
        drop(replaced);
    }

    fn get(&self, key: &[u8]) -> Option<usize> {
        Some(self.map.read().unwrap().get(key)?.clone().len())
    }

    fn scan(&self, lower: Bound<&[u8]>, limit: usize, read: Read) -> u64 {
        let map = self.map.read().unwrap();
        map.range::<[u8], _>((lower, Unbounded)).take(limit).map(|(key, value)| look_at(read, key, value)).sum()
    }
}
