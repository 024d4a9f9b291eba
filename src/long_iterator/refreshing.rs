//! [`Refreshing`]: what a refresh iterator remembers, so that it can replace the iterator that is open.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Bound;

use super::scan_source::copy_into;
use crate::combinators::{borrow_bound, cut_short, is_from, not_on_an_entry};
use crate::{RefreshPolicy, RefreshStep, StorageIterator};

/// The open iterator, and how far it has come. Opening one is left to whoever has the source, for it may have to be waited for.
pub(crate) struct Refreshing<I: StorageIterator<Key: ToOwned, Value: ToOwned>, P> {
    policy: P,
    lower: Bound<OwnedKey<I>>,
    upper: Bound<OwnedKey<I>>,
    /// The key behind which the next iterator starts, in place of the lower bound.
    passed: Option<OwnedKey<I>>,
    /// `passed` has not come out but is the target of a seek, with which the next iterator starts.
    is_target: bool,
    /// The value that goes with it, if the iterator was released on an entry.
    released: Option<<I::Value as ToOwned>::Owned>,
    iterator: Option<I>,
    standing: Standing,
    refreshes: u64,
    entries: u64,
}

type OwnedKey<I> = <<I as StorageIterator>::Key as ToOwned>::Owned;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The next entry is the first one behind `passed`; an iterator that is open has not yielded any yet.
    Behind,
    /// On the entry of the open iterator.
    OnEntry,
    /// A step behind the open iterator's entry is open. Its key was not copied, so only that iterator can complete it.
    Stepping,
    /// On an entry that was copied to `passed` and `released`.
    Released,
    AtEnd,
    /// A seek has not returned.
    CutShort,
}

impl<I: StorageIterator<Key: ToOwned, Value: ToOwned>, P> Refreshing<I, P> {
    pub(crate) fn new(policy: P, lower: Bound<&I::Key>, upper: Bound<&I::Key>) -> Self {
        Refreshing {
            policy,
            lower: lower.map(ToOwned::to_owned),
            upper: upper.map(ToOwned::to_owned),
            passed: None,
            is_target: false,
            released: None,
            iterator: None,
            standing: Standing::Behind,
            refreshes: 0,
            entries: 0,
        }
    }

    pub(crate) fn refresh_when<Q>(self, policy: Q) -> Refreshing<I, Q> {
        Refreshing {
            policy,
            lower: self.lower,
            upper: self.upper,
            passed: self.passed,
            is_target: self.is_target,
            released: self.released,
            iterator: self.iterator,
            standing: self.standing,
            refreshes: self.refreshes,
            entries: self.entries,
        }
    }

    /// Drops the open iterator, unless only that can complete the open step. Whether nothing is open now.
    pub(crate) fn release(&mut self) -> bool {
        match (self.standing, &self.iterator) {
            (Standing::Stepping, _) => return false,
            (Standing::OnEntry, Some(iterator)) => {
                copy_into(iterator.value(), &mut self.released);
                copy_into(iterator.key(), &mut self.passed);
                self.is_target = false;
                self.standing = Standing::Released;
            }
            _ => {}
        }
        self.iterator = None;
        true
    }

    pub(crate) fn resume_key(&self) -> Option<&I::Key> {
        match (self.standing, &self.iterator) {
            (Standing::Behind | Standing::Released, _) if !self.is_target => self.passed.as_ref().map(Borrow::borrow),
            (Standing::OnEntry, Some(iterator)) => Some(iterator.key()),
            _ => None,
        }
    }

