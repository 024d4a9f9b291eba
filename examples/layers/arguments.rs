//! [`Arguments`]: the command line.

use std::ffi::OsString;
use std::fs;
use std::ops::Bound;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::failure::Failure;

/// Merges layers of sorted entries into one view and writes its live entries.
#[derive(Debug, Parser)]
#[command(name = "layers", after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[arg(value_name = "LAYER", help = LAYERS_HELP)]
    layers: Vec<PathBuf>,

    /// How many of the newest layers to load into mem-tables; the others are read while walked
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) memtables: usize,

    /// The first key to write (inclusive)
    #[arg(long, value_name = "KEY")]
    from: Option<OsString>,

    /// The key to stop before (exclusive)
    #[arg(long, value_name = "KEY")]
    to: Option<OsString>,

    /// Write the keys whose newest entry is a deletion as well, with an empty value
    #[arg(long)]
    pub(crate) keep_tombstones: bool,

    /// Show a progress bar on standard error, if that is a terminal
    #[arg(long)]
    pub(crate) progress: bool,
}

const LAYERS_HELP: &str = "\
Layers, the oldest first: files, or folders, which stand for the files in
them in name order (bytewise, without hidden ones). Without any: the twelve
releases in examples/data/layers";

const AFTER_HELP: &str = "\
A layer is a file of lines `key<TAB>value`. Keys and values are bytes: a key ends at the first tab,
a value at the end of the line. Keys must ascend bytewise, each once in a layer. An empty value
deletes its key from the older layers. An empty file is a layer without entries.

The entries go to standard output, in the same form. A table goes to standard error. It counts what
lies between the bounds:
  entries read   the entries of all layers
  shadowed       those whose key has an entry in a newer layer
  deleted        keys whose newest entry is a deletion; written only with --keep-tombstones
  live           keys whose newest entry has a value

A layer that is read while walked needs an open file. If the system does not allow as many, let
--memtables be a greater number.

Exit status: 0, also when the reader of the output goes away; 1 after an error, with all that was
written before it right; 2 for wrong arguments.";

impl Arguments {
    /// The files of all layers, the oldest first.
    pub(crate) fn layers(&self) -> Result<Vec<PathBuf>, Failure> {
        if self.layers.is_empty() {
            return files_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/layers"));
        }
        let mut files = Vec::new();
        for path in &self.layers {
            if path.is_dir() {
                files.append(&mut files_in(path)?);
            } else {
                // Whether it exists is found out when it is read.
                files.push(path.clone());
            }
        }
        Ok(files)
    }

    /// The bounds of the keys to write.
    pub(crate) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        let lower = self.from.as_ref().map_or(Bound::Unbounded, |key| Bound::Included(key.as_encoded_bytes()));
        let upper = self.to.as_ref().map_or(Bound::Unbounded, |key| Bound::Excluded(key.as_encoded_bytes()));
        (lower, upper)
    }
}

/// The files directly in a folder that are not hidden, in name order.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failure = |error| Failure::Folder { folder: folder.to_owned(), error };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden && !entry.path().is_dir() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
