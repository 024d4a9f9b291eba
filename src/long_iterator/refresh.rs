use std::borrow::Borrow;
use std::fmt;
use std::ops::Bound;

use super::scan_source::{KeyOf, OwnedKey, OwnedValue, ValueOf, copy_into};
use crate::combinators::{borrow_bound, cut_short, is_from, not_on_an_entry};
use crate::{RefreshOnViewChange, RefreshPolicy, RefreshStep, ScanSource, SeekableIterator, StorageIterator};

/// A scan that keeps an iterator open and replaces it by a fresh one when its policy says so: for long scans that
/// cannot pay the copy of every entry, as [`LongIterator`](crate::LongIterator) makes it.
///
/// The policy is asked in every `next`, before the open iterator is moved. If a refresh is due, the current key is
/// copied, the open iterator is dropped, *then* a new one is opened that starts strictly behind that key, which need
/// not exist any more. Never are two open at once.
///
/// Yields the entries between two bounds in strictly ascending order of keys, none twice. Between two refreshes the
/// entries are those of one scan; all together they are one moment only if all scans that the source opens show the
/// same moment. Otherwise it may show a later change ahead of it and miss an earlier one behind it.
///
/// What is kept alive:
///
/// | | what the open iterator owns |
/// |---|---|
/// | while `next` is called | until the policy says otherwise: see [`RefreshPolicy`] |
/// | while nobody calls `next` | for as long as that lasts: no policy is asked then. Call [`release`](Self::release) before a pause |
/// | after `release`, and after the end | nothing |
///
/// # Complexity
///
/// A step costs what the open iterator's does and the question to the policy; nothing is copied. A refresh costs a copy
/// of one key and what opening a scan costs, and so does a seek. Allocates for the copied key at the first refresh, and for a longer one
/// later.
///
/// # Errors
///
/// The source's. If an iterator cannot be opened, the next call tries again from the same place. If an open iterator
/// fails, the next call goes on with it, as it has promised to complete the step. Before its first entry it is replaced
/// if the policy says so; later the policy is not asked while the step is open, since the key to start behind is no
/// longer at hand. Nothing is lost and nothing repeated.
///
/// # Panics
///
/// `key` and `value` off an entry.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::sync::{Arc, RwLock};
/// use storage_iter::{MemTable, RefreshIterator, ScanFn, StorageIterator};
///
/// let (table, version) = (RwLock::new(Arc::new(MemTable::new())), AtomicU64::new(0));
/// table.read().unwrap().put(b"a", b"1");
/// let source = ScanFn::new(
///     |lower, upper| Ok(Arc::clone(&table.read().unwrap()).scan_owned(lower, upper)),
///     || version.load(Ordering::Relaxed),
/// );
/// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded);
/// assert_eq!(entries.next(), Ok(true));
///
/// let flushed = std::mem::take(&mut *table.write().unwrap());
/// version.fetch_add(1, Ordering::Relaxed);
/// table.read().unwrap().put(b"b", b"2");
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.key(), b"b");
/// assert_eq!(Arc::strong_count(&flushed), 1);
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct RefreshIterator<S: ScanSource, P = RefreshOnViewChange> {
    source: S,
    policy: P,
    lower: Bound<OwnedKey<S>>,
    upper: Bound<OwnedKey<S>>,
    /// The key behind which the next iterator starts, in place of the lower bound.
    passed: Option<OwnedKey<S>>,
    /// `passed` has not come out but is the target of a seek, with which the next iterator starts.
    is_target: bool,
    /// The value that goes with it, if the iterator was released on an entry.
    released: Option<OwnedValue<S>>,
    iterator: Option<S::Iter>,
    standing: Standing,
    refreshes: u64,
    entries: u64,
}

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

