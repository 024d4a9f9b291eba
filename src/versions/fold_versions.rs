use std::error::Error;
use std::fmt;

use super::merge_operator::{MergeOperator, Operands};
use super::visible::{Resolve, UserKey, Visible};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator, Tombstone, Versioned};

/// What a snapshot sees of many versions, with operands applied to what is below them, made by
/// [`fold_versions`](StorageIterator::fold_versions).
///
/// Yields user keys in their order, each once. If the newest version that the snapshot may see is a plain value or a
/// tombstone, that is the entry, as in [`AtIterator`](crate::AtIterator). If it is an operand, it and the operands
/// below it, down to the first version that is none, are shown to the [`MergeOperator`], the oldest first, and the
/// entry is what the operator makes of them.
///
/// # Complexity
///
/// That of [`AtIterator`](crate::AtIterator); and the values of operands are copied, into buffers that are used again,
/// as many as a key has had operands at most, which grow with the longest. Plain values are not, except going back.
///
/// # Errors
///
/// [`FoldError::Child`] for the child's own errors, which leave the step open; [`FoldError::Operator`] for the
/// operator's. The step is open after one of these as well: `next` asks the operator again, with the same operands.
/// Whoever gives up the entry seeks past it.
///
/// # Panics
///
/// When the operator does. The next call shows it the same operands again.
///
/// ```
/// use std::cmp::Reverse;
/// use storage_iter::{MergeOperator, Operands, SliceIterator, StorageIterator};
///
/// /// `+` in front of a value appends it to the value below.
/// struct Append;
/// impl MergeOperator<&str, String> for Append {
///     type Error = std::convert::Infallible;
///     fn is_operand(&self, value: &String) -> bool {
///         value.starts_with('+')
///     }
///     fn merge(
///         &mut self,
///         _: &&str,
///         base: Option<&String>,
///         operands: Operands<'_, String>,
///         merged: &mut String,
///     ) -> Result<(), Self::Error> {
///         merged.clear();
///         merged.extend(base.map(|base| base.as_str()).into_iter().chain(operands.map(|operand| &operand[1..])));
///         Ok(())
///     }
/// }
/// let versions = [("a", 3, "+3"), ("a", 2, "+2"), ("a", 1, "1"), ("b", 1, "0"), ("c", 2, "+2")];
/// let versions = versions.map(|(key, sequence, value)| ((key, Reverse(sequence)), value.to_string()));
/// let folded: Vec<_> = SliceIterator::new(&versions).fold_versions(u64::MAX, Append).collect()?;
/// assert_eq!(folded, [("a", "123".to_string()), ("b", "0".to_string()), ("c", "2".to_string())]);
/// # Ok::<(), storage_iter::FoldError<std::convert::Infallible, std::convert::Infallible>>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FoldVersionsIterator<I: StorageIterator<Key: Versioned, Value: ToOwned>, O> {
    pub(crate) visible: Visible<I, Folding<O>>,
}

/// An operator that sees no tombstones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Folding<O>(O);

impl<K: ?Sized, V: ?Sized + ToOwned + Tombstone, O: MergeOperator<K, V>> Resolve<K, V> for Folding<O> {
    type Error = O::Error;

    const HAS_OPERANDS: bool = true;

    #[inline]
    fn is_operand(&self, value: &V) -> bool {
        !value.is_tombstone() && self.0.is_operand(value)
    }

    #[inline]
    fn merge(
        &mut self,
        user_key: &K,
        base: Option<&V>,
        operands: Operands<'_, V>,
        merged: &mut V::Owned,
    ) -> Result<(), O::Error> {
        self.0.merge(user_key, base.filter(|base| !base.is_tombstone()), operands, merged)
    }
}

