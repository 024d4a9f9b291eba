use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use super::approach::Lead;
use super::due::{Due, seek_all_by, step_by};
use crate::combinators::{assert_valid, cut_short};
use crate::walk::{Backward, Direction, Forward, Seek, cursor_by_seeking};
use crate::{Approach, BidirectionalIterator, ChildError, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The keys that all of many storage iterators have, with the values of all at hand: their inner join, a leapfrog join.
///
/// Yields them in ascending order. The value is that of the first child; [`value_of`](Self::value_of) is that of any. `S` says how a
/// child is brought to the greatest key that another one stands on: entry by entry ([`new`](Self::new)) or by seeks
/// ([`galloping`](Self::galloping)). No children have no keys.
///
/// # Complexity
///
/// With *k* children, *m* entries in the smallest and *n* in the largest one: entry by entry *O(kn)* in all, about one comparison for
/// each entry that is read; galloping *O(km)* seeks, so *O(km log n)*. (Veldhuizen, Leapfrog triejoin: a simple, worst-case optimal
/// join algorithm, ICDT 2014, section 3.1.) Allocates in `new`.
///
/// # Errors
///
/// A child's, with its index, as [`ChildError`]. The step stays open, and keys that were passed over are not looked at again.
///
/// ```
/// use storage_iter::{IntersectionIterator, SliceIterator, StorageIterator};
///
/// let [red, small, round] = [vec![(2, 'r'), (5, 'r')], vec![(1, 's'), (5, 's')], vec![(5, 'o'), (6, 'o')]];
/// let postings = [&red, &small, &round].map(|postings| SliceIterator::new(postings));
/// let mut found = IntersectionIterator::galloping(postings);
/// assert_eq!(found.next(), Ok(true));
/// assert_eq!((found.key(), found.value_of(2)), (&5, &'o'));
/// assert_eq!(found.next(), Ok(false));
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct IntersectionIterator<I, S = Stepping> {
    children: Vec<I>,
    /// What each has to do in the open step; on an entry, in the next one.
    dues: Vec<Due>,
    /// Whose key the others are to be brought to.
    leader: usize,
    is_valid: bool,
    /// Each child stands on its first entry, in this direction, that does not come before where the step begins, or behind its
    /// last one. `None` if a seek has not reached all.
    direction: Option<Direction>,
    approach: PhantomData<fn() -> S>,
}

impl<I> IntersectionIterator<I> {
    /// The keys that all `children` have, found entry by entry.
    ///
    /// ```
    /// # use storage_iter::{IntersectionIterator, OnceIterator, StorageIterator};
    /// assert_eq!(IntersectionIterator::new((0..3).map(|value| OnceIterator::new('k', value))).count(), Ok(1));
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        Self::of(children)
    }
}

impl<I: SeekableIterator> IntersectionIterator<I, Galloping> {
    /// The keys that all `children` have, found by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{IntersectionIterator, SliceIterator, StorageIterator};
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let common = IntersectionIterator::galloping([&many[..], &many[7..], &many[..8]].map(SliceIterator::new));
    /// assert_eq!(common.collect(), Ok(vec![(7, 'b')]));
    /// ```
    pub fn galloping(children: impl IntoIterator<Item = I>) -> Self {
        Self::of(children)
    }
}

impl<I, S> IntersectionIterator<I, S> {
    fn of(children: impl IntoIterator<Item = I>) -> Self {
        let children: Vec<I> = children.into_iter().collect();
        let dues = vec![Due::Step; children.len()];
        IntersectionIterator {
            children,
            dues,
            leader: 0,
            is_valid: false,
            direction: Some(Direction::Forward),
            approach: PhantomData,
        }
    }
}

