//! The engine: mem-tables over files, behind one handle that rotation, flush and compaction replace.

use std::ops::Bound::{self, Unbounded};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;
use std::{fs, io, thread};

use storage_iter::{
    BetweenIterator, ChildError, LiftErrIterator, MemTable, MemTableIterator, MergeIterator, StorageIterator,
    TwoMergeIterator, ViewSource,
};

use crate::file_run::{FileIterator, FileRun};

/// What an engine may have in files before it merges them.
const MAX_RUNS: usize = 6;

/// Says which layer failed, 0 the tables and 1 the files, and which of these.
pub(crate) type Failure = ChildError<ChildError<io::Error>>;

type Tables<'v> = LiftErrIterator<MergeIterator<MemTableIterator<'v>>, ChildError<io::Error>>;
type Files = MergeIterator<BetweenIterator<FileIterator, Vec<u8>>>;

/// Both newest first; the first table is written to.
pub(crate) struct State {
    tables: Vec<Arc<MemTable>>,
    runs: Vec<Arc<FileRun>>,
}

pub(crate) struct Engine {
    state: RwLock<Arc<State>>,
    /// All tables that ever were.
    known: Mutex<Vec<Weak<MemTable>>>,
    directory: PathBuf,
    table_bytes: usize,
    max_tables: usize,
    files: AtomicU64,
    flushes: AtomicU64,
}

/// The bytes of the keys and values of tables.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Of those that the engine needs.
    pub(crate) floor: usize,
    /// Of those that it has let go of, and that somebody else keeps alive.
    pub(crate) pinned: usize,
}

impl Engine {
    pub(crate) fn new(directory: PathBuf, table_bytes: usize, max_tables: usize) -> Result<Self, Failure> {
        fs::create_dir_all(&directory).map_err(|error| in_file(0, error))?;
        let table = Arc::new(MemTable::new());
        let known = Mutex::new(vec![Arc::downgrade(&table)]);
        let state = RwLock::new(Arc::new(State { tables: vec![table], runs: vec![] }));
        let (files, flushes) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Engine { state, known, directory, table_bytes, max_tables, files, flushes })
    }

    pub(crate) fn put(&self, key: &[u8], value: &[u8]) {
        let is_full = {
            // Under the lock, so that nothing is put to a table that was replaced meanwhile.
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            state.tables[0].put(key, value);
            state.tables[0].approximate_size() >= self.table_bytes
        };
        if is_full {
            self.replace(|state| {
                // Another writer may have been here.
                if state.tables[0].approximate_size() >= self.table_bytes {
                    let table = Arc::new(MemTable::new());
                    self.known.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&table));
                    state.tables.insert(0, table);
                }
            });
        }
    }

    /// Flushes and compacts what there is to be, until it is told to stop.
    pub(crate) fn maintain(&self, stop: &AtomicBool) -> Result<(), Failure> {
        while !stop.load(Ordering::Relaxed) {
            self.maintain_once()?;
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    pub(crate) fn maintain_once(&self) -> Result<(), Failure> {
        while self.flush().map_err(|error| in_file(0, error))? {}
        self.compact().map_err(|error| in_file(0, error))
    }

    pub(crate) fn flushes(&self) -> u64 {
        self.flushes.load(Ordering::Relaxed)
    }

    /// Each table that is alive is the engine's, or somebody pins it.
    pub(crate) fn memory(&self) -> Memory {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|table| table.strong_count() > 0);
        let mut memory = Memory::default();
        for table in known.iter().filter_map(Weak::upgrade) {
            let is_needed = state.tables.iter().any(|needed| Arc::ptr_eq(needed, &table));
            *(if is_needed { &mut memory.floor } else { &mut memory.pinned }) += table.approximate_size();
        }
        memory
    }

    /// Writes the oldest table to a file if there are too many, and says whether it did.
    fn flush(&self) -> io::Result<bool> {
        let oldest = {
            let state = self.state();
            let Some(oldest) = state.tables.get(self.max_tables..).and_then(<[_]>::last) else { return Ok(false) };
            Arc::clone(oldest)
        };
        let run = FileRun::write(self.path(), oldest.scan(Unbounded, Unbounded).lift_err())?;
        self.replace(|state| {
            state.tables.pop();
            state.runs.insert(0, Arc::new(run));
            // Here, or `memory` could find the table neither needed nor gone.
            drop(oldest);
        });
        self.flushes.fetch_add(1, Ordering::Relaxed);
        Ok(true)
    }

    /// Merges all files into one if there are too many.
    fn compact(&self) -> io::Result<()> {
        let runs = self.state().runs.clone();
        if runs.len() <= MAX_RUNS {
            return Ok(());
        }
        let files = runs.iter().map(|run| run.scan_from(Unbounded)).collect::<io::Result<Vec<_>>>()?;
        let merged = FileRun::write(self.path(), MergeIterator::new(files).map_err(ChildError::into_inner))?;
        // Nobody else adds or removes files.
        self.replace(|state| state.runs = vec![Arc::new(merged)]);
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.directory.join(self.files.fetch_add(1, Ordering::Relaxed).to_string())
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// One swap, so that no view shows a table and its file, or neither.
    fn replace(&self, change: impl FnOnce(&mut State)) {
        let mut current = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut state = State { tables: current.tables.clone(), runs: current.runs.clone() };
        change(&mut state);
        *current = Arc::new(state);
    }
}

fn in_file(child: usize, error: io::Error) -> Failure {
    ChildError { child: 1, error: ChildError { child, error } }
}

impl ViewSource for Engine {
    type View = Arc<State>;
    type Iter<'v> = TwoMergeIterator<Tables<'v>, Files>;
    type Error = Failure;

    fn view(&self) -> Result<Arc<State>, Failure> {
        Ok(self.state())
    }

    fn scan<'v>(
        &'v self,
        view: &'v Arc<State>,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Self::Iter<'v>, Failure> {
        let tables = MergeIterator::new(view.tables.iter().map(|table| table.scan(lower, upper)));
        let mut files = Vec::with_capacity(view.runs.len());
        for (index, run) in view.runs.iter().enumerate() {
            let file = run.scan_from(lower).map_err(|error| in_file(index, error))?;
            files.push(file.between(lower.map(<[u8]>::to_vec), upper.map(<[u8]>::to_vec)));
        }
        // Nothing is deleted here, so there are no tombstones to skip.
        Ok(tables.lift_err().two_merge(MergeIterator::new(files)))
    }
}
