//! [`Codes`]: what is compared in place of keys.

use std::cmp::Ordering;

use super::code::{BytesOrder, Coding, NO_CODE};
use super::offset_value;
use super::stem::{OFF_THE_STEM, Stem};
use crate::Key;
use crate::key::shared_prefix_len;

/// What the nodes of a tournament hold in place of keys: numbers that compare as the keys do, or are equal.
///
/// An integer is its own code. Keys that have no codes have all the same. Of bytes, codes are made in one of two ways:
///
/// - At first, [leading codes](Stem): some bytes behind those that all keys begin with. They take the least work, but keys with more
///   than that in common have to be compared themselves.
/// - Where that happens too often, [offset-value codes](offset_value), relative to the entry before.
#[derive(Clone, Debug)]
pub(super) struct Codes {
    kind: Kind,
    stem: Stem,
    /// Codes made since `ties` was zero, and how many keys have been compared because theirs were the same.
    made: usize,
    ties: usize,
    /// Whether codes are to be made anew: keys do not begin with the stem, or have too much in common behind it.
    is_outdated: bool,
    /// What offset-value codes are relative to: the key of the entry before. Not kept if all sources tell what they share.
    base: Vec<u8>,
    has_base: bool,
    /// Whether every source tells how many bytes its key shares with its key before.
    all_tell_shared: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Leading,
    OffsetValue,
}

/// Room for the base, in bytes, before the keys are known.
const FIRST_BASE: usize = 64;
/// So many ties have to be seen before it is asked whether they are too many,
const TIES: usize = 32;
/// which they are with more than one for so many codes.
const CODES_FOR_A_TIE: usize = 3;

impl Codes {
    pub(super) fn new() -> Self {
        Codes {
            kind: Kind::Leading,
            stem: Stem::new(),
            made: 0,
            ties: 0,
            is_outdated: false,
            base: Vec::with_capacity(FIRST_BASE),
            has_base: false,
            all_tell_shared: false,
        }
    }

    /// Whether it is time to make all codes [anew](Self::renew).
    #[inline]
    pub(super) fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    /// Begins anew with the sources among `valid` on entries: afterwards, [`first`](Self::first) makes codes of their keys.
    pub(super) fn renew<'k, K: ?Sized + Key + 'k>(
        &mut self,
        valid: &(impl Iterator<Item = usize> + Clone),
        key: impl Fn(usize) -> &'k K,
        tells_shared: impl Fn(usize) -> bool,
    ) {
        // Until they are, even if a comparison panics.
        self.is_outdated = true;
        let keys = || valid.clone().filter_map(|source| key(source).ordered_bytes());
        if let Some(longest) = keys().map(<[u8]>::len).max() {
            if self.has_many_ties() {
                self.kind = Kind::OffsetValue;
            }
            self.stem.fit(keys());
            self.base.clear();
            // So that later steps allocate for longer keys only.
            self.base.reserve(longest);
        }
        self.all_tell_shared = valid.clone().all(tells_shared);
        self.has_base = false;
        (self.made, self.ties) = (0, 0);
    }

    /// All codes are as new: [`first`](Self::first) has made them.
    pub(super) fn renewed(&mut self) {
        self.is_outdated = false;
    }

    fn has_many_ties(&self) -> bool {
        self.ties >= TIES && self.made < CODES_FOR_A_TIE * self.ties
    }

    /// The code of a key after [`renew`](Self::renew).
    pub(super) fn first<K: ?Sized + Key>(&self, key: &K) -> u64 {
        match (Coding::of(key), self.kind) {
            (Coding::Bytes(bytes, order), Kind::Leading) => self.stem.code_of(bytes, order),
            (Coding::Bytes(bytes, order), Kind::OffsetValue) => offset_value::code_of(bytes, 0, order),
            (Coding::Integer(integer), _) => integer,
            (Coding::None, _) => NO_CODE,
        }
    }

    /// Remembers what is to be known of the winner, whose key is `winner_key`, before it moves.
    #[inline(always)]
    pub(super) fn prepare<'k, K: ?Sized + Key + 'k>(&mut self, winner_key: impl FnOnce() -> &'k K) {
        if self.kind == Kind::OffsetValue {
            self.has_base = !self.all_tell_shared;
            if self.has_base {
                self.keep_base(winner_key());
            }
        }
    }

    /// The same before the winner moves by a seek, after which it does not tell what its key shares with this one.
    #[inline]
    pub(super) fn prepare_for_seek<'k, K: ?Sized + Key + 'k>(&mut self, winner_key: impl FnOnce() -> &'k K) {
        if self.kind == Kind::OffsetValue {
            self.has_base = true;
            self.keep_base(winner_key());
        }
    }

    #[inline]
    fn keep_base<K: ?Sized + Key>(&mut self, key: &K) {
        if let Some(bytes) = key.ordered_bytes() {
            self.base.clear();
            self.base.extend_from_slice(bytes);
        }
    }

    /// The code of the key to which the winner has moved, or one that has the same key.
    #[inline(always)]
    pub(super) fn moved(&mut self, coding: Coding<'_>, tell_shared: impl FnOnce() -> Option<usize>) -> u64 {
        match coding {
            Coding::Bytes(bytes, order) if self.kind == Kind::Leading => {
                self.made += 1;
                let code = self.stem.code_of(bytes, order);
                if code == OFF_THE_STEM {
                    self.look_at_stem(bytes);
                }
                code
            }
            Coding::Bytes(bytes, order) => {
                let shared = match self.has_base {
                    true => shared_prefix_len(&self.base, bytes),
                    false => tell_shared().unwrap_or(0),
                };
                offset_value::code_of(bytes, shared, order)
            }
            Coding::Integer(integer) => integer,
            Coding::None => NO_CODE,
        }
    }

    #[cold]
    #[inline(never)]
    fn look_at_stem(&mut self, key: &[u8]) {
        self.is_outdated |= !self.stem.begins(key);
    }

    /// Compares two keys that have the code `code`. Beside the order, the code of the greater, now that it has lost.
    pub(super) fn compare<K: ?Sized + Key>(&mut self, code: u64, one: &K, other: &K) -> (Ordering, u64) {
        match (Coding::of(one), Coding::of(other), self.kind) {
            (Coding::Bytes(one, order), Coding::Bytes(other, _), Kind::Leading) => {
                (self.compare_behind_stem(code, one, other, order), code)
            }
            (Coding::Bytes(one, order), Coding::Bytes(other, _), Kind::OffsetValue) => {
                offset_value::compare(code, one, other, order)
            }
            (Coding::Integer(_), Coding::Integer(_), _) => (Ordering::Equal, code),
            _ => (one.cmp(other), code),
        }
    }

    fn compare_behind_stem(&mut self, code: u64, one: &[u8], other: &[u8], order: BytesOrder) -> Ordering {
        let known = if code == OFF_THE_STEM { 0 } else { self.stem.len() };
        let order = order.of_keys(one.get(known..).unwrap_or_default().cmp(other.get(known..).unwrap_or_default()));
        if order.is_ne() {
            self.ties += 1;
            if self.has_many_ties() {
                self.is_outdated = true;
            } else if self.ties >= TIES {
                (self.made, self.ties) = (0, 0);
            }
        }
        order
    }
}
