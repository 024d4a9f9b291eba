//! Prefixes: bounds, successors, and passing over the rest of a group.

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};

use quickcheck::quickcheck;
use storage_iter::{BidirectionalIterator, PrefixKey, SeekableIterator, StorageIterator};

use super::source::{bytes, errors};
use super::support::{Entry, FaultScript, Faults};

/// Bytes of which many are the greatest.
fn awkward(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| [0xff, 0xff, 0, b'a', 0xfe][usize::from(byte % 5)]).collect()
}

/// Characters before the gaps and the ends of their encodings.
fn awkward_text(bytes: &[u8]) -> String {
    let characters = ['a', '\u{7f}', '\u{7ff}', '\u{d7ff}', '\u{ffff}', char::MAX];
    bytes.iter().map(|byte| characters[usize::from(byte % 6)]).collect()
}

/// Entries of few, short keys.
fn entries(raw: &[Vec<u8>]) -> Vec<Entry> {
    let keys: BTreeMap<_, _> = raw.iter().map(|key| (awkward(&key[..key.len().min(4)]), vec![])).collect();
    keys.into_iter().collect()
}

/// The first keys of the groups, by comparing every key with the one before it.
fn first_keys(entries: &[Entry], length: usize) -> Vec<Vec<u8>> {
    let mut groups: Vec<&[u8]> = vec![];
    for (key, _) in entries {
        let is_same = |first: &&&[u8]| key.get(..length).is_some_and(|prefix| first.get(..length) == Some(prefix));
        if groups.last().filter(is_same).is_none() {
            groups.push(key);
        }
    }
    groups.into_iter().map(<[u8]>::to_vec).collect()
}

quickcheck! {
    fn prefix_bounds_hold_what_begins_with_the_prefix(prefix: Vec<u8>, key: Vec<u8>, begins: bool) -> bool {
        let prefix = awkward(&prefix);
        let key = if begins { [&prefix[..], &awkward(&key)].concat() } else { awkward(&key) };
        let bounds = <[u8]>::prefix_bounds(&prefix);
        RangeBounds::<Vec<u8>>::contains(&bounds, &key) == key.starts_with(&prefix)
            && key.has_prefix(&prefix) == key.starts_with(&prefix)
    }

    fn prefix_bounds_of_text_do_as_well(prefix: Vec<u8>, key: Vec<u8>, begins: bool) -> bool {
        let prefix = awkward_text(&prefix);
        let key = if begins { prefix.clone() + &awkward_text(&key) } else { awkward_text(&key) };
        let bounds = str::prefix_bounds(&prefix);
        RangeBounds::<String>::contains(&bounds, &key) == key.starts_with(&prefix)
    }

    fn prefix_leaves_what_begins_with_it(raw: Vec<Vec<u8>>, prefix: Vec<u8>) -> bool {
        let (entries, prefix) = (entries(&raw), awkward(&prefix[..prefix.len().min(2)]));
        let found: Vec<Entry> = bytes(&entries, &Faults::harmless()).prefix(&prefix).collect().expect("nothing fails");
        found.iter().eq(entries.iter().filter(|(key, _)| key.starts_with(&prefix)))
    }

    /// Step by step and by seeks, with failures in between: the same.
    fn next_prefix_finds_the_first_of_each(raw: Vec<Vec<u8>>, length: usize, seeks: bool, script: FaultScript) -> bool {
        let (entries, length) = (entries(&raw), length % 4);
        let mut prefixes = bytes(&entries, &errors(&script)).prefixes(|key| key.get(..length));
        let mut found = vec![];
        let mut result = prefixes.next();
        loop {
            result = match result {
                Err(_) => prefixes.next(),
                Ok(false) => break,
                Ok(true) => {
                    found.push(prefixes.key().to_vec());
                    if seeks { prefixes.seek_next_prefix() } else { prefixes.next_prefix() }
                }
            };
        }
        found == first_keys(&entries, length)
    }

    /// A failed `next_prefix` is completed before the way back begins.
    fn prev_after_next_prefix_leads_before_the_next_group(
        raw: Vec<Vec<u8>>, start: usize, fails_at: usize, seeks: bool
    ) -> bool {
        let entries = entries(&raw);
        let Some(index) = start.checked_rem(entries.len()) else { return true };
        let mut prefixes = bytes(&entries, &Faults::failing_at(fails_at % 6, 1)).prefixes(|key| key.get(..1));
        while prefixes.seek(&entries[index].0).is_err() {}
        let moved = if seeks { prefixes.seek_next_prefix() } else { prefixes.next_prefix() };
        let next_group = index + 1 + entries[index + 1..].iter().take_while(|(key, _)| {
            entries[index].0.get(..1).is_some_and(|prefix| key.starts_with(prefix))
        }).count();
        if let Ok(found) = moved {
            assert_eq!(found.then(|| prefixes.key()), entries.get(next_group).map(|(key, _)| key.as_slice()));
        }
        while prefixes.prev().is_err() {}
        prefixes.key() == entries[next_group - 1].0
    }
}

/// A seek passes over a group without reading it.
#[test]
fn seek_next_prefix_reads_nothing_of_the_group() {
    let entries: Vec<Entry> = (0..1000_u32).map(|number| (number.to_be_bytes()[2..].to_vec(), vec![])).collect();
    let faults = Faults::harmless();
    let mut prefixes = bytes(&entries, &faults).prefixes(|key| key.get(..1));
    assert_eq!(prefixes.next(), Ok(true));
    for group in 1..4 {
        assert_eq!(prefixes.seek_next_prefix(), Ok(true));
        assert_eq!(prefixes.key(), [group, 0]);
    }
    assert_eq!(faults.passed(), 4);
    assert_eq!(prefixes.seek_next_prefix(), Ok(false));
}

/// A bound at the end of all bytes is none.
#[test]
fn the_greatest_prefix_has_no_upper_bound() {
    assert_eq!(<[u8]>::prefix_bounds(b"\xff\xff").1, Bound::Unbounded);
    assert_eq!(<[u8]>::prefix_bounds(b"").1, Bound::Unbounded);
    assert_eq!(str::prefix_bounds("a\u{10ffff}").1, Bound::Excluded("b".to_string()));
    assert_eq!(str::prefix_bounds("\u{d7ff}").1, Bound::Excluded("\u{e000}".to_string()));
}
