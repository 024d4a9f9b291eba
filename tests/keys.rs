//! Key types: what each says of its order, and how it is shown.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use storage_iter::testing::check_key_contract;
use storage_iter::{Descending, Key, MergeIterator, SliceIterator, StorageIterator};

/// What merges compare in place of the keys.
#[derive(Debug, PartialEq, Eq)]
enum Code {
    Bytes,
    DescendingBytes,
    Integers,
    Nothing,
}

/// Checks keys that ascend, alone and in a merge of three, and how the first is shown.
#[track_caller]
fn check<K: Key + Clone + fmt::Debug>(keys: &[K], code: &Code, shown: &str) {
    check_key_contract(keys);
    assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    let has_bytes = keys[0].ordered_bytes().is_some();
    let found = match (has_bytes, keys[0].ordered_integer()) {
        (true, _) if K::BYTES_DESCEND => Code::DescendingBytes,
        (true, _) => Code::Bytes,
        (false, Some(_)) => Code::Integers,
        (false, None) => Code::Nothing,
    };
    assert_eq!(found, *code, "{}", std::any::type_name::<K>());
    assert_eq!(Shown(&keys[0]).to_string(), shown);

    let layers: Vec<Vec<(K, usize)>> =
        (0..3).map(|layer| keys.iter().skip(layer).step_by(2).map(|key| (key.clone(), layer)).collect()).collect();
    let mut merged = MergeIterator::new(layers.iter().map(|layer| SliceIterator::new(layer)));
    let mut entries = vec![];
    while merged.next().unwrap() {
        entries.push((merged.key().clone(), *merged.value()));
    }
    let expected: Vec<_> = keys.iter().cloned().enumerate().map(|(index, key)| (key, index % 2)).collect();
    assert_eq!(entries, expected);
}

struct Shown<'a, K: ?Sized>(&'a K);

impl<K: ?Sized + Key> fmt::Display for Shown<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_key(f)
    }
}

const TEXTS: [&str; 7] = ["", "\0", "a", "a\0", "a\0\0", "aaaaaaaaab", "\u{FF}"];

