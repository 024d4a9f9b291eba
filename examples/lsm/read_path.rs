//! How the tree is read: all layers as one iterator, in this library's parts, and no box.
//!
//! ```text
//! live table  frozen tables     level 0 files    files of level 1, 2, ...
//!     |        \    |   /        \    |   /       \ | /      \ | /
//!     |      MergeIterator     MergeIterator      Concat     Concat
//!      \      /                       |               \       /
//!   TwoMerge, versioned_keys           \            MergeIterator
//!              \                        \             /
//!               \                        TwoMergeIterator
//!                \                       /
//!                 TwoMergeIterator: all versions
//!                 between, by_seek:     of the user keys wanted
//!                 mask:                 that no range tombstone deletes,
//!                 at:                   the newest that the snapshot sees,
//!                 skip_tombstones:      unless it is a deletion
//! ```

use std::io;
use std::ops::Bound::{self, Unbounded};

use storage_iter::{
    BidirectionalIterator, ConcatIterator, ConcatRanges, MergeIterator, SortedRun, StorageIterator, Versioned,
    VersionedKey,
};

use super::layers::{Layers, Run};

/// A cursor over versions that may fail.
pub(crate) trait Versions: BidirectionalIterator<Key = VersionedKey, Value = [u8], Error = io::Error> {}

impl<I: BidirectionalIterator<Key = VersionedKey, Value = [u8], Error = io::Error>> Versions for I {}

/// A cursor over what a snapshot shows.
pub(crate) trait Entries: BidirectionalIterator<Key = [u8], Value = [u8], Error = io::Error> {}

impl<I: BidirectionalIterator<Key = [u8], Value = [u8], Error = io::Error>> Entries for I {}

/// Opens the file of a run: here it is in memory, and cannot fail.
pub(crate) fn open(run: &Run) -> io::Result<impl Versions> {
    Ok(run.iter().lift_err())
}

impl Layers {
    /// The entries between two bounds as `snapshot` sees them.
    pub(crate) fn scan<'a, I: Versions>(
        &'a self,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
        snapshot: u64,
        open: impl Fn(&'a Run) -> io::Result<I> + Copy,
    ) -> io::Result<impl Entries> {
        // Bounds of versions, so that no layer is read beyond them, whatever is hidden there.
        let (lower, upper) = (VersionedKey::lower_bound(lower), VersionedKey::upper_bound(upper));
        let versions = self.versions(open)?.between(lower, upper).by_seek();
        Ok(versions.mask(&*self.range_tombstones, snapshot).at(snapshot).skip_tombstones())
    }

    /// All versions of all layers.
    fn versions<'a, I: Versions>(
        &'a self,
        open: impl Fn(&'a Run) -> io::Result<I> + Copy,
    ) -> io::Result<impl Versions> {
        let frozen = MergeIterator::new(self.frozen.iter().map(SortedRun::iter));
        let in_memory = self.live.scan(Unbounded, Unbounded).lift_err().two_merge(frozen).versioned_keys();
        Ok(in_memory.map_err(io::Error::other).two_merge(self.files(open)?).map_err(io::Error::other))
    }

    /// All versions in files. Those of level 0 are opened at once, the others when their turn comes.
    pub(crate) fn files<'a, I: Versions>(
        &'a self,
        open: impl Fn(&'a Run) -> io::Result<I> + Copy,
    ) -> io::Result<impl Versions> {
        let level_0 = self.level_0.iter().map(open).collect::<io::Result<Vec<_>>>()?;
        let levels = self.levels.iter().map(|files| concat(files, open)).collect::<io::Result<Vec<_>>>()?;
        let level_0 = MergeIterator::new(level_0).map_err(io::Error::other);
        let levels = MergeIterator::new(levels).map_err(io::Error::other);
        Ok(level_0.two_merge(levels).map_err(io::Error::other))
    }
}

/// The versions of a sorted level. A seek opens the one file whose range has the key.
fn concat<'a, I: Versions>(files: &'a [Run], open: impl Fn(&'a Run) -> io::Result<I>) -> io::Result<impl Versions> {
    let ranges = files.iter().filter_map(|file| file.first_key().zip(file.last_key()));
    let source = ConcatRanges::new(ranges, move |file| open(&files[file]));
    let source = source.map_err(|overlap| io::Error::other(overlap.to_string()))?;
    Ok(ConcatIterator::new(source).map_err(io::Error::other))
}
