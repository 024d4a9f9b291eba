//! *Latest*: iterators that refresh at every entry show at each step what a model holds at that moment.

use std::ops::Bound::{Excluded, Unbounded};

use quickcheck::{QuickCheck, TestResult};
use storage_iter::{LongIterator, MemTable, RefreshAlways, RefreshIterator, SortedTable, StorageIterator, ViewSource};

use crate::engine::{Engine, for_every_table};
use crate::operations::{Bounds, Entry, Model, Operation, drain, key_of, maintain, step};

/// Writes to engine and model alike.
fn apply<T: SortedTable + Default>(engine: &Engine<T>, model: &mut Model, operation: &Operation) {
    match operation {
        Operation::Put(key, value) => {
            engine.put(&key_of(*key), &[1, *value]);
            model.insert(key_of(*key), vec![1, *value]);
        }
        Operation::Delete(key) => {
            engine.put(&key_of(*key), &[]);
            model.remove(&key_of(*key));
        }
        other => maintain(engine, other),
    }
}

/// Follows one iterator: where it is, and whether it has ended, which is final.
struct Follower {
    last: Option<Vec<u8>>,
    ended: bool,
}

impl Follower {
    fn expect(&mut self, bounds: &Bounds, model: &Model) -> Option<Entry> {
        let entry = if self.ended { None } else { bounds.following(model, self.last.as_deref()) };
        match &entry {
            Some((key, _)) => self.last = Some(key.clone()),
            None => self.ended = true,
        }
        entry
    }
}

fn each_step_shows_the_model_of_that_moment<T: SortedTable + Default>() {
    #[expect(clippy::needless_pass_by_value, reason = "quickcheck gives its arguments away")]
    fn property<T: SortedTable + Default>(
        before: Vec<Operation>,
        during: Vec<Operation>,
        bounds: Bounds,
    ) -> TestResult {
        let (engine, mut model) = (Engine::<T>::new(), Model::new());
        for operation in &before {
            apply(&engine, &mut model, operation);
        }
        let mut long = LongIterator::latest(&engine, bounds.lower(), bounds.upper()).max_entries(1);
        let mut refreshed = RefreshIterator::new(&engine, bounds.lower(), bounds.upper()).refresh_when(RefreshAlways);
        let mut followers = [(); 2].map(|()| Follower { last: None, ended: false });
        let to_the_end = vec![Operation::Step(50)];
        for operation in during.iter().chain(&to_the_end) {
            apply(&engine, &mut model, operation);
            let Operation::Step(count) = operation else { continue };
            for _ in 0..*count {
                assert_eq!(step(&mut long), followers[0].expect(&bounds, &model), "LongIterator");
                assert_eq!(step(&mut refreshed), followers[1].expect(&bounds, &model), "RefreshIterator");
                assert_eq!(long.resume_key(), followers[0].last.as_deref());
            }
        }
        TestResult::passed()
    }
    QuickCheck::new().quickcheck(property::<T> as fn(_, _, _) -> _);
}

/// Chunks of every size, and refreshes on change: what nobody touches comes out exactly once with its value, in order.
fn what_stays_comes_out_exactly_once<T: SortedTable + Default>() {
    #[expect(clippy::needless_pass_by_value, reason = "quickcheck gives its arguments away")]
    fn property<T: SortedTable + Default>(during: Vec<Operation>, max_entries: u8, max_bytes: u8) -> TestResult {
        let engine = Engine::<T>::new();
        let stays = |number: u8| vec![b'k', number, b's'];
        for number in 0..40 {
            engine.put(&stays(number), &[number]);
            if number % 8 == 0 {
                engine.rotate();
            }
        }
        let mut long = LongIterator::latest(&engine, Unbounded, Unbounded)
            .max_entries(max_entries.into())
            .max_bytes(max_bytes.into());
        let mut refreshed = RefreshIterator::new(&engine, Unbounded, Unbounded);
        let (mut from_long, mut from_refreshed) = (vec![], vec![]);
        let mut ignored = Model::new();
        for operation in &during {
            apply(&engine, &mut ignored, operation);
            if let Operation::Step(count) = operation {
                from_long.extend((0..*count).filter_map(|_| step(&mut long)));
                from_refreshed.extend((0..*count).filter_map(|_| step(&mut refreshed)));
            }
        }
        from_long.extend(drain(&mut long));
        from_refreshed.extend(drain(&mut refreshed));
        for entries in [from_long, from_refreshed] {
            assert!(entries.is_sorted_by(|(a, _), (b, _)| a < b));
            let kept: Vec<Entry> = entries.into_iter().filter(|(key, _)| key.len() == 3).collect();
            assert_eq!(kept, Vec::from_iter((0..40).map(|number| (stays(number), vec![number]))));
        }
        TestResult::passed()
    }
    QuickCheck::new().quickcheck(property::<T> as fn(_, _, _) -> _);
}

