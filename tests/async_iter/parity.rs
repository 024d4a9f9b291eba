//! Every composition of the asynchronous twin yields what the synchronous one yields.

use quickcheck::quickcheck;
use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
use storage_iter::{SliceIterator, StorageIterator};

use crate::compositions::{AsyncLeaves, SyncLeaves, Visitor, visit_every_composition, visit_galloping_sets};
use crate::driver::{Driver, complete};
use crate::resume::Resuming;
use crate::support::{Composition, Failures, Layers, Origin, oracles, run, sample_layers};
use crate::waiting::Waits;

quickcheck! {
    fn every_composition_agrees_with_its_synchronous_twin(layers: Layers, waits: Waits, driver: Driver) -> bool {
        let failures = [Failures::none()];
        let (waits, drivers) = ([waits], [driver]);
        let mut comparing = Resuming { layers: &layers, failures: &failures, waits: &waits, drivers: &drivers };
        visit_every_composition(&mut comparing);
        visit_galloping_sets(&mut comparing);
        true
    }
}

/// How many compositions there are in which a leaf was waited for.
struct Counting {
    waited: usize,
    all: usize,
}

impl Visitor for Counting {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        _: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: StorageIterator<Key = [u8], Value = [u8]>,
        A: AsyncStorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let layers = sample_layers();
        let leaves = AsyncLeaves::new(&layers, &Failures::none(), &Waits::of(&[1], false));
        Driver::patient().run(composition, &mut asynchronous(&leaves), 0);
        self.waited += usize::from(leaves.pending() > 0);
        self.all += 1;
    }
}

/// The leaves do make the compositions wait; `take 0`, the merge of nothing and bounds without room ask for nothing.
#[test]
fn compositions_wait_for_their_leaves() {
    let mut counting = Counting { waited: 0, all: 0 };
    visit_every_composition(&mut counting);
    assert!(counting.all > 35, "{} compositions", counting.all);
    assert_eq!(counting.waited, counting.all - 3);
}

/// Where nothing waits, `try_next` alone goes to the end.
struct Trying;

impl Visitor for Trying {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: StorageIterator<Key = [u8], Value = [u8]>,
        A: AsyncStorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        if composition.name.contains("yield_every") {
            return;
        }
        let layers = sample_layers();
        let expected = run(composition, &mut synchronous(&SyncLeaves(&layers)), 0);
        let mut iterator = asynchronous(&AsyncLeaves::new(&layers, &Failures::none(), &Waits::never()));
        let mut entries = vec![];
        loop {
            match iterator.try_next() {
                Some(Ok(true)) => entries.push((iterator.key().to_vec(), iterator.value().to_vec())),
                Some(Ok(false)) => break,
                Some(Err(_)) => panic!("{}: failed", composition.name),
                None => panic!("{}: waits for nothing", composition.name),
            }
        }
        assert_eq!(entries, expected.entries, "{}", composition.name);
    }
}

#[test]
fn entries_at_hand_are_never_waited_for() {
    visit_every_composition(&mut Trying);
    visit_galloping_sets(&mut Trying);
}

quickcheck! {
    /// Consumers, and what is lifted.
    fn consumers_see_every_entry(layers: Layers) -> bool {
        use std::collections::BTreeMap;
        let entries = oracles::newest(&layers.0);
        let source = || FromSync::new(storage_iter::SliceIterator::new(&entries)).borrowed::<[u8], [u8]>();
        let (mut seen, mut tried) = (vec![], vec![]);
        complete(source().for_each(|key, value| seen.push((key.to_vec(), value.to_vec())))).expect("never fails");
        let mut all = source().lift_err::<String>();
        let stopped = complete(all.try_for_each(|key, value| {
            tried.push((key.to_vec(), value.to_vec()));
            if tried.len() > 3 { Err("enough".to_string()) } else { Ok(()) }
        }));
        seen == entries
            && complete(source().count()) == Ok(entries.len())
            && complete(source().collect::<Vec<_>>()) == Ok(entries.clone())
            && complete(source().collect()) == Ok(entries.iter().cloned().collect::<BTreeMap<_, _>>())
            && tried == entries[..entries.len().min(4)]
            && stopped.is_err() == (entries.len() > 3)
            && stopped.is_err() == all.is_valid()
    }
}

/// The loop ends where its closure says so, and tells whether it was that.
#[test]
fn loops_end_where_the_closure_says_so() {
    let entries = [(1, 'a'), (2, 'b'), (3, 'c')];
    for (most, ended, shown) in [(1, false, "a"), (2, false, "ab"), (9, true, "abc")] {
        let mut text = String::new();
        let append = |_: &i32, value: &char| {
            text.push(*value);
            text.len() < most
        };
        assert_eq!(complete(FromSync::new(SliceIterator::new(&entries)).for_each_while(append)), Ok(ended));
        assert_eq!(text, shown);
    }
}
