//! Sources in runs and with many duplicates, long enough for a merge to find that out: it then lines its children up in place of
//! letting them play a tournament, and goes back to that when they take turns again.
//!
//! The same properties as for short inputs, on either way and across the changes.

mod support;

use std::fmt::Debug;
use std::sync::Arc;

use quickcheck::{Arbitrary, Gen, quickcheck};
use storage_iter::{
    BidirectionalIterator, Descending, Key, MergeAllIterator, MergeIterator, SliceIterator, StorageIterator,
};
use support::{
    Composition, CursorLeaves, Entry, Failures, FaultScript, Faults, HostileIterator, Layers, Operation, Operations,
    TIES, behind_ties, below, check_cursor, oracles, run,
};

/// Sources whose keys, numbers, come in phases: in runs or in turns, with few duplicates or with many.
#[derive(Clone, Debug)]
struct Phases(Vec<Vec<(u32, u16)>>);

impl Arbitrary for Phases {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut sources = vec![vec![]; 2 + below(g, 8)];
        let k = sources.len();
        let (mut key, mut value) = (below(g, 1000) as u32, 0);
        for _ in 0..1 + below(g, 5) {
            let run = [1, 2, 5, 40][below(g, 4)];
            let duplicates = [0, 10, 100][below(g, 3)];
            let is_everywhere = bool::arbitrary(g);
            let mut source = 0;
            for entry in 0..below(g, 12 * k) {
                if entry % run == 0 {
                    source = below(g, k);
                }
                // Gaps of all sizes, so that keys part from each other in any byte.
                key = key.saturating_add(1 << below(g, 20));
                let mut holders = vec![source];
                if below(g, 100) < duplicates {
                    holders =
                        if is_everywhere { (0..k).collect() } else { vec![source, (source + 1 + below(g, k)) % k] };
                }
                holders.sort_unstable();
                holders.dedup();
                for holder in holders {
                    value += 1;
                    sources[holder].push((key, value));
                }
            }
        }
        for source in &mut sources {
            source.dedup_by_key(|(key, _)| *key);
        }
        Phases(sources)
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let sources = self.0.clone();
        let without_one = (0..sources.len()).map(move |source| {
            let mut fewer = sources.clone();
            fewer.remove(source);
            Phases(fewer)
        });
        let sources = self.0.clone();
        let halves = (0..2 * sources.len()).map(move |half| {
            let mut fewer = sources.clone();
            let source = &mut fewer[half / 2];
            let middle = source.len() / 2;
            match half % 2 {
                0 => source.truncate(middle),
                _ => drop(source.drain(..middle)),
            }
            Phases(fewer)
        });
        let before = self.0.iter().map(Vec::len).sum::<usize>();
        let is_less = move |phases: &Phases| phases.0.iter().map(Vec::len).sum::<usize>() < before;
        Box::new(without_one.chain(halves).filter(is_less))
    }
}

impl Phases {
    fn with_keys<K>(&self, key: impl Fn(u32) -> K) -> Vec<Vec<(K, u16)>> {
        let with_key = |source: &Vec<(u32, u16)>| source.iter().map(|&(number, value)| (key(number), value)).collect();
        self.0.iter().map(with_key).collect()
    }

    fn layers(&self, key: impl Fn(u32) -> Vec<u8>) -> Layers {
        let entry = |&(number, value): &(u32, u16)| (key(number), value.to_be_bytes().to_vec());
        Layers(self.0.iter().map(|source| source.iter().map(entry).collect()).collect())
    }
}

/// As bytes, some with a tail, behind a beginning that all of them share.
fn byte_key(number: u32) -> Vec<u8> {
    let mut key = [b"a beginning".as_slice(), &number.to_be_bytes()].concat();
    key.truncate(key.len() - (key.len() - 11).min(number.trailing_zeros() as usize / 8));
    key
}

/// As bytes of which there is no short part that tells most keys apart: two such parts lie far from each other.
fn parted_key(number: u32, gap: usize) -> Vec<u8> {
    let [high @ .., low, lowest] = number.to_be_bytes();
    let mut key = [b"a beginning".as_slice(), &high, &vec![7; gap], &[low]].concat();
    if lowest > 0 {
        key.push(lowest);
    }
    key
}

fn is_merged<K: Key + Clone + Debug>(sources: &[Vec<(K, u16)>]) -> bool {
    let children = || sources.iter().map(|source| SliceIterator::new(source));
    let mut tagged = vec![];
    let mut all = MergeAllIterator::new(children());
    while all.next().expect("never fails") {
        tagged.push((all.source_index().expect("on an entry"), (all.key().clone(), *all.value())));
    }
    MergeIterator::new(children()).collect::<Vec<_>>().as_ref() == Ok(&oracles::newest(sources))
        && MergeIterator::new(children().map(|child| child.filter(|_, _| true))).collect::<Vec<_>>().as_ref()
            == Ok(&oracles::newest(sources))
        && tagged == oracles::all_versions(sources)
}

