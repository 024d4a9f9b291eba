//! What a compaction may drop: every reader at or above the watermark sees the same as before.

use std::cell::Cell;

use quickcheck::quickcheck;
use storage_iter::{OwnedVersionedKey, StorageIterator};

use super::history::History;
use super::random_history::LATEST;
use super::source::{Source, every_call_fails, source};
use super::support::{Composition, Entry, Faults, oracles, run};

type Versions = Vec<(OwnedVersionedKey, Vec<u8>)>;

fn versions(history: &History) -> Source {
    source(&history.entries(), &Faults::harmless())
}

fn decoded(versions: &Versions) -> History {
    let decode = |(key, value): &(OwnedVersionedKey, Vec<u8>)| {
        ((key.user_key().to_vec(), std::cmp::Reverse(key.sequence())), value.clone())
    };
    History { versions: versions.iter().map(decode).collect(), ranges: vec![] }
}

/// The versions that readers from `watermark` on need, by trying all of them.
fn needed(history: &History, watermark: u64, latest: u64) -> std::collections::BTreeMap<Vec<u8>, Vec<u64>> {
    let mut needed = std::collections::BTreeMap::<_, Vec<_>>::new();
    for snapshot in (watermark..=latest).rev() {
        for (user_key, versions) in history.seen(snapshot) {
            let sequences = needed.entry(user_key).or_default();
            if sequences.last() != Some(&versions[0].0) {
                sequences.push(versions[0].0);
            }
        }
    }
    needed
}

fn is_operand(value: &[u8]) -> bool {
    value.starts_with(b"+")
}

quickcheck! {
    /// Above something older: exactly what some reader needs is left.
    fn what_no_reader_sees_is_left_out(history: History, watermark: u64) -> bool {
        let watermark = watermark % (LATEST + 2);
        let kept: Versions = versions(&history).collect_garbage(watermark, |_| true).collect().expect("nothing fails");
        let mut sequences = std::collections::BTreeMap::<_, Vec<_>>::new();
        for (key, _) in &kept {
            sequences.entry(key.user_key().to_vec()).or_default().push(key.sequence());
        }
        sequences == needed(&history, watermark, LATEST.max(watermark))
    }

    /// At the bottom: readers see the same live entries, and no tombstone is left without a need.
    fn readers_see_the_same_at_the_bottom(history: History, watermark: u64) -> bool {
        let watermark = watermark % (LATEST + 2);
        let kept: Versions = versions(&history).collect_garbage(watermark, |_| false).collect().expect("nothing fails");
        let all_see_the_same = (watermark..=LATEST + 1).all(|snapshot| {
            let live = |history: &History| oracles::live(&history.at(snapshot));
            live(&decoded(&kept)) == live(&history)
        });
        all_see_the_same && kept.iter().all(|(key, value)| !value.is_empty() || key.sequence() > watermark)
    }

    /// Readers who fold still find every operand, and its base.
    fn operands_keep_what_is_below_them(history: History, watermark: u64, is_bottom: bool) -> bool {
        let watermark = watermark % (LATEST + 2);
        let kept = versions(&history).collect_garbage(watermark, |_| !is_bottom).with_operands(is_operand);
        let kept: Versions = kept.collect().expect("nothing fails");
        (watermark..=LATEST + 1).all(|snapshot| {
            let live = |history: &History| oracles::live(&history.folded(snapshot));
            live(&decoded(&kept)) == live(&history)
        })
    }

    /// With range tombstones, of which only some are left: what is masked for the watermark is gone, and what is still
    /// masked later is masked by those that are left.
    fn ranges_are_applied_and_left_where_they_are_needed(history: History, watermark: u64, is_bottom: bool) -> bool {
        let watermark = watermark % (LATEST + 2);
        let tombstones = history.tombstones();
        let kept = versions(&history).mask(&tombstones, watermark).collect_garbage(watermark, |_| !is_bottom);
        let kept: Versions = kept.collect().expect("nothing fails");
        let ranges = tombstones.collect_garbage(watermark, |_, _| !is_bottom);
        let is_smaller = ranges.fragments().all(|(_, _, sequences)| {
            let old = sequences.iter().filter(|&&sequence| sequence <= watermark).count();
            old <= usize::from(!is_bottom)
        });
        is_smaller && (watermark..=LATEST + 1).all(|snapshot| {
            let before = oracles::live(&history.unmasked(snapshot).at(snapshot));
            let after = source(&kept, &Faults::harmless()).mask(&ranges, snapshot).at(snapshot);
            after.skip_tombstones().collect::<Vec<Entry>>() == Ok(before)
        })
    }

    /// Something older below the compaction stays hidden by what the compaction writes.
    fn what_is_below_stays_hidden(history: History, watermark: u64, split: u64) -> bool {
        let (watermark, split) = (watermark % (LATEST + 2), split % (LATEST + 2));
        let part = |is_newer: bool| {
            let mut part = history.clone();
            part.versions.retain(|(_, sequence), _| (sequence.0 >= split) == is_newer);
            part.ranges.retain(|range| (range.sequence >= split) == is_newer);
            part
        };
        let (newer, older) = (part(true), part(false));
        let compacted = versions(&newer).mask(newer.tombstones(), watermark);
        let compacted: Versions = compacted.collect_garbage(watermark, |_| true).collect().expect("nothing fails");
        let mut ranges = newer.tombstones().collect_garbage(watermark, |_, _| true);
        ranges.extend(older.ranges.iter().cloned());
        let mut all = decoded(&compacted);
        all.versions.extend(older.versions);
        (watermark..=LATEST + 1).all(|snapshot| {
            let after = versions(&all).mask(&ranges, snapshot).at(snapshot).skip_tombstones();
            let before = oracles::live(&history.unmasked(snapshot).at(snapshot));
            after.collect::<Vec<Entry>>() == Ok(before)
        })
    }

    fn it_resumes_after_every_call(history: History, watermark: u64) -> bool {
        let watermark = watermark % (LATEST + 2);
        let expected = versions(&history).collect_garbage(watermark, |_| false);
        let expected: Versions = expected.collect().expect("nothing fails");
        let mut kept = source(&history.entries(), &every_call_fails(2)).collect_garbage(watermark, |_| false);
        let kept = run(Composition::of("collect_garbage"), &mut kept, 1000);
        kept.ended && kept.entries == expected
    }
}

/// Whether something older lies below is asked for tombstones that could go, and for nothing else.
#[test]
fn only_old_tombstones_are_asked_about() {
    let versions = [("a", 9, ""), ("a", 5, ""), ("a", 3, ""), ("b", 4, "b"), ("c", 6, "")];
    let entries = versions
        .map(|(key, sequence, value)| (OwnedVersionedKey::new(key.as_bytes(), sequence), value.as_bytes().to_vec()));
    let asked = Cell::new(0);
    let has_older = |user_key: &[u8]| {
        asked.set(asked.get() + 1);
        user_key == b"c"
    };
    let kept = source(&entries, &Faults::harmless()).collect_garbage(7, has_older);
    let kept: Versions = kept.collect().expect("nothing fails");
    let kept: Vec<_> = kept.iter().map(|(key, _)| (key.user_key().to_vec(), key.sequence())).collect();
    assert_eq!(kept, [(b"a".to_vec(), 9), (b"b".to_vec(), 4), (b"c".to_vec(), 6)]);
    assert_eq!(asked.get(), 2);
}
