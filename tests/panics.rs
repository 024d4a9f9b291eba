//! Promise 15: a panic in a child, a comparison or a closure leaves the step open.

mod support;

use quickcheck::quickcheck;
use storage_iter::{FuseError, ResultPairsIterator, StorageIterator};
use support::moments::{Moment, catch, counted, happened, panic_after, panic_no_more};
use support::{
    Composition, Layers, Origin, Visitor, WatchedKey, WatchedLeaves, sample_layers, visit_every_composition,
    visit_owned_compositions,
};

type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Runs to the end and calls again whatever panics.
fn run_through_panics<I>(composition: Composition, iterator: &mut I) -> Entries
where
    I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
{
    // Two panics are set at most.
    const PATIENCE: usize = 3;
    fn insist<T>(mut f: impl FnMut() -> Option<T>) -> T {
        (0..PATIENCE).find_map(|_| f()).expect("more panics than were set")
    }

    let mut entries = vec![];
    loop {
        let is_valid = insist(|| {
            let result = catch(|| iterator.next().unwrap_or_else(|_| panic!("never fails")));
            if result.is_none() {
                let is_valid = insist(|| catch(|| iterator.is_valid()));
                assert!(!is_valid, "{}: valid while its step is open", composition.name);
            }
            result
        });
        if !is_valid {
            return entries;
        }
        assert!(insist(|| catch(|| iterator.is_valid())), "{}: not on its entry", composition.name);
        let key = insist(|| catch(|| iterator.key().0.clone()));
        let value = insist(|| catch(|| iterator.value().to_vec()));
        entries.push((key, value));
    }
}

/// Lets the n-th moment panic, for every n, and with each `gap` one more moment behind it.
struct Panicking {
    leaves: WatchedLeaves,
    first: Box<dyn Fn(usize) -> Vec<usize>>,
    gaps: Vec<Option<usize>>,
}

impl Visitor<WatchedLeaves> for Panicking {
    fn visit<I>(&mut self, composition: Composition, make: impl Fn(&WatchedLeaves) -> I)
    where
        I: StorageIterator<Key = WatchedKey, Value = [u8], Error: Origin>,
    {
        let (undisturbed, moments) = counted(|| run_through_panics(composition, &mut make(&self.leaves)));
        for first in (self.first)(moments.sum()) {
            for &gap in &self.gaps {
                let mut iterator = make(&self.leaves);
                panic_after(first, gap);
                let disturbed = run_through_panics(composition, &mut iterator);
                panic_no_more();
                assert_eq!(disturbed, undisturbed, "{}: panic at moment {first}, then {gap:?}", composition.name);
            }
        }
    }
}

#[test]
fn a_panic_anywhere_leaves_the_step_open() {
    let leaves = WatchedLeaves(sample_layers());
    let gaps = vec![None, Some(0), Some(1), Some(2), Some(3), Some(5), Some(8)];
    visit_every_composition(&mut Panicking { leaves, first: Box::new(|moments| (0..moments).collect()), gaps });
}

/// A source over a std iterator that panicked: nobody knows what that one does next, so it is not taken for the end.
#[test]
fn a_std_iterator_that_panicked_is_not_asked_again() {
    let pairs = (0..3).map(|key| {
        if key == 1 {
            happened(Moment::Closure);
        }
        Ok::<_, ()>((key, 'a'))
    });
    let mut entries = ResultPairsIterator::new(pairs);
    assert_eq!(entries.next(), Ok(true));
    panic_after(0, None);
    assert_eq!(catch(|| entries.next()), None);
    for _ in 0..3 {
        assert!(!entries.is_valid());
        assert_eq!(entries.next(), Err(FuseError::Again));
    }
}

quickcheck! {
    fn a_panic_over_any_input_leaves_the_step_open(layers: Layers, first: u32, gap: Option<u8>) -> bool {
        visit_owned_compositions(&mut Panicking {
            leaves: WatchedLeaves(layers),
            first: Box::new(move |moments| (moments > 0).then(|| first as usize % moments).into_iter().collect()),
            gaps: vec![gap.map(|gap| usize::from(gap % 50))],
        });
        true
    }
}