    pub(crate) fn refreshes(&self) -> u64 {
        self.refreshes
    }

    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// The open iterator: for what a step that is open has to wait for.
    #[cfg(feature = "async")]
    pub(crate) fn iterator_mut(&mut self) -> Option<&mut I> {
        self.iterator.as_mut()
    }

    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.iterator.is_some()
    }

    #[inline]
    pub(crate) fn is_valid(&self) -> bool {
        matches!(self.standing, Standing::OnEntry | Standing::Released)
    }

    #[inline]
    #[track_caller]
    pub(crate) fn key(&self) -> &I::Key {
        match (self.standing, &self.iterator, &self.passed) {
            (Standing::OnEntry, Some(iterator), _) => iterator.key(),
            (Standing::Released, _, Some(passed)) => passed.borrow(),
            _ => not_on_an_entry(),
        }
    }

    #[inline]
    #[track_caller]
    pub(crate) fn value(&self) -> &I::Value {
        match (self.standing, &self.iterator, &self.released) {
            (Standing::OnEntry, Some(iterator), _) => iterator.value(),
            (Standing::Released, _, Some(released)) => released.borrow(),
            _ => not_on_an_entry(),
        }
    }

    pub(crate) fn num_active_iterators(&self) -> usize {
        self.iterator.as_ref().map_or(0, I::num_active_iterators)
    }

    /// Where an iterator is to be opened.
    pub(crate) fn bounds(&self) -> (Bound<&I::Key>, Bound<&I::Key>) {
        let lower = match &self.passed {
            Some(target) if self.is_target => Bound::Included(target.borrow()),
            Some(passed) => Bound::Excluded(passed.borrow()),
            None => borrow_bound(&self.lower),
        };
        (lower, borrow_bound(&self.upper))
    }

    /// An iterator was opened at these bounds.
    pub(crate) fn set_open(&mut self, iterator: I) {
        self.iterator = Some(iterator);
    }

    /// Moves the open iterator.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, I::Error> {
        let Some(iterator) = &mut self.iterator else { return Ok(false) };
        if iterator.next()? {
            self.entries += 1;
            self.standing = Standing::OnEntry;
            return Ok(true);
        }
        self.standing = Standing::AtEnd;
        self.iterator = None;
        Ok(false)
    }

    /// Lets go of the open iterator, for one at the target of a seek: at `key`, or at the lower bound.
    pub(crate) fn begin_seek(&mut self, key: Option<&I::Key>) {
        self.standing = Standing::CutShort;
        self.iterator = None;
        self.passed = None;
        self.is_target = false;
        if let Some(key) = key
            && is_from(key, borrow_bound(&self.lower))
        {
            copy_into(key, &mut self.passed);
            self.is_target = true;
        }
    }

    /// What is left of a seek that has begun is a step.
    pub(crate) fn leave_seek_open(&mut self) {
        self.standing = Standing::Behind;
    }
}

impl<I: StorageIterator<Key: ToOwned, Value: ToOwned>, P: RefreshPolicy> Refreshing<I, P> {
    /// Leaves the entry, and lets go of the open iterator if the policy says so. Whether there may be another entry.
    #[inline]
    pub(crate) fn begin_step(&mut self, version: impl Fn() -> u64) -> bool {
        match self.standing {
            Standing::OnEntry => {
                self.standing = Standing::Stepping;
                self.ask_policy(true, version);
            }
            Standing::Behind => self.ask_policy(false, version),
            Standing::Stepping => {}
            Standing::Released => self.standing = Standing::Behind,
            Standing::AtEnd => return false,
            Standing::CutShort => cut_short(),
        }
        true
    }

    /// The standing must have left the entry already, so that a panic in the policy leaves the step open; `on_entry` says whether it
    /// stood on one.
    #[inline]
    fn ask_policy(&mut self, on_entry: bool, version: impl Fn() -> u64) {
        let Some(iterator) = &self.iterator else { return };
        let step = Step { iterator, version, on_entry, entries: self.entries };
        if self.policy.is_due(&step) {
            self.let_go(on_entry);
        }
    }

    #[cold]
    fn let_go(&mut self, on_entry: bool) {
        if let (true, Some(iterator)) = (on_entry, &self.iterator) {
            copy_into(iterator.key(), &mut self.passed);
            self.is_target = false;
        }
        self.standing = Standing::Behind;
        self.iterator = None;
    }

    /// Is called before an iterator is opened. `version` is that of the source, read before as well: a change in between costs one
    /// refresh too many. The other way round it would be missed.
    pub(crate) fn begin_open(&mut self, version: u64) {
        self.refreshes += 1;
        self.entries = 0;
        self.policy.opened(version);
    }
}

/// What the policy is shown.
struct Step<'a, I, V> {
    iterator: &'a I,
    version: V,
    on_entry: bool,
    entries: u64,
}

impl<I: StorageIterator, V: Fn() -> u64> RefreshStep for Step<'_, I, V> {
    #[inline]
    fn entries(&self) -> u64 {
        self.entries
    }

    #[inline]
    fn entry_bytes(&self) -> usize {
        if self.on_entry { size_of_val(self.iterator.key()) + size_of_val(self.iterator.value()) } else { 0 }
    }

    #[inline]
    fn version(&self) -> u64 {
        (self.version)()
    }
}

impl<I, P> Clone for Refreshing<I, P>
where
    I: StorageIterator<Key: ToOwned<Owned: Clone>, Value: ToOwned<Owned: Clone>> + Clone,
    P: Clone,
{
    fn clone(&self) -> Self {
        Refreshing {
            policy: self.policy.clone(),
            lower: self.lower.clone(),
            upper: self.upper.clone(),
            passed: self.passed.clone(),
            released: self.released.clone(),
            iterator: self.iterator.clone(),
            ..*self
        }
    }
}

/// Under the name of what it is the state of.
impl<I: StorageIterator<Key: ToOwned, Value: ToOwned>, P: fmt::Debug> fmt::Debug for Refreshing<I, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshIterator")
            .field("policy", &self.policy)
            .field("standing", &self.standing)
            .field("is_open", &self.iterator.is_some())
            .field("refreshes", &self.refreshes)
            .field("entries_since_refresh", &self.entries)
            .finish_non_exhaustive()
    }
}
