//! [`check_cursor`]: a cursor driven by any sequence of operations, beside a model.

use std::borrow::Borrow;

use storage_iter::BidirectionalIterator;

use super::{Composition, Faults, Operation};

/// Drives a new cursor by `operations`, over sources that `faults` strike, and compares it with a position in `entries`, which is
/// what it should show. Returns the errors that came out.
///
/// # Panics
///
/// At the first difference: another entry, an error that no source has made, or one that was swallowed, validity after an
/// error, a wrong [`shared_prefix_len`](storage_iter::StorageIterator::shared_prefix_len).
pub fn check_cursor<I, K, V>(
    composition: Composition,
    cursor: I,
    faults: &Faults,
    entries: &[(K, V)],
    operations: &[Operation<K>],
) -> Vec<I::Error>
where
    I: BidirectionalIterator<Value: PartialEq>,
    K: Borrow<I::Key>,
    V: Borrow<I::Value>,
{
    let contract = composition.contract().reporting_every_failure();
    let result = contract.check_operations(cursor, entries, operations, faults);
    result.unwrap_or_else(|broken| panic!("{}: {broken}", composition.name))
}
