//! The combinators over one child against an oracle: what std does with the whole list.

mod support;

use std::cell::RefCell;
use std::convert::Infallible;

use quickcheck::quickcheck;
use storage_iter::{
    BidirectionalIterator, ChildError, FuseError, OnceIterator, PairsIterator, SliceIterator, SortedRun,
    StorageIterator, Tombstone,
};
use support::{Entry, HostileIterator, Layers, oracles, run_without_errors};

/// The newest entries of all layers: one sorted list, rich in what matters.
fn entries_of(layers: &Layers) -> Vec<Entry> {
    oracles::newest(&layers.0)
}

fn iterator(entries: &[Entry]) -> HostileIterator {
    HostileIterator::harmless(entries)
}

quickcheck! {
    fn skip_tombstones_leaves_out_empty_values(layers: Layers) -> bool {
        let entries = entries_of(&layers);
        run_without_errors("skip_tombstones", iterator(&entries).skip_tombstones()) == oracles::live(&entries)
    }

    fn filter_keeps_what_its_predicate_says(layers: Layers, divisor: u8) -> bool {
        let entries = entries_of(&layers);
        let keep = |key: &[u8], value: &[u8]| (key.len() + 3 * value.len()).is_multiple_of(usize::from(divisor % 5) + 1);
        let expected: Vec<Entry> = entries.iter().filter(|(key, value)| keep(key, value)).cloned().collect();
        run_without_errors("filter", iterator(&entries).filter(keep)) == expected
    }

    /// The predicate sees every entry once, in order.
    fn filter_asks_once_for_each_entry(layers: Layers) -> bool {
        let entries = entries_of(&layers);
        let mut asked = vec![];
        let odd = iterator(&entries).filter(|key, value| {
            asked.push((key.to_vec(), value.to_vec()));
            !asked.len().is_multiple_of(2)
        });
        let expected: Vec<Entry> = entries.iter().step_by(2).cloned().collect();
        run_without_errors("filter", odd) == expected && asked == entries
    }

    fn take_yields_the_first(layers: Layers, count: usize) -> bool {
        let entries = entries_of(&layers);
        let count = count % (entries.len() + 3);
        let expected = &entries[..count.min(entries.len())];
        run_without_errors("take", iterator(&entries).take(count)) == expected
    }

    /// What `take` on a borrowed iterator leaves is still there, and nothing is missing between.
    fn by_ref_leaves_the_rest(layers: Layers, count: usize) -> bool {
        let entries = entries_of(&layers);
        let count = count % (entries.len() + 1);
        let mut whole = iterator(&entries);
        let first = run_without_errors("take of &mut", whole.by_ref().take(count));
        let mut rest = vec![];
        whole.for_each(|key, value| rest.push((key.to_vec(), value.to_vec()))).expect("never fails");
        first == entries[..count] && rest == entries[count..]
    }

    fn inspect_sees_every_entry_before_it_is_yielded(layers: Layers) -> bool {
        let entries = entries_of(&layers);
        let seen = RefCell::new(vec![]);
        let mut inspected = iterator(&entries).inspect(|key, value| seen.borrow_mut().push((key.to_vec(), value.to_vec())));
        let mut yielded = 0;
        while inspected.next().expect("never fails") {
            yielded += 1;
            assert_eq!(seen.borrow().len(), yielded);
        }
        drop(inspected);
        seen.into_inner() == entries
    }

    fn inspect_changes_nothing(layers: Layers) -> bool {
        let entries = entries_of(&layers);
        run_without_errors("inspect", iterator(&entries).inspect(|_, _| {})) == entries
    }

    fn map_value_shows_a_part_of_each_value(layers: Layers) -> bool {
        let entries = entries_of(&layers);
        let half = |value: &[u8]| value.len() / 2;
        let expected: Vec<Entry> = entries.iter().map(|(key, value)| (key.clone(), value[half(value)..].to_vec())).collect();
        run_without_errors("map_value", iterator(&entries).map_value(|value| &value[half(value)..])) == expected
    }

    /// From a value of one type to a view of another.
    fn map_value_may_change_the_type(layers: Layers) -> bool {
        let entries: Vec<_> =
            entries_of(&layers).into_iter().map(|(key, value)| (key, (value.len(), value))).collect();
        let lengths: Vec<(Vec<u8>, usize)> = SliceIterator::new(&entries).map_value(|(length, _)| length).collect().unwrap();
        lengths == entries.iter().map(|(key, (length, _))| (key.clone(), *length)).collect::<Vec<_>>()
    }

    fn what_concerns_errors_or_types_only_changes_nothing(layers: Layers) -> bool {
        let entries = entries_of(&layers);
        let source = || iterator(&entries);
        let infallible = || SliceIterator::new(&entries).borrowed::<[u8], [u8]>();
        run_without_errors("borrowed", source().borrowed::<[u8], [u8]>()) == entries
            && run_without_errors("borrowed pairs", PairsIterator::new(entries.clone()).borrowed::<[u8], [u8]>()) == entries
            && run_without_errors("map_err", source().map_err(|_| "no")) == entries
            && run_without_errors("lift_err", infallible().lift_err::<String>()) == entries
            && run_without_errors("fuse", source().fuse()) == entries
            && run_without_errors("check_order", source().check_order()) == entries
            && run_without_errors("&mut", &mut source()) == entries
            && run_without_errors("&mut &mut", &mut &mut source()) == entries
            && run_without_errors("Box", Box::new(source())) == entries
    }

    fn consumers_see_every_entry(layers: Layers) -> bool {
        let entries = entries_of(&layers);
        let source = || iterator(&entries);
        let mut seen = vec![];
        source().for_each(|key, value| seen.push((key.to_vec(), value.to_vec()))).expect("never fails");
        let run: SortedRun = source().collect().expect("never fails");
        source().count() == Ok(entries.len())
            && seen == entries
            && source().entries().collect::<Result<Vec<_>, _>>() == Ok(entries.clone())
            && source().collect::<Vec<_>>() == Ok(entries.clone())
            && source().collect() == Ok(entries.iter().cloned().collect::<std::collections::BTreeMap<_, _>>())
            && run_without_errors("run", run.iter()) == entries
    }

    /// itertools on `entries()`: groups by the first byte.
    fn entries_are_a_std_iterator(layers: Layers) -> bool {
        use itertools::Itertools;
        let entries = entries_of(&layers);
        let first = |key: &[u8]| key.first().copied();
        let groups = |pairs: &mut dyn Iterator<Item = Entry>| -> Vec<(Option<u8>, usize)> {
            pairs.chunk_by(|(key, _)| first(key)).into_iter().map(|(byte, group)| (byte, group.count())).collect()
        };
        let ours = groups(&mut iterator(&entries).entries().map(Result::unwrap));
        ours == groups(&mut entries.iter().cloned())
    }
}

