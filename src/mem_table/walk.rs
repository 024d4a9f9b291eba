//! [`Walk`]: a position in a skiplist, behind every iterator over one.

use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use crossbeam_skiplist::SkipMap;
use crossbeam_skiplist::map::Entry;

use super::Chunk;
use super::table_key::TableKey;
use crate::combinators::{is_from, is_up_to, not_on_an_entry};

/// The map of a skiplist table. `C` is the cell that holds a key's value or values.
pub(super) type Nodes<C> = SkipMap<TableKey, C>;

/// A walk over the nodes between two bounds, in place.
pub(super) struct Walk<'a, C> {
    nodes: &'a Nodes<C>,
    lower: Bound<Box<[u8]>>,
    upper: Bound<Box<[u8]>>,
    position: Position<'a, C>,
}

/// The entry keeps its node alive, and the handle its value, so both are lent without a lock.
enum Position<'a, C> {
    Before,
    On(Entry<'a, TableKey, C>, Arc<[u8]>),
    After,
}

impl<'a, C> Walk<'a, C> {
    pub(super) fn new(nodes: &'a Nodes<C>, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        Walk { nodes, lower: lower.map(Box::from), upper: upper.map(Box::from), position: Position::Before }
    }

    /// Steps onto the next node in which `read` finds a value.
    // The position is changed where it lies. Moving it out and back in costs as much as the cache misses of the step:
    // it is stored in halves and loaded whole, which the processor cannot forward, and so nothing of the next node is
    // loaded ahead.
    #[inline]
    pub(super) fn advance(&mut self, read: impl Fn(&C) -> Option<Arc<[u8]>>) -> bool {
        let upper = as_slices(&self.upper);
        match &mut self.position {
            // `lower_bound` and `move_next`, not `SkipMap::range`: in crossbeam-skiplist 0.1.3 a range keeps a
            // reference to every node it visits, for ever (crossbeam-rs/crossbeam#1178).
            Position::Before => {
                let first = self.nodes.lower_bound(as_slices(&self.lower));
                return self.settle_forward(first, read);
            }
            Position::On(entry, lent) => {
                while entry.move_next() && is_up_to(entry.key().as_slice(), upper) {
                    if let Some(value) = read(entry.value()) {
                        *lent = value;
                        return true;
                    }
                }
            }
            Position::After => {}
        }
        self.position = Position::After;
        false
    }

    /// Steps back onto the node before in which `read` finds a value. The list is linked forwards only: every step back is a
    /// search.
    pub(super) fn retreat(&mut self, read: impl Fn(&C) -> Option<Arc<[u8]>>) -> bool {
        let lower = as_slices(&self.lower);
        match &mut self.position {
            Position::Before => {}
            Position::On(entry, lent) => {
                while entry.move_prev() && is_from(entry.key().as_slice(), lower) {
                    if let Some(value) = read(entry.value()) {
                        *lent = value;
                        return true;
                    }
                }
            }
            Position::After => {
                let last = self.nodes.upper_bound(as_slices(&self.upper));
                return self.settle_backward(last, read);
            }
        }
        self.position = Position::Before;
        false
    }

    /// Moves to the first node from `key` on in which `read` finds a value.
    pub(super) fn seek(&mut self, key: &[u8], read: impl Fn(&C) -> Option<Arc<[u8]>>) -> bool {
        let lower = as_slices(&self.lower);
        let from = if is_from(key, lower) { Bound::Included(key) } else { lower };
        let first = self.nodes.lower_bound(from);
        self.settle_forward(first, read)
    }

    /// Moves to the last node up to `key` in which `read` finds a value.
    pub(super) fn seek_for_prev(&mut self, key: &[u8], read: impl Fn(&C) -> Option<Arc<[u8]>>) -> bool {
        let upper = as_slices(&self.upper);
        let up_to = if is_up_to(key, upper) { Bound::Included(key) } else { upper };
        let last = self.nodes.upper_bound(up_to);
        self.settle_backward(last, read)
    }

    pub(super) fn seek_to_first(&mut self, read: impl Fn(&C) -> Option<Arc<[u8]>>) -> bool {
        self.position = Position::Before;
        self.advance(read)
    }

