//! [`Model`]: what the tree should show, kept in a way that is too simple to be wrong.

use std::collections::BTreeMap;

use super::driver::Random;
pub(crate) use super::driver::key;

pub(crate) type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// What can be done to a tree.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Put {
        key: Vec<u8>,
        value: Vec<u8>,
    },
    Delete {
        key: Vec<u8>,
    },
    /// Deletes what is not less than `start` and less than `end`.
    DeleteRange {
        start: Vec<u8>,
        end: Vec<u8>,
    },
}

impl Write {
    /// Three of four are puts; few delete a range.
    pub(crate) fn random(random: &mut Random, keys: u64) -> Self {
        let number = random.below(keys);
        match random.below(64) {
            0 => Write::DeleteRange { start: key(number), end: key(number + random.below(keys / 16 + 1)) },
            1..16 => Write::Delete { key: key(number) },
            _ => Write::Put { key: key(number), value: format!("value {:x}", random.next()).into_bytes() },
        }
    }
}

/// A moment: the number of the last write, and all entries as they were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moment {
    pub(crate) sequence: u64,
    pub(crate) entries: Map,
}

/// The entries now.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: Moment,
}

impl Model {
    /// Does what the tree has to do, and says which number the write has.
    pub(crate) fn write(&mut self, write: &Write) -> u64 {
        let Moment { sequence, entries } = &mut self.now;
        match write {
            Write::Put { key, value } => _ = entries.insert(key.clone(), value.clone()),
            Write::Delete { key } => _ = entries.remove(key),
            Write::DeleteRange { start, end } => entries.retain(|key, _| key < start || key >= end),
        }
        *sequence += 1;
        *sequence
    }
}