impl<I: StorageIterator<Key: Versioned, Value: ToOwned>, O> FoldVersionsIterator<I, O> {
    /// What `snapshot` sees of the versions of `child`, folded by `operator`.
    ///
    /// ```
    /// # use storage_iter::{FoldVersionsIterator, MergeOperator, StorageIterator, Versioned};
    /// fn newest<I, O>(versions: I, operator: O) -> FoldVersionsIterator<I, O>
    /// where
    ///     I: StorageIterator<Key: Versioned, Value: ToOwned>,
    ///     O: MergeOperator<<I::Key as Versioned>::UserKey, I::Value>,
    /// {
    ///     FoldVersionsIterator::new(versions, u64::MAX, operator)
    /// }
    /// ```
    #[inline]
    pub fn new(child: I, snapshot: u64, operator: O) -> Self {
        FoldVersionsIterator { visible: Visible::new(child, snapshot, Folding(operator)) }
    }
}

impl<I, O> StorageIterator for FoldVersionsIterator<I, O>
where
    I: StorageIterator<Key: Versioned, Value: ToOwned + Tombstone>,
    O: MergeOperator<UserKey<I>, I::Value>,
{
    type Key = UserKey<I>;
    type Value = I::Value;
    type Error = FoldError<I::Error, O::Error>;

    #[inline]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.visible.next()
    }

    #[inline]
    fn for_each_while<F>(self, f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        self.visible.for_each_while(f)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.visible.is_valid()
    }

    #[inline]
    fn key(&self) -> &UserKey<I> {
        self.visible.key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.visible.value()
    }

    fn num_active_iterators(&self) -> usize {
        self.visible.num_active_iterators()
    }
}

impl<I, O> SeekableIterator for FoldVersionsIterator<I, O>
where
    I: SeekableIterator<Key: Versioned, Value: ToOwned + Tombstone>,
    O: MergeOperator<UserKey<I>, I::Value>,
{
    fn seek(&mut self, key: &UserKey<I>) -> Result<bool, Self::Error> {
        self.visible.seek(key)
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.visible.seek_to_first()
    }
}

impl<I, O> BidirectionalIterator for FoldVersionsIterator<I, O>
where
    I: BidirectionalIterator<Key: Versioned, Value: ToOwned + Tombstone>,
    O: MergeOperator<UserKey<I>, I::Value>,
{
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.visible.prev()
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.visible.seek_to_last()
    }

    fn seek_for_prev(&mut self, key: &UserKey<I>) -> Result<bool, Self::Error> {
        self.visible.seek_for_prev(key)
    }
}

impl<I, O> Clone for FoldVersionsIterator<I, O>
where
    I: StorageIterator<Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>, Value: ToOwned<Owned: Clone>>,
    I: Clone,
    O: Clone,
{
    fn clone(&self) -> Self {
        FoldVersionsIterator { visible: self.visible.clone() }
    }
}

impl<I, O> fmt::Debug for FoldVersionsIterator<I, O>
where
    I: StorageIterator<Key: Versioned, Value: ToOwned> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoldVersionsIterator").field("visible", &self.visible).finish()
    }
}

/// The error of a [`FoldVersionsIterator`]: the child's, or the operator's.
///
/// ```
/// use storage_iter::FoldError;
///
/// let error: FoldError<std::io::Error, std::num::ParseIntError> = FoldError::Operator("x".parse::<u8>().unwrap_err());
/// assert_eq!(error.to_string(), "merge operator: invalid digit found in string");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FoldError<E, O> {
    /// The child failed.
    Child(E),
    /// The operator failed.
    Operator(O),
}

impl<E: fmt::Display, O: fmt::Display> fmt::Display for FoldError<E, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FoldError::Child(error) => error.fmt(f),
            FoldError::Operator(error) => write!(f, "merge operator: {error}"),
        }
    }
}

/// The message names the error already, so `source` is what lies behind that one.
impl<E: Error, O: Error> Error for FoldError<E, O> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FoldError::Child(error) => error.source(),
            FoldError::Operator(error) => error.source(),
        }
    }
}