impl<I: StorageIterator, S> IntersectionIterator<I, S> {
    /// The value of the child at `index`.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry, or there is no such child.
    ///
    /// ```
    /// # use storage_iter::{IntersectionIterator, OnceIterator, StorageIterator};
    /// let mut common = IntersectionIterator::new([OnceIterator::new(1, 'a'), OnceIterator::new(1, 'b')]);
    /// common.next()?;
    /// assert_eq!((common.value(), common.value_of(1)), (&'a', &'b'));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn value_of(&self, index: usize) -> &I::Value {
        assert_valid(self.is_valid);
        self.children[index].value()
    }

    /// Takes children that have moved backwards, or were about to, to where a step forwards from the end of that step may begin.
    fn turn_forward(&mut self) {
        if self.direction.is_none() {
            cut_short();
        }
        self.direction = Some(Direction::Forward);
        if self.is_valid || self.dues.is_empty() {
            return;
        }
        // Somebody has to go on, or all of them might stand where that step ends: who has tried to go back, and for
        // who was to be brought to another one's key, that one.
        let (mut goes_on, mut is_led) = (false, false);
        for due in &mut self.dues {
            match due {
                Due::Retry => goes_on = true,
                Due::CatchUp => is_led = true,
                _ => *due = Due::Turn,
            }
        }
        if is_led {
            self.dues[self.leader] = Due::Step;
        } else if !goes_on {
            self.dues[0] = Due::Step;
        }
    }

    /// Makes the steps that are due, then brings all children to one key.
    fn go<W: Lead<I, S>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        let IntersectionIterator { children, dues, leader, .. } = self;
        if let Some(child) = dues.iter().position(|due| *due == Due::CatchUp) {
            let (child_of, leader_of) = two_of(children, child, *leader);
            W::lead_again(child_of, leader_of.key()).map_err(|error| ChildError { child, error })?;
            dues[child] = Due::Nothing;
        }
        let mut is_exhausted = children.is_empty();
        for (index, (child, due)) in children.iter_mut().zip(dues.iter_mut()).enumerate() {
            due.settle(|| child.is_valid());
            // Nobody is asked where another one has nothing, but to complete a step.
            if *due == Due::Retry || *due == Due::Step && !is_exhausted {
                step_by(child, due, W::step).map_err(|error| ChildError { child: index, error })?;
            }
            *due = Due::Nothing;
            is_exhausted = is_exhausted || !child.is_valid();
        }
        if is_exhausted {
            return Ok(false);
        }
        (*leader, self.is_valid) = (0, false);
        let (mut agreed, mut steps) = (1, 0);
        while agreed < children.len() {
            let child = (*leader + agreed) % children.len();
            let (child_of, leader_of) = two_of(children, child, *leader);
            let key = leader_of.key();
            match W::key(child_of.key()).cmp(W::key(key)) {
                Ordering::Equal => (agreed, steps) = (agreed + 1, 0),
                Ordering::Less => {
                    dues[child] = Due::CatchUp;
                    let is_valid = W::lead(child_of, key, steps).map_err(|error| ChildError { child, error })?;
                    dues[child] = Due::Nothing;
                    steps += 1;
                    if !is_valid {
                        return Ok(false);
                    }
                }
                Ordering::Greater => (*leader, agreed, steps) = (child, 1, 0),
            }
        }
        dues.fill(Due::Step);
        self.is_valid = true;
        Ok(true)
    }

    fn seek_by<W>(&mut self, target: Option<&I::Key>) -> Result<bool, ChildError<I::Error>>
    where
        W: Seek<I> + Lead<I, S>,
    {
        self.is_valid = false;
        self.direction = None;
        let told = seek_all_by::<W, I>(&mut self.children, &mut self.dues, target);
        let result = told.and_then(|()| self.go::<W>());
        self.direction = Some(W::DIRECTION);
        result
    }
}

/// A child to move and another one to look at.
fn two_of<I>(children: &mut [I], child: usize, other: usize) -> (&mut I, &I) {
    if child < other {
        let (front, back) = children.split_at_mut(other);
        (&mut front[child], &back[0])
    } else {
        let (front, back) = children.split_at_mut(child);
        (&mut back[0], &front[other])
    }
}

impl<I, S> StorageIterator for IntersectionIterator<I, S>
where
    I: StorageIterator,
    S: Approach<I>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = ChildError<I::Error>;

    fn next(&mut self) -> Result<bool, Self::Error> {
        if self.direction != Some(Direction::Forward) {
            self.turn_forward();
        }
        self.is_valid = false;
        self.go::<Forward>()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    fn key(&self) -> &I::Key {
        assert_valid(self.is_valid);
        self.children[0].key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.value_of(0)
    }

    fn num_active_iterators(&self) -> usize {
        self.children.iter().map(StorageIterator::num_active_iterators).sum()
    }
}

impl<I, S> SeekableIterator for IntersectionIterator<I, S>
where
    I: SeekableIterator,
    S: Approach<I>,
{
    cursor_by_seeking!(seek);
}

impl<I, S> BidirectionalIterator for IntersectionIterator<I, S>
where
    I: BidirectionalIterator,
    S: Approach<I>,
{
    fn prev(&mut self) -> Result<bool, Self::Error> {
        if self.direction.is_none() {
            cut_short();
        }
        if self.direction == Some(Direction::Forward) {
            // The open step first. At the end there is none, and this does nothing.
            if !self.is_valid && !self.next()? {
                self.dues.fill(Due::Turn);
            }
            self.direction = Some(Direction::Backward);
        }
        self.is_valid = false;
        self.go::<Backward>()
    }

    cursor_by_seeking!(prev);
}

impl<I: Clone, S> Clone for IntersectionIterator<I, S> {
    fn clone(&self) -> Self {
        IntersectionIterator { children: self.children.clone(), dues: self.dues.clone(), ..*self }
    }
}

impl<I: fmt::Debug, S> fmt::Debug for IntersectionIterator<I, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntersectionIterator")
            .field("children", &self.children)
            .field("is_valid", &self.is_valid)
            .finish_non_exhaustive()
    }
}

/// For what a step that is open has to wait for.
#[cfg(feature = "async")]
impl<I, S> IntersectionIterator<I, S> {
    pub(crate) fn children_mut(&mut self) -> &mut [I] {
        &mut self.children
    }
}
