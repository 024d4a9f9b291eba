//! What the generators share.

use std::iter;

use quickcheck::{Arbitrary, Gen};

/// One of `0..end`.
pub(super) fn below(g: &mut Gen, end: usize) -> usize {
    u32::arbitrary(g) as usize % end
}

/// Byte strings to try instead of this one, all shorter.
pub(super) fn shorter(bytes: &[u8]) -> Vec<Vec<u8>> {
    match bytes.len() {
        0 => vec![],
        1 => vec![vec![]],
        length => vec![bytes[..length / 2].to_vec(), bytes[..length - 1].to_vec(), bytes[1..].to_vec()],
    }
}

/// Between one key and two dozen, none twice.
pub(super) fn key_pool(g: &mut Gen) -> Vec<Vec<u8>> {
    let shared_prefix: Vec<u8> = iter::repeat_n(b"0123456789abcdef", 4).flatten().copied().collect();
    let shared_prefix = &shared_prefix[..below(g, shared_prefix.len() + 1)];
    let mut pool = vec![];
    for _ in 0..=below(g, 24) {
        let family = below(g, 8);
        let derived_from: Vec<u8> = g.choose(&pool).cloned().unwrap_or_default();
        pool.push(match family {
            0 => vec![],
            1 => vec![u8::arbitrary(g)],
            2 => [shared_prefix, &short_key(g)].concat(),
            3 => [&derived_from[..], &[0]].concat(),
            4 => [&derived_from[..], &short_key(g)].concat(),
            5 => derived_from[..below(g, derived_from.len() + 1)].to_vec(),
            6 => vec![0xFF; below(g, 18)],
            _ => short_key(g),
        });
    }
    pool.sort();
    pool.dedup();
    pool
}

/// Up to nine bytes, so that keys end on both sides of an eight-byte border, and few different ones.
pub(super) fn short_key(g: &mut Gen) -> Vec<u8> {
    (0..below(g, 10)).map(|_| *g.choose(&[0, 1, b'a', b'b', 0xFF]).expect("not empty")).collect()
}
