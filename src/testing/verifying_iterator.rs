//! [`VerifyingIterator`]: an iterator both of whose sides are watched.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;

use super::BrokenPromise;
use crate::key::Shown;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator that panics at the first call that breaks the contract, by its child or by its caller.
///
/// Yields what the child yields. Of the child it demands the answers of `is_valid`, the order of the keys, a key that stays as it is
/// until the next move, ends that are final, and seeks that keep to their side of the target. Of the caller it demands that `key` and `value`
/// are called on entries only; and if it stands [under a combinator](Self::under_combinator), that nothing but a call that moves
/// touches it while a step is open.
///
/// # Complexity
///
/// Up to two comparisons and one copy of the key a step, into a buffer that is reused and grows with the longest one; one comparison for
/// each call of `key`.
///
/// # Errors
///
/// The child's.
///
/// # Panics
///
/// Where the contract is broken, with a [`BrokenPromise`] as the message.
///
/// ```should_panic
/// use storage_iter::testing::VerifyingIterator;
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let mut entries = VerifyingIterator::new(SliceIterator::new(&[("b", 1), ("a", 2)]));
/// assert_eq!(entries.next(), Ok(true));
/// let _ = entries.next(); // promise 4 (order): key "a" comes after "b", which is not less
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct VerifyingIterator<I: StorageIterator<Key: ToOwned>> {
    child: I,
    keeps_duplicates: bool,
    is_under_combinator: bool,
    place: Place,
    /// The key of the entry that the child stands on, or stood on last.
    key: Option<<I::Key as ToOwned>::Owned>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the first entry: new, or a call to the front found none.
    AtStart,
    OnEntry,
    /// Behind the last entry.
    AtEnd,
    /// The last call failed, or panicked.
    Open {
        /// The way of the steps that failed, if all since the last entry went that way: then the next must be beyond it.
        way: Option<bool>,
    },
}

impl<I: StorageIterator<Key: ToOwned>> VerifyingIterator<I> {
    /// `child`, watched.
    ///
    /// ```
    /// # use storage_iter::testing::VerifyingIterator;
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// assert_eq!(VerifyingIterator::new(SliceIterator::new(&[(1, 'a')])).count(), Ok(1));
    /// ```
    pub fn new(child: I) -> Self {
        VerifyingIterator {
            child,
            keeps_duplicates: false,
            is_under_combinator: false,
            place: Place::AtStart,
            key: None,
        }
    }

    /// Demands promise 6 of its caller as well: hands off while a step is open.
    ///
    /// ```should_panic
    /// use storage_iter::testing::{FailPoint, FailingIterator, VerifyingIterator};
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let failing = FailingIterator::new(SliceIterator::new(&[(1, 'a')]), FailPoint::failing_at(0, 1));
    /// let mut child = VerifyingIterator::new(failing).under_combinator();
    /// assert!(child.next().is_err());
    /// let _ = child.is_valid(); // promise 6 (hands off): `is_valid` while a step is open
    /// ```
    pub fn under_combinator(mut self) -> Self {
        self.is_under_combinator = true;
        self
    }

    /// Lets keys come more than once, as [`MergeAllIterator`](crate::MergeAllIterator) does.
    ///
    /// ```
    /// # use storage_iter::testing::VerifyingIterator;
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// let versions = VerifyingIterator::new(SliceIterator::new(&[(1, 'b'), (1, 'a')])).keeping_duplicates();
    /// assert_eq!(versions.count(), Ok(2));
    /// ```
    pub fn keeping_duplicates(mut self) -> Self {
        self.keeps_duplicates = true;
        self
    }

    /// Makes a call that moves, and asks `demand` about the key that it must be beyond, if there is one, and the one it finds.
    #[track_caller]
    fn go(
        &mut self,
        is_forward: bool,
        is_step: bool,
        go: impl FnOnce(&mut I) -> Result<bool, I::Error>,
        demand: impl FnOnce(Option<&I::Key>, Option<&I::Key>) -> Result<(), BrokenPromise>,
    ) -> Result<bool, I::Error> {
        let before = self.place;
        self.place = Place::Open { way: None };
        let way = match before {
            Place::OnEntry => Some(is_forward),
            Place::Open { way } => way.filter(|&way| way == is_forward),
            Place::AtStart | Place::AtEnd => None,
        };
        let way = way.filter(|_| is_step);
        let is_valid = match go(&mut self.child) {
            Ok(is_valid) => is_valid,
            Err(error) => {
                self.place = Place::Open { way };
                return Err(error);
            }
        };
        if self.child.is_valid() != is_valid {
            broken(1, format!("`is_valid` answers {} after `Ok({is_valid})`", !is_valid));
        }
        let previous = way.and(self.key.as_ref()).map(Borrow::borrow);
        let key = is_valid.then(|| self.child.key());
        if let Err(promise) = demand(previous, key) {
            panic!("{promise}");
        }
        if let Some(key) = key {
            match &mut self.key {
                Some(buffer) => key.clone_into(buffer),
                None => self.key = Some(key.to_owned()),
            }
        }
        self.place = match (is_valid, is_forward) {
            (true, _) => Place::OnEntry,
            (false, true) => Place::AtEnd,
            (false, false) => Place::AtStart,
        };
        Ok(is_valid)
    }

