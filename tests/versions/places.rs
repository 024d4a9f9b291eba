//! What the test kit finds out about the combinators, and what they and their errors say of themselves.

use std::cmp::Reverse;
use std::error::Error;
use std::fmt;
use std::io;
use std::ops::Range;

use storage_iter::testing::{Contract, FailingIterator};
use storage_iter::{
    FoldError, Key, MalformedKeyError, OwnedVersionedKey, PrefixKey, RangeTombstone, RangeTombstones, SeekableIterator,
    SliceIterator, SortedRun, StorageIterator, Versioned, VersionedKey, VersionedKeysError,
};

use super::append::Append;

/// Three user keys with a few versions each.
fn versions() -> SortedRun<VersionedKey, [u8]> {
    let entries = [(b"a", 5), (b"a", 3), (b"a", 1), (b"b", 4), (b"c", 6), (b"c", 2)]
        .map(|(user_key, sequence)| (OwnedVersionedKey::new(user_key, sequence), sequence.to_string().into_bytes()));
    let Ok(run) = SliceIterator::new(&entries).borrowed().collect();
    run
}

fn range(range: Range<&str>, sequence: u64) -> RangeTombstone {
    RangeTombstone { start: range.start.into(), end: range.end.into(), sequence }
}

#[test]
fn the_contract_is_kept() {
    let run = versions();
    let tombstones: RangeTombstones = [range("a".."b", 4)].into_iter().collect();
    let failing = |point| FailingIterator::new(run.iter(), point);
    let between =
        [("", 1), ("a", 9), ("a", 2), ("c", 1)].map(|(key, sequence)| OwnedVersionedKey::new(key.as_bytes(), sequence));
    let user_keys = [b"".to_vec(), b"a\0".to_vec(), b"d".to_vec()];
    let contract = Contract::new();

    let all = contract.check_bidirectional_under_failures(&between, |point| failing(point).group_versions());
    assert_eq!(all.unwrap_or_else(|broken| panic!("group_versions: {broken}")).entries.len(), 6);
    let unmasked = contract.check_bidirectional_under_failures(&between, |point| failing(point).mask(&tombstones, 5));
    assert_eq!(unmasked.unwrap_or_else(|broken| panic!("mask: {broken}")).entries.len(), 4);
    let at = contract.check_bidirectional_under_failures(&user_keys, |point| failing(point).at(3));
    assert_eq!(at.unwrap_or_else(|broken| panic!("at: {broken}")).entries.len(), 2);
    let folded = |point| failing(point).fold_versions(5, Append::default());
    let folded = contract.check_bidirectional_under_failures(&user_keys, folded);
    assert_eq!(folded.unwrap_or_else(|broken| panic!("fold_versions: {broken}")).entries.len(), 3);
}

#[test]
fn sources_are_counted() {
    let run = versions();
    let pair = || run.iter().two_merge(run.iter());
    assert_eq!(pair().group_versions().num_active_iterators(), 2);
    assert_eq!(pair().mask(RangeTombstones::new(), 5).num_active_iterators(), 2);
    assert_eq!(pair().at(5).num_active_iterators(), 2);
    assert_eq!(pair().collect_garbage(5, |_| true).num_active_iterators(), 2);
    assert_eq!(pair().map_err(|_| "no").fold_versions(5, Append::default()).num_active_iterators(), 2);
    assert_eq!(pair().at(5).prefixes(|key| key.get(..1)).num_active_iterators(), 2);
    let encoded: [(&[u8], &str); 1] = [(OwnedVersionedKey::new(b"a", 1).into_bytes().leak(), "")];
    let bytes: SortedRun<[u8], str> = SliceIterator::new(&encoded).borrowed().collect().unwrap();
    assert_eq!(bytes.iter().two_merge(bytes.iter()).versioned_keys().num_active_iterators(), 2);
}

