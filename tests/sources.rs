//! Every source against the list that it was made of.

mod support;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Bound::{self, Unbounded};
use std::panic::{self, AssertUnwindSafe};

use quickcheck::quickcheck;
use storage_iter::{
    BidirectionalIterator, EmptyIterator, ListColumn, OnceIterator, PairsIterator, ResultPairsIterator, SliceIterator,
    SortedRun, StorageIterator, StrColumn,
};
use support::{Bounds, ByLength, Layers, layers_of, oracles, run_without_errors};

quickcheck! {
    fn sources_yield_what_they_were_made_of(layers: Layers) -> bool {
        let entries = oracles::newest(&layers.0);
        let map: BTreeMap<_, _> = entries.iter().cloned().collect();
        let results = entries.iter().cloned().map(Ok::<_, String>);
        run_without_errors("slice", SliceIterator::new(&entries).borrowed::<[u8], [u8]>()) == entries
            && run_without_errors("pairs of a list", PairsIterator::new(entries.clone()).borrowed::<[u8], [u8]>()) == entries
            && run_without_errors("pairs of a map", PairsIterator::new(map).borrowed::<[u8], [u8]>()) == entries
            && run_without_errors("result pairs", ResultPairsIterator::new(results).borrowed::<[u8], [u8]>()) == entries
    }

    fn once_yields_its_entry(key: Vec<u8>, value: Vec<u8>) -> bool {
        run_without_errors("once", OnceIterator::new(key.clone(), value.clone()).borrowed::<[u8], [u8]>()) == [(key, value)]
    }

    fn result_pairs_yield_what_comes_before_the_first_error(layers: Layers, failing: usize) -> bool {
        let entries = oracles::newest(&layers.0);
        let failing = failing % (entries.len() + 1);
        let results = entries.iter().cloned().enumerate().map(|(index, entry)| if index == failing { Err(index) } else { Ok(entry) });
        let mut seen = vec![];
        let end = ResultPairsIterator::new(results).try_for_each(|key, value| {
            seen.push((key.clone(), value.clone()));
            Ok::<(), storage_iter::FuseError<usize>>(())
        });
        let expected = if failing == entries.len() { Ok(()) } else { Err(storage_iter::FuseError::First(failing)) };
        seen == entries[..failing] && end == expected
    }

    fn sorted_runs_keep_every_entry(layers: Layers) -> bool {
        let entries = oracles::newest(&layers.0);
        let run: SortedRun = SliceIterator::new(&entries).borrowed().collect().unwrap();
        let clone = run.clone();
        drop(run);
        clone.len() == entries.len()
            && clone.is_empty() == entries.is_empty()
            && run_without_errors("run", clone.iter()) == entries
    }

    /// Of keys that are there and of keys that are not.
    fn sorted_runs_find_keys(layers: Layers, others: Vec<Vec<u8>>) -> bool {
        let entries = oracles::newest(&layers.0);
        let map: BTreeMap<_, _> = entries.iter().cloned().collect();
        let run: SortedRun = SliceIterator::new(&entries).borrowed().collect().unwrap();
        let neighbours = map.keys().map(|key| [key.as_slice(), &[0]].concat());
        let keys: Vec<Vec<u8>> = map.keys().cloned().chain(neighbours).chain(others).chain([vec![]]).collect();
        keys.iter().all(|key| run.get(key) == map.get(key).map(Vec::as_slice))
    }

    fn sorted_runs_scan_between_bounds(layers: Layers, bounds: Bounds) -> bool {
        let entries = oracles::newest(&layers.0);
        let run: SortedRun = SliceIterator::new(&entries).borrowed().collect().unwrap();
        let (lower, upper) = bounds.as_slices();
        run_without_errors("scan", run.scan(lower, upper)) == oracles::between(&entries, lower, upper)
    }

    /// A run has a loop of its own for `try_for_each`. It has to leave the iterator where a loop of steps would.
    fn sorted_runs_loop_as_they_step(layers: Layers, passed: usize, stopped: usize) -> bool {
        let entries = oracles::newest(&layers.0);
        let run: SortedRun = SliceIterator::new(&entries).borrowed().collect().unwrap();
        let texts = oracles::newest(&layers_of(&layers, |key| key.escape_ascii().to_string()));
        let text_run: SortedRun<str, [u8]> = SliceIterator::new(&texts).borrowed().collect().unwrap();
        let others = oracles::newest(&layers_of(&layers, |key| ByLength(key.to_vec())));
        let other_run: SortedRun<ByLength, Vec<u8>> = SliceIterator::new(&others).collect().unwrap();
        let (run, other_run) = (run.iter(), other_run.scan_owned(Unbounded, Unbounded));
        loops_as_it_steps(&run, &entries, passed, stopped)
            && loops_as_it_steps(&text_run.iter(), &texts, passed, stopped)
            && loops_as_it_steps(&other_run, &others, passed, stopped)
    }

    fn columns_give_ranges(items: Vec<String>, start: usize, end: usize) -> bool {
        use storage_iter::Column;

        fn gives<T: ?Sized + PartialEq>(column: &impl Column<T>, start: usize, end: usize) -> bool {
            column.range(start..end).eq((start..end).map(|index| column.get(index)))
        }
        let (mut texts, mut lists) = (StrColumn::default(), ListColumn::default());
        for item in &items {
            texts.push(item);
            lists.push(item.as_bytes());
        }
        let (start, end) = (start % (items.len() + 1), end % (items.len() + 1));
        gives(&texts, start, end) && gives(&lists, start, end) && gives(&items, start, end)
    }

    /// Runs of other types: one `Vec` for a sized type, and text.
    fn sorted_runs_of_other_types(layers: Layers, at: usize) -> bool {
        let texts = layers_of(&layers, |key| key.escape_ascii().to_string());
        let texts = oracles::newest(&texts);
        let text_run: SortedRun<str, [u8]> = SliceIterator::new(&texts).borrowed().collect().unwrap();
        let others = oracles::newest(&layers_of(&layers, |key| ByLength(key.to_vec())));
        let run: SortedRun<ByLength, Vec<u8>> = SliceIterator::new(&others).collect().unwrap();
        let middle = others.get(at % (others.len() + 1)).map(|(key, _)| key);
        let lower = middle.map_or(Bound::Unbounded, Bound::Included);
        let expected: Vec<_> = others.iter().filter(|(key, _)| middle.is_none_or(|middle| key >= middle)).cloned().collect();
        run_without_errors("text", text_run.iter()) == texts
            && texts.iter().all(|(key, value)| text_run.get(key) == Some(value))
            && run_without_errors("sized", run.scan(lower, Bound::Unbounded).map_value(Vec::as_slice)) == expected
    }
}

