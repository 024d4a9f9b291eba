//! [`check_cursor`]: a cursor driven by any sequence of operations, beside a model.

use std::borrow::Borrow;
use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe};

use quickcheck::{Arbitrary, Gen};
use storage_iter::{BidirectionalIterator, Key};

use super::moments::Bang;
use super::{Composition, Faults, below};

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To greater keys.
    Forward,
    /// To smaller keys.
    Backward,
}

/// A call of a method that moves a cursor; `K` is the owned form of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation<K> {
    /// `next`
    Next,
    /// `prev`
    Prev,
    /// `seek`
    Seek(K),
    /// `seek_for_prev`
    SeekForPrev(K),
    /// `seek_to_first`
    SeekToFirst,
    /// `seek_to_last`
    SeekToLast,
}

impl<K> Operation<K> {
    fn is_step(&self) -> bool {
        matches!(self, Operation::Next | Operation::Prev)
    }
}

/// Any operations, before it is known which keys there are.
#[derive(Clone, Debug)]
pub struct Operations(Vec<Operation<Target>>);

/// A key near one of those that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    which: usize,
    change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The operations, with targets near `keys`.
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
        let operation = |operation: &Operation<Target>| match operation {
            Operation::Next => Operation::Next,
            Operation::Prev => Operation::Prev,
            Operation::Seek(key) => Operation::Seek(target(key)),
            Operation::SeekForPrev(key) => Operation::SeekForPrev(target(key)),
            Operation::SeekToFirst => Operation::SeekToFirst,
            Operation::SeekToLast => Operation::SeekToLast,
        };
        self.0.iter().map(operation).collect()
    }
}

/// Mostly steps, in runs of one direction.
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

/// Where a cursor should be.
///
/// An operation takes effect on the model at once, whether it fails or not: what follows an error is the same as if the error had
/// not been. What is open is only remembered because the next step in the same direction does nothing but complete it.
#[derive(Clone, Debug)]
struct Model<'a, K, V> {
    entries: &'a [(K, V)],
    /// 0 is before the first entry, 1 on it, and so on; while a step is open, where it leads.
    place: usize,
    open: Option<Direction>,
    /// A seek has panicked: there is no position.
    is_cut_short: bool,
    /// Where the last step came from, if that was an entry and nothing failed in between.
    came_from: Option<usize>,
}

impl<'a, K, V> Model<'a, K, V> {
    fn new(entries: &'a [(K, V)]) -> Self {
        Model { entries, place: 1, open: Some(Direction::Forward), is_cut_short: false, came_from: None }
    }

    fn entry(&self) -> Option<&'a (K, V)> {
        self.entries.get(self.place.checked_sub(1)?)
    }

    fn apply<Q: ?Sized + Ord>(&mut self, operation: &Operation<K>)
    where
        K: Borrow<Q>,
    {
        let is_open = self.open.is_some();
        let before = |is_before: &dyn Fn(&Q) -> bool| self.entries.partition_point(|(key, _)| is_before(key.borrow()));
        let (place, direction) = match operation {
            Operation::Next if self.open == Some(Direction::Forward) => (self.place, Direction::Forward),
            Operation::Next => ((self.place + 1).min(self.entries.len() + 1), Direction::Forward),
            Operation::Prev if self.open == Some(Direction::Backward) => (self.place, Direction::Backward),
            Operation::Prev => (self.place.saturating_sub(1), Direction::Backward),
            Operation::Seek(target) => (before(&|key| key < target.borrow()) + 1, Direction::Forward),
            Operation::SeekForPrev(target) => (before(&|key| key <= target.borrow()), Direction::Backward),
            Operation::SeekToFirst => (1, Direction::Forward),
            Operation::SeekToLast => (self.entries.len(), Direction::Backward),
        };
        let is_plain_step = operation.is_step() && !is_open && self.entry().is_some();
        self.came_from = is_plain_step.then(|| self.place - 1);
        self.place = place;
        self.open = Some(direction);
    }
}

/// What a call came to.
enum Outcome<E> {
    Returned(Result<bool, E>),
    Panicked,
    /// It panicked because a seek before it had been cut short.
    NoPosition,
}

fn catch<E>(call: impl FnOnce() -> Result<bool, E>) -> Outcome<E> {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => Outcome::Returned(result),
        Err(payload) if payload.is::<Bang>() => Outcome::Panicked,
        Err(payload) => {
            let message = payload.downcast_ref::<&str>().copied();
            let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            if message.is_some_and(|message| message.contains("a seek was cut short")) {
                return Outcome::NoPosition;
            }
            panic::resume_unwind(payload)
        }
    }
}

