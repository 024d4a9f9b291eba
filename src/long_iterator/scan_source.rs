use std::ops::Bound;
use std::rc::Rc;
use std::sync::Arc;

use crate::StorageIterator;

/// Something that changes, and opens scans that own what they read: what a [`RefreshIterator`](crate::RefreshIterator)
/// walks.
///
/// The owned scans of this library are such: [`SortedTable::scan_owned`](crate::SortedTable::scan_owned),
/// [`SortedRun::scan_owned`](crate::SortedRun::scan_owned), and merges of them. For a closure form see
/// [`ScanFn`](crate::ScanFn).
///
/// A source that opens every scan at the same sequence number makes a scan of one moment out of a refresh iterator; one
/// that opens them over what is current makes one of the latest state.
///
/// ```
/// use std::convert::Infallible;
/// use std::ops::Bound::{self, Unbounded};
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::sync::{Arc, RwLock};
/// use storage_iter::{ChunkIterator, MemTable, RefreshIterator, ScanSource, StorageIterator};
///
/// /// An engine of one table, which a flush replaces.
/// #[derive(Default)]
/// struct Engine {
///     table: RwLock<Arc<MemTable>>,
///     version: AtomicU64,
/// }
///
/// impl Engine {
///     fn replace(&self) {
///         *self.table.write().unwrap() = Arc::default();
///         self.version.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// impl ScanSource for Engine {
///     type Iter = ChunkIterator<Arc<MemTable>>;
///     type Error = Infallible;
///
///     fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Result<Self::Iter, Infallible> {
///         Ok(Arc::clone(&self.table.read().unwrap()).scan_owned(lower, upper))
///     }
///
///     fn version(&self) -> u64 {
///         self.version.load(Ordering::Relaxed)
///     }
/// }
///
/// let engine = Engine::default();
/// engine.table.read().unwrap().put(b"a", b"1");
/// let mut entries = RefreshIterator::new(&engine, Unbounded, Unbounded);
/// assert_eq!(entries.next(), Ok(true));
/// engine.replace();
/// assert_eq!(entries.next(), Ok(false));
/// ```
pub trait ScanSource {
    /// What [`scan`](Self::scan) returns: an iterator that owns what it reads. Its keys and values can be copied, so
    /// that it can be let go of.
    type Iter: StorageIterator<Key: ToOwned, Value: ToOwned, Error = Self::Error>;

    /// What opening a scan or stepping it may fail with; [`Infallible`](std::convert::Infallible) if they cannot.
    type Error;

    /// Opens a scan of the entries between two bounds. Its keys ascend strictly. The bounds may leave no room.
    ///
    /// # Errors
    ///
    /// When the scan cannot be opened.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::{ScanSource, StorageIterator};
    ///
    /// fn count<S: ScanSource>(source: &S) -> Result<usize, S::Error> {
    ///     source.scan(Unbounded, Unbounded)?.count()
    /// }
    /// ```
    fn scan(
        &self,
        lower: Bound<&<Self::Iter as StorageIterator>::Key>,
        upper: Bound<&<Self::Iter as StorageIterator>::Key>,
    ) -> Result<Self::Iter, Self::Error>;

    /// A number that is another one after what [`scan`](Self::scan) shows, or keeps alive, was replaced; always the
    /// same if that does not happen. [`RefreshOnViewChange`](crate::RefreshOnViewChange) asks for it at every step.
    ///
    /// Count it up while the new state is being installed under a lock, or afterwards: an iterator that has seen the
    /// new number must find the new state. A relaxed load is enough then if `scan` takes the same lock; otherwise store
    /// it with `Release` and load it with `Acquire`.
    ///
    /// ```
    /// use storage_iter::ScanSource;
    ///
    /// fn is_stale(source: &impl ScanSource, version: u64) -> bool {
    ///     source.version() != version
    /// }
    /// ```
    fn version(&self) -> u64;
}

/// Handles open scans of what they point to, so an iterator may borrow its source or own a share of it.
macro_rules! scan_sources_by_deref {
    ($($pointer:ty),*) => {$(
        impl<S: ?Sized + ScanSource> ScanSource for $pointer {
            type Iter = S::Iter;
            type Error = S::Error;

            #[inline]
            fn scan(
                &self,
                lower: Bound<&<S::Iter as StorageIterator>::Key>,
                upper: Bound<&<S::Iter as StorageIterator>::Key>,
            ) -> Result<S::Iter, S::Error> {
                (**self).scan(lower, upper)
            }

            #[inline]
            fn version(&self) -> u64 {
                (**self).version()
            }
        }
    )*};
}

scan_sources_by_deref!(&S, Rc<S>, Arc<S>);

/// The key of a source's entries.
pub(super) type KeyOf<S> = <<S as ScanSource>::Iter as StorageIterator>::Key;

/// The value of a source's entries.
pub(super) type ValueOf<S> = <<S as ScanSource>::Iter as StorageIterator>::Value;

/// Copies of keys and values.
pub(super) type OwnedKey<S> = <KeyOf<S> as ToOwned>::Owned;
pub(super) type OwnedValue<S> = <ValueOf<S> as ToOwned>::Owned;

/// Copies `from` into `to`, into its buffer if it has one already.
pub(super) fn copy_into<T: ?Sized + ToOwned>(from: &T, to: &mut Option<T::Owned>) {
    match to {
        Some(to) => from.clone_into(to),
        None => *to = Some(from.to_owned()),
    }
}
