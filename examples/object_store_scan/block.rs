//! [`Block`]: the entries of a block, in the bytes that the store has sent.

use bytes::{BufMut, Bytes};
use storage_iter::StorageIterator;

use crate::failure::Failure;

/// An entry is the length of its key, that of its value, key and value.
pub(crate) fn encode(key: &[u8], value: &[u8], block: &mut Vec<u8>) {
    block.put_u32(key.len() as u32);
    block.put_u32(value.len() as u32);
    block.extend_from_slice(key);
    block.extend_from_slice(value);
}

/// The entries of a block. Nothing is copied.
pub(crate) struct Block {
    bytes: Bytes,
    /// Where the current entry begins, and its key and its value; none before the first entry and after the last.
    entry: Option<[usize; 3]>,
    /// Where the next entry begins.
    next: usize,
    object: String,
    number: usize,
}

impl Block {
    /// Block `number` of `object`, whose bytes these are.
    pub(crate) fn new(bytes: Bytes, object: String, number: usize) -> Self {
        Block { bytes, entry: None, next: 0, object, number }
    }

    fn length_at(&self, offset: usize) -> Option<usize> {
        let length = self.bytes.get(offset..offset + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(length) as usize)
    }

    fn entry_at(&self, offset: usize) -> Option<[usize; 3]> {
        let key = offset + 8;
        let value = key.checked_add(self.length_at(offset)?)?;
        let end = value.checked_add(self.length_at(offset + 4)?)?;
        (end <= self.bytes.len()).then_some([key, value, end])
    }
}

impl StorageIterator for Block {
    type Key = [u8];
    type Value = [u8];
    type Error = Failure;

    fn next(&mut self) -> Result<bool, Failure> {
        self.entry = None;
        if self.next == self.bytes.len() {
            return Ok(false);
        }
        // It is corrupt for good, so this is what every further call says.
        let corrupt = || Failure::Corrupt { object: self.object.clone(), block: self.number };
        let entry = self.entry_at(self.next).ok_or_else(corrupt)?;
        self.next = entry[2];
        self.entry = Some(entry);
        Ok(true)
    }

    fn is_valid(&self) -> bool {
        self.entry.is_some()
    }

    fn key(&self) -> &[u8] {
        let [key, value, _] = self.entry.expect("on an entry");
        &self.bytes[key..value]
    }

    fn value(&self) -> &[u8] {
        let [_, value, end] = self.entry.expect("on an entry");
        &self.bytes[value..end]
    }
}
