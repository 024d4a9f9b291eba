//! [`watched`]: a source whose calls the kit counts.

use std::vec;

use storage_iter::testing::CountingIterator;
use storage_iter::{BorrowedIterator, LiftErrIterator, PairsIterator, StorageIterator};

use super::{Entry, Failure, WatchedKey};

/// A source whose calls are [`moments`](super::moments). It never fails, but where a moment panics, it can go on.
pub type WatchedIterator = CountingIterator<
    LiftErrIterator<
        BorrowedIterator<PairsIterator<vec::IntoIter<(WatchedKey, Vec<u8>)>, WatchedKey, Vec<u8>>, WatchedKey, [u8]>,
        Failure,
    >,
>;

/// Lends `entries`, whatever their order is.
pub fn watched(entries: &[Entry]) -> WatchedIterator {
    let entries: Vec<_> = entries.iter().map(|(key, value)| (WatchedKey(key.clone()), value.clone())).collect();
    CountingIterator::new(PairsIterator::new(entries).borrowed().lift_err())
}
