use std::borrow::Borrow;
use std::fmt;
use std::slice;

/// How the versions of a key become one value: some are *operands* (add 3, append this) on the value below them.
///
/// [`fold_versions`](crate::StorageIterator::fold_versions) asks it. Which values are operands is up to their encoding,
/// as it is with [`Tombstone`](crate::Tombstone)s.
///
/// ```
/// use storage_iter::{MergeOperator, Operands};
///
/// #[derive(Clone)]
/// enum Counter {
///     Set(i64),
///     Add(i64),
/// }
/// #[derive(Debug)]
/// struct Overflow;
/// struct Sum;
///
/// impl MergeOperator<str, Counter> for Sum {
///     type Error = Overflow;
///
///     fn is_operand(&self, value: &Counter) -> bool {
///         matches!(value, Counter::Add(_))
///     }
///
///     fn merge(
///         &mut self,
///         _user_key: &str,
///         base: Option<&Counter>,
///         operands: Operands<'_, Counter>,
///         merged: &mut Counter,
///     ) -> Result<(), Overflow> {
///         let mut sum = 0_i64;
///         for value in base.into_iter().chain(operands) {
///             let (Counter::Set(number) | Counter::Add(number)) = value;
///             sum = sum.checked_add(*number).ok_or(Overflow)?;
///         }
///         *merged = Counter::Set(sum);
///         Ok(())
///     }
/// }
/// ```
pub trait MergeOperator<K: ?Sized, V: ?Sized + ToOwned> {
    /// What [`merge`](Self::merge) may fail with.
    type Error;

    /// Whether `value` is an operand. All other values, tombstones among them, stand for themselves, and hide what is
    /// older.
    fn is_operand(&self, value: &V) -> bool;

    /// Applies `operands`, the oldest first, of which there is at least one, to `base`, and writes what comes out into
    /// `merged`. There is no base where nothing is older than the operands, or only a tombstone. `merged` is not empty:
    /// it is used again and again, and holds something from before.
    ///
    /// # Errors
    ///
    /// When that cannot be done. The iterator passes the error on, and asks again with the same operands when it is
    /// asked again.
    fn merge(
        &mut self,
        user_key: &K,
        base: Option<&V>,
        operands: Operands<'_, V>,
        merged: &mut V::Owned,
    ) -> Result<(), Self::Error>;
}

/// The operands of a [merge](MergeOperator::merge), the oldest first.
///
/// ```
/// # use storage_iter::Operands;
/// fn newest<'a>(operands: Operands<'a, str>) -> Option<&'a str> {
///     operands.rev().next()
/// }
/// ```
pub struct Operands<'a, V: ?Sized + ToOwned> {
    operands: slice::Iter<'a, V::Owned>,
    starts_with_newest: bool,
}

impl<'a, V: ?Sized + ToOwned + 'a> Iterator for Operands<'a, V> {
    type Item = &'a V;

    #[inline]
    fn next(&mut self) -> Option<&'a V> {
        let owned = if self.starts_with_newest { self.operands.next_back() } else { self.operands.next() };
        owned.map(Borrow::borrow)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.operands.size_hint()
    }
}

impl<'a, V: ?Sized + ToOwned + 'a> DoubleEndedIterator for Operands<'a, V> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let owned = if self.starts_with_newest { self.operands.next() } else { self.operands.next_back() };
        owned.map(Borrow::borrow)
    }
}

impl<'a, V: ?Sized + ToOwned + 'a> ExactSizeIterator for Operands<'a, V> {}

impl<V: ?Sized + ToOwned> Clone for Operands<'_, V> {
    fn clone(&self) -> Self {
        Operands { operands: self.operands.clone(), starts_with_newest: self.starts_with_newest }
    }
}

impl<V: ?Sized + ToOwned> fmt::Debug for Operands<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operands").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Copies of operands, in memory that is used again.
#[derive(Clone, Debug)]
pub(super) struct OperandStack<O> {
    slots: Vec<O>,
    len: usize,
    pub(super) starts_with_newest: bool,
}

impl<O> OperandStack<O> {
    pub(super) const fn new() -> Self {
        OperandStack { slots: Vec::new(), len: 0, starts_with_newest: true }
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// After a panic nothing was added.
    pub(super) fn push<V: ?Sized + ToOwned<Owned = O>>(&mut self, value: &V) {
        match self.slots.get_mut(self.len) {
            Some(slot) => value.clone_into(slot),
            None => self.slots.push(value.to_owned()),
        }
        self.len += 1;
    }

    pub(super) fn operands<V: ?Sized + ToOwned<Owned = O>>(&self) -> Operands<'_, V> {
        Operands { operands: self.slots[..self.len].iter(), starts_with_newest: self.starts_with_newest }
    }
}
