use std::ops::Bound;
use std::rc::Rc;
use std::sync::Arc;

use crate::{StorageIterator, ViewSource};

/// A [`ViewSource`] that can name a moment and show it again later, whatever view it is read through: what
/// [`LongIterator::snapshot`](crate::LongIterator::snapshot) reads.
///
/// In a storage engine the snapshot is a sequence number, registered so that flushes and compactions keep the versions
/// that are visible at it, and [`scan_at`](Self::scan_at) leaves out those that are newer. Only such a number lets a
/// scan of one moment let go of tables: what it needs of them is carried over into the runs.
///
/// # What a snapshot promises
///
/// Scans at one snapshot yield the same entries through every view taken after it.
///
/// A source whose views do not change could take one of them as its snapshot. That is a scan of one moment too, but it
/// keeps alive all that the view shows for as long as the iterator is open, which is what a long iterator is there to
/// avoid.
///
/// ```
/// use std::convert::Infallible;
/// use std::ops::Bound::{self, Unbounded};
/// use std::sync::{Arc, RwLock};
/// use storage_iter::{
///     FilterIterator, LongIterator, MemTable, MemTableIterator, SnapshotViewSource, StorageIterator, ViewSource,
/// };
///
/// /// An engine of one table, to which entries are only added: a value is the number of its write.
/// struct Journal(RwLock<Arc<MemTable>>);
/// # impl ViewSource for Journal {
/// #     type View = Arc<MemTable>;
/// #     type Iter<'v> = MemTableIterator<'v>;
/// #     type Error = Infallible;
/// #     fn view(&self) -> Result<Arc<MemTable>, Infallible> {
/// #         Ok(Arc::clone(&self.0.read().unwrap()))
/// #     }
/// #     fn scan<'v>(
/// #         &'v self,
/// #         view: &'v Arc<MemTable>,
/// #         lower: Bound<&[u8]>,
/// #         upper: Bound<&[u8]>,
/// #     ) -> Result<MemTableIterator<'v>, Infallible> {
/// #         Ok(view.scan(lower, upper))
/// #     }
/// # }
///
/// impl SnapshotViewSource for Journal {
///     type Snapshot = u8;
///     type SnapshotIter<'v> = FilterIterator<MemTableIterator<'v>, Box<dyn Fn(&[u8], &[u8]) -> bool>>;
///
///     fn snapshot(&self) -> u8 {
///         self.0.read().unwrap().len() as u8
///     }
///
///     fn scan_at<'v>(
///         &'v self,
///         view: &'v Arc<MemTable>,
///         snapshot: &u8,
///         lower: Bound<&[u8]>,
///         upper: Bound<&[u8]>,
///     ) -> Result<Self::SnapshotIter<'v>, Infallible> {
///         let snapshot = *snapshot;
///         Ok(view.scan(lower, upper).filter(Box::new(move |_, number| number[0] < snapshot)))
///     }
/// }
///
/// let journal = Journal(RwLock::default());
/// journal.0.read().unwrap().put(b"a", &[0]);
/// let entries = LongIterator::snapshot(&journal, Unbounded, Unbounded);
/// journal.0.read().unwrap().put(b"b", &[1]);
/// assert_eq!(entries.count(), Ok(1));
/// ```
pub trait SnapshotViewSource: ViewSource {
    /// What names a moment: a sequence number, say, with the guard that keeps it registered.
    type Snapshot;

    /// What [`scan_at`](Self::scan_at) returns: an iterator that borrows the view.
    type SnapshotIter<'v>: StorageIterator<Key = [u8], Value = [u8], Error = Self::Error>
    where
        Self: 'v;

    /// This moment.
    ///
    /// ```
    /// use storage_iter::{SnapshotViewSource, ViewSource};
    ///
    /// /// A snapshot, and a view that is later.
    /// fn open<S: SnapshotViewSource>(source: &S) -> Result<(S::Snapshot, S::View), S::Error> {
    ///     let snapshot = source.snapshot();
    ///     Ok((snapshot, source.view()?))
    /// }
    /// ```
    fn snapshot(&self) -> Self::Snapshot;

    /// Opens a scan of the entries between two bounds as they were at `snapshot`.
    ///
    /// # Errors
    ///
    /// When the scan cannot be opened.
    ///
    /// ```
    /// use std::ops::Bound::Unbounded;
    /// use storage_iter::{SnapshotViewSource, StorageIterator};
    ///
    /// fn count<S: SnapshotViewSource>(source: &S, snapshot: &S::Snapshot) -> Result<usize, S::Error> {
    ///     let view = source.view()?;
    ///     source.scan_at(&view, snapshot, Unbounded, Unbounded)?.count()
    /// }
    /// ```
    fn scan_at<'v>(
        &'v self,
        view: &'v Self::View,
        snapshot: &Self::Snapshot,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Self::SnapshotIter<'v>, Self::Error>;
}

/// Handles give the snapshots of what they point to.
macro_rules! snapshot_view_sources_by_deref {
    ($($pointer:ty),*) => {$(
        impl<S: ?Sized + SnapshotViewSource> SnapshotViewSource for $pointer {
            type Snapshot = S::Snapshot;
            type SnapshotIter<'v>
                = S::SnapshotIter<'v>
            where
                Self: 'v;

            #[inline]
            fn snapshot(&self) -> S::Snapshot {
                (**self).snapshot()
            }

            #[inline]
            fn scan_at<'v>(
                &'v self,
                view: &'v S::View,
                snapshot: &S::Snapshot,
                lower: Bound<&[u8]>,
                upper: Bound<&[u8]>,
            ) -> Result<S::SnapshotIter<'v>, S::Error> {
                (**self).scan_at(view, snapshot, lower, upper)
            }
        }
    )*};
}

snapshot_view_sources_by_deref!(&S, Rc<S>, Arc<S>);
