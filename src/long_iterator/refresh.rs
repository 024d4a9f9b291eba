use std::fmt;
use std::ops::Bound;

use super::refreshing::Refreshing;
use super::scan_source::{KeyOf, OwnedKey, OwnedValue, ValueOf};
use crate::{RefreshOnViewChange, RefreshPolicy, ScanSource, SeekableIterator, StorageIterator};

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
    scan: Refreshing<S::Iter, P>,
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
        RefreshIterator { source, scan: Refreshing::new(RefreshOnViewChange::new(), lower, upper) }
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
        RefreshIterator { source: self.source, scan: self.scan.refresh_when(policy) }
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
        self.scan.release()
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
        self.scan.resume_key()
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
        self.scan.refreshes()
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
        self.scan.entries()
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
    /// Moves the open iterator, or one that is opened for it.
    #[inline]
    fn step(&mut self) -> Result<bool, S::Error> {
        if !self.scan.is_open() {
            self.open()?;
        }
        self.scan.advance()
    }

    #[cold]
    fn open(&mut self) -> Result<(), S::Error> {
        self.scan.begin_open(self.source.version());
        let (lower, upper) = self.scan.bounds();
        let iterator = self.source.scan(lower, upper)?;
        self.scan.set_open(iterator);
        Ok(())
    }

    fn end_seek(&mut self) -> Result<bool, S::Error> {
        let result = self.step();
        if result.is_err() {
            self.scan.leave_seek_open();
        }
        result
    }
}

impl<S: ScanSource, P: RefreshPolicy> StorageIterator for RefreshIterator<S, P> {
    type Key = KeyOf<S>;
    type Value = ValueOf<S>;
    type Error = S::Error;

    #[inline]
    fn next(&mut self) -> Result<bool, S::Error> {
        if !self.scan.begin_step(|| self.source.version()) {
            return Ok(false);
        }
        self.step()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.scan.is_valid()
    }

    #[inline]
    fn key(&self) -> &KeyOf<S> {
        self.scan.key()
    }

    #[inline]
    fn value(&self) -> &ValueOf<S> {
        self.scan.value()
    }

    /// Those of the open iterator; 0 if none is open.
    fn num_active_iterators(&self) -> usize {
        self.scan.num_active_iterators()
    }
}

/// A seek lets go of the open iterator and opens one at its target.
impl<S: ScanSource, P: RefreshPolicy> SeekableIterator for RefreshIterator<S, P> {
    fn seek(&mut self, key: &KeyOf<S>) -> Result<bool, S::Error> {
        self.scan.begin_seek(Some(key));
        self.end_seek()
    }

    fn seek_to_first(&mut self) -> Result<bool, S::Error> {
        self.scan.begin_seek(None);
        self.end_seek()
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
        RefreshIterator { source: self.source.clone(), scan: self.scan.clone() }
    }
}

impl<S: ScanSource, P: fmt::Debug> fmt::Debug for RefreshIterator<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.scan.fmt(f)
    }
}
