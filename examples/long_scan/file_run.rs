//! A run of sorted entries in a file: the length of the key, that of the value, key and value, one entry after the
//! other.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::mem;
use std::ops::Bound;
use std::path::PathBuf;

use storage_iter::StorageIterator;

/// Every so-manieth entry is in the index.
const STRIDE: u64 = 64;

/// Deletes its file when nobody reads it any more.
pub(crate) struct FileRun {
    path: PathBuf,
    /// Keys, and where their entries start.
    index: Vec<(Vec<u8>, u64)>,
    len: u64,
}

impl FileRun {
    pub(crate) fn write<I>(path: PathBuf, mut entries: I) -> io::Result<Self>
    where
        I: StorageIterator<Key = [u8], Value = [u8], Error = io::Error>,
    {
        let mut writer = BufWriter::new(File::create(&path)?);
        // From here on the file is deleted if anything fails.
        let mut run = FileRun { path, index: vec![], len: 0 };
        let mut count = 0;
        while entries.next()? {
            let (key, value) = (entries.key(), entries.value());
            if count % STRIDE == 0 {
                run.index.push((key.to_vec(), run.len));
            }
            writer.write_all(&(key.len() as u32).to_le_bytes())?;
            writer.write_all(&(value.len() as u32).to_le_bytes())?;
            writer.write_all(key)?;
            writer.write_all(value)?;
            run.len += 8 + (key.len() + value.len()) as u64;
            count += 1;
        }
        writer.flush()?;
        Ok(run)
    }

    /// All entries from the bound on, and perhaps a few in front of it.
    pub(crate) fn scan_from(&self, lower: Bound<&[u8]>) -> io::Result<FileIterator> {
        let offset = match lower {
            Bound::Unbounded => 0,
            Bound::Included(lower) | Bound::Excluded(lower) => {
                let behind = self.index.partition_point(|(key, _)| key.as_slice() <= lower);
                behind.checked_sub(1).map_or(0, |index| self.index[index].1)
            }
        };
        let mut reader = BufReader::new(File::open(&self.path)?);
        reader.seek(SeekFrom::Start(offset))?;
        Ok(FileIterator { reader, offset, len: self.len, key: vec![], value: vec![], is_valid: false, is_torn: false })
    }
}

impl Drop for FileRun {
    fn drop(&mut self) {
        // It lies in a directory that is deleted in any case.
        let _ = fs::remove_file(&self.path);
    }
}

/// Holds the file open, so it can be read even after it was deleted.
pub(crate) struct FileIterator {
    reader: BufReader<File>,
    /// Where the next entry starts.
    offset: u64,
    len: u64,
    key: Vec<u8>,
    value: Vec<u8>,
    is_valid: bool,
    /// Whether an entry was read in part, because of an error.
    is_torn: bool,
}

impl StorageIterator for FileIterator {
    type Key = [u8];
    type Value = [u8];
    type Error = io::Error;

    fn next(&mut self) -> io::Result<bool> {
        self.is_valid = false;
        if self.offset >= self.len {
            return Ok(false);
        }
        if mem::replace(&mut self.is_torn, true) {
            self.reader.seek(SeekFrom::Start(self.offset))?;
        }
        let mut lengths = [[0; 4]; 2];
        self.reader.read_exact(lengths.as_flattened_mut())?;
        let [key, value] = lengths.map(|length| u32::from_le_bytes(length) as usize);
        self.key.resize(key, 0);
        self.reader.read_exact(&mut self.key)?;
        self.value.resize(value, 0);
        self.reader.read_exact(&mut self.value)?;
        self.offset += (8 + key + value) as u64;
        self.is_torn = false;
        self.is_valid = true;
        Ok(true)
    }

    fn is_valid(&self) -> bool {
        self.is_valid
    }

    fn key(&self) -> &[u8] {
        assert!(self.is_valid, "not on an entry");
        &self.key
    }

    fn value(&self) -> &[u8] {
        assert!(self.is_valid, "not on an entry");
        &self.value
    }
}