quickcheck! {
    fn keys_of_every_kind(phases: Phases) -> bool {
        let reversed = |mut sources: Vec<Vec<(Descending<Vec<u8>>, u16)>>| {
            sources.iter_mut().for_each(|source| source.reverse());
            sources
        };
        is_merged(&phases.with_keys(byte_key))
            && is_merged(&phases.with_keys(|number| parted_key(number, 20)))
            && is_merged(&phases.with_keys(|number| parted_key(number, 2_000)))
            && is_merged(&reversed(phases.with_keys(|number| Descending(parted_key(number, 20)))))
            && is_merged(&phases.with_keys(|number| u64::from(number) << 7))
            && is_merged(&phases.with_keys(|number| u64::MAX - u64::from(u32::MAX - number)))
            && is_merged(&phases.with_keys(i64::from))
            && is_merged(&phases.with_keys(|number| (number, 'x')))
            && is_merged(&reversed(phases.with_keys(|number| Descending(byte_key(number)))))
    }

    /// Errors cost nothing, wherever they strike.
    fn errors(phases: Phases, failures: Vec<(u8, u8, u8)>, is_parted: bool, is_tied: bool) -> bool {
        let layers = phases.layers(|number| if is_parted { parted_key(number, 20) } else { byte_key(number) });
        let layers = if is_tied { behind_ties(layers) } else { layers };
        let plan = failures.iter().fold(Failures::none(), |plan, &(source, step, times)| {
            let source = usize::from(source) % layers.0.len().max(1);
            plan.and(source, usize::from(step) % (layers.layer(source).len() + 1), 1 + usize::from(times % 3))
        });
        let children = |plan: Failures| {
            let plan = Arc::new(plan);
            let leaf = move |(index, layer): (usize, &Vec<Entry>)| HostileIterator::new(layer, index, Arc::clone(&plan), &[index]);
            layers.0.iter().enumerate().map(leaf).collect::<Vec<_>>()
        };
        [plan, Failures::everywhere(&layers, 1)].into_iter().all(|plan| {
            let patience = plan.sum();
            let run = run(Composition::of("merge"), &mut MergeIterator::new(children(plan)), patience);
            run.ended && run.entries == oracles::newest(&layers.0)
        })
    }

    /// A cursor that goes on for long in one direction before it does something else, over sources that fail and panic.
    fn cursors(phases: Phases, operations: Operations, script: FaultScript, streaks: Vec<u8>, is_parted: bool) -> bool {
        let layers = phases.layers(|number| if is_parted { parted_key(number, 20) } else { byte_key(number) });
        check_long_walk(&layers, &operations, &script, &streaks, 0);
        true
    }

    /// The same by offset-value codes from the start.
    fn cursors_behind_ties(phases: Phases, operations: Operations, script: FaultScript, streaks: Vec<u8>, tail: u8) -> bool {
        let parted = phases.layers(|number| parted_key(number, 20));
        let tailed = phases.layers(|number| {
            // Keys that differ in zeros at their ends only, on both sides of a border of columns.
            let mut key = [b"a beginning".as_slice(), &vec![0; usize::from(tail % 16)], &(number >> 3).to_be_bytes()].concat();
            key.resize(key.len() + (number & 7) as usize, 0);
            key
        });
        for layers in [parted, tailed] {
            let mut script = script.clone();
            if let Some((calls, _)) = script.0.first_mut() {
                *calls += TIES;
            }
            check_long_walk(&behind_ties(layers), &operations, &script, &streaks, TIES);
        }
        true
    }
}

/// So many sources that one which goes back passes many others, and comes before a few or before many: where it belongs is left to
/// chance.
#[test]
fn many_sources() {
    for k in [17_u64, 20, 40, 100] {
        let mut state = k;
        let mut chance = |end: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % end
        };
        let mut sources = vec![vec![]; k as usize];
        let mut number = 0;
        for _ in 0..4 * k {
            let holders: Vec<_> = (0..1 + chance(6).saturating_sub(3)).map(|_| chance(k) as usize).collect();
            // Before long all have been lined up, and later as well few of these runs are short.
            for _ in 0..1 + chance(6) * chance(6) {
                number += 1;
                for (value, &holder) in holders.iter().enumerate() {
                    sources[holder].push((number, value as u16));
                }
            }
        }
        for source in &mut sources {
            source.dedup_by_key(|(number, _)| *number);
        }
        let phases = Phases(sources);
        assert!(is_merged(&phases.with_keys(byte_key)), "k = {k}, bytes");
        assert!(is_merged(&phases.with_keys(u64::from)), "k = {k}, integers");
        assert!(is_merged(&phases.with_keys(|number| (number, 'x'))), "k = {k}, neither");
        let entries = phases.with_keys(byte_key);
        let newest = oracles::newest(&entries);
        let mut cursor = MergeIterator::new(entries.iter().map(|entries| SliceIterator::new(entries)));
        assert_eq!(cursor.seek_to_last(), Ok(true));
        for (key, value) in newest.iter().rev() {
            assert_eq!((cursor.key(), cursor.value()), (key, value), "k = {k}, backward");
            assert!(cursor.prev().is_ok());
        }
    }
}

/// Each step of `operations` is repeated as often as `streaks` says, behind so many first steps.
fn check_long_walk(layers: &Layers, operations: &Operations, script: &FaultScript, streaks: &[u8], first_steps: usize) {
    let keys: Vec<Vec<u8>> = layers.0.iter().flatten().map(|(key, _)| key.clone()).collect();
    let operations = operations.near(&keys, <[u8]>::to_vec);
    let mut streaks = streaks.iter().copied().chain([0]).cycle();
    let long = operations.into_iter().flat_map(|operation| {
        let times = match operation {
            Operation::Next | Operation::Prev => 1 + usize::from(streaks.next().unwrap_or(0)),
            _ => 1,
        };
        std::iter::repeat_n(operation, times)
    });
    let long: Vec<Operation<Vec<u8>>> = std::iter::repeat_n(Operation::Next, first_steps).chain(long).collect();
    let leaves = CursorLeaves::new(layers, Faults::new(script));
    let children = (0..layers.0.len()).map(|layer| leaves.leaf(layer, &[layer]));
    let newest = oracles::newest(&layers.0);
    check_cursor(Composition::of("merge"), MergeIterator::new(children), leaves.faults(), &newest, &long);
}