#[test]
fn byte_strings() {
    let bytes = TEXTS.map(str::as_bytes);
    check(&bytes, &Code::Bytes, r#""""#);
    check(&bytes.map(<[u8]>::to_vec), &Code::Bytes, r#""""#);
    check(&bytes.map(Box::<[u8]>::from), &Code::Bytes, r#""""#);
    check(&bytes.map(Rc::<[u8]>::from), &Code::Bytes, r#""""#);
    check(&bytes.map(Arc::<[u8]>::from), &Code::Bytes, r#""""#);
    check(&bytes.map(Cow::from), &Code::Bytes, r#""""#);
    check(&[[0_u8, 255], [1, 0], [1, 1]], &Code::Bytes, r#""\x00\xff""#);
    #[cfg(feature = "bytes")]
    check(&bytes.map(bytes::Bytes::from_static), &Code::Bytes, r#""""#);
}

#[test]
fn strings() {
    check(&TEXTS, &Code::Bytes, r#""""#);
    check(&TEXTS.map(String::from), &Code::Bytes, r#""""#);
    check(&["\n"], &Code::Bytes, r#""\n""#);
}

#[test]
fn reversed_strings() {
    let reversed: Vec<&str> = TEXTS.into_iter().rev().collect();
    let wrapped: Vec<_> = reversed.iter().copied().map(Reverse).collect();
    check(&wrapped, &Code::DescendingBytes, "\"\u{FF}\"");
    let wrapped: Vec<_> = reversed.iter().copied().map(Descending).collect();
    check(&wrapped, &Code::DescendingBytes, "\"\u{FF}\"");
    let wrapped: Vec<_> = reversed.iter().copied().map(Descending::from_ref).collect();
    check(&wrapped, &Code::DescendingBytes, "\"\u{FF}\"");
    check(&TEXTS.map(|text| Reverse(Descending(text))), &Code::Bytes, r#""""#);
}

#[test]
fn integers() {
    check(&[0_u8, 1, 127, 128, 255], &Code::Integers, "0");
    check(&[0_u16, 1, 255, 256, u16::MAX], &Code::Integers, "0");
    check(&[0_u32, 1, 1 << 31, u32::MAX], &Code::Integers, "0");
    check(&[0_u64, 1, 1 << 63, u64::MAX], &Code::Integers, "0");
    check(&[0_usize, 1, usize::MAX], &Code::Integers, "0");
    check(&[i8::MIN, -1, 0, 1, i8::MAX], &Code::Integers, "-128");
    check(&[i16::MIN, -1, 0, 1, i16::MAX], &Code::Integers, "-32768");
    check(&[i32::MIN, -1, 0, 1, i32::MAX], &Code::Integers, "-2147483648");
    check(&[i64::MIN, -1, 0, 1, i64::MAX], &Code::Integers, "-9223372036854775808");
    check(&[isize::MIN, -1, 0, 1, isize::MAX], &Code::Integers, "-9223372036854775808");
    check(&[false, true], &Code::Integers, "false");
    check(&['\0', 'a', 'ß', char::MAX], &Code::Integers, r"'\0'");
    check(&[Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST, Ipv4Addr::BROADCAST], &Code::Integers, "0.0.0.0");
    check(&[u64::MAX, 1, 0].map(Reverse), &Code::Integers, "18446744073709551615");
    check(&[1, 0, -1].map(Descending), &Code::Integers, "1");
    check(&[&0_u64, &1, &2], &Code::Integers, "0");
    check(&[0, 1, 2].map(Box::new), &Code::Integers, "0");
}

#[test]
fn keys_that_are_compared_themselves() {
    check(&[()], &Code::Nothing, "()");
    check(&[i128::MIN, 0, i128::MAX], &Code::Nothing, "-170141183460469231731687303715884105728");
    check(&[0, u128::MAX], &Code::Nothing, "0");
    check(&[Duration::ZERO, Duration::from_nanos(1), Duration::MAX], &Code::Nothing, "0ns");
    let now = Instant::now();
    check(&[now, now + Duration::from_secs(1)], &Code::Nothing, &format!("{now:?}"));
    let epoch = SystemTime::UNIX_EPOCH;
    check(&[epoch, epoch + Duration::from_secs(1)], &Code::Nothing, &format!("{epoch:?}"));
    check(&[Ipv6Addr::UNSPECIFIED, Ipv6Addr::LOCALHOST], &Code::Nothing, "::");
    check(&[IpAddr::from([0, 0, 0, 1]), IpAddr::from(Ipv6Addr::LOCALHOST)], &Code::Nothing, "0.0.0.1");
    check(&[None, Some(""), Some("a")], &Code::Nothing, "None");
    check(&[Some("a")], &Code::Nothing, r#"Some("a")"#);
    check(&[(1, "b"), (2, "a")], &Code::Nothing, r#"(1, "b")"#);
    check(&[(1, 2, 3, 4, 5, b"x")], &Code::Nothing, r#"(1, 2, 3, 4, 5, "x")"#);
    check(&[vec![], vec![1_u16], vec![1, 2]], &Code::Nothing, "[]");
    check(&[vec![1_u16, 2]], &Code::Nothing, "[1, 2]");
    check(&[vec!["a", "b"]], &Code::Nothing, r#"["a", "b"]"#);
}

/// The bytes that neighbours share, counted word by word: every length of the shared part, and every bit in which they differ.
#[test]
fn neighbours_share_what_they_share() {
    for shared in 0..40 {
        for bit in 0..8 {
            for (rest, other_rest) in [(0, 0), (0, 9), (9, 0), (20, 20)] {
                let less = [vec![0xAA_u8; shared], vec![0], vec![7; rest]].concat();
                let greater = [vec![0xAA_u8; shared], vec![1 << bit], vec![7; other_rest]].concat();
                let entries = [(less, ()), (greater, ())];
                let mut neighbours = SliceIterator::new(&entries);
                assert_eq!((neighbours.next(), neighbours.next()), (Ok(true), Ok(true)));
                assert_eq!(neighbours.shared_prefix_len(), Some(shared), "{entries:?}");
            }
        }
        let entries = [(vec![0xAA_u8; shared], ()), (vec![0xAA_u8; shared + 9], ())];
        let mut neighbours = SliceIterator::new(&entries);
        assert_eq!((neighbours.next(), neighbours.next()), (Ok(true), Ok(true)));
        assert_eq!(neighbours.shared_prefix_len(), Some(shared), "one is the beginning of the other");
    }
}

/// A key type of somebody else: nothing is known of it but its order, and its name.
#[test]
fn keys_of_somebody_else() {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Version(u32);
    impl Key for Version {}

    check(&[Version(1), Version(2)], &Code::Nothing, std::any::type_name::<Version>());
    check(&[[Version(1)], [Version(2)]], &Code::Nothing, &format!("[{}]", std::any::type_name::<Version>()));
    assert!(Version::slice_ordered_bytes(&[Version(1)]).is_none());
}

/// The check can fail.
#[test]
fn keys_that_lie_are_caught() {
    #[derive(Clone, Copy, Debug)]
    struct Lying(fn(u8, u8) -> std::cmp::Ordering, u8, Option<u64>, Option<&'static [u8]>);
    impl PartialEq for Lying {
        fn eq(&self, other: &Self) -> bool {
            self.1 == other.1
        }
    }
    impl Eq for Lying {}
    impl PartialOrd for Lying {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Lying {
        fn cmp(&self, other: &Self) -> std::cmp::Ordering {
            (self.0)(self.1, other.1)
        }
    }
    impl Key for Lying {
        fn ordered_integer(&self) -> Option<u64> {
            self.2
        }
        fn ordered_bytes(&self) -> Option<&[u8]> {
            self.3
        }
    }
    let caught = |keys: &[Lying]| std::panic::catch_unwind(|| check_key_contract(keys)).is_err();
    let honest = |a: u8, b: u8| a.cmp(&b);
    let key = |number: u8| Lying(honest, number, None, None);
    assert!(!caught(&[key(1), key(2), key(3)]));
    // A circle, and an order in which everything is less.
    let circle = |a: u8, b: u8| if a.abs_diff(b) == 2 { b.cmp(&a) } else { a.cmp(&b) };
    assert!(caught(&[1, 2, 3].map(|number| Lying(circle, number, None, None))));
    assert!(caught(&[1, 2].map(|number| Lying(|_, _| std::cmp::Ordering::Less, number, None, None))));
    assert!(caught(&[1, 2].map(|number| Lying(|_, _| std::cmp::Ordering::Equal, number, None, None))));
    // Codes of one key only, and codes in another order.
    assert!(caught(&[Lying(honest, 1, Some(1), None), key(2)]));
    assert!(caught(&[Lying(honest, 1, None, Some(b"a")), key(2)]));
    assert!(caught(&[Lying(honest, 1, Some(2), None), Lying(honest, 2, Some(1), None)]));
    assert!(caught(&[Lying(honest, 1, Some(1), None), Lying(honest, 2, Some(1), None)]));
    assert!(caught(&[Lying(honest, 1, None, Some(b"b")), Lying(honest, 2, None, Some(b"a"))]));
}
