//! How the tree is compacted: all files become one run, of what somebody may still read.

use std::io;
use std::sync::Arc;

use storage_iter::{RangeTombstones, StorageIterator, VersionedKey};

use super::layers::{Layers, Run};
use super::read_path::Versions;

impl Layers {
    /// The versions that a compaction of all files writes. Nobody reads with a snapshot below `watermark`, and all that was written up to
    /// it has come to the files.
    ///
    /// Of each key all versions above the watermark stay, and the newest of the others, if no tombstone deletes it.
    /// Nothing lies below this run, so there is nothing that a tombstone up to the watermark would have to hide.
    pub(crate) fn compaction<'a, I: Versions>(
        &'a self,
        watermark: u64,
        open: impl Fn(&'a Run) -> io::Result<I> + Copy,
    ) -> io::Result<impl StorageIterator<Key = VersionedKey, Value = [u8], Error = io::Error>> {
        let versions = self.files(open)?.mask(&*self.range_tombstones, watermark);
        Ok(versions.collect_garbage(watermark, |_| false))
    }

    /// Replaces all files by what a [`compaction`](Self::compaction) has made of them.
    pub(crate) fn install(&mut self, compacted: Vec<Run>, watermark: u64) {
        self.level_0.clear();
        self.levels = vec![compacted];
        let tombstones: RangeTombstones = self.range_tombstones.collect_garbage(watermark, |_, _| false);
        self.range_tombstones = Arc::new(tombstones);
    }
}
