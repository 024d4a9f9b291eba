use std::fmt;
use std::ops::Bound;

use super::ScanSource;
use crate::async_iter::tried::{Tried, await_child, tried};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::long_iterator::Refreshing;
use crate::{RefreshOnViewChange, RefreshPolicy};

/// A scan that keeps an iterator open and replaces it by a fresh one when its policy says so, and that is awaited: the twin of
/// [`RefreshIterator`](crate::RefreshIterator), for long scans that cannot pay the copy of every entry, as
/// [`LongIterator`](crate::async_iter::LongIterator) makes it.
///
/// The policy is asked at every step, before the open iterator is moved. If a refresh is due, the current key is
/// copied, the open iterator is dropped, *then* a new one is awaited that starts strictly behind that key. Never are two open
/// at once, and none of an earlier one is held while the next is awaited.
///
/// Yields the entries between two bounds in strictly ascending order of keys, none twice. Between two refreshes the
/// entries are those of one scan; all together they are one moment only if all scans that the source opens show the
/// same moment. What is kept alive is what the open iterator owns; before a pause, call [`release`](Self::release).
///
/// # Complexity
///
/// A step costs what the open iterator's does and the question to the policy; nothing is copied. A refresh costs a copy
/// of one key and what opening a scan costs, and so does a seek. Allocates for the copied key at the first refresh, and for a
/// longer one later.
///
/// # Errors
///
/// The source's. If an iterator cannot be opened, the next call tries again from the same place. If an open iterator
/// fails, the next call goes on with it. A future that is dropped does what an error does: a scan that was being opened is opened
/// anew, one that is open goes on. Before its first entry it is replaced if the policy says so; later the policy is not asked while
/// the step is open. Nothing is lost and nothing repeated.
///
/// # Panics
///
/// `key` and `value` off an entry.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use storage_iter::RefreshEveryEntries;
/// use storage_iter::async_iter::{AsyncStorageIterator, RefreshIterator, ScanSource};
///
/// /// Never longer than a thousand entries on one state of the engine.
/// async fn count<S: ScanSource>(engine: &S) -> Result<usize, S::Error> {
///     let entries = RefreshIterator::new(engine, Unbounded, Unbounded);
///     entries.refresh_when(RefreshEveryEntries::new(1000)).count().await
/// }
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct RefreshIterator<S: ScanSource, P = RefreshOnViewChange> {
    source: S,
    scan: Refreshing<Tried<S::Iter>, P>,
}

type KeyOf<S> = <<S as ScanSource>::Iter as AsyncStorageIterator>::Key;

impl<S: ScanSource> RefreshIterator<S> {
    /// The entries of `source` between two bounds, refreshed when the source's version changes. The bounds are copied;
    /// the source is asked by the first step.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::async_iter::{AsyncStorageIterator, RefreshIterator, ScanSource};
    ///
    /// async fn count<S: ScanSource>(engine: &S) -> Result<usize, S::Error> {
    ///     RefreshIterator::new(engine, Unbounded, Unbounded).count().await
    /// }
    /// ```
    pub fn new(source: S, lower: Bound<&KeyOf<S>>, upper: Bound<&KeyOf<S>>) -> Self {
        RefreshIterator { source, scan: Refreshing::new(RefreshOnViewChange::new(), lower, upper) }
    }
}

impl<S: ScanSource, P> RefreshIterator<S, P> {
    /// The same iterator with another policy. To be called before the first step.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use std::time::Duration;
    /// use storage_iter::RefreshAfter;
    /// use storage_iter::async_iter::{RefreshIterator, ScanSource};
    ///
    /// fn scan<S: ScanSource>(engine: S) -> RefreshIterator<S, RefreshAfter> {
    ///     RefreshIterator::new(engine, Unbounded, Unbounded).refresh_when(RefreshAfter::new(Duration::from_secs(1)))
    /// }
    /// ```
    pub fn refresh_when<Q: RefreshPolicy>(self, policy: Q) -> RefreshIterator<S, Q> {
        RefreshIterator { source: self.source, scan: self.scan.refresh_when(policy) }
    }

    /// Drops the open iterator, and says whether nothing is open now. The current entry stays readable, as a copy, and
    /// the next step opens an iterator behind it.
    ///
    /// It is false only while a step is open that this iterator has begun: the entry before is gone, so the iterator
    /// must be kept to complete the step.
    ///
    /// ```
    /// use storage_iter::async_iter::{RefreshIterator, ScanSource};
    ///
    /// fn before_a_pause<S: ScanSource>(entries: &mut RefreshIterator<S>) {
    ///     if !entries.release() {
    ///         eprintln!("a step is open");
    ///     }
    /// }
    /// ```
    pub fn release(&mut self) -> bool {
        self.scan.release()
    }

