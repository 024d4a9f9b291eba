use std::future::Future;
use std::ops::Bound;
use std::sync::Arc;

use crate::async_iter::AsyncStorageIterator;

/// Something that changes, and gives out views of what it is now, where both taking a view and scanning it may have to be waited
/// for.
///
/// A view promises what [that of `ViewSource`](crate::ViewSource) does: it is whole.
///
/// ```
/// use std::convert::Infallible;
/// use std::ops::Bound::{self, Unbounded};
/// use std::sync::{Arc, RwLock};
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync, LongIterator, ViewSource};
/// use storage_iter::{MemTable, MemTableIterator};
///
/// /// An engine of one table, which a flush replaces.
/// struct Engine(RwLock<Arc<MemTable>>);
///
/// impl ViewSource for Engine {
///     type View = Arc<MemTable>;
///     type Iter<'v> = FromSync<MemTableIterator<'v>>;
///     type Error = Infallible;
///
///     async fn view(&self) -> Result<Arc<MemTable>, Infallible> {
///         Ok(Arc::clone(&self.0.read().unwrap()))
///     }
///
///     async fn scan<'v>(
///         &'v self,
///         view: &'v Arc<MemTable>,
///         lower: Bound<&[u8]>,
///         upper: Bound<&[u8]>,
///     ) -> Result<Self::Iter<'v>, Infallible> {
///         Ok(FromSync::new(view.scan(lower, upper)))
///     }
/// }
///
/// let engine = Engine(RwLock::new(Arc::new(MemTable::new())));
/// engine.0.read().unwrap().put(b"a", b"1");
/// # futures_executor::block_on(async {
/// let mut entries = LongIterator::latest(&engine, Unbounded, Unbounded);
/// assert_eq!(entries.next().await, Ok(true));
/// assert_eq!(entries.key(), b"a");
/// # });
/// ```
pub trait ViewSource: Send + Sync {
    /// A handle that keeps one state alive.
    type View: Send + Sync;

    /// What [`scan`](Self::scan) returns: an iterator that borrows the view.
    type Iter<'v>: AsyncStorageIterator<Key = [u8], Value = [u8], Error = Self::Error>
    where
        Self: 'v;

    /// What taking a view, opening a scan or stepping it may fail with; [`Infallible`](std::convert::Infallible) if
    /// they cannot.
    type Error;

    /// The current state.
    ///
    /// # Errors
    ///
    /// When there is no view to be had.
    ///
    /// ```
    /// use storage_iter::async_iter::ViewSource;
    ///
    /// async fn view_twice<S: ViewSource>(source: &S) -> Result<(S::View, S::View), S::Error> {
    ///     Ok((source.view().await?, source.view().await?))
    /// }
    /// ```
    fn view(&self) -> impl Future<Output = Result<Self::View, Self::Error>> + Send;

    /// Opens a scan of the entries of `view` between two bounds. Its keys ascend strictly.
    ///
    /// # Errors
    ///
    /// When the scan cannot be opened.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::async_iter::{AsyncStorageIterator, ViewSource};
    ///
    /// async fn count<S: ViewSource>(source: &S) -> Result<usize, S::Error> {
    ///     let view = source.view().await?;
    ///     source.scan(&view, Unbounded, Unbounded).await?.count().await
    /// }
    /// ```
    fn scan<'v>(
        &'v self,
        view: &'v Self::View,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> impl Future<Output = Result<Self::Iter<'v>, Self::Error>> + Send;
}

/// Handles give the views of what they point to, so an iterator may borrow its source or own a share of it.
macro_rules! view_sources_by_deref {
    ($($pointer:ty),*) => {$(
        impl<S: ViewSource> ViewSource for $pointer {
            type View = S::View;
            type Iter<'v>
                = S::Iter<'v>
            where
                Self: 'v;
            type Error = S::Error;

            #[inline]
            fn view(&self) -> impl Future<Output = Result<S::View, S::Error>> + Send {
                (**self).view()
            }

            #[inline]
            fn scan<'v>(
                &'v self,
                view: &'v S::View,
                lower: Bound<&[u8]>,
                upper: Bound<&[u8]>,
            ) -> impl Future<Output = Result<S::Iter<'v>, S::Error>> + Send {
                (**self).scan(view, lower, upper)
            }
        }
    )*};
}

view_sources_by_deref!(&S, Arc<S>);
