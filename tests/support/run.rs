//! [`run`]: a storage iterator driven to its end, with the contract checked at every step.

use storage_iter::StorageIterator;
use storage_iter::testing::Scan;

use super::Composition;

/// What came out of a storage iterator.
pub type Run<K, E> = Scan<K, Vec<u8>, E>;

/// Calls `next` to the end, again after each error, but gives up at more than `patience` errors in a row.
///
/// # Panics
///
/// Where the iterator breaks the contract in a way that every iterator must keep: validity, order, the end.
pub fn run<I>(composition: Composition, iterator: &mut I, patience: usize) -> Run<<I::Key as ToOwned>::Owned, I::Error>
where
    I: StorageIterator<Key: ToOwned, Value = [u8]>,
{
    let scan = composition.contract().with_patience(patience).scan(iterator);
    scan.unwrap_or_else(|broken| panic!("{}: {broken}", composition.name))
}

/// The entries of an iterator that never fails.
pub fn run_without_errors<I>(name: &'static str, mut iterator: I) -> Vec<(<I::Key as ToOwned>::Owned, Vec<u8>)>
where
    I: StorageIterator<Key: ToOwned, Value = [u8]>,
{
    let run = run(Composition::of(name), &mut iterator, 0);
    assert!(run.ended, "{name}: failed");
    run.entries
}