    /// The last key that came out, where it is at hand: `None` before the first entry, after the end, and while a step
    /// is open in an iterator which had yielded entries. [`LongIterator`](crate::async_iter::LongIterator) always knows its own.
    ///
    /// ```
    /// use storage_iter::async_iter::{AsyncStorageIterator, RefreshIterator, ScanSource};
    ///
    /// fn bookmark<S>(entries: &RefreshIterator<S>) -> Option<Vec<u8>>
    /// where
    ///     S: ScanSource<Iter: AsyncStorageIterator<Key = [u8]>>,
    /// {
    ///     entries.resume_key().map(<[u8]>::to_vec)
    /// }
    /// ```
    #[must_use]
    pub fn resume_key(&self) -> Option<&KeyOf<S>> {
        self.scan.resume_key()
    }

    /// How often an iterator was opened, with or without success.
    ///
    /// ```
    /// # use storage_iter::async_iter::{RefreshIterator, ScanSource};
    /// fn is_new<S: ScanSource>(entries: &RefreshIterator<S>) -> bool {
    ///     entries.refreshes() == 0
    /// }
    /// ```
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.scan.refreshes()
    }

    /// How many entries have come out of the iterator that was opened last.
    ///
    /// ```
    /// # use storage_iter::async_iter::{RefreshIterator, ScanSource};
    /// fn has_come_far<S: ScanSource>(entries: &RefreshIterator<S>) -> bool {
    ///     entries.entries_since_refresh() >= 1_000_000
    /// }
    /// ```
    #[must_use]
    pub fn entries_since_refresh(&self) -> u64 {
        self.scan.entries()
    }

    /// The source.
    ///
    /// ```
    /// # use storage_iter::async_iter::{RefreshIterator, ScanSource};
    /// fn version<S: ScanSource>(entries: &RefreshIterator<S>) -> u64 {
    ///     entries.source().version()
    /// }
    /// ```
    pub fn source(&self) -> &S {
        &self.source
    }
}

impl<S: ScanSource, P: RefreshPolicy + Send> AsyncStorageIterator for RefreshIterator<S, P> {
    type Key = KeyOf<S>;
    type Value = <S::Iter as AsyncStorageIterator>::Value;
    type Error = S::Error;

    async fn next(&mut self) -> Result<bool, S::Error> {
        if let Some(stepped) = self.try_next() {
            return stepped;
        }
        loop {
            if let Some(iterator) = self.scan.iterator_mut() {
                await_child!(iterator)?;
            } else {
                self.scan.begin_open(self.source.version());
                let (lower, upper) = self.scan.bounds();
                let iterator = self.source.scan(lower, upper).await?;
                self.scan.set_open(Tried::new(iterator));
            }
            if let Some(stepped) = tried(self.scan.advance()) {
                return stepped;
            }
        }
    }

    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, S::Error>> {
        if !self.scan.begin_step(|| self.source.version()) {
            return Some(Ok(false));
        }
        if !self.scan.is_open() {
            return None;
        }
        tried(self.scan.advance())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.scan.is_valid()
    }

    #[inline]
    fn key(&self) -> &Self::Key {
        self.scan.key()
    }

    #[inline]
    fn value(&self) -> &Self::Value {
        self.scan.value()
    }

    /// Those of the open iterator; 0 if none is open.
    fn num_active_iterators(&self) -> usize {
        self.scan.num_active_iterators()
    }
}

/// A seek lets go of the open iterator. The one at its target is awaited by the step that it leaves open.
impl<S: ScanSource, P: RefreshPolicy + Send> AsyncSeekableIterator for RefreshIterator<S, P> {
    fn try_seek(&mut self, key: &KeyOf<S>) -> Option<Result<bool, S::Error>> {
        self.scan.begin_seek(Some(key));
        self.scan.leave_seek_open();
        None
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, S::Error>> {
        self.scan.begin_seek(None);
        self.scan.leave_seek_open();
        None
    }
}

impl<S, P> Clone for RefreshIterator<S, P>
where
    S: ScanSource<Iter: AsyncStorageIterator<Key: ToOwned<Owned: Clone>, Value: ToOwned<Owned: Clone>> + Clone> + Clone,
    P: Clone,
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