    /// A step to a neighbour.
    #[track_caller]
    fn step(&mut self, is_forward: bool, go: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, I::Error> {
        let end = if is_forward { Place::AtEnd } else { Place::AtStart };
        let was_at_end = self.place == end;
        let keeps_duplicates = self.keeps_duplicates;
        let right = if is_forward { Ordering::Less } else { Ordering::Greater };
        self.go(is_forward, true, go, |previous, key| {
            let Some(key) = key else { return Ok(()) };
            if was_at_end {
                let (promise, end) = if is_forward { (1, "end") } else { (3, "start") };
                return Err(BrokenPromise::new(promise, format!("key {} beyond the {end}", Shown(key))));
            }
            match previous.map(|previous| (previous, previous.cmp(key))) {
                Some((_, Ordering::Equal)) if keeps_duplicates => Ok(()),
                Some((previous, order)) if order != right => Err(out_of_order(previous, key, is_forward)),
                _ => Ok(()),
            }
        })
    }

    #[track_caller]
    fn touch(&self, method: &str) -> &I {
        match self.place {
            Place::OnEntry => {}
            Place::Open { .. } if self.is_under_combinator => broken(6, format!("`{method}` while a step is open")),
            _ => broken(1, format!("`{method}` off an entry")),
        }
        &self.child
    }
}

pub(super) fn out_of_order<K: ?Sized + crate::Key>(previous: &K, key: &K, is_forward: bool) -> BrokenPromise {
    let wrong = if is_forward { "less" } else { "greater" };
    BrokenPromise::new(4, format!("key {} comes after {}, which is not {wrong}", Shown(key), Shown(previous)))
}

#[track_caller]
fn broken(promise: u8, detail: String) -> ! {
    panic!("{}", BrokenPromise::new(promise, detail));
}

impl<I: StorageIterator<Key: ToOwned>> StorageIterator for VerifyingIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[track_caller]
    fn next(&mut self) -> Result<bool, I::Error> {
        self.step(true, I::next)
    }

    #[track_caller]
    fn is_valid(&self) -> bool {
        if !matches!(self.place, Place::Open { .. }) {
            let is_valid = self.child.is_valid();
            if is_valid != (self.place == Place::OnEntry) {
                broken(1, format!("`is_valid` has become {is_valid} without a step"));
            }
            return is_valid;
        }
        if self.is_under_combinator {
            broken(6, "`is_valid` while a step is open".to_string());
        }
        if self.child.is_valid() {
            broken(5, "`is_valid` answers true after an error".to_string());
        }
        false
    }

    #[track_caller]
    fn key(&self) -> &I::Key {
        let key = self.touch("key").key();
        if let Some(kept) = &self.key
            && kept.borrow() != key
        {
            let kept = Shown::<I::Key>(kept.borrow());
            broken(8, format!("the key has changed without a step, from {kept} to {}", Shown(key)));
        }
        key
    }

    #[track_caller]
    fn value(&self) -> &I::Value {
        self.touch("value").value()
    }

    #[track_caller]
    fn shared_prefix_len(&self) -> Option<usize> {
        self.touch("shared_prefix_len").shared_prefix_len()
    }

    fn prefetch(&self) {
        self.child.prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.child.num_active_iterators()
    }
}

/// What a seek to `target` must not find, and says if it does.
fn beyond<K: ?Sized + crate::Key>(target: &K, key: Option<&K>, wrong: Ordering) -> Result<(), BrokenPromise> {
    match key {
        Some(key) if key.cmp(target) == wrong => {
            let detail = format!("a seek to {} has found {}, on the wrong side of it", Shown(target), Shown(key));
            Err(BrokenPromise::new(12, detail))
        }
        _ => Ok(()),
    }
}

impl<I: SeekableIterator<Key: ToOwned>> SeekableIterator for VerifyingIterator<I> {
    #[track_caller]
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(true, false, |child| child.seek(key), |_, found| beyond(key, found, Ordering::Less))
    }

    #[track_caller]
    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        self.go(true, false, I::seek_to_first, |_, _| Ok(()))
    }
}

impl<I: BidirectionalIterator<Key: ToOwned>> BidirectionalIterator for VerifyingIterator<I> {
    #[track_caller]
    fn prev(&mut self) -> Result<bool, I::Error> {
        self.step(false, I::prev)
    }

    #[track_caller]
    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        self.go(false, false, I::seek_to_last, |_, _| Ok(()))
    }

    #[track_caller]
    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        self.go(false, false, |child| child.seek_for_prev(key), |_, found| beyond(key, found, Ordering::Greater))
    }
}

impl<I: StorageIterator<Key: ToOwned<Owned: Clone>> + Clone> Clone for VerifyingIterator<I> {
    fn clone(&self) -> Self {
        VerifyingIterator { child: self.child.clone(), key: self.key.clone(), ..*self }
    }
}

impl<I: StorageIterator<Key: ToOwned> + fmt::Debug> fmt::Debug for VerifyingIterator<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingIterator")
            .field("child", &self.child)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