/// Drives a new cursor by `operations`, over sources that `faults` strike, and compares it with a position in `entries`, which is
/// what it should show. Returns the errors that came out.
///
/// # Panics
///
/// At the first difference: another entry, an error that no source has made, or one that was swallowed, validity after an
/// error, a wrong [`shared_prefix_len`](storage_iter::StorageIterator::shared_prefix_len).
pub fn check_cursor<I, K, V>(
    composition: Composition,
    mut cursor: I,
    faults: &Faults,
    entries: &[(K, V)],
    operations: &[Operation<K>],
) -> Vec<I::Error>
where
    I: BidirectionalIterator<Key: ToOwned<Owned = K>, Value: ToOwned<Owned = V>>,
    K: Borrow<I::Key> + Debug,
    V: Borrow<I::Value> + Debug + PartialEq,
{
    let mut model = Model::new(entries);
    let mut is_dead = false;
    let mut returned = vec![];
    assert!(!cursor.is_valid(), "{}: valid before its first entry", composition.name);
    for (number, operation) in operations.iter().enumerate() {
        let at = || format!("{}, operation {number}, {operation:?}", composition.name);
        let was_cut_short = model.is_cut_short;
        let (errors, panics) = (faults.errors(), faults.panics());
        if !(was_cut_short && operation.is_step()) {
            model.apply::<I::Key>(operation);
        }
        let outcome = catch(|| match operation {
            Operation::Next => cursor.next(),
            Operation::Prev => cursor.prev(),
            Operation::Seek(key) => cursor.seek(key.borrow()),
            Operation::SeekForPrev(key) => cursor.seek_for_prev(key.borrow()),
            Operation::SeekToFirst => cursor.seek_to_first(),
            Operation::SeekToLast => cursor.seek_to_last(),
        });
        let (errors, panics) = (faults.errors() - errors, faults.panics() - panics);
        match outcome {
            Outcome::Returned(Ok(is_valid)) => {
                assert!(!is_dead, "{}: goes on after an error", at());
                assert!(!(was_cut_short && operation.is_step()), "{}: has a position, from a seek cut short", at());
                assert_eq!((errors, panics), (0, 0), "{}: an error was swallowed", at());
                let expected = model.entry();
                let shown = cursor.is_valid().then(|| (cursor.key().to_owned(), cursor.value().to_owned()));
                let is_right = match (&shown, expected) {
                    (Some((key, value)), Some((expected_key, expected_value))) => {
                        let (key, expected_key): (&I::Key, &I::Key) = (key.borrow(), expected_key.borrow());
                        key == expected_key && value == expected_value
                    }
                    (None, None) => true,
                    _ => false,
                };
                assert!(is_right && is_valid == shown.is_some(), "{}: {is_valid}, {shown:?} for {expected:?}", at());
                if let (Some((key, _)), Some(came_from)) = (&shown, model.came_from) {
                    check_shared_prefix(cursor.shared_prefix_len(), key.borrow(), entries[came_from].0.borrow(), &at);
                }
                model.open = None;
                model.is_cut_short = false;
            }
            Outcome::Returned(Err(error)) => {
                assert!(errors > 0 || is_dead, "{}: invented an error", at());
                assert!(!is_dead || errors == 0, "{}: asked a source after the final error", at());
                assert_eq!(panics, 0, "{}: swallowed a panic", at());
                is_dead = composition.is_fused;
                if !operation.is_step() {
                    model.is_cut_short = false;
                }
                if !composition.passes_is_valid_on {
                    assert!(!cursor.is_valid(), "{}: valid after an error", at());
                }
                returned.push(error);
            }
            Outcome::Panicked => {
                assert!(panics > 0, "{}: a panic out of nowhere", at());
                model.is_cut_short = !operation.is_step() || was_cut_short;
                if !composition.passes_is_valid_on {
                    assert!(!cursor.is_valid(), "{}: valid after a panic", at());
                }
            }
            Outcome::NoPosition => {
                let may = was_cut_short && operation.is_step();
                assert!(may, "{}: says that a seek was cut short", at());
            }
        }
    }
    returned
}

fn check_shared_prefix<K: ?Sized + Key>(hint: Option<usize>, key: &K, came_from: &K, at: &dyn Fn() -> String) {
    if let (Some(hint), Some(key), Some(came_from)) = (hint, key.ordered_bytes(), came_from.ordered_bytes()) {
        let shared = key.iter().zip(came_from).take_while(|(a, b)| a == b).count();
        assert_eq!(hint, shared, "{}: bytes shared", at());
    }
}
