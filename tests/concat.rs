//! `ConcatIterator`: every entry of every child in turn, children opened one at a time, and cursors over all of them.

mod support;

use std::cell::{Cell, RefCell};

use quickcheck::quickcheck;
use storage_iter::testing::events::{InjectedPanic, catch_injected};
use storage_iter::testing::{
    Contract, FailPoint, FaultScript, HostileIterator, InjectedFailure, OpenCount, Operations,
};
use storage_iter::{
    BidirectionalIterator, ChildError, ConcatChildren, ConcatFn, ConcatIterator, ConcatRanges, ConcatSource,
    MergeIterator, OverlapError, RangedConcatSource, SeekableIterator, SliceIterator, StorageIterator,
};
use support::{Entry, Layers};

/// Children over one list of entries, which fail and panic where their fail point does, and so does opening one. The ranges are wider than what is in them.
#[derive(Clone, Debug)]
struct Level {
    ranges: Vec<(Vec<u8>, Vec<u8>)>,
    children: Vec<Vec<Entry>>,
    point: FailPoint,
}

impl Level {
    fn look(&self) {
        if self.point.strike_closure() {
            std::panic::resume_unwind(Box::new(InjectedPanic));
        }
    }
}

impl ConcatSource for Level {
    type Child = HostileIterator;

    fn child_count(&self) -> usize {
        self.children.len()
    }

    fn open(&mut self, child: usize) -> Result<HostileIterator, InjectedFailure> {
        self.point.pass()?;
        Ok(HostileIterator::disturbed(&self.children[child], &self.point, &[]).touchy())
    }
}

impl RangedConcatSource for Level {
    fn first_key(&self, child: usize) -> &[u8] {
        self.look();
        &self.ranges[child].0
    }

    fn last_key(&self, child: usize) -> &[u8] {
        self.look();
        &self.ranges[child].1
    }
}

/// All keys of the layers in ascending order, a layer's worth of entries among them, and these cut into children.
fn level(layers: &Layers, cuts: &[usize], point: &FailPoint) -> (Vec<Vec<u8>>, Vec<Entry>, Level) {
    let mut pool: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    pool.sort();
    pool.dedup();
    let entries = layers.layer(0).to_vec();
    let mut level = Level { ranges: vec![], children: vec![], point: point.clone() };
    let mut rest = pool.as_slice();
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let (range, behind) = rest.split_at((cuts.next().map_or(3, |cut| cut % 7 + 1)).min(rest.len()));
        rest = behind;
        let (first, last) = (range[0].clone(), range[range.len() - 1].clone());
        level.children.push(entries.iter().filter(|(key, _)| (&first..=&last).contains(&key)).cloned().collect());
        level.ranges.push((first, last));
    }
    (pool, entries, level)
}

quickcheck! {
    fn a_level_is_the_list_that_it_was_cut_from(layers: Layers, cuts: Vec<usize>) -> bool {
        let (_, entries, level) = level(&layers, &cuts, &FailPoint::harmless());
        ConcatIterator::new(level).collect() == Ok(entries)
    }

    /// Every operation at every place, with failures and panics of children and of their opening.
    fn a_level_is_walked_like_a_list(
        layers: Layers, cuts: Vec<usize>, operations: Operations, script: FaultScript
    ) -> bool {
        let contract = Contract::new().reporting_every_failure();
        [&FaultScript::default(), &script].into_iter().all(|script| {
            let point = FailPoint::new(script);
            let (pool, entries, level) = level(&layers, &cuts, &point);
            let operations = operations.near(&pool, <[u8]>::to_vec);
            contract.check_operations(ConcatIterator::new(level), &entries, &operations, &point).is_ok()
        })
    }
}

type Slice<'a> = SliceIterator<'a, u64, char>;

/// A level of three files and a log of what is opened.
fn opening<'a>(
    files: &'a [Vec<(u64, char)>],
    opened: &'a RefCell<Vec<usize>>,
) -> ConcatIterator<ConcatRanges<u64, impl FnMut(usize) -> Result<Slice<'a>, std::convert::Infallible> + Clone>> {
    let ranges = files.iter().map(|file| (file[0].0, file[file.len() - 1].0));
    let source = ConcatRanges::new(ranges, |file: usize| {
        opened.borrow_mut().push(file);
        Ok(SliceIterator::new(&files[file]))
    });
    ConcatIterator::new(source.expect("the files ascend"))
}

fn files() -> [Vec<(u64, char)>; 3] {
    [vec![(10, 'a'), (15, 'b')], vec![(20, 'c'), (25, 'd')], vec![(30, 'e')]]
}

