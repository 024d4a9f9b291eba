//! [`Operation`]: a call that moves a cursor, and [`Operations`], many of them.

use std::borrow::Borrow;

use quickcheck::{Arbitrary, Gen};

use super::random::below;
use crate::{BidirectionalIterator, Key};

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To greater keys.
    Forward,
    /// To smaller keys.
    Backward,
}

/// A call that moves a [`BidirectionalIterator`], with keys of type `K`.
///
/// ```
/// use storage_iter::testing::Operation;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let mut cursor = SliceIterator::new(&[(1, 'a'), (2, 'b')]);
/// for operation in [Operation::Seek(2), Operation::Prev] {
///     assert_eq!(operation.apply(&mut cursor), Ok(true));
/// }
/// assert_eq!(cursor.key(), &1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation<K> {
    /// [`next`](crate::StorageIterator::next).
    Next,
    /// [`prev`](BidirectionalIterator::prev).
    Prev,
    /// [`seek`](crate::SeekableIterator::seek).
    Seek(K),
    /// [`seek_to_first`](crate::SeekableIterator::seek_to_first).
    SeekToFirst,
    /// [`seek_for_prev`](BidirectionalIterator::seek_for_prev).
    SeekForPrev(K),
    /// [`seek_to_last`](BidirectionalIterator::seek_to_last).
    SeekToLast,
}

impl<K> Operation<K> {
    /// Calls the method that it stands for.
    ///
    /// # Errors
    ///
    /// The cursor's.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, testing::Operation};
    /// let mut cursor = SliceIterator::new(&[(1, 'a')]);
    /// assert_eq!(Operation::Seek(1).apply(&mut cursor), Ok(true));
    /// assert_eq!(Operation::<i32>::Next.apply(&mut cursor), Ok(false));
    /// ```
    pub fn apply<I>(&self, cursor: &mut I) -> Result<bool, I::Error>
    where
        K: Borrow<I::Key>,
        I: BidirectionalIterator,
    {
        match self {
            Operation::Next => cursor.next(),
            Operation::Prev => cursor.prev(),
            Operation::Seek(key) => cursor.seek(key.borrow()),
            Operation::SeekToFirst => cursor.seek_to_first(),
            Operation::SeekForPrev(key) => cursor.seek_for_prev(key.borrow()),
            Operation::SeekToLast => cursor.seek_to_last(),
        }
    }

    /// Whether it starts afresh, wherever the cursor stands.
    ///
    /// ```
    /// # use storage_iter::testing::Operation;
    /// assert!(Operation::Seek(1).is_seek());
    /// assert!(!Operation::<u64>::Next.is_seek());
    /// ```
    #[must_use]
    pub fn is_seek(&self) -> bool {
        !matches!(self, Operation::Next | Operation::Prev)
    }

    /// Whether `next` completes it, should it fail. The others `prev` completes.
    ///
    /// ```
    /// # use storage_iter::testing::Operation;
    /// assert!(Operation::Seek(1).is_forward());
    /// assert!(!Operation::SeekForPrev(1).is_forward());
    /// ```
    #[must_use]
    pub fn is_forward(&self) -> bool {
        matches!(self, Operation::Next | Operation::Seek(_) | Operation::SeekToFirst)
    }

    /// The same with a borrowed key.
    ///
    /// ```
    /// # use storage_iter::testing::Operation;
    /// assert_eq!(Operation::Seek(1).as_ref(), Operation::Seek(&1));
    /// ```
    pub fn as_ref(&self) -> Operation<&K> {
        match self {
            Operation::Next => Operation::Next,
            Operation::Prev => Operation::Prev,
            Operation::Seek(key) => Operation::Seek(key),
            Operation::SeekToFirst => Operation::SeekToFirst,
            Operation::SeekForPrev(key) => Operation::SeekForPrev(key),
            Operation::SeekToLast => Operation::SeekToLast,
        }
    }

    /// The same with another type of key.
    ///
    /// ```
    /// # use storage_iter::testing::Operation;
    /// assert_eq!(Operation::Seek("12").map_key(str::len), Operation::Seek(2));
    /// ```
    pub fn map_key<Q>(self, map: impl FnOnce(K) -> Q) -> Operation<Q> {
        match self {
            Operation::Next => Operation::Next,
            Operation::Prev => Operation::Prev,
            Operation::Seek(key) => Operation::Seek(map(key)),
            Operation::SeekToFirst => Operation::SeekToFirst,
            Operation::SeekForPrev(key) => Operation::SeekForPrev(map(key)),
            Operation::SeekToLast => Operation::SeekToLast,
        }
    }
}

