//! [`Store`]: the tree of the examples behind locks, with snapshots that readers hold.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use storage_iter::testing::FailPoint;

use crate::faults::{self, Insistent, insist};
use crate::lsm::layers::{Layers, cut};
use crate::lsm::model::{Model, Moment, Write};

/// A tree that is written, read, flushed and compacted at once.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// Locked before `layers`, where both are.
    state: Mutex<State>,
    layers: RwLock<Layers>,
}

/// What the tree should show, and who reads it.
#[derive(Debug, Default)]
struct State {
    model: Model,
    /// How many readers there are at which moment.
    readers: BTreeMap<u64, u64>,
}

/// A moment that no compaction takes away, as long as this is held.
pub(crate) struct Snapshot<'a> {
    store: &'a Store,
    pub(crate) moment: Moment,
}

impl Store {
    pub(crate) fn write(&self, write: &Write) {
        let mut state = self.state();
        let sequence = state.model.write(write);
        self.layers_mut().write(write, sequence);
    }

    /// What there is now, with all that was written before.
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        let mut state = self.state();
        let moment = state.model.now.clone();
        *state.readers.entry(moment.sequence).or_default() += 1;
        Snapshot { store: self, moment }
    }

    /// All layers as they are now. Tables go on being written, but nothing is taken away.
    pub(crate) fn view(&self) -> Layers {
        self.layers().clone()
    }

    pub(crate) fn freeze(&self) {
        self.layers_mut().freeze();
    }

    pub(crate) fn flush(&self) -> io::Result<bool> {
        self.layers_mut().flush()
    }

    pub(crate) fn sort_level_0(&self) -> io::Result<()> {
        self.layers_mut().sort_level_0()
    }

    /// Compacts everything that was written until now, and goes on after each fault, which is counted in `repeated`. Only one thread
    /// may flush, sort and compact.
    pub(crate) fn compact(&self, faults: &FailPoint, repeated: &AtomicU64) -> io::Result<()> {
        let (view, watermark) = {
            let state = self.state();
            let mut layers = self.layers_mut();
            layers.freeze();
            while layers.flush()? {}
            let now = state.model.now.sequence;
            (layers.clone(), state.readers.first_key_value().map_or(now, |(oldest, _)| *oldest))
        };
        // While others read and write.
        let compaction = insist(repeated, || view.compaction(watermark, |run| faults::open(run, faults)))?;
        let compacted = cut(Insistent { child: compaction, repeated })?;
        self.layers_mut().install(compacted, watermark);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn layers(&self) -> RwLockReadGuard<'_, Layers> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn layers_mut(&self) -> RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let mut state = self.store.state();
        let sequence = self.moment.sequence;
        let readers = state.readers.entry(sequence).or_default();
        *readers = readers.saturating_sub(1);
        if *readers == 0 {
            state.readers.remove(&sequence);
        }
    }
}