impl<S: ScanSource> RefreshIterator<S> {
    /// The entries of `source` between two bounds, refreshed when the source's version changes. The bounds are copied;
    /// the source is asked by the first `next`.
    ///
    /// ```
    /// # use std::ops::Bound::{Included, Unbounded};
    /// # use storage_iter::{RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b')]).collect()?;
    /// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    /// assert_eq!(RefreshIterator::new(source, Included(&2), Unbounded).count(), Ok(1));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn new(source: S, lower: Bound<&KeyOf<S>>, upper: Bound<&KeyOf<S>>) -> Self {
        RefreshIterator {
            source,
            policy: RefreshOnViewChange::new(),
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
}

impl<S: ScanSource, P> RefreshIterator<S, P> {
    /// The same iterator with another policy. To be called before the first `next`: the policy learns of an iterator
    /// that is open already only at the next refresh.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{RefreshEveryEntries, RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
    /// # let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
    /// # let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    /// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(RefreshEveryEntries::new(2));
    /// while entries.next()? {}
    /// assert_eq!(entries.refreshes(), 2);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn refresh_when<Q: RefreshPolicy>(self, policy: Q) -> RefreshIterator<S, Q> {
        RefreshIterator {
            source: self.source,
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

    /// Drops the open iterator, and says whether nothing is open now. The current entry stays readable, as a copy, and
    /// the next `next` opens an iterator behind it.
    ///
    /// It is false only while a step is open that this iterator has failed: the entry before is gone, so the iterator
    /// must be kept to complete the step.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use std::sync::Arc;
    /// # use storage_iter::{MemTable, RefreshIterator, ScanFn, StorageIterator};
    /// let table = Arc::new(MemTable::new());
    /// table.put(b"a", b"1");
    /// let source = ScanFn::new(|lower, upper| Ok(Arc::clone(&table).scan_owned(lower, upper)), || 0);
    /// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded);
    /// entries.next()?;
    /// assert_eq!(Arc::strong_count(&table), 2);
    /// assert!(entries.release());
    /// assert_eq!(Arc::strong_count(&table), 1);
    /// assert_eq!((entries.key(), entries.value()), (b"a".as_slice(), b"1".as_slice()));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn release(&mut self) -> bool {
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

    /// The last key that came out, where it is at hand: `None` before the first entry, after the end, and while a step
    /// is open that failed in an iterator which had yielded entries. Whoever wants to rebuild a scan after such an
    /// error has to note the keys; [`LongIterator`](crate::LongIterator) always knows its own.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
    /// # let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
    /// # let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    /// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded);
    /// entries.next()?;
    /// assert_eq!(entries.resume_key(), Some(&1));
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn resume_key(&self) -> Option<&KeyOf<S>> {
        match (self.standing, &self.iterator) {
            (Standing::Behind | Standing::Released, _) if !self.is_target => {
                self.passed.as_ref().map(OwnedKey::<S>::borrow)
            }
            (Standing::OnEntry, Some(iterator)) => Some(iterator.key()),
            _ => None,
        }
    }

    /// How often an iterator was opened, with or without success.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
    /// # let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
    /// # let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    /// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded);
    /// assert_eq!(entries.refreshes(), 0);
    /// entries.next()?;
    /// assert_eq!(entries.refreshes(), 1);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.refreshes
    }

    /// How many entries have come out of the iterator that was opened last.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{RefreshIterator, ScanFn, SliceIterator, SortedRun, StorageIterator};
    /// # let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
    /// # let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    /// let mut entries = RefreshIterator::new(source, Unbounded, Unbounded);
    /// entries.next()?;
    /// entries.next()?;
    /// assert_eq!(entries.entries_since_refresh(), 2);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[must_use]
    pub fn entries_since_refresh(&self) -> u64 {
        self.entries
    }

    /// The source.
    ///
    /// ```
    /// # use std::ops::Bound::Unbounded;
    /// # use storage_iter::{RefreshIterator, ScanFn, ScanSource, SliceIterator, SortedRun, StorageIterator};
    /// # let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]).collect()?;
    /// # let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    /// let entries = RefreshIterator::new(source, Unbounded, Unbounded);
    /// assert_eq!(entries.source().version(), 0);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    pub fn source(&self) -> &S {
        &self.source
    }
}

