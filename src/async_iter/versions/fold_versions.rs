use std::fmt;

use super::UserKey;
use crate::async_iter::tried::{Tried, clone_by_sync, debug_by_sync, next_by_steps, stand_on, try_seek_by};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{FoldError, MergeOperator, SeekableIterator, StorageIterator, Tombstone, Versioned};

/// What a snapshot sees of many versions that have to be waited for, with operands applied to what is below them, made by
/// [`fold_versions`](AsyncStorageIterator::fold_versions).
///
/// Yields user keys in their order, each once, as [the synchronous one](crate::FoldVersionsIterator) does. The
/// [`MergeOperator`] is called within a step and is not waited for.
///
/// # Complexity
///
/// That of [`AtIterator`](crate::async_iter::AtIterator); and the values of operands are copied, into buffers that are used again,
/// as many as a key has had operands at most, which grow with the longest.
///
/// # Errors
///
/// [`FoldError::Child`] for the child's own errors, [`FoldError::Operator`] for the operator's. The step stays open, as it does when
/// the future is dropped: operands that were read are not read again. After its own error the operator is asked again.
///
/// # Panics
///
/// When the operator does. The next call shows it the same operands again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
/// use storage_iter::{MergeOperator, Operands, SliceIterator};
///
/// /// Negative numbers are subtracted from what was there.
/// struct Subtract;
/// impl MergeOperator<&str, Option<i64>> for Subtract {
///     type Error = std::convert::Infallible;
///     fn is_operand(&self, value: &Option<i64>) -> bool {
///         value.is_some_and(|value| value < 0)
///     }
///     fn merge(
///         &mut self,
///         _: &&str,
///         base: Option<&Option<i64>>,
///         operands: Operands<'_, Option<i64>>,
///         merged: &mut Option<i64>,
///     ) -> Result<(), Self::Error> {
///         *merged = Some(base.into_iter().chain(operands).flatten().sum());
///         Ok(())
///     }
/// }
/// # futures_executor::block_on(async {
/// let versions = [(("a", Reverse(5)), Some(-2)), (("a", Reverse(2)), Some(7))];
/// let folded = FromSync::new(SliceIterator::new(&versions)).fold_versions(9, Subtract);
/// assert_eq!(folded.collect::<Vec<_>>().await.unwrap(), [("a", Some(5))]);
/// # });
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FoldVersionsIterator<I: AsyncStorageIterator<Key: Versioned, Value: ToOwned>, O> {
    sync: crate::FoldVersionsIterator<Tried<I>, O>,
}

impl<I: AsyncStorageIterator<Key: Versioned, Value: ToOwned>, O> FoldVersionsIterator<I, O> {
    /// What `snapshot` sees of the versions of `child`, folded by `operator`.
    ///
    /// ```
    /// # use storage_iter::{MergeOperator, Versioned};
    /// # use storage_iter::async_iter::{AsyncStorageIterator, FoldVersionsIterator};
    /// fn newest<I, O>(versions: I, operator: O) -> FoldVersionsIterator<I, O>
    /// where
    ///     I: AsyncStorageIterator<Key: Versioned, Value: ToOwned>,
    ///     O: MergeOperator<<I::Key as Versioned>::UserKey, I::Value>,
    /// {
    ///     FoldVersionsIterator::new(versions, u64::MAX, operator)
    /// }
    /// ```
    #[inline]
    pub fn new(child: I, snapshot: u64, operator: O) -> Self {
        FoldVersionsIterator { sync: crate::FoldVersionsIterator::new(Tried::new(child), snapshot, operator) }
    }
}

impl<I, O> AsyncStorageIterator for FoldVersionsIterator<I, O>
where
    I: AsyncStorageIterator<
            Key: Versioned<Owned: Send, UserKey: ToOwned<Owned: Send>>,
            Value: ToOwned<Owned: Send> + Tombstone,
        >,
    O: MergeOperator<UserKey<I>, I::Value> + Send,
{
    type Key = UserKey<I>;
    type Value = I::Value;
    type Error = FoldError<I::Error, O::Error>;

    next_by_steps!(self, self.sync.next(), self.sync.visible.iterator_mut(), error => FoldError::Child(error));
    stand_on!(sync);
}

impl<I, O> AsyncSeekableIterator for FoldVersionsIterator<I, O>
where
    I: AsyncSeekableIterator<
            Key: Versioned<Owned: Send, UserKey: Sync + ToOwned<Owned: Send>>,
            Value: ToOwned<Owned: Send> + Tombstone,
        >,
    O: MergeOperator<UserKey<I>, I::Value> + Send,
{
    try_seek_by!(self, key => self.sync.seek(key), self.sync.seek_to_first());
}

clone_by_sync!(
    FoldVersionsIterator<I, O>,
    I: AsyncStorageIterator<
        Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>,
        Value: ToOwned<Owned: Clone>,
    > + Clone,
    O: Clone
);
debug_by_sync!(FoldVersionsIterator<I, O>, I: AsyncStorageIterator<Key: Versioned, Value: ToOwned> + fmt::Debug);
