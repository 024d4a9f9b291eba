//! [`Scan`]: what came out of an iterator that was driven to its end.

/// What came out of a storage iterator that was driven to its end: owned keys `K` and values `V`, and errors `E`.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::testing::Contract;
///
/// let scan = Contract::new().scan(&mut SliceIterator::new(&[(1, 'a')]))?;
/// assert_eq!(scan.entries, [(1, 'a')]);
/// assert!(scan.ended && scan.errors.is_empty());
/// # Ok::<(), storage_iter::testing::BrokenPromise>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scan<K, V, E> {
    /// The entries, copied.
    pub entries: Vec<(K, V)>,
    /// The errors on the way.
    pub errors: Vec<E>,
    /// Whether the end was reached. Otherwise the errors did not cease.
    pub ended: bool,
}