#[test]
fn a_seek_opens_one_child_and_the_next_one_only_where_that_has_nothing_behind() {
    let (files, opened) = (files(), RefCell::new(vec![]));
    let mut level = opening(&files, &opened);
    assert!(opened.take().is_empty(), "the constructor opens nothing");
    assert_eq!(level.num_active_iterators(), 0);

    assert_eq!(level.seek(&12), Ok(true));
    assert_eq!((*level.key(), opened.take(), level.source_index()), (15, vec![0], Some(0)));
    assert_eq!(level.num_active_iterators(), 1);
    // The child that is open is not opened again.
    assert_eq!(level.seek(&10), Ok(true));
    assert_eq!((*level.key(), opened.take()), (10, vec![]));
    // In the gap between two files.
    assert_eq!(level.seek(&16), Ok(true));
    assert_eq!((*level.key(), opened.take(), level.source_index()), (20, vec![1], Some(1)));
    assert_eq!(level.seek_for_prev(&29), Ok(true));
    assert_eq!((*level.key(), opened.take()), (25, vec![]));
    assert_eq!(level.seek(&31), Ok(false));
    assert_eq!((opened.take(), level.num_active_iterators()), (vec![], 0));
    assert_eq!(level.seek_for_prev(&9), Ok(false));
    assert_eq!(opened.take(), [0; 0]);
    assert_eq!(level.seek_to_last(), Ok(true));
    assert_eq!((*level.key(), opened.take()), (30, vec![2]));
    assert_eq!(level.seek_to_last(), Ok(true));
    assert_eq!((*level.key(), opened.take()), (30, vec![]));
    assert_eq!(level.seek_to_first(), Ok(true));
    assert_eq!((*level.key(), opened.take()), (10, vec![0]));
    assert_eq!(level.count(), Ok(4));
    assert_eq!(opened.take(), [1, 2]);
}

/// A range that promises more than is there costs a second opening, and no more.
#[test]
fn a_seek_behind_the_entries_of_a_wide_range_goes_on_to_the_next_child() {
    let files = files();
    let opened = RefCell::new(vec![]);
    let source = ConcatRanges::new([(10, 19), (20, 29), (30, 39)], |file: usize| {
        opened.borrow_mut().push(file);
        Ok(SliceIterator::new(&files[file]))
    });
    let mut level = ConcatIterator::new(source.unwrap());
    assert_eq!(level.seek(&17), Ok(true));
    assert_eq!((*level.key(), opened.take()), (20, vec![0, 1]));
    assert_eq!(level.seek(&35), Ok(false));
    assert_eq!(opened.take(), [2]);
}

/// A seek whose child cannot be opened is completed by the next step, also where that child has nothing for it.
#[test]
fn a_seek_that_could_not_open_its_child_goes_on_to_the_next_one() {
    let files = files();
    let broken = Cell::new(false);
    let make = || {
        let source = ConcatRanges::new([(10, 19), (20, 29), (30, 39)], |file: usize| {
            if broken.replace(false) { Err("closed") } else { Ok(SliceIterator::new(&files[file]).lift_err::<&str>()) }
        });
        ConcatIterator::new(source.unwrap())
    };
    let mut level = make();
    for (target, child, found) in [(12, 0, Some(15)), (17, 0, Some(20)), (26, 1, Some(30)), (35, 2, None)] {
        // Another child is to be opened.
        assert_eq!(level.seek(if child == 2 { &10 } else { &30 }), Ok(true));
        broken.set(true);
        assert_eq!(level.seek(&target), Err(ChildError { child, error: "closed" }), "{target}");
        assert_eq!((level.is_valid(), level.source_index()), (false, None), "{target}");
        assert_eq!(level.next(), Ok(found.is_some()), "{target}");
        assert_eq!(level.is_valid().then(|| *level.key()), found);
    }
    // A loop completes it as well.
    for enough in 1..=3 {
        let mut level = make();
        broken.set(true);
        assert!(level.seek(&12).is_err());
        let mut shown = vec![];
        let result = level.for_each_while(|key, _| {
            shown.push(*key);
            shown.len() < enough
        });
        assert_eq!((result, shown.as_slice()), (Ok(false), &[15, 20, 25][..enough]));
    }
}

#[test]
fn a_child_that_is_left_is_dropped_before_the_next_one_is_opened() {
    let (files, open) = (files(), OpenCount::new());
    let mut level = ConcatIterator::new(ConcatFn::new(files.len(), |file| {
        assert_eq!(open.open(), 0, "another one is open");
        Ok(open.track(SliceIterator::new(&files[file])))
    }));
    let mut entries = 0;
    while level.next().unwrap() {
        assert_eq!((open.open(), level.num_active_iterators()), (1, 1));
        entries += 1;
    }
    assert_eq!((entries, open.open(), level.num_active_iterators()), (5, 0, 0));
    assert_eq!(level.next(), Ok(false));
}

#[test]
fn a_failed_opening_names_the_child_and_is_tried_again() {
    let tries = Cell::new(0);
    let point = FailPoint::failing_at(0, 3);
    let mut level = ConcatIterator::new(ConcatFn::new(2, |child| {
        tries.set(tries.get() + 1);
        if child == 1 {
            point.pass()?;
        }
        Ok(HostileIterator::harmless(&[]))
    }));
    for time in 1..=3 {
        let error = InjectedFailure { path: [].into(), step: 0, time };
        assert_eq!(level.next(), Err(ChildError { child: 1, error }));
        assert!(!level.is_valid());
    }
    assert_eq!(level.next(), Ok(false));
    assert_eq!(tries.get(), 5);
}

