use std::ops::Bound;
use std::rc::Rc;
use std::sync::Arc;

use crate::StorageIterator;

/// Something that changes, and gives out views of what it is now: what a [`LongIterator`](crate::LongIterator) reads.
///
/// In a storage engine the view is a handle on the current tables and runs, say an `Arc` of their list. It keeps alive
/// what it shows, so a long iterator takes one, reads a chunk of entries through it, and lets it go.
///
/// # What a view promises
///
/// A view is whole. A flush that moves entries from a table to a run must become visible as one change of state, the
/// table out and the run in: a view between two changes would lose the entries, or show older ones in their place.
///
/// ```
/// use std::convert::Infallible;
/// use std::ops::Bound::{self, Unbounded};
/// use std::sync::{Arc, RwLock};
/// use storage_iter::{LongIterator, MemTable, MemTableIterator, StorageIterator, ViewSource};
///
/// /// An engine of one table, which a flush replaces.
/// struct Engine(RwLock<Arc<MemTable>>);
///
/// impl ViewSource for Engine {
///     type View = Arc<MemTable>;
///     type Iter<'v> = MemTableIterator<'v>;
///     type Error = Infallible;
///
///     fn view(&self) -> Result<Arc<MemTable>, Infallible> {
///         Ok(Arc::clone(&self.0.read().unwrap()))
///     }
///
///     fn scan<'v>(
///         &'v self,
///         view: &'v Arc<MemTable>,
///         lower: Bound<&[u8]>,
///         upper: Bound<&[u8]>,
///     ) -> Result<MemTableIterator<'v>, Infallible> {
///         Ok(view.scan(lower, upper))
///     }
/// }
///
/// let engine = Engine(RwLock::new(Arc::new(MemTable::new())));
/// engine.0.read().unwrap().put(b"a", b"1");
/// let mut entries = LongIterator::latest(&engine, Unbounded, Unbounded);
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.key(), b"a");
/// ```
pub trait ViewSource {
    /// A handle that keeps one state alive.
    type View;

    /// What [`scan`](Self::scan) returns: an iterator that borrows the view.
    type Iter<'v>: StorageIterator<Key = [u8], Value = [u8], Error = Self::Error>
    where
        Self: 'v;

    /// What taking a view, opening a scan or stepping it may fail with; [`Infallible`](std::convert::Infallible) if
    /// they cannot.
    type Error;

    /// The current state.
    ///
    /// # Errors
    ///
    /// When there is no view to be had: a read transaction that cannot begin, say.
    ///
    /// ```
    /// use storage_iter::ViewSource;
    ///
    /// fn view_twice<S: ViewSource>(source: &S) -> Result<(S::View, S::View), S::Error> {
    ///     Ok((source.view()?, source.view()?))
    /// }
    /// ```
    fn view(&self) -> Result<Self::View, Self::Error>;

    /// Opens a scan of the entries of `view` between two bounds.
    ///
    /// Its keys ascend strictly, so a merge of layers belongs inside it, not above the long iterator. Bounds that leave
    /// no room are not asked for.
    ///
    /// # Errors
    ///
    /// When the scan cannot be opened: a file that is missing, say.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::{StorageIterator, ViewSource};
    ///
    /// fn count<S: ViewSource>(source: &S) -> Result<usize, S::Error> {
    ///     let view = source.view()?;
    ///     source.scan(&view, Unbounded, Unbounded)?.count()
    /// }
    /// ```
    fn scan<'v>(
        &'v self,
        view: &'v Self::View,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Self::Iter<'v>, Self::Error>;
}

/// Handles give the views of what they point to, so an iterator may borrow its source or own a share of it.
macro_rules! view_sources_by_deref {
    ($($pointer:ty),*) => {$(
        impl<S: ?Sized + ViewSource> ViewSource for $pointer {
            type View = S::View;
            type Iter<'v>
                = S::Iter<'v>
            where
                Self: 'v;
            type Error = S::Error;

            #[inline]
            fn view(&self) -> Result<S::View, S::Error> {
                (**self).view()
            }

            #[inline]
            fn scan<'v>(
                &'v self,
                view: &'v S::View,
                lower: Bound<&[u8]>,
                upper: Bound<&[u8]>,
            ) -> Result<S::Iter<'v>, S::Error> {
                (**self).scan(view, lower, upper)
            }
        }
    )*};
}

view_sources_by_deref!(&S, Rc<S>, Arc<S>);
