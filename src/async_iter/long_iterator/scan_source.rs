use std::future::Future;
use std::ops::Bound;
use std::sync::Arc;

use crate::async_iter::AsyncStorageIterator;

/// Something that changes, and opens scans that own what they read, where opening one may have to be waited for: what a
/// [`RefreshIterator`](crate::async_iter::RefreshIterator) walks.
///
/// A source that opens every scan at the same sequence number makes a scan of one moment out of a refresh iterator; one
/// that opens them over what is current makes one of the latest state.
///
/// ```
/// use std::convert::Infallible;
/// use std::ops::Bound::{self, Unbounded};
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use std::sync::{Arc, RwLock};
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, RefreshIterator, ScanSource};
/// use storage_iter::{ChunkIterator, MemTable};
///
/// /// An engine of one table, which a flush replaces.
/// #[derive(Default)]
/// struct Engine {
///     table: RwLock<Arc<MemTable>>,
///     version: AtomicU64,
/// }
///
/// impl ScanSource for Engine {
///     type Iter = FromSync<ChunkIterator<Arc<MemTable>>>;
///     type Error = Infallible;
///
///     async fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Result<Self::Iter, Infallible> {
///         Ok(FromSync::new(Arc::clone(&self.table.read().unwrap()).scan_owned(lower, upper)))
///     }
///
///     fn version(&self) -> u64 {
///         self.version.load(Ordering::Relaxed)
///     }
/// }
///
/// let engine = Engine::default();
/// engine.table.read().unwrap().put(b"a", b"1");
/// # futures_executor::block_on(async {
/// let mut entries = RefreshIterator::new(&engine, Unbounded, Unbounded);
/// assert_eq!(entries.next().await, Ok(true));
/// *engine.table.write().unwrap() = Arc::default();
/// engine.version.fetch_add(1, Ordering::Relaxed);
/// assert_eq!(entries.next().await, Ok(false));
/// # });
/// ```
pub trait ScanSource: Send + Sync {
    /// What [`scan`](Self::scan) returns: an iterator that owns what it reads. Its keys and values can be copied, so
    /// that it can be let go of.
    type Iter: AsyncStorageIterator<Key: ToOwned<Owned: Send> + Sync, Value: ToOwned<Owned: Send>, Error = Self::Error>;

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
    /// use storage_iter::async_iter::{AsyncStorageIterator, ScanSource};
    ///
    /// async fn count<S: ScanSource>(source: &S) -> Result<usize, S::Error> {
    ///     source.scan(Unbounded, Unbounded).await?.count().await
    /// }
    /// ```
    fn scan(
        &self,
        lower: Bound<&<Self::Iter as AsyncStorageIterator>::Key>,
        upper: Bound<&<Self::Iter as AsyncStorageIterator>::Key>,
    ) -> impl Future<Output = Result<Self::Iter, Self::Error>> + Send;

    /// A number that is another one after what [`scan`](Self::scan) shows, or keeps alive, was replaced; always the
    /// same if that does not happen. It is asked for at every step and is not waited for; what has to be observed of it is said
    /// at [the synchronous one](crate::ScanSource::version).
    ///
    /// ```
    /// use storage_iter::async_iter::ScanSource;
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
        impl<S: ScanSource> ScanSource for $pointer {
            type Iter = S::Iter;
            type Error = S::Error;

            #[inline]
            fn scan(
                &self,
                lower: Bound<&<S::Iter as AsyncStorageIterator>::Key>,
                upper: Bound<&<S::Iter as AsyncStorageIterator>::Key>,
            ) -> impl Future<Output = Result<S::Iter, S::Error>> + Send {
                (**self).scan(lower, upper)
            }

            #[inline]
            fn version(&self) -> u64 {
                (**self).version()
            }
        }
    )*};
}

scan_sources_by_deref!(&S, Arc<S>);