/// Steps past some entries, loops until the closure refuses one or panics at it, and goes on by steps.
fn loops_as_it_steps<I, K, V>(iterator: &I, entries: &[(K, V)], passed: usize, stopped: usize) -> bool
where
    I: BidirectionalIterator<Error = Infallible> + Clone,
    I::Key: ToOwned<Owned = K>,
    I::Value: ToOwned<Owned = V>,
    K: PartialEq + Clone,
    V: PartialEq + Clone,
{
    let passed = passed % (entries.len() + 1);
    let stopped = passed + stopped % (entries.len() - passed + 1);
    [false, true].into_iter().all(|panics| {
        let mut iterator = iterator.clone();
        let mut seen = vec![];
        for _ in 0..passed {
            assert_eq!(iterator.next(), Ok(true));
            seen.push((iterator.key().to_owned(), iterator.value().to_owned()));
        }
        let result = panic::catch_unwind(AssertUnwindSafe(|| {
            iterator.try_for_each(|key, value| {
                if seen.len() == stopped {
                    if panics {
                        panic::resume_unwind(Box::new("refused"));
                    }
                    return Err(Refused);
                }
                seen.push((key.to_owned(), value.to_owned()));
                Ok(())
            })
        }));
        let is_refused = !matches!(result, Ok(Ok(())));
        // The refused entry is the one that the iterator stands on.
        if is_refused != (stopped < entries.len()) || iterator.is_valid() != is_refused || seen != entries[..stopped] {
            return false;
        }
        let mut back = iterator.clone();
        let before = stopped.checked_sub(1).map(|index| &entries[index]);
        let retreated = back.prev() == Ok(true);
        if before != retreated.then(|| (back.key().to_owned(), back.value().to_owned())).as_ref() {
            return false;
        }
        let mut rest = vec![];
        let mut is_valid = is_refused;
        while is_valid {
            rest.push((iterator.key().to_owned(), iterator.value().to_owned()));
            is_valid = iterator.next() == Ok(true);
        }
        rest == entries[stopped..]
    })
}

struct Refused;

impl From<Infallible> for Refused {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[test]
fn empty_has_no_entries() {
    assert_eq!(EmptyIterator::<str, str>::new().count(), Ok(0));
    assert_eq!(EmptyIterator::<str, str>::default().num_active_iterators(), 1);
}

/// A run is filled by what may fail, and is not there when it did.
#[test]
fn collecting_fails_with_its_source() {
    let results = [Ok((1, 'a')), Err("torn page")];
    let run: Result<SortedRun<i32, char>, _> = ResultPairsIterator::new(results).collect();
    assert_eq!(run.map(|_| ()), Err(storage_iter::FuseError::First("torn page")));
}

/// One run, many threads.
#[test]
fn sorted_runs_are_scanned_from_many_threads() {
    let entries: Vec<(u64, u64)> = (0..1000).map(|key| (key, key * key)).collect();
    let run: SortedRun<u64, u64> = SliceIterator::new(&entries).collect().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let run = run.clone();
            let entries = &entries;
            scope.spawn(move || assert_eq!(run.iter().collect::<Vec<_>>().as_ref(), Ok(entries)));
        }
    });
}

/// Columns of every kind know whether there is something in them.
#[test]
fn columns_know_when_they_are_empty() {
    use storage_iter::Column;

    fn check<T: ?Sized>(mut column: impl Column<T>, item: &T) {
        assert!(column.is_empty());
        for length in 1..3 {
            column.push(item);
            assert_eq!((column.is_empty(), column.len()), (false, length));
        }
    }
    check(Vec::new(), &7);
    check::<[u8]>(ListColumn::default(), b"");
    check(StrColumn::default(), "");
}

#[test]
fn a_run_tells_its_first_and_its_last_key() {
    let run = |keys: &[u64]| -> SortedRun<u64, ()> {
        let entries: Vec<_> = keys.iter().map(|&key| (key, ())).collect();
        SliceIterator::new(&entries).collect().expect("never fails")
    };
    assert_eq!((run(&[]).first_key(), run(&[]).last_key()), (None, None));
    assert_eq!((run(&[7]).first_key(), run(&[7]).last_key()), (Some(&7), Some(&7)));
    assert_eq!((run(&[2, 3, 5]).first_key(), run(&[2, 3, 5]).last_key()), (Some(&2), Some(&5)));
}
