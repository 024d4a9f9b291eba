//! [`Layers`]: where the tree keeps its entries, and how they move down.

use std::io;
use std::sync::Arc;

use storage_iter::{
    MemTable, MergeIterator, OwnedVersionedKey, RangeTombstone, RangeTombstones, SortedRun, StorageIterator,
    VersionedKey,
};

use super::model::Write;

/// A run of versions. An engine has it in a file.
pub(crate) type Run = SortedRun<VersionedKey, [u8]>;

/// How many versions a file of a sorted level has.
const FILE_LEN: usize = 256;

/// All layers of a tree. Each is sorted by user key and then by sequence number, the newest first.
///
/// A clone shares the layers: it is the view of a reader, who is not disturbed by what happens to the tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    /// What is written to. Its keys are encoded versions, of which it knows nothing.
    pub(crate) live: Arc<MemTable>,
    /// Tables that were full, the newest first.
    pub(crate) frozen: Vec<SortedRun>,
    /// The same in files: all of them may have any key.
    pub(crate) level_0: Vec<Run>,
    /// Sorted levels. The files of one follow one another.
    pub(crate) levels: Vec<Vec<Run>>,
    /// Those of all layers. Their numbers say what they delete.
    pub(crate) range_tombstones: Arc<RangeTombstones>,
}

impl Layers {
    /// Adds the versions of a write. What was there before stays: a snapshot may still see it.
    pub(crate) fn write(&mut self, write: &Write, sequence: u64) {
        match write {
            Write::Put { key, value } => {
                self.live.put(OwnedVersionedKey::new(key, sequence).as_bytes(), value);
            }
            Write::Delete { key } => self.live.delete(OwnedVersionedKey::new(key, sequence).as_bytes()),
            Write::DeleteRange { start, end } => {
                let tombstone = RangeTombstone { start: start.clone(), end: end.clone(), sequence };
                Arc::make_mut(&mut self.range_tombstones).extend([tombstone]);
            }
        }
    }

    /// Makes the live table a frozen one, and begins a new one.
    pub(crate) fn freeze(&mut self) {
        if !self.live.is_empty() {
            self.frozen.insert(0, self.live.freeze());
            self.live = Arc::default();
        }
    }

    /// Moves the oldest frozen table to level 0, and says whether there was one.
    pub(crate) fn flush(&mut self) -> io::Result<bool> {
        let Some(oldest) = self.frozen.last() else { return Ok(false) };
        let run = oldest.iter().versioned_keys().collect().map_err(io::Error::other)?;
        self.frozen.pop();
        self.level_0.insert(0, run);
        Ok(true)
    }

    /// Makes level 0 a sorted level, above the others. All versions stay.
    pub(crate) fn sort_level_0(&mut self) -> io::Result<()> {
        let merged = MergeIterator::new(self.level_0.iter().map(SortedRun::iter));
        let files = cut(merged.lift_err())?;
        self.level_0.clear();
        self.levels.insert(0, files);
        Ok(())
    }
}

/// Writes versions to files that follow one another.
pub(crate) fn cut<I>(mut versions: I) -> io::Result<Vec<Run>>
where
    I: StorageIterator<Key = VersionedKey, Value = [u8], Error = io::Error>,
{
    let mut files = vec![];
    loop {
        let run: Run = versions.by_ref().take(FILE_LEN).collect()?;
        if run.is_empty() {
            return Ok(files);
        }
        files.push(run);
    }
}
