//! A storage engine in miniature: tables over runs behind one handle, which rotation, flush and compaction replace.

use std::convert::Infallible;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use storage_iter::{
    ChildError, MergeIterator, OwnedSortedRunIterator, ScanSource, SkipTombstonesIterator, SortedRun,
    SortedRunIterator, SortedTable, StorageIterator, TwoMergeIterator, ViewSource,
};

/// Never has a value; it is what a merge of merges of sources that cannot fail says.
pub(crate) type NoError = ChildError<ChildError<Infallible>>;

/// Tables over runs, without the deletions.
pub(crate) type Live<T, R> = SkipTombstonesIterator<TwoMergeIterator<MergeIterator<T>, MergeIterator<R>>>;

/// Both newest first.
pub(crate) struct State<T> {
    /// The first is written to.
    pub(crate) tables: Vec<Arc<T>>,
    pub(crate) runs: Vec<SortedRun>,
}

pub(crate) struct Engine<T> {
    state: RwLock<Arc<State<T>>>,
    version: AtomicU64,
}

impl<T: SortedTable + Default> Engine<T> {
    pub(crate) fn new() -> Self {
        let state = State { tables: vec![Arc::new(T::default())], runs: vec![] };
        Engine { state: RwLock::new(Arc::new(state)), version: AtomicU64::new(0) }
    }

    /// Under the lock, so that no write goes to a table that is replaced meanwhile.
    pub(crate) fn put(&self, key: &[u8], value: &[u8]) {
        self.state.read().unwrap().tables[0].put(key, value);
    }

    pub(crate) fn state(&self) -> Arc<State<T>> {
        Arc::clone(&self.state.read().unwrap())
    }

    /// Starts a new table.
    pub(crate) fn rotate(&self) {
        self.replace(|state| state.tables.insert(0, Arc::new(T::default())));
    }

    /// Turns the oldest table, if it is not the one written to, into a run.
    pub(crate) fn flush(&self) {
        let state = self.state();
        let [_, .., oldest] = state.tables.as_slice() else { return };
        let run = oldest.freeze();
        drop(state);
        self.replace(|state| {
            state.tables.pop();
            state.runs.insert(0, run);
        });
    }

    /// Merges all runs into one and drops the deletions, below which there is nothing.
    pub(crate) fn compact(&self) {
        let state = self.state();
        let runs = MergeIterator::new(state.runs.iter().map(SortedRun::iter));
        let run: SortedRun = runs.skip_tombstones().collect().unwrap();
        self.replace(|state| state.runs = vec![run]);
    }

    pub(crate) fn version_now(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    fn replace(&self, change: impl FnOnce(&mut State<T>)) {
        let mut current = self.state.write().unwrap();
        let mut state = State { tables: current.tables.clone(), runs: current.runs.clone() };
        change(&mut state);
        *current = Arc::new(state);
        self.version.fetch_add(1, Ordering::Relaxed);
    }
}

impl<T: SortedTable + Default> ViewSource for Engine<T> {
    type View = Arc<State<T>>;
    type Iter<'v>
        = Live<T::Iter<'v>, SortedRunIterator<'v>>
    where
        Self: 'v;
    type Error = NoError;

    fn view(&self) -> Result<Self::View, NoError> {
        Ok(self.state())
    }

    fn scan<'v>(
        &'v self,
        view: &'v Self::View,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Self::Iter<'v>, NoError> {
        let tables = MergeIterator::new(view.tables.iter().map(|table| table.scan(lower, upper)));
        let runs = MergeIterator::new(view.runs.iter().map(|run| run.scan(lower, upper)));
        Ok(tables.two_merge(runs).skip_tombstones())
    }
}

impl<T: SortedTable + Default> ScanSource for Engine<T> {
    type Iter = Live<T::OwnedIter, OwnedSortedRunIterator>;
    type Error = NoError;

    fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Result<Self::Iter, NoError> {
        let state = self.state();
        let tables = MergeIterator::new(state.tables.iter().map(|table| Arc::clone(table).scan_owned(lower, upper)));
        let runs = MergeIterator::new(state.runs.iter().map(|run| run.clone().scan_owned(lower, upper)));
        Ok(tables.two_merge(runs).skip_tombstones())
    }

    fn version(&self) -> u64 {
        self.version_now()
    }
}

/// Runs each named property with an engine on each table, in a test of its own.
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
