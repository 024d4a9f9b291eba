//! An engine with sequence numbers: every write adds a version, and a scan at a number sees those that are not newer.

use std::ops::Bound;
use std::sync::{Arc, Mutex};

use storage_iter::{SnapshotViewSource, SortedTable, StorageIterator, ViewSource};

use crate::engine::{Engine, NoError};

/// The length of a number behind each key.
const NUMBER: usize = 8;

/// Stores `key, inverted number`, so that of one key's versions the newest comes first; and as value a byte that says
/// whether it is one, so that the engine below sees no deletions. Keys have two bytes, so none is the start of another.
pub(crate) struct Versioned<T> {
    pub(crate) engine: Engine<T>,
    sequence: Mutex<u64>,
}

impl<T: SortedTable + Default> Versioned<T> {
    pub(crate) fn new() -> Self {
        Versioned { engine: Engine::new(), sequence: Mutex::new(0) }
    }

    pub(crate) fn write(&self, key: [u8; 2], value: Option<&[u8]>) {
        // A snapshot that is later than the write waits for it here.
        let mut sequence = self.sequence.lock().unwrap();
        *sequence += 1;
        let stored = value.map_or(vec![0], |value| [&[1], value].concat());
        self.engine.put(&[&key[..], &(!*sequence).to_be_bytes()].concat(), &stored);
    }
}

/// Bounds of keys as bounds of what is stored: in front of all versions of a key, or behind them.
pub(crate) fn stored_bounds(lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let in_front = |key: &[u8]| [key, &[0; NUMBER]].concat();
    // A bound that is no key, the empty one, has no versions to be behind of.
    let behind = |key: &[u8]| if key.is_empty() { in_front(key) } else { [key, &[255; NUMBER]].concat() };
    let lower = match lower {
        Bound::Included(key) => Bound::Included(in_front(key)),
        Bound::Excluded(key) => Bound::Excluded(behind(key)),
        Bound::Unbounded => Bound::Unbounded,
    };
    let upper = match upper {
        Bound::Included(key) => Bound::Included(behind(key)),
        Bound::Excluded(key) => Bound::Excluded(in_front(key)),
        Bound::Unbounded => Bound::Unbounded,
    };
    (lower, upper)
}

impl<T: SortedTable + Default> ViewSource for Versioned<T> {
    type View = <Engine<T> as ViewSource>::View;
    type Iter<'v>
        = Visible<<Engine<T> as ViewSource>::Iter<'v>>
    where
        Self: 'v;
    type Error = NoError;

    fn view(&self) -> Result<Self::View, NoError> {
        self.engine.view()
    }

    fn scan<'v>(
        &'v self,
        view: &'v Self::View,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Self::Iter<'v>, NoError> {
        self.scan_at(view, &u64::MAX, lower, upper)
    }
}

impl<T: SortedTable + Default> SnapshotViewSource for Versioned<T> {
    type Snapshot = u64;
    type SnapshotIter<'v>
        = Visible<<Engine<T> as ViewSource>::Iter<'v>>
    where
        Self: 'v;

    fn snapshot(&self) -> u64 {
        *self.sequence.lock().unwrap()
    }

    fn scan_at<'v>(
        &'v self,
        view: &'v Arc<crate::engine::State<T>>,
        snapshot: &u64,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Self::SnapshotIter<'v>, NoError> {
        let (lower, upper) = stored_bounds(lower, upper);
        let versions =
            ViewSource::scan(&self.engine, view, lower.as_ref().map(Vec::as_slice), upper.as_ref().map(Vec::as_slice))?;
        Ok(Visible::new(versions, *snapshot))
    }
}

/// Of each key the newest version that is not newer than a number, unless it is a deletion.
pub(crate) struct Visible<I> {
    versions: I,
    at: u64,
    /// The key whose visible version was found.
    decided: Option<Vec<u8>>,
    is_valid: bool,
}

impl<I> Visible<I> {
    pub(crate) fn new(versions: I, at: u64) -> Self {
        Visible { versions, at, decided: None, is_valid: false }
    }
}

impl<I: StorageIterator<Key = [u8], Value = [u8]>> StorageIterator for Visible<I> {
    type Key = [u8];
    type Value = [u8];
    type Error = I::Error;

    fn next(&mut self) -> Result<bool, I::Error> {
        self.is_valid = false;
        while self.versions.next()? {
            let (key, number) = self.versions.key().split_last_chunk::<NUMBER>().unwrap();
            if self.decided.as_deref() == Some(key) || !u64::from_be_bytes(*number) > self.at {
                continue;
            }
            self.decided = Some(key.to_vec());
            if self.versions.value()[0] == 1 {
                self.is_valid = true;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_valid(&self) -> bool {
        self.is_valid
    }

    fn key(&self) -> &[u8] {
        assert!(self.is_valid);
        self.versions.key().split_last_chunk::<NUMBER>().unwrap().0
    }

    fn value(&self) -> &[u8] {
        assert!(self.is_valid);
        &self.versions.value()[1..]
    }
}
