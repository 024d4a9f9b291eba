use std::fmt;
use std::marker::PhantomData;
use std::ops::Bound;

use crate::{Key, ScanSource, StorageIterator};

/// A [`ScanSource`] made of two closures: one opens a scan, the other tells the version.
///
/// `K` is the type of the keys.
///
/// ```
/// use std::ops::Bound::Unbounded;
/// use std::sync::{Arc, RwLock};
/// use storage_iter::{MemTable, RefreshEveryEntries, RefreshIterator, ScanFn, StorageIterator};
///
/// let table = RwLock::new(Arc::new(MemTable::new()));
/// table.read().unwrap().put(b"a", b"1");
/// // It refreshes by count, so the version is of no interest.
/// let source = ScanFn::new(|lower, upper| Ok(Arc::clone(&table.read().unwrap()).scan_owned(lower, upper)), || 0);
/// let entries = RefreshIterator::new(source, Unbounded, Unbounded).refresh_when(RefreshEveryEntries::new(1000));
/// assert_eq!(entries.count(), Ok(1));
/// ```
pub struct ScanFn<K: ?Sized, F, V> {
    scan: F,
    version: V,
    keys: PhantomData<fn(&K)>,
}

impl<K: ?Sized, F, V> ScanFn<K, F, V> {
    /// A source that scans by `scan` and tells its version by `version`.
    ///
    /// ```
    /// use storage_iter::{ScanFn, ScanSource, SliceIterator, SortedRun, StorageIterator};
    ///
    /// let run: SortedRun<u64, char> = SliceIterator::new(&[(1, 'a')]).collect()?;
    /// let source = ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    /// assert_eq!(source.version(), 0);
    /// # Ok::<(), std::convert::Infallible>(())
    /// ```
    #[inline]
    pub fn new<I>(scan: F, version: V) -> Self
    where
        F: Fn(Bound<&K>, Bound<&K>) -> Result<I, I::Error>,
        V: Fn() -> u64,
        I: StorageIterator<Key = K>,
    {
        ScanFn { scan, version, keys: PhantomData }
    }
}

impl<K, F, V, I> ScanSource for ScanFn<K, F, V>
where
    K: ?Sized + Key + ToOwned,
    F: Fn(Bound<&K>, Bound<&K>) -> Result<I, I::Error>,
    V: Fn() -> u64,
    I: StorageIterator<Key = K, Value: ToOwned>,
{
    type Iter = I;
    type Error = I::Error;

    #[inline]
    fn scan(&self, lower: Bound<&K>, upper: Bound<&K>) -> Result<I, I::Error> {
        (self.scan)(lower, upper)
    }

    #[inline]
    fn version(&self) -> u64 {
        (self.version)()
    }
}

impl<K: ?Sized, F: Clone, V: Clone> Clone for ScanFn<K, F, V> {
    fn clone(&self) -> Self {
        ScanFn { scan: self.scan.clone(), version: self.version.clone(), keys: PhantomData }
    }
}

impl<K: ?Sized, F, V> fmt::Debug for ScanFn<K, F, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanFn").finish_non_exhaustive()
    }
}