impl<S: ScanSource, P: RefreshPolicy> RefreshIterator<S, P> {
    /// Lets go of the open iterator if the policy says so. The standing must have left the entry already, so that a
    /// panic in the policy leaves the step open; `on_entry` says whether it stood on one.
    #[inline]
    fn ask_policy(&mut self, on_entry: bool) {
        let Some(iterator) = &self.iterator else { return };
        let step = Step { source: &self.source, iterator, on_entry, entries: self.entries };
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

    /// Opens an iterator behind `passed`.
    #[cold]
    fn open(&mut self) -> Result<(), S::Error> {
        self.refreshes += 1;
        self.entries = 0;
        // The version is read before the iterator is opened: a change in between costs one refresh too many. The other
        // way round it would be missed.
        self.policy.opened(self.source.version());
        let lower = match &self.passed {
            Some(target) if self.is_target => Bound::Included(target.borrow()),
            Some(passed) => Bound::Excluded(passed.borrow()),
            None => borrow_bound(&self.lower),
        };
        self.iterator = Some(self.source.scan(lower, borrow_bound(&self.upper))?);
        Ok(())
    }

    /// Moves the open iterator, or one that is opened for it.
    #[inline]
    fn step(&mut self) -> Result<bool, S::Error> {
        if self.iterator.is_none() {
            self.open()?;
        }
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
}

impl<S: ScanSource, P: RefreshPolicy> StorageIterator for RefreshIterator<S, P> {
    type Key = KeyOf<S>;
    type Value = ValueOf<S>;
    type Error = S::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, S::Error> {
        match self.standing {
            Standing::OnEntry => {
                self.standing = Standing::Stepping;
                self.ask_policy(true);
            }
            Standing::Behind => self.ask_policy(false),
            Standing::Stepping => {}
            Standing::Released => self.standing = Standing::Behind,
            Standing::AtEnd => return Ok(false),
            Standing::CutShort => cut_short(),
        }
        self.step()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        matches!(self.standing, Standing::OnEntry | Standing::Released)
    }

    #[inline]
    fn key(&self) -> &KeyOf<S> {
        match (self.standing, &self.iterator, &self.passed) {
            (Standing::OnEntry, Some(iterator), _) => iterator.key(),
            (Standing::Released, _, Some(passed)) => passed.borrow(),
            _ => not_on_an_entry(),
        }
    }

    #[inline]
    fn value(&self) -> &ValueOf<S> {
        match (self.standing, &self.iterator, &self.released) {
            (Standing::OnEntry, Some(iterator), _) => iterator.value(),
            (Standing::Released, _, Some(released)) => released.borrow(),
            _ => not_on_an_entry(),
        }
    }

    /// Those of the open iterator; 0 if none is open.
    fn num_active_iterators(&self) -> usize {
        self.iterator.as_ref().map_or(0, S::Iter::num_active_iterators)
    }
}

/// A seek lets go of the open iterator and opens one at its target.
impl<S: ScanSource, P: RefreshPolicy> SeekableIterator for RefreshIterator<S, P> {
    fn seek(&mut self, key: &KeyOf<S>) -> Result<bool, S::Error> {
        self.begin_seek();
        if is_from(key, borrow_bound(&self.lower)) {
            copy_into(key, &mut self.passed);
            self.is_target = true;
        }
        self.end_seek()
    }

    fn seek_to_first(&mut self) -> Result<bool, S::Error> {
        self.begin_seek();
        self.end_seek()
    }
}

impl<S: ScanSource, P: RefreshPolicy> RefreshIterator<S, P> {
    fn begin_seek(&mut self) {
        self.standing = Standing::CutShort;
        self.iterator = None;
        self.passed = None;
        self.is_target = false;
    }

    fn end_seek(&mut self) -> Result<bool, S::Error> {
        let result = self.step();
        if result.is_err() {
            self.standing = Standing::Behind;
        }
        result
    }
}

/// What the policy is shown.
struct Step<'a, S: ScanSource> {
    source: &'a S,
    iterator: &'a S::Iter,
    on_entry: bool,
    entries: u64,
}

impl<S: ScanSource> RefreshStep for Step<'_, S> {
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
        self.source.version()
    }
}

impl<S, P> Clone for RefreshIterator<S, P>
where
    S: ScanSource<Iter: Clone> + Clone,
    P: Clone,
    OwnedKey<S>: Clone,
    OwnedValue<S>: Clone,
{
    fn clone(&self) -> Self {
        RefreshIterator {
            source: self.source.clone(),
            policy: self.policy.clone(),
            lower: self.lower.clone(),
            upper: self.upper.clone(),
            passed: self.passed.clone(),
            is_target: self.is_target,
            released: self.released.clone(),
            iterator: self.iterator.clone(),
            standing: self.standing,
            refreshes: self.refreshes,
            entries: self.entries,
        }
    }
}

impl<S: ScanSource, P: fmt::Debug> fmt::Debug for RefreshIterator<S, P> {
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