/// The keys from which the scan is to go on are gone, and all behind them, at every position.
fn the_resume_key_need_not_exist<T: SortedTable + Default>() {
    for gone in 0..=10_u8 {
        let engine = Engine::<T>::new();
        for number in 0..10 {
            engine.put(&[number], &[1]);
        }
        let mut long = LongIterator::latest(&engine, Unbounded, Unbounded).max_entries(1);
        let mut refreshed = RefreshIterator::new(&engine, Unbounded, Unbounded);
        for _ in 0..gone {
            assert_eq!(step(&mut long), step(&mut refreshed));
        }
        for number in 0..gone {
            engine.put(&[number], &[]);
        }
        for _ in 0..3 {
            engine.rotate();
            engine.flush();
            engine.compact();
        }
        assert!(engine.state().tables.iter().all(|table| table.is_empty()), "the deleted keys are in no layer");
        let rest = Vec::from_iter((gone..10).map(|number| (vec![number], vec![1])));
        assert_eq!((drain(&mut long), drain(&mut refreshed)), (rest.clone(), rest));
    }
}

/// A chunk that is empty because all that was left is deleted: the end, and no panic.
fn an_empty_chunk_is_the_end<T: SortedTable + Default>() {
    let engine = Engine::<T>::new();
    assert_eq!(drain(&mut LongIterator::latest(&engine, Unbounded, Unbounded)), []);
    assert_eq!(drain(&mut RefreshIterator::new(&engine, Unbounded, Unbounded)), []);
    for number in 0..8 {
        engine.put(&[number], &[1]);
    }
    let mut long = LongIterator::latest(&engine, Unbounded, Unbounded).max_entries(4);
    for _ in 0..4 {
        assert!(long.next().unwrap());
    }
    for number in 0..8 {
        engine.put(&[number], &[]);
    }
    assert_eq!(drain(&mut long), []);
    assert_eq!(long.resume_key(), Some(&[3][..]));
    engine.put(&[9], &[1]);
    assert_eq!(step(&mut long), None, "the end is final");
}

for_every_table!(
    each_step_shows_the_model_of_that_moment,
    what_stays_comes_out_exactly_once,
    the_resume_key_need_not_exist,
    an_empty_chunk_is_the_end,
);

#[test]
fn the_closure_form_is_the_same_scan() {
    let engine = Engine::<MemTable>::new();
    for number in 0..200_u8 {
        engine.put(&[number], &[number, 1]);
    }
    let by_closure = LongIterator::from_fn(Excluded(&[3]), Excluded(&[190]), |lower, upper, chunk| {
        let view = engine.view()?;
        chunk.extend_from(ViewSource::scan(&engine, &view, lower, upper)?)
    });
    let mut by_source = LongIterator::latest(&engine, Excluded(&[3]), Excluded(&[190]));
    let expected = Vec::from_iter((4..190).map(|number| (vec![number], vec![number, 1])));
    assert_eq!(drain(&mut by_closure.max_entries(7)), expected);
    assert_eq!(drain(&mut by_source), expected);
}
