//! [`run`]: a storage iterator driven to its end, with the contract checked at every step.

use storage_iter::StorageIterator;

use super::Composition;

/// What came out of a storage iterator.
#[derive(Debug)]
pub struct Run<K, E> {
    /// The entries, copied.
    pub entries: Vec<(K, Vec<u8>)>,
    /// The errors on the way.
    pub errors: Vec<E>,
    /// Whether the end was reached. Otherwise the errors did not cease.
    pub ended: bool,
}

/// Calls `next` to the end, again after each error, but gives up at more than `patience` errors in a row.
///
/// # Panics
///
/// Where the iterator breaks the contract in a way that every iterator must keep: validity, order, the end.
pub fn run<I>(composition: Composition, iterator: &mut I, patience: usize) -> Run<<I::Key as ToOwned>::Owned, I::Error>
where
    I: StorageIterator<Key: ToOwned, Value = [u8]>,
{
    let name = composition.name;
    let mut run = Run { entries: vec![], errors: vec![], ended: false };
    let mut errors_in_a_row = 0;
    assert!(!iterator.is_valid(), "{name}: valid before its first entry");
    loop {
        match iterator.next() {
            Ok(true) => {
                errors_in_a_row = 0;
                assert!(iterator.is_valid(), "{name}: not valid after `Ok(true)`");
                if let Some((previous, _)) = run.entries.last() {
                    let previous = std::borrow::Borrow::borrow(previous);
                    let in_order = if composition.keeps_duplicates {
                        previous <= iterator.key()
                    } else {
                        previous < iterator.key()
                    };
                    assert!(in_order, "{name}: out of order after {} entries", run.entries.len());
                }
                run.entries.push((iterator.key().to_owned(), iterator.value().to_vec()));
            }
            Ok(false) => break,
            Err(error) => {
                run.errors.push(error);
                errors_in_a_row += 1;
                // What only passes calls on has no state to answer from, and the source may not be asked.
                if !composition.passes_is_valid_on {
                    assert!(!iterator.is_valid(), "{name}: valid after an error");
                }
                if errors_in_a_row > patience {
                    return run;
                }
            }
        }
    }
    for _ in 0..3 {
        assert!(!iterator.is_valid(), "{name}: valid at its end");
        assert!(matches!(iterator.next(), Ok(false)), "{name}: the end is not final");
    }
    run.ended = true;
    run
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
