//! Versions in groups of one user key, of which the rest is passed over.

use quickcheck::quickcheck;
use storage_iter::{BidirectionalIterator, OwnedVersionedKey, SeekableIterator, StorageIterator};

use super::history::History;
use super::source::{errors, source};
use super::support::{FaultScript, Faults};

quickcheck! {
    /// Step by step and by seeks, with failures in between: the same.
    fn next_user_key_finds_the_newest_of_each(history: History, seeks: bool, script: FaultScript) -> bool {
        let mut versions = source(&history.entries(), &errors(&script)).group_versions();
        let mut found = vec![];
        let mut result = versions.next();
        loop {
            result = match result {
                Err(_) => versions.next(),
                Ok(false) => break,
                Ok(true) => {
                    found.push((versions.key().user_key().to_vec(), versions.key().sequence()));
                    if seeks { versions.seek_next_user_key() } else { versions.next_user_key() }
                }
            };
        }
        let newest = history.seen(u64::MAX).into_iter().map(|(user_key, versions)| (user_key, versions[0].0));
        found.into_iter().eq(newest)
    }

    /// A failed `next_user_key` is completed before the way back begins.
    fn prev_after_next_user_key_leads_to_the_oldest_version(
        history: History, start: usize, fails_at: usize, seeks: bool
    ) -> bool {
        let entries = history.entries();
        let Some(index) = start.checked_rem(entries.len()) else { return true };
        let mut versions = source(&entries, &Faults::failing_at(fails_at % 6, 1)).group_versions();
        while versions.seek(&entries[index].0).is_err() {}
        let moved = if seeks { versions.seek_next_user_key() } else { versions.next_user_key() };
        let user_key = entries[index].0.user_key();
        let next_group = index + entries[index..].iter().take_while(|(key, _)| key.user_key() == user_key).count();
        if let Ok(found) = moved {
            assert_eq!(found.then(|| versions.key()), entries.get(next_group).map(|(key, _)| &**key));
        }
        while versions.prev().is_err() {}
        *versions.key() == *entries[next_group - 1].0
    }

    fn without_passing_over_it_yields_all(history: History) -> bool {
        let entries = history.entries();
        let versions = source(&entries, &Faults::harmless()).group_versions();
        versions.collect::<Vec<(OwnedVersionedKey, Vec<u8>)>>().is_ok_and(|versions| *versions == *entries)
    }
}

/// A seek passes over the versions without reading them.
#[test]
fn seek_next_user_key_reads_none_of_the_versions() {
    let versions =
        (0..4_u8).flat_map(|key| (1..200).rev().map(move |sequence| OwnedVersionedKey::new(&[key], sequence)));
    let entries: Vec<_> = versions.map(|key| (key, vec![])).collect();
    let faults = Faults::harmless();
    let mut versions = source(&entries, &faults).group_versions();
    for key in 0..4 {
        assert_eq!(versions.seek_next_user_key(), Ok(true));
        assert_eq!((versions.key().user_key(), versions.key().sequence()), ([key].as_slice(), 199));
    }
    assert_eq!((versions.seek_next_user_key(), faults.passed()), (Ok(false), 5));
}
