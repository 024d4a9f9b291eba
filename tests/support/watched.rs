//! [`WatchedIterator`]: a source that reports every call.

use std::rc::Rc;

use storage_iter::StorageIterator;

use super::moments::{Moment, happened};
use super::{Entry, Failure, WatchedKey};

/// A source whose calls are [`moments`](super::moments). It never fails, but where a moment panics, it can go on.
#[derive(Clone, Debug)]
pub struct WatchedIterator {
    entries: Rc<[(WatchedKey, Vec<u8>)]>,
    following: usize,
    is_valid: bool,
}

impl WatchedIterator {
    /// Lends `entries`, whatever their order is.
    pub fn new(entries: &[Entry]) -> Self {
        let entries = entries.iter().map(|(key, value)| (WatchedKey(key.clone()), value.clone())).collect();
        WatchedIterator { entries, following: 0, is_valid: false }
    }

    fn entry(&self) -> &(WatchedKey, Vec<u8>) {
        assert!(self.is_valid, "touched off an entry");
        &self.entries[self.following - 1]
    }
}

impl StorageIterator for WatchedIterator {
    type Key = WatchedKey;
    type Value = [u8];
    type Error = Failure;

    fn next(&mut self) -> Result<bool, Failure> {
        self.is_valid = false;
        happened(Moment::Next);
        self.is_valid = self.following < self.entries.len();
        self.following += usize::from(self.is_valid);
        Ok(self.is_valid)
    }

    fn is_valid(&self) -> bool {
        happened(Moment::IsValid);
        self.is_valid
    }

    fn key(&self) -> &WatchedKey {
        happened(Moment::Key);
        &self.entry().0
    }

    fn value(&self) -> &[u8] {
        happened(Moment::Value);
        &self.entry().1
    }
}
