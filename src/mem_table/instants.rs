//! The clock of a [`SnapshotMemTable`](super::SnapshotMemTable), and which of its past instants are still looked at.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A clock that every write moves on by one, and the instants that open snapshots look at.
#[derive(Debug, Default)]
pub(super) struct Instants {
    now: AtomicU64,
    /// How many snapshots are open, or about to be. It is raised before the clock is read, see `tick`.
    open: AtomicUsize,
    /// How many snapshots look at each instant.
    looked_at: Mutex<BTreeMap<u64, usize>>,
}

impl Instants {
    /// The instant of a new write, later than every snapshot that is open.
    ///
    /// A write takes its instant and stores its value under one cell lock. A snapshot that is later than the write
    /// comes to that cell and waits for the lock, so it finds the value: what a snapshot sees is decided by this one
    /// operation.
    pub(super) fn tick(&self) -> u64 {
        self.now.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Opens a snapshot of this moment.
    pub(super) fn open(self: &Arc<Self>) -> OpenInstant {
        let mut looked_at = self.looked_at();
        self.open.fetch_add(1, Ordering::SeqCst);
        let instant = self.now.load(Ordering::SeqCst);
        *looked_at.entry(instant).or_default() += 1;
        drop(looked_at);
        OpenInstant { instants: Arc::clone(self), instant }
    }

    /// Whether no snapshot is open that is earlier than a write which has just taken its instant.
    ///
    /// Such a snapshot has read the clock before the write moved it, and was counted before that, so the write sees the
    /// count.
    pub(super) fn none_is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst) == 0
    }

    /// Takes out of `versions`, which ascend, those that no snapshot looks at. Each is current from its own instant
    /// until that of the next, the last one until `until`.
    pub(super) fn take_unneeded<V>(&self, versions: &mut Vec<V>, until: u64, instant_of: impl Fn(&V) -> u64) -> Vec<V> {
        let looked_at = self.looked_at();
        let mut unneeded = Vec::new();
        let mut until = until;
        for index in (0..versions.len()).rev() {
            let from = instant_of(&versions[index]);
            if looked_at.range(from..until).next().is_none() {
                unneeded.push(versions.remove(index));
            }
            until = from;
        }
        unneeded
    }

    fn looked_at(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An instant that is looked at as long as this lives.
pub(super) struct OpenInstant {
    instants: Arc<Instants>,
    instant: u64,
}

impl OpenInstant {
    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.instant
    }
}

impl Clone for OpenInstant {
    fn clone(&self) -> Self {
        *self.instants.looked_at().entry(self.instant).or_default() += 1;
        self.instants.open.fetch_add(1, Ordering::SeqCst);
        OpenInstant { instants: Arc::clone(&self.instants), instant: self.instant }
    }
}

impl Drop for OpenInstant {
    fn drop(&mut self) {
        let mut looked_at = self.instants.looked_at();
        if let Entry::Occupied(mut count) = looked_at.entry(self.instant) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        self.instants.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for OpenInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenInstant").field(&self.instant).finish()
    }
}
