//! [`walk`]: a cursor and a position in a sorted list, moved by the same operations, with failures and panics on the way.

use std::panic;
use std::rc::Rc;
use std::sync::Once;

use quickcheck::{Arbitrary, Gen};
use storage_iter::BidirectionalIterator;

use super::flaky::Chance;
use super::{below, moments};

/// What is done with a cursor. Keys are chosen from a pool, by index.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// `next`.
    Next,
    /// `prev`.
    Prev,
    /// `seek`.
    Seek(usize),
    /// `seek_for_prev`.
    SeekForPrev(usize),
    /// `seek_to_first`.
    SeekToFirst,
    /// `seek_to_last`.
    SeekToLast,
}

impl Arbitrary for Operation {
    fn arbitrary(g: &mut Gen) -> Self {
        match below(g, 16) {
            0..=5 => Operation::Next,
            6..=10 => Operation::Prev,
            11 | 12 => Operation::Seek(below(g, 64)),
            13 | 14 => Operation::SeekForPrev(below(g, 64)),
            _ => *g.choose(&[Operation::SeekToFirst, Operation::SeekToLast]).expect("not empty"),
        }
    }
}

impl Operation {
    fn is_seek(self) -> bool {
        !matches!(self, Operation::Next | Operation::Prev)
    }
}

const CUT_SHORT: &str = "a seek was cut short; seek again";

/// Lets nothing be written for the panic that is expected thousands of times.
fn expect_cut_seeks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if info.payload().downcast_ref::<&str>() != Some(&CUT_SHORT) {
                hook(info);
            }
        }));
    });
}

/// Where a cursor over `len` entries stands: a model of the contract.
#[derive(Clone, Copy, Debug)]
struct Position {
    len: isize,
    at: isize,
    /// The direction of the open step, and where it ends.
    open: Option<(bool, isize)>,
}

impl Position {
    /// Where the operation leads to, and in which direction.
    fn plan(&mut self, operation: Operation, point: impl Fn(usize, bool) -> usize) -> (bool, isize) {
        let (is_forward, landing) = match operation {
            Operation::Seek(key) => return (true, point(key, false) as isize),
            Operation::SeekForPrev(key) => return (false, point(key, true) as isize - 1),
            Operation::SeekToFirst => return (true, 0),
            Operation::SeekToLast => return (false, self.len - 1),
            Operation::Next => (true, 1),
            Operation::Prev => (false, -1),
        };
        if let Some((open_is_forward, end)) = self.open {
            if open_is_forward == is_forward {
                return (is_forward, end);
            }
            self.at = end;
        }
        (is_forward, (self.at + landing).clamp(-1, self.len))
    }
}

/// Moves `cursor` by `operations` and compares it with the list of its keys and what `show` makes of its entries.
///
/// # Panics
///
/// Where they differ.
pub fn walk<I>(
    name: &str,
    mut cursor: I,
    expected: &[(Vec<u8>, Vec<u8>)],
    show: impl Fn(&I) -> Vec<u8>,
    pool: &[Vec<u8>],
    operations: &[Operation],
    chance: &Rc<Chance>,
) where
    I: BidirectionalIterator<Key = [u8]>,
{
    expect_cut_seeks();
    let mut position = Position { len: expected.len() as isize, at: -1, open: Some((true, 0)) };
    let mut is_cut_short = false;
    let key = |index: usize| pool.get(index % pool.len().max(1)).map_or(b"".as_slice(), Vec::as_slice);
    assert!(!cursor.is_valid(), "{name}: valid before it was moved");
    for (index, &operation) in operations.iter().enumerate() {
        let context = || format!("{name}: operation {index} of {operations:?} over {expected:?}, keys {pool:?}");
        let result = moments::catch_any(|| {
            chance.armed(|| match operation {
                Operation::Next => cursor.next(),
                Operation::Prev => cursor.prev(),
                Operation::Seek(index) => cursor.seek(key(index)),
                Operation::SeekForPrev(index) => cursor.seek_for_prev(key(index)),
                Operation::SeekToFirst => cursor.seek_to_first(),
                Operation::SeekToLast => cursor.seek_to_last(),
            })
        });
        let result = match result {
            Ok(result) => Some(result),
            Err(payload) if payload.is::<moments::Bang>() => None,
            Err(payload) => {
                let message = payload.downcast_ref::<&str>().copied().unwrap_or("another panic");
                let is_right = is_cut_short && !operation.is_seek() && message == CUT_SHORT;
                assert!(is_right, "{message}: {}", context());
                assert!(!cursor.is_valid(), "valid without a position: {}", context());
                continue;
            }
        };
        if operation.is_seek() {
            is_cut_short = result.is_none();
        } else {
            assert!(!is_cut_short, "moved after a seek that was cut short: {}", context());
        }
        let point = |index: usize, behind: bool| {
            expected.partition_point(|(entry, _)| {
                if behind { entry.as_slice() <= key(index) } else { entry.as_slice() < key(index) }
            })
        };
        let (is_forward, landing) = position.plan(operation, point);
        let Some(Ok(is_valid)) = result else {
            position.open = Some((is_forward, landing));
            assert!(!cursor.is_valid(), "valid while its step is open: {}", context());
            continue;
        };
        (position.at, position.open) = (landing, None);
        let entry = usize::try_from(landing).ok().and_then(|landing| expected.get(landing));
        assert_eq!(is_valid, entry.is_some(), "{}", context());
        assert_eq!(cursor.is_valid(), is_valid, "{}", context());
        if let Some((key, shown)) = entry {
            assert_eq!(cursor.key(), key, "{}", context());
            assert_eq!(&show(&cursor), shown, "{}", context());
        }
    }
}
