//! Fragments of range tombstones, against all tombstones asked one by one.

use quickcheck::quickcheck;
use storage_iter::{RangeTombstone, RangeTombstones};

use super::random_history::LATEST;

/// Starts, ends and numbers that collide often.
fn ranges(raw: &[(u8, u8, u8)]) -> Vec<RangeTombstone<u8>> {
    let range = |&(start, end, sequence): &(u8, u8, u8)| RangeTombstone {
        start: start % 16,
        end: end % 16,
        sequence: u64::from(sequence) % LATEST,
    };
    raw.iter().map(range).collect()
}

quickcheck! {
    fn the_newest_is_the_newest(raw: Vec<(u8, u8, u8)>) -> bool {
        let ranges = ranges(&raw);
        let tombstones: RangeTombstones<u8> = ranges.iter().copied().collect();
        (0..17_u8).all(|key| (0..=LATEST).all(|snapshot| {
            let over = ranges.iter().filter(|range| (range.start..range.end).contains(&key));
            let expected = over.map(|range| range.sequence).filter(|&sequence| sequence <= snapshot).max();
            tombstones.newest(&key, snapshot) == expected
        })) && tombstones.is_empty() == ranges.iter().all(|range| range.start >= range.end)
    }

    /// What a compaction writes of those over a key: all that are newer than the watermark, and the newest of the others where it
    /// hides something.
    fn garbage_is_what_hides_nothing(raw: Vec<(u8, u8, u8)>, watermark: u64, has_older: bool) -> bool {
        let (ranges, watermark) = (ranges(&raw), watermark % (LATEST + 1));
        let tombstones: RangeTombstones<u8> = ranges.iter().copied().collect();
        let left = tombstones.collect_garbage(watermark, |_, _| has_older);
        (0..17_u8).all(|key| {
            let over = ranges.iter().filter(|range| (range.start..range.end).contains(&key)).map(|range| range.sequence);
            let (mut expected, others): (Vec<_>, Vec<_>) = over.partition(|&sequence| sequence > watermark);
            expected.extend(others.into_iter().max().filter(|_| has_older));
            expected.sort_unstable_by(|one, other| other.cmp(one));
            expected.dedup();
            let fragment = left.fragments().find(|(start, end, _)| (**start..**end).contains(&key));
            fragment.map_or(&[][..], |(_, _, sequences)| sequences) == expected
        })
    }

    fn fragments_are_disjoint_and_in_order(raw: Vec<(u8, u8, u8)>) -> bool {
        let tombstones: RangeTombstones<u8> = ranges(&raw).into_iter().collect();
        let fragments: Vec<_> = tombstones.fragments().collect();
        fragments.iter().all(|(start, end, sequences)| {
            start < end && !sequences.is_empty() && sequences.is_sorted_by(|newer, older| newer > older)
        }) && fragments.is_sorted_by(|(_, end, one), (start, _, other)| end < start || (end == start && one != other))
    }

    fn it_does_not_matter_how_they_were_added(raw: Vec<(u8, u8, u8)>, split: usize) -> bool {
        let ranges = ranges(&raw);
        let at_once: RangeTombstones<u8> = ranges.iter().copied().collect();
        let mut in_parts = RangeTombstones::<u8>::new();
        let (one, other) = ranges.split_at(split % (ranges.len() + 1));
        in_parts.extend(other.iter().copied());
        in_parts.extend(one.iter().copied());
        let again = at_once.fragments().flat_map(|(start, end, sequences)| {
            sequences.iter().map(move |&sequence| RangeTombstone { start: *start, end: *end, sequence })
        });
        let again: RangeTombstones<u8> = again.collect();
        in_parts.fragments().eq(at_once.fragments()) && again.fragments().eq(at_once.fragments())
            && at_once.is_empty() == (at_once.fragments().next().is_none())
    }
}