    pub(super) fn seek_to_last(&mut self, read: impl Fn(&C) -> Option<Arc<[u8]>>) -> bool {
        self.position = Position::After;
        self.retreat(read)
    }

    /// Stands on `first`, or on the first node behind it in which `read` finds a value.
    #[inline]
    fn settle_forward(
        &mut self,
        first: Option<Entry<'a, TableKey, C>>,
        read: impl Fn(&C) -> Option<Arc<[u8]>>,
    ) -> bool {
        let mut following = first;
        while let Some(mut entry) = following {
            if !is_up_to(entry.key().as_slice(), as_slices(&self.upper)) {
                break;
            }
            if let Some(value) = read(entry.value()) {
                self.position = Position::On(entry, value);
                return true;
            }
            following = entry.move_next().then_some(entry);
        }
        self.position = Position::After;
        false
    }

    /// Stands on `last`, or on the last node before it in which `read` finds a value.
    fn settle_backward(
        &mut self,
        last: Option<Entry<'a, TableKey, C>>,
        read: impl Fn(&C) -> Option<Arc<[u8]>>,
    ) -> bool {
        let mut following = last;
        while let Some(mut entry) = following {
            if !is_from(entry.key().as_slice(), as_slices(&self.lower)) {
                break;
            }
            if let Some(value) = read(entry.value()) {
                self.position = Position::On(entry, value);
                return true;
            }
            following = entry.move_prev().then_some(entry);
        }
        self.position = Position::Before;
        false
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        matches!(self.position, Position::On(..))
    }

    #[inline]
    #[track_caller]
    pub(super) fn key(&self) -> &[u8] {
        match &self.position {
            Position::On(entry, _) => entry.key().as_slice(),
            Position::Before | Position::After => not_on_an_entry(),
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn value(&self) -> &[u8] {
        match &self.position {
            Position::On(_, value) => value,
            Position::Before | Position::After => not_on_an_entry(),
        }
    }
}

impl<C> Clone for Walk<'_, C> {
    fn clone(&self) -> Self {
        Walk {
            nodes: self.nodes,
            lower: self.lower.clone(),
            upper: self.upper.clone(),
            position: match &self.position {
                Position::Before => Position::Before,
                Position::On(entry, value) => Position::On(entry.clone(), Arc::clone(value)),
                Position::After => Position::After,
            },
        }
    }
}

impl<C> fmt::Debug for Walk<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("is_valid", &self.is_valid())
            .field("lower", &self.lower)
            .field("upper", &self.upper)
            .finish_non_exhaustive()
    }
}

/// Copies entries into `chunk`, from the first node behind `from` in which `read` finds a value, until it is full.
pub(super) fn fill_chunk<C>(
    nodes: &Nodes<C>,
    from: Bound<&[u8]>,
    upper: Bound<&[u8]>,
    chunk: &mut Chunk,
    read: impl Fn(&C) -> Option<Arc<[u8]>>,
) {
    let mut following = nodes.lower_bound(from);
    while let Some(mut entry) = following {
        if !is_up_to(entry.key().as_slice(), upper) {
            break;
        }
        if let Some(value) = read(entry.value())
            && !chunk.push(entry.key().as_slice(), &value)
        {
            break;
        }
        following = entry.move_next().then_some(entry);
    }
}

/// The same backwards: from the last node before `until` down to `lower`. Each entry is searched for, as the list is linked
/// forwards only.
pub(super) fn fill_chunk_descending<C>(
    nodes: &Nodes<C>,
    lower: Bound<&[u8]>,
    until: Bound<&[u8]>,
    chunk: &mut Chunk,
    read: impl Fn(&C) -> Option<Arc<[u8]>>,
) {
    let mut following = nodes.upper_bound(until);
    while let Some(mut entry) = following {
        if !is_from(entry.key().as_slice(), lower) {
            break;
        }
        if let Some(value) = read(entry.value())
            && !chunk.push(entry.key().as_slice(), &value)
        {
            break;
        }
        following = entry.move_prev().then_some(entry);
    }
}

#[inline]
fn as_slices(bound: &Bound<Box<[u8]>>) -> Bound<&[u8]> {
    bound.as_ref().map(|key| &**key)
}
