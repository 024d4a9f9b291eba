//! What snapshots see of versions, as cursors, over sources that fail and panic, with a history that is searched from end to end.

#[path = "../../tests/versions/append.rs"]
mod append;
#[path = "../../tests/versions/history.rs"]
mod history;

use std::cmp::Reverse;

use storage_iter::testing::{Contract, Entry, FailPoint, Fault, HostileIterator};
use storage_iter::{MergeIterator, RangeTombstone, StorageIterator, VersionedKey};

use self::append::Append;
use self::history::History;
use super::course::Course;
use super::input::Input;

/// Snapshots and sequence numbers are less.
const MOST: usize = 16;

/// Reads an input and compares.
///
/// # Panics
///
/// Where a cursor is wrong.
pub fn versions(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let family = input.byte();
    let faults = input.faults(&[Fault::Error, Fault::Error, Fault::Forget, Fault::Panic]);
    let history = read(&mut input);
    let snapshot = input.below(MOST) as u64;
    let keys: Vec<Vec<u8>> = history.versions.keys().map(|(user_key, _)| user_key.clone()).collect();
    let encoded = encoded(&history, input.byte());
    let course = Course::new(faults, &keys, &mut input);
    let contract = Contract::new().reporting_every_failure();
    let value = |value: &[u8]| value.to_vec();
    match family % 7 {
        0 => course.drive(contract, &encoded, &history.at(snapshot), |sources| {
            MergeIterator::new(sources).versioned_keys().at(snapshot)
        }),
        1 => {
            let expected = history.folded(snapshot);
            let make = |sources: Vec<HostileIterator>, point: &FailPoint| {
                MergeIterator::new(sources).versioned_keys().fold_versions(snapshot, Append(point.clone()))
            };
            course.drive_shown(contract, &encoded, &expected, make, |cursor| value(cursor.value()));
        }
        2 => course.drive(contract, &encoded, &history.unmasked(snapshot).at(snapshot), |sources| {
            MergeIterator::new(sources).versioned_keys().mask(history.tombstones(), snapshot).at(snapshot)
        }),
        3 => {
            let expected = history.unmasked(snapshot).folded(snapshot);
            let make = |sources: Vec<HostileIterator>, point: &FailPoint| {
                let masked = MergeIterator::new(sources).versioned_keys().mask(history.tombstones(), snapshot);
                masked.fold_versions(snapshot, Append(point.clone()))
            };
            course.drive_shown(contract, &encoded, &expected, make, |cursor| value(cursor.value()));
        }
        4 => course.drive(contract, &encoded, &history.at(snapshot), |sources| {
            MergeIterator::new(sources).versioned_keys().at(snapshot).prefixes(|key: &[u8]| key.get(..1))
        }),
        5 => {
            let mut live = history.unmasked(snapshot).at(snapshot);
            live.retain(|(_, value)| !value.is_empty());
            course.drive(contract, &encoded, &live, |sources| {
                let masked = MergeIterator::new(sources).versioned_keys().mask(history.tombstones(), snapshot);
                masked.at(snapshot).skip_tombstones()
            });
        }
        _ => garbage(&history, &encoded, snapshot, &course.point()),
    }
}

/// What a compaction keeps: what every snapshot from the watermark on sees is the same as before.
fn garbage(history: &History, encoded: &[Vec<Entry>], watermark: u64, point: &FailPoint) {
    let sources = encoded.iter().map(|layer| HostileIterator::disturbed(layer, point, &[]));
    let merged = MergeIterator::new(sources).versioned_keys();
    let mut collected = merged.collect_garbage(watermark, |_: &[u8]| false);
    let mut kept = History::default();
    loop {
        let stepped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| collected.next()));
        match stepped {
            Ok(Ok(true)) => {
                let key: &VersionedKey = collected.key();
                let key = (key.user_key().to_vec(), Reverse(key.sequence()));
                assert!(kept.versions.last_key_value().is_none_or(|(last, _)| *last < key));
                kept.versions.insert(key, collected.value().to_vec());
            }
            Ok(Ok(false)) => break,
            Ok(Err(_)) => assert!(!collected.is_valid()),
            Err(payload) => {
                assert!(payload.is::<storage_iter::testing::events::InjectedPanic>());
                assert!(!collected.is_valid());
            }
        }
    }
    let live = |history: &History, snapshot| -> Vec<Entry> {
        history.at(snapshot).into_iter().filter(|(_, value)| !value.is_empty()).collect()
    };
    for snapshot in watermark..MOST as u64 {
        assert_eq!(live(&kept, snapshot), live(history, snapshot), "watermark {watermark}, snapshot {snapshot}");
    }
    // Of each key all newer versions, and one that is not a tombstone at the most.
    for (key, value) in &history.versions {
        assert_eq!(kept.versions.get(key).is_some_and(|kept| kept == value), {
            let (user_key, Reverse(sequence)) = key;
            let newer = |other: &(Vec<u8>, Reverse<u64>)| other.0 == *user_key && other.1.0 > *sequence;
            *sequence > watermark
                || !value.is_empty() && !history.versions.keys().any(|other| newer(other) && other.1.0 <= watermark)
        });
    }
}

fn read(input: &mut Input<'_>) -> History {
    let pool: Vec<Vec<u8>> = (0..1 + input.below(8)).map(|_| input.key()).collect();
    let mut history = History::default();
    for _ in 0..input.below(40) {
        let user_key = pool[input.below(pool.len())].clone();
        let sequence = input.below(MOST) as u64;
        let value = match input.below(4) {
            0 => vec![],
            1 => format!("={sequence}").into_bytes(),
            _ => format!("+{sequence}").into_bytes(),
        };
        history.versions.insert((user_key, Reverse(sequence)), value);
    }
    for _ in 0..input.below(4) {
        let [start, end] = [(); 2].map(|()| pool[input.below(pool.len())].clone());
        history.ranges.push(RangeTombstone { start, end, sequence: input.below(MOST) as u64 });
    }
    history
}

/// The versions under encoded keys, dealt out to layers.
fn encoded(history: &History, layers: u8) -> Vec<Vec<Entry>> {
    let count = usize::from(layers % 5) + 1;
    let mut dealt = vec![vec![]; count];
    for (place, (key, value)) in history.entries().into_iter().enumerate() {
        dealt[(place * usize::from(layers)) / 5 % count].push((key.into_bytes(), value));
    }
    dealt
}
