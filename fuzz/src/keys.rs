//! What key types say of their order, and what merges make of it.

use std::cmp::{Ordering, Reverse};
use std::fmt::Debug;

use storage_iter::{Key, MergeIterator, SliceIterator, StorageIterator};

use super::input::Input;

/// Reads three keys and compares each two of them, in every way there is.
///
/// # Panics
///
/// Where two ways differ.
pub fn keys(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let kind = input.byte();
    let keys = [input.key(), input.key(), input.key()];
    let number = |bytes: &Vec<u8>| {
        let mut eight = [0; 8];
        let length = bytes.len().min(8);
        eight[..length].copy_from_slice(&bytes[..length]);
        u64::from_be_bytes(eight)
    };
    match kind % 14 {
        0 => agree(keys),
        1 => agree(keys.map(|key| number(&key))),
        2 => agree(keys.map(|key| number(&key) as i64)),
        3 => agree(keys.map(|key| number(&key) as i8)),
        4 => agree(keys.map(|key| number(&key) as u16)),
        5 => agree(keys.map(|key| key.iter().map(|&byte| char::from(byte)).collect::<String>())),
        6 => agree(keys.map(|key| char::from(number(&key) as u8))),
        7 => agree(keys.map(|key| number(&key) % 2 == 0)),
        8 => agree(keys.map(Reverse)),
        9 => agree(keys.map(|key| (!key.is_empty()).then_some(key))),
        10 => agree(keys.map(|key| (key.len() as i16 - 8, key))),
        11 => agree(keys.map(|key| key.iter().map(|&byte| i32::from(byte) - 128).collect::<Vec<_>>())),
        12 => agree(keys.map(|key| u128::from(number(&key)) << (key.len() % 64))),
        _ => agree(keys.map(|key| std::net::Ipv4Addr::from_bits(number(&key) as u32))),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the callers have made the keys for this")]
fn agree<K: Key + Clone + Debug>(keys: [K; 3]) {
    for (a, b) in [(0, 1), (1, 2), (0, 2), (0, 0)].map(|(a, b)| (&keys[a], &keys[b])) {
        let order = a.cmp(b);
        let said = |said: Option<Ordering>| assert!(said.is_none_or(|said| said == order), "{a:?} {b:?} {said:?}");
        let bytes = a.ordered_bytes().zip(b.ordered_bytes()).map(|(a, b)| a.cmp(b));
        said(if K::BYTES_DESCEND { bytes.map(Ordering::reverse) } else { bytes });
        said(a.ordered_integer().zip(b.ordered_integer()).map(|(a, b)| a.cmp(&b)));
        assert_eq!(a.ordered_bytes().is_some(), b.ordered_bytes().is_some());
        assert_eq!(a.ordered_integer().is_some(), b.ordered_integer().is_some());
    }
    // Three sources of one key each, and the same with each twice.
    let mut expected = keys.to_vec();
    expected.sort();
    expected.dedup();
    let single = keys.clone().map(|key| [(key, ())]);
    let merged: Vec<(K, ())> =
        MergeIterator::new(single.iter().map(|pair| SliceIterator::new(pair))).collect().unwrap();
    let merged: Vec<K> = merged.into_iter().map(|(key, ())| key).collect();
    assert_eq!(merged, expected);
}
