//! What passes over the rest of a group, a step of its own kind: awaited, dropped and completed by `next`, beside the
//! synchronous twin.

use quickcheck::quickcheck;
use storage_iter::async_iter::AsyncStorageIterator;
use storage_iter::{StorageIterator, VersionedKeysError};

use crate::compositions::{AsyncLeaves, SyncLeaves, first_byte};
use crate::driver::poll;
use crate::support::{FOR_EVER, Failures, Layers, sample_layers};
use crate::waiting::Waits;

/// Makes the same moves on both sides, each of the asynchronous ones by a future that is dropped after some polls, and then by
/// `next` until no source fails any more. Compares where they stand after each.
macro_rules! move_both {
    ($moves:expr, $synchronous:expr, $asynchronous:expr, [$one:ident, $other:ident], $failure:pat) => {{
        let (mut expected, mut cursor) = ($synchronous, $asynchronous);
        for (number, (chosen, polls)) in $moves.into_iter().enumerate() {
            let is_valid = match chosen % 3 {
                0 => expected.next(),
                1 => expected.$one(),
                _ => expected.$other(),
            };
            let Ok(is_valid) = is_valid else { panic!("move {number}: the synchronous one fails") };
            let mut polls = polls;
            let sought = loop {
                let answer = match chosen % 3 {
                    1 if polls < FOR_EVER => poll(cursor.$one(), polls),
                    2 if polls < FOR_EVER => poll(cursor.$other(), polls),
                    _ => poll(cursor.next(), polls),
                };
                match answer {
                    Some(Ok(sought)) => break sought,
                    Some(Err($failure)) => assert!(!cursor.is_valid(), "move {number}"),
                    // A future that was not polled has not begun anything.
                    None if polls == 0 => {
                        polls = FOR_EVER - 1;
                        continue;
                    }
                    None => assert!(!cursor.is_valid(), "move {number}"),
                    #[allow(unreachable_patterns, reason = "some have no errors but their sources'")]
                    Some(Err(_)) => panic!("move {number}: an error of its own"),
                }
                polls = FOR_EVER;
            };
            assert_eq!((sought, cursor.is_valid()), (is_valid, is_valid), "move {number}");
            if is_valid {
                assert_eq!((cursor.key(), cursor.value()), (expected.key(), expected.value()), "move {number}");
            }
        }
    }};
}

fn pass_over(layers: &Layers, failures: &Failures, waits: &Waits, moves: &[(usize, usize)]) {
    let moves = || moves.iter().map(|(chosen, polls)| (*chosen, polls % 6));
    let asynchronous = AsyncLeaves::new(layers, failures, waits);
    let synchronous = SyncLeaves(layers);
    for layer in 0..layers.0.len() {
        move_both!(
            moves(),
            synchronous.versions(layer, &[]).group_versions(),
            asynchronous.versions(layer, &[]).group_versions(),
            [next_user_key, seek_next_user_key],
            VersionedKeysError::Child(_)
        );
        move_both!(
            moves(),
            synchronous.leaf(layer, &[]).prefixes(first_byte),
            asynchronous.leaf(layer, &[]).prefixes(first_byte),
            [next_prefix, seek_next_prefix],
            _
        );
    }
}

quickcheck! {
    fn groups_are_passed_over_as_by_the_synchronous_twins(
        layers: Layers, failures: Failures, waits: Waits, moves: Vec<(usize, usize)>
    ) -> bool {
        pass_over(&layers, &failures, &waits, &moves);
        true
    }
}

#[test]
fn a_dropped_move_to_the_next_group_is_completed_by_next() {
    for polls in 0..6 {
        for chosen in 0..3 {
            for waits in [Waits::of(&[1], false), Waits::of(&[3, 0, 2, 1], true)] {
                let moves = [(0, polls), (chosen, polls), (chosen + 1, 1), (chosen, polls), (2, polls), (1, polls)];
                pass_over(&sample_layers(), &Failures::none(), &waits, &moves);
            }
        }
    }
}