/// The call, as a message shows it.
impl<K: Key> std::fmt::Display for Operation<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use crate::key::Shown;
        match self {
            Operation::Next => f.write_str("next()"),
            Operation::Prev => f.write_str("prev()"),
            Operation::Seek(key) => write!(f, "seek({})", Shown(key)),
            Operation::SeekToFirst => f.write_str("seek_to_first()"),
            Operation::SeekForPrev(key) => write!(f, "seek_for_prev({})", Shown(key)),
            Operation::SeekToLast => f.write_str("seek_to_last()"),
        }
    }
}

/// A sequence of calls that move a cursor: random input for cursors of any key type.
///
/// quickcheck makes up to 90 of them. Most are steps, which come in runs of one direction; the targets of the seeks are [near keys](Self::near)
/// that are told later. Shrinking drops calls.
///
/// ```
/// use quickcheck::QuickCheck;
/// use storage_iter::SliceIterator;
/// use storage_iter::testing::{Contract, FailPoint, Operations, SortedEntries};
///
/// fn slices_are_right(entries: SortedEntries, operations: Operations) -> bool {
///     let cursor = SliceIterator::new(&entries.0);
///     let operations = operations.near(&entries.keys(), <[u8]>::to_vec);
///     Contract::new().check_operations(cursor, &entries.0, &operations, &FailPoint::harmless()).is_ok()
/// }
/// QuickCheck::new().quickcheck(slices_are_right as fn(SortedEntries, Operations) -> bool);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operations(Vec<Operation<Target>>);

/// A key near one of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Target {
    which: usize,
    change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Change {
    /// The key itself.
    No,
    /// The smallest one behind it.
    Longer,
    /// One before it.
    Shorter,
    /// The smallest of all.
    Empty,
    /// One behind all others.
    Largest,
}

impl Operations {
    /// The operations, with targets made of `keys`: the keys themselves, the first behind one, one before, the empty one, and
    /// one behind all others.
    ///
    /// ```
    /// use quickcheck::{Arbitrary, Gen};
    /// use storage_iter::testing::{Operation, Operations};
    ///
    /// let operations = Operations::arbitrary(&mut Gen::from_size_and_seed(100, 1));
    /// let operations: Vec<Operation<usize>> = operations.near(&[b"abc".to_vec()], <[u8]>::len);
    /// assert!(operations.iter().all(|operation| !matches!(operation, Operation::Seek(5..99))));
    /// ```
    pub fn near<K>(&self, keys: &[Vec<u8>], make: impl Fn(&[u8]) -> K) -> Vec<Operation<K>> {
        let target = |target: &Target| {
            let key = keys.get(target.which % keys.len().max(1)).map(Vec::as_slice).unwrap_or_default();
            make(&match target.change {
                Change::No => key.to_vec(),
                Change::Longer => [key, &[0]].concat(),
                Change::Shorter => key[..key.len().saturating_sub(1)].to_vec(),
                Change::Empty => vec![],
                Change::Largest => vec![0xFF; 99],
            })
        };
        self.0.iter().map(|operation| operation.clone().map_key(|key| target(&key))).collect()
    }
}

impl Arbitrary for Operations {
    fn arbitrary(g: &mut Gen) -> Self {
        let target = |g: &mut Gen| {
            let change = *g
                .choose(&[
                    Change::No,
                    Change::No,
                    Change::No,
                    Change::Longer,
                    Change::Shorter,
                    Change::Empty,
                    Change::Largest,
                ])
                .expect("not empty");
            Target { which: below(g, 64), change }
        };
        let mut operations = vec![];
        for _ in 0..below(g, 30) {
            match below(g, 10) {
                0..=2 => operations.extend((0..=below(g, 5)).map(|_| Operation::Next)),
                3..=5 => operations.extend((0..=below(g, 5)).map(|_| Operation::Prev)),
                6 => operations.push(Operation::Seek(target(g))),
                7 => operations.push(Operation::SeekForPrev(target(g))),
                8 => operations.push(Operation::SeekToFirst),
                _ => operations.push(Operation::SeekToLast),
            }
        }
        Operations(operations)
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let operations = self.0.clone();
        let halves = [operations[..operations.len() / 2].to_vec(), operations[operations.len() / 2..].to_vec()];
        let halves = halves.into_iter().filter(move |half| half.len() < operations.len());
        let operations = self.0.clone();
        let without_one = (0..operations.len()).map(move |index| {
            let mut fewer = operations.clone();
            fewer.remove(index);
            fewer
        });
        Box::new(halves.chain(without_one).map(Operations))
    }
}
