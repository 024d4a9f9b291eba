//! The encoding of versioned keys: its order, its way back, and what it refuses.

use std::cmp::Reverse;

use quickcheck::{TestResult, quickcheck};
use storage_iter::{Column, Key, MalformedKeyError, OwnedVersionedKey, VersionedKey, VersionedKeyColumn};

use super::random_history::USER_KEYS;

/// A user key rich in what confuses an encoding.
fn awkward(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| [0, 0, 0xff, 1, b'a', 0xfe][usize::from(byte % 6)]).collect()
}

quickcheck! {
    fn the_order_is_that_of_user_keys_and_then_of_descending_numbers(
        one: Vec<u8>, other: Vec<u8>, sequence: u64, other_sequence: u64, same: bool
    ) -> bool {
        let (one, mut other) = (awkward(&one), awkward(&other));
        if same {
            other.clone_from(&one);
        }
        let (a, b) = (OwnedVersionedKey::new(&one, sequence), OwnedVersionedKey::new(&other, other_sequence));
        let expected = (&one, Reverse(sequence)).cmp(&(&other, Reverse(other_sequence)));
        a.cmp(&b) == expected
            && (*a).cmp(&*b) == expected
            && a.as_bytes().cmp(b.as_bytes()) == expected
            && a.ordered_bytes() == Some(a.as_bytes())
    }

    fn a_key_comes_back(user_key: Vec<u8>, sequence: u64, is_awkward: bool) -> bool {
        let user_key = if is_awkward { awkward(&user_key) } else { user_key };
        let key = OwnedVersionedKey::new(&user_key, sequence);
        let checked = VersionedKey::new(key.as_bytes());
        let zeros = user_key.iter().filter(|&&byte| byte == 0).count();
        let length = if zeros == 0 { user_key.len() + 11 } else { 2 * user_key.len() + zeros + 15 };
        checked == Ok(&*key)
            && (key.user_key(), key.sequence()) == (&user_key, sequence)
            && key.as_bytes().len() == length
            && OwnedVersionedKey::try_from(key.clone().into_bytes()).as_ref() == Ok(&key)
    }

    fn a_key_in_used_memory_is_the_same(one: Vec<u8>, other: Vec<u8>, sequence: u64) -> bool {
        let (one, other) = (awkward(&one), awkward(&other));
        let mut key = OwnedVersionedKey::new(&one, 1);
        key.set(&other, sequence);
        let mut copy = OwnedVersionedKey::new(&one, 1);
        (*key).clone_into(&mut copy);
        key == OwnedVersionedKey::new(&other, sequence) && copy == key && (*key).to_owned() == key
    }

    fn no_bytes_make_a_key_panic(bytes: Vec<u8>, is_awkward: bool) -> TestResult {
        let bytes = if is_awkward { awkward(&bytes) } else { bytes };
        match VersionedKey::new(&bytes) {
            // It may be wrong, but it can be looked at.
            Ok(key) => TestResult::from_bool(key.user_key().len() <= bytes.len() && !format!("{key:?}").is_empty()),
            Err(MalformedKeyError) => TestResult::passed(),
        }
    }

    fn what_was_cut_off_or_added_is_refused(user_key: Vec<u8>, sequence: u64) -> bool {
        let whole = OwnedVersionedKey::new(&awkward(&user_key), sequence | 1 << 63).into_bytes();
        (0..11.min(whole.len())).all(|length| VersionedKey::new(&whole[..length]).is_err())
            && [2, 0xff].iter().all(|&form| VersionedKey::new(&[&whole[..whole.len() - 1], &[form]].concat()).is_err())
    }
}

/// All pairs of the awkward keys, with the numbers at the ends.
#[test]
fn neighbours_are_in_order() {
    let mut keys = vec![];
    for user_key in USER_KEYS {
        for sequence in [u64::MAX, u64::MAX - 1, 1 << 63, 256, 255, 1, 0] {
            keys.push(OwnedVersionedKey::new(user_key, sequence));
        }
    }
    assert!(keys.is_sorted_by(|a, b| a < b && a.as_bytes() < b.as_bytes()));
}

#[test]
fn a_column_gives_back_what_was_pushed() {
    let mut column = VersionedKeyColumn::default();
    let keys: Vec<_> = (0..).zip(USER_KEYS).map(|(number, key)| OwnedVersionedKey::new(key, number)).collect();
    keys.iter().for_each(|key| column.push(key));
    assert_eq!(column.len(), keys.len());
    assert!(keys.iter().enumerate().all(|(index, key)| *column.get(index) == **key));
}

#[test]
fn a_key_is_shown_for_people() {
    assert_eq!(format!("{:?}", OwnedVersionedKey::new(b"a\0", 7)), r#""a\x00"@7"#);
}

/// A user key is repeated only where it has zero bytes: every version has one encoding.
#[test]
fn a_key_that_need_not_be_repeated_is_refused() {
    let with_zero = OwnedVersionedKey::new(b"a\0", 7).into_bytes();
    let in_front = OwnedVersionedKey::new(b"ab", 7).into_bytes();
    let repeated =
        [&in_front[..in_front.len() - 1], b"ab", &2_u32.to_be_bytes(), &with_zero[with_zero.len() - 1..]].concat();
    assert!(VersionedKey::new(&with_zero).is_ok() && VersionedKey::new(&in_front).is_ok());
    assert_eq!(VersionedKey::new(&repeated), Err(MalformedKeyError));
}