/// What neighbouring keys share is known through what only checks them.
#[test]
fn shared_bytes_come_through() {
    let run = versions();
    let encoded = run.iter().entries().map(|entry| entry.map(|(key, value)| (key.into_bytes(), value)));
    let encoded = encoded.collect::<Result<Vec<_>, _>>().expect("never fails");
    let bytes: SortedRun = SliceIterator::new(&encoded).borrowed().collect().unwrap();
    let (mut plain, mut checked) = (bytes.iter(), bytes.iter().versioned_keys());
    let mut shared = vec![];
    while plain.next() == Ok(true) {
        assert_eq!(checked.next(), Ok(true));
        assert_eq!(checked.shared_prefix_len(), plain.shared_prefix_len());
        shared.push(checked.shared_prefix_len().expect("a run knows"));
    }
    assert!(shared.iter().any(|shared| *shared > 1), "{shared:?}");
}

/// A key type that brings only what it must.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Plain(u64, Reverse<u64>);

impl Key for Plain {}

impl Versioned for Plain {
    type UserKey = u64;

    fn user_key(&self) -> &u64 {
        &self.0
    }

    fn sequence(&self) -> u64 {
        self.1.0
    }

    fn version_of(user_key: &u64, sequence: u64) -> Self {
        Plain(*user_key, Reverse(sequence))
    }
}

#[test]
fn a_key_type_needs_no_more_than_it_must_have() {
    let entries: Vec<(Plain, char)> = (0..9).map(|key| (Plain::version_of(&key, 1), 'a')).collect();
    let mut at = SliceIterator::new(&entries).at(1);
    for target in [3, 7, 0, 8] {
        assert_eq!((at.seek(&target), at.key()), (Ok(true), &target));
    }
}

#[test]
fn errors_have_messages_and_sources() {
    #[derive(Debug)]
    struct Broken(io::Error);
    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("disk broken")
        }
    }
    impl Error for Broken {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
    fn shown(error: &impl Error) -> (String, Option<String>) {
        (error.to_string(), error.source().map(ToString::to_string))
    }
    let broken = || Broken(io::Error::other("sector 7"));
    let behind = Some("sector 7".to_string());
    type Fold = FoldError<Broken, Broken>;
    assert_eq!(shown(&Fold::Child(broken())), ("disk broken".into(), behind.clone()));
    assert_eq!(shown(&Fold::Operator(broken())), ("merge operator: disk broken".into(), behind.clone()));
    assert_eq!(shown(&VersionedKeysError::Child(broken())), ("disk broken".into(), behind));
    let malformed = VersionedKeysError::<Broken>::Malformed { key: b"a\n".to_vec() };
    assert_eq!(shown(&malformed), (r#""a\n" is no encoding of a versioned key"#.into(), None));
    assert!(!MalformedKeyError.to_string().is_empty());
}

#[test]
fn keys_are_their_bytes() {
    let key = OwnedVersionedKey::new(b"a\0", 7);
    let bytes = key.as_bytes();
    assert_eq!((AsRef::<[u8]>::as_ref(&key), AsRef::<[u8]>::as_ref(&*key)), (bytes, bytes));
    assert_eq!((key.ordered_bytes(), Key::ordered_bytes(&*key)), (Some(bytes), Some(bytes)));
}

#[test]
fn range_tombstones_mask_older_versions() {
    let tombstones: RangeTombstones = [range("a".."c", 4), range("b".."c", 8)].into_iter().collect();
    let copy = tombstones.clone();
    for tombstones in [tombstones, copy] {
        let masks =
            |key: &[u8], sequence, snapshot| tombstones.masks(&*OwnedVersionedKey::new(key, sequence), snapshot);
        assert!(masks(b"a", 3, 4) && masks(b"a", 3, u64::MAX) && masks(b"b", 5, 8));
        assert!(!masks(b"a", 4, 4) && !masks(b"a", 3, 3) && !masks(b"b", 5, 7) && !masks(b"c", 1, 9));
    }
}

#[test]
fn texts_have_prefixes() {
    let has = |key: &str, prefix: &str| PrefixKey::has_prefix(key, prefix);
    assert!(has("käse", "kä") && has("käse", "") && has("", ""));
    assert!(!has("käse", "ä") && !has("k", "kä"));
}