#[cfg(feature = "either")]
quickcheck! {
    fn either_is_the_one_that_it_is(layers: Layers, is_left: bool) -> bool {
        let entries = entries_of(&layers);
        let source = iterator(&entries);
        let one: either::Either<_, Box<HostileIterator>> =
            if is_left { either::Either::Left(source) } else { either::Either::Right(Box::new(source)) };
        one.num_active_iterators() == 1 && run_without_errors("either", one) == entries
    }
}

/// A tombstone is what the value type says it is, not what is empty.
#[test]
fn tombstones_of_other_types() {
    let optional = [(1, Some("")), (2, None), (3, Some("a"))];
    let live: Vec<_> = SliceIterator::new(&optional).skip_tombstones().collect().unwrap();
    assert_eq!(live, [(1, Some("")), (3, Some("a"))]);

    #[derive(Clone, Debug, PartialEq)]
    struct Expiring(u32);
    impl Tombstone for Expiring {
        fn is_tombstone(&self) -> bool {
            self.0 < 10
        }
    }
    let expiring = [(1, Expiring(9)), (2, Expiring(10)), (3, Expiring(0))];
    let live: Vec<_> = SliceIterator::new(&expiring).skip_tombstones().collect().unwrap();
    assert_eq!(live, [(2, Expiring(10))]);

    assert!(b"".is_tombstone() && "".is_tombstone() && Vec::<u8>::new().is_tombstone() && String::new().is_tombstone());
    assert!(![0_u8].is_tombstone() && !"\0".is_tombstone() && !Some(b"").is_tombstone());
}

/// A tombstone hides the older entry below a filter, and comes out of a merge above which there is none.
#[test]
fn tombstones_hide_older_entries_only_in_the_layers_below() {
    let newest = [(b"a".to_vec(), b"".to_vec())];
    let older = [(b"a".to_vec(), b"1".to_vec())];
    let [newest, older] = [&newest, &older].map(|layer| iterator(layer));
    let merged = newest.clone().two_merge(older.clone());
    assert_eq!(run_without_errors("merge", merged.clone()), [(b"a".to_vec(), vec![])]);
    assert_eq!(run_without_errors("live", merged.skip_tombstones()), []);
    // Filtered too early, the older entry comes back. That is what the position of the filter means.
    let resurrected = newest.skip_tombstones().two_merge(older.skip_tombstones());
    assert_eq!(run_without_errors("filtered below", resurrected), [(b"a".to_vec(), b"1".to_vec())]);
}

