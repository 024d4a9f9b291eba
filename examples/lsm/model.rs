//! [`Model`]: what the tree should show, kept in a way that is too simple to be wrong.

use std::collections::{BTreeMap, VecDeque};

use super::driver::Random;

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

/// The key with this number, in order. Every other one is the one before and a zero byte, which encodings like to confuse.
pub(crate) fn key(number: u64) -> Vec<u8> {
    let zero_byte = if number % 2 == 1 { "\0" } else { "" };
    format!("user{:06}{zero_byte}", number / 2).into_bytes()
}

/// A moment: the number of the last write, and all entries as they were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moment {
    pub(crate) sequence: u64,
    /// How many puts and deletes there were, of single keys.
    pub(crate) versions: u64,
    pub(crate) entries: Map,
}

/// The entries now, and copies of those of some moments before.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: Moment,
    /// The oldest first.
    pub(crate) snapshots: VecDeque<Moment>,
}

impl Model {
    /// Does what the tree has to do, and says which number the write has.
    pub(crate) fn write(&mut self, write: &Write) -> u64 {
        let Moment { sequence, versions, entries } = &mut self.now;
        match write {
            Write::Put { key, value } => _ = entries.insert(key.clone(), value.clone()),
            Write::Delete { key } => _ = entries.remove(key),
            Write::DeleteRange { start, end } => entries.retain(|key, _| key < start || key >= end),
        }
        *versions += u64::from(!matches!(write, Write::DeleteRange { .. }));
        *sequence += 1;
        *sequence
    }

    /// Takes a snapshot; from the ninth on the oldest one ends.
    pub(crate) fn take_snapshot(&mut self) {
        self.snapshots.push_back(self.now.clone());
        if self.snapshots.len() > 8 {
            self.snapshots.pop_front();
        }
    }

    /// Any snapshot, or now.
    pub(crate) fn any(&self, random: &mut Random) -> &Moment {
        self.snapshots.get(random.below(self.snapshots.len() as u64 + 1) as usize).unwrap_or(&self.now)
    }

    /// The oldest moment that somebody reads.
    pub(crate) fn oldest(&self) -> &Moment {
        self.snapshots.front().unwrap_or(&self.now)
    }
}