#[test]
fn ranges_that_overlap_are_an_error_with_both_keys() {
    let error_of = |ranges: &[(u64, u64)]| {
        let open = |_| Ok(Slice::new(&[]));
        ConcatRanges::new(ranges.iter().copied(), open).map(|_| ()).unwrap_err().to_string()
    };
    assert_eq!(
        error_of(&[(1, 5), (5, 9)]),
        "the first key of child 1, 5, does not come after the last key of child 0, 5"
    );
    assert_eq!(
        error_of(&[(1, 5), (6, 9), (2, 3)]),
        "the first key of child 2, 2, does not come after the last key of child 1, 9"
    );
    assert_eq!(error_of(&[(5, 1)]), "the first key of child 0, 5, is greater than its last key, 1");
    let ranges = Level {
        ranges: vec![(vec![1], vec![2]), (vec![2], vec![3])],
        children: vec![vec![], vec![]],
        point: FailPoint::harmless(),
    };
    let overlap = OverlapError::Overlap { child: 1, previous_last: vec![2], first: vec![2] };
    assert_eq!(ranges.check_ranges(), Err(overlap));
}

/// Without ranges, `check_order` finds children that overlap, at the first key out of order.
#[test]
fn check_order_finds_children_that_overlap() {
    let children = [vec![(1, 'a'), (5, 'b')], vec![(4, 'c')]];
    let children = ConcatChildren::new(children.iter().map(|child| SliceIterator::new(child)));
    let mut checked = ConcatIterator::new(children).check_order();
    assert_eq!(checked.next(), Ok(true));
    assert_eq!(checked.next(), Ok(true));
    assert_eq!(checked.next().unwrap_err().to_string(), "key 4 does not come after 5");
}

/// Levels below a merge: what a shared prefix is said to be must hold across the border of two children.
#[test]
fn levels_of_byte_keys_are_merged() {
    let chunks = [vec![("aaaaaaaaaaaa1", 1), ("aaaaaaaaaaaa2", 1)], vec![("baaaaaaaaaaa3", 1), ("baaaaaaaaaaa4", 1)]];
    let other = [("aaaaaaaaaaaa15", 2), ("aaaaaaaaaaaa3", 2), ("b", 2), ("baaaaaaaaaaa35", 2)];
    let others = [other[..1].to_vec(), other[1..].to_vec(), vec![]];
    let third = [vec![], vec![("aaaaaaaaaaaa0", 3), ("c", 3)]];
    let level = |chunks: &'static [Vec<(&'static str, u64)>]| {
        ConcatIterator::new(ConcatChildren::new(chunks.iter().map(|chunk| SliceIterator::new(chunk))))
    };
    let mut expected: Vec<_> = chunks.iter().chain(&others).chain(&third).flatten().copied().collect();
    expected.sort_unstable();
    let leak = |chunks: Vec<Vec<(&'static str, u64)>>| &*chunks.leak();
    let merged =
        MergeIterator::new([chunks.to_vec(), others.to_vec(), third.to_vec()].map(|chunks| level(leak(chunks))));
    assert_eq!(merged.collect(), Ok(expected));
}

/// The same where the keys on both sides of a border have more than a column of bytes in common, and follow one another.
#[test]
fn levels_with_shared_prefixes_across_their_borders_are_merged() {
    let entries: Vec<_> = (100..200_u64).map(|number| (format!("a shared prefix {number}"), number)).collect();
    for (count, len) in (1..=5).flat_map(|count| (1..=10).map(move |len| (count, len))) {
        let mut levels = vec![vec![]; count];
        for (index, turn) in entries.chunks(3).enumerate() {
            levels[index % count].extend_from_slice(turn);
        }
        let merged = MergeIterator::new(
            levels
                .iter()
                .map(|level| ConcatIterator::new(ConcatChildren::new(level.chunks(len).map(SliceIterator::new)))),
        );
        assert_eq!(merged.collect::<Vec<_>>(), Ok(entries.clone()), "{count} levels, children of {len}");
    }
}

/// After a panic in a seek nothing is known but that the next seek starts afresh.
#[test]
#[should_panic(expected = "a seek was cut short; seek again")]
fn a_seek_that_was_cut_short_has_to_be_repeated() {
    let ranges = vec![(vec![1], vec![2])];
    let level = Level { ranges, children: vec![vec![(vec![1], vec![])]], point: FailPoint::panicking_at(0) };
    let mut cursor = ConcatIterator::new(level);
    assert_eq!(catch_injected(|| cursor.seek_for_prev(&[2])), None);
    assert!(!cursor.is_valid());
    let _ = cursor.prev();
}