/// The messages of errors, and what is behind them.
#[test]
fn errors_have_messages_and_sources() {
    use std::error::Error;
    use std::io;

    let disk = || io::Error::other(Broken(io::Error::other("sector 7")));
    #[derive(Debug)]
    struct Broken(io::Error);
    impl std::fmt::Display for Broken {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("disk broken")
        }
    }
    impl Error for Broken {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    // The message of each is in the message of the next; `source` begins behind them.
    let nested = ChildError { child: 3, error: ChildError { child: 1, error: FuseError::First(disk()) } };
    assert_eq!(nested.to_string(), "child 3: child 1: disk broken");
    assert_eq!(nested.source().expect("what broke it").to_string(), "sector 7");
    assert_eq!(nested.into_inner().into_inner().into_first().expect("the first").to_string(), "disk broken");
    let again = FuseError::<io::Error>::Again;
    assert!(again.source().is_none() && again.into_first().is_none());
    let order = storage_iter::OrderError::<io::Error, u64>::Child(disk());
    assert_eq!(
        (order.to_string(), order.source().map(ToString::to_string)),
        ("disk broken".into(), Some("sector 7".into()))
    );
}

/// One plain call makes a source that cannot fail fit one that can, through merges as well.
#[test]
fn lift_err_fits_what_cannot_fail_to_what_can() {
    type Failing = storage_iter::ResultPairsIterator<std::vec::IntoIter<Result<(u64, char), String>>, u64, char>;
    let disk: Failing = storage_iter::ResultPairsIterator::new(vec![Ok((2, 'd')), Err("torn".to_string())]);
    let memory = storage_iter::MergeIterator::new([OnceIterator::new(1, 'm'), OnceIterator::new(2, 'm')]);
    let mut both = memory.lift_err().two_merge(disk);
    assert_eq!(both.next(), Ok(true));
    assert_eq!(both.next(), Ok(true));
    assert_eq!((both.key(), both.value(), both.source_index()), (&2, &'m', Some(0)));
    let error: ChildError<FuseError<String>> = both.next().expect_err("torn");
    assert_eq!(error, ChildError { child: 1, error: FuseError::First("torn".to_string()) });
    let _: Result<bool, Infallible> = OnceIterator::new(1, 1).next();
}

/// What neighbouring keys share, and how many sources there are, is known through every combinator that leaves the keys alone.
#[test]
fn what_is_known_about_keys_and_sources_comes_through() {
    fn shared<I: StorageIterator<Error: std::fmt::Debug>>(mut iterator: I) -> Vec<Option<usize>> {
        let mut shared = vec![];
        while iterator.next().expect("never fails") {
            shared.push(iterator.shared_prefix_len());
        }
        shared
    }
    let entries = ["a", "ab", "abba", "c"].map(|key| (key, "value"));
    let run: SortedRun<str, str> = SliceIterator::new(&entries).borrowed().collect().unwrap();
    let expected = [0, 1, 2, 0].map(Some);
    assert_eq!(shared(run.iter()), expected);
    assert_eq!(shared(run.iter().borrowed::<str, str>()), expected);
    assert_eq!(shared(run.iter().inspect(|_, _| {})), expected);
    assert_eq!(shared(run.iter().map_value(str::as_bytes)), expected);
    assert_eq!(shared(run.iter().map_err(|_| "no")), expected);
    assert_eq!(shared(run.iter().lift_err::<String>()), expected);
    assert_eq!(shared(run.iter().fuse()), expected);
    assert_eq!(shared(run.iter().check_order()), expected);
    assert_eq!(shared(&mut run.iter()), expected);
    assert_eq!(shared(run.iter().rev()), [0, 0, 2, 1].map(Some), "with the key that was shown before");

    let three = || run.iter().two_merge(run.iter()).map_err(|error| error.error).two_merge(run.iter());
    assert_eq!(three().num_active_iterators(), 3);
    assert_eq!(three().borrowed::<str, str>().num_active_iterators(), 3);
    assert_eq!(three().rev().num_active_iterators(), 3);
    assert_eq!(three().inspect(|_, _| {}).map_value(str::as_bytes).check_order().fuse().num_active_iterators(), 3);
    let nothing = SortedRun::<str, str>::default();
    assert_eq!(storage_iter::MergeAllIterator::new([three(), three()]).num_active_iterators(), 6);
    assert_eq!(storage_iter::MergeAllIterator::new([nothing.iter()].into_iter().take(0)).num_active_iterators(), 0);
}
