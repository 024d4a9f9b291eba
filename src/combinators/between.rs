use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Bound;

use super::child::{Child, Judge, Verdict, stand_on_child};
use crate::walk::Direction;
use crate::{Approach, BidirectionalIterator, Galloping, Key, SeekableIterator, Stepping, StorageIterator};

/// The entries of a storage iterator between two bounds, made by [`between`](StorageIterator::between).
///
/// Yields them in the child's order. Bounds that leave no room (`5..5`, or the lower above the upper) are not an error:
/// there are no entries, and the child is not read.
///
/// # Complexity
///
/// The first step reads the child up to the lower bound, *O(entries below it)*, unless [`by_seek`](Self::by_seek) was said of a
/// child that can seek: then it is a seek. (A source that can start at a bound by itself, as
/// [`MemTable::scan`](crate::MemTable::scan) does, should be given it.) Every step compares one key with the upper bound, the first
/// ones with the lower as well. The child is read up to the first entry past the upper bound, and not again afterwards; backwards
/// the other way round. A seek seeks the child between the bounds, whatever its target, and reads no more than one entry outside.
/// Allocates nothing.
///
/// # Errors
///
/// The child's. The step stays open.
///
/// ```
/// use std::ops::Bound;
/// use storage_iter::{BetweenIterator, SliceIterator, StorageIterator};
///
/// let entries = SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3)]);
/// let mut from_b = BetweenIterator::new(entries, Bound::Included("b"), Bound::Unbounded);
/// assert_eq!(from_b.next(), Ok(true));
/// assert_eq!(from_b.key(), &"b");
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BetweenIterator<I, B, S = Stepping> {
    pub(crate) child: Child<I>,
    lower: Bound<B>,
    upper: Bound<B>,
    phase: Phase,
    approach: PhantomData<fn() -> S>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing was compared yet, not even the bounds.
    New,
    /// The bounds leave no room.
    Empty,
    /// The child may be anywhere.
    Astray,
    /// The lower bound is behind, and the last step went forward.
    Forward,
    /// The upper bound is behind, and the last step went backward.
    Backward,
    /// Behind the last entry inside, by a seek for which the child was not asked.
    BehindLast,
}

impl<I, B> BetweenIterator<I, B> {
    /// The entries of `child` between `lower` and `upper`.
    ///
    /// ```
    /// # use std::ops::Bound::{Excluded, Included};
    /// # use storage_iter::{BetweenIterator, SliceIterator, StorageIterator};
    /// let entries = SliceIterator::new(&[(1, 'a'), (2, 'b'), (3, 'c')]);
    /// assert_eq!(BetweenIterator::new(entries, Included(2), Excluded(3)).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(child: I, lower: Bound<B>, upper: Bound<B>) -> Self {
        BetweenIterator { child: Child::new(child), lower, upper, phase: Phase::New, approach: PhantomData }
    }

    /// The same entries, where the first step seeks the lower bound. For children whose seek is better than steps: all of this
    /// library that have one.
    ///
    /// ```
    /// use std::ops::Bound::{Included, Unbounded};
    /// use storage_iter::{SliceIterator, StorageIterator};
    ///
    /// let many: Vec<(u64, char)> = (0..1_000_000).map(|key| (key, 'a')).collect();
    /// let mut last_ten = SliceIterator::new(&many).between(Included(999_990), Unbounded).by_seek();
    /// assert_eq!(last_ten.next(), Ok(true)); // after about 20 comparisons
    /// assert_eq!(last_ten.key(), &999_990);
    /// ```
    #[inline]
    pub fn by_seek(self) -> BetweenIterator<I, B, Galloping>
    where
        I: SeekableIterator,
    {
        let BetweenIterator { child, lower, upper, phase, .. } = self;
        BetweenIterator { child, lower, upper, phase, approach: PhantomData }
    }
}

impl<I, B, S> BetweenIterator<I, B, S>
where
    I: StorageIterator,
    B: Borrow<I::Key>,
{
    // Not a call: a call would have to find the whole iterator in memory, in the loop as well.
    #[inline]
    fn compare_bounds(&mut self) {
        let is_empty = is_empty_range(borrow_bound(&self.lower), borrow_bound(&self.upper));
        self.phase = Phase::Astray;
        if is_empty {
            self.phase = Phase::Empty;
            self.child.finish();
        }
    }

    /// Leaves everything for a seek, and says whether there is room for it.
    fn begin_seek(&mut self) -> bool {
        self.child.begin_seek();
        if self.phase == Phase::New {
            self.compare_bounds();
        }
        if self.phase == Phase::Empty {
            self.child.finish();
            return false;
        }
        self.phase = Phase::Astray;
        true
    }

    /// The first step, by a seek.
    fn start(&mut self) -> Result<bool, I::Error>
    where
        S: Approach<I>,
    {
        self.compare_bounds();
        if self.phase == Phase::Empty {
            return Ok(false);
        }
        // Until the seek returns: one that has panicked is made again.
        self.phase = Phase::New;
        let (child, [lower, _], judge) = self.parts();
        let result = child.settle(Direction::Forward, |child| S::start(child, key_of(lower)), I::next, judge);
        if self.phase == Phase::New {
            self.phase = Phase::Astray;
        }
        result
    }

    /// The child, the bounds, and the judge.
    #[inline]
    fn parts(&mut self) -> (&mut Child<I>, [&Bound<B>; 2], impl Judge<I>) {
        let BetweenIterator { child, lower, upper, phase, .. } = self;
        let (lower, upper) = (&*lower, &*upper);
        let judge = move |direction, key: &I::Key, _: &I::Value| match direction {
            Direction::Forward => {
                if *phase != Phase::Forward {
                    if !is_from(key, borrow_bound(lower)) {
                        return Verdict::Skip;
                    }
                    *phase = Phase::Forward;
                }
                if is_up_to(key, borrow_bound(upper)) { Verdict::Yield } else { Verdict::Finish }
            }
            Direction::Backward => {
                if *phase != Phase::Backward {
                    if !is_up_to(key, borrow_bound(upper)) {
                        return Verdict::Skip;
                    }
                    *phase = Phase::Backward;
                }
                if is_from(key, borrow_bound(lower)) { Verdict::Yield } else { Verdict::Finish }
            }
        };
        (child, [lower, upper], judge)
    }
}

impl<I, B, S> StorageIterator for BetweenIterator<I, B, S>
where
    I: StorageIterator,
    B: Borrow<I::Key>,
    S: Approach<I>,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = I::Error;

    #[inline(always)]
    fn next(&mut self) -> Result<bool, I::Error> {
        if self.phase == Phase::New {
            if S::SEEKS {
                return self.start();
            }
            self.compare_bounds();
        }
        let (child, _, judge) = self.parts();
        child.walk(Direction::Forward, I::next, judge)
    }

    #[inline]
    fn for_each_while<F>(mut self, mut f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        if self.phase == Phase::New {
            if S::SEEKS {
                if !self.start()? {
                    return Ok(true);
                }
                if !f(self.key(), self.value()) {
                    return Ok(false);
                }
            } else {
                self.compare_bounds();
            }
        }
        let BetweenIterator { child, lower, upper, phase, .. } = self;
        let upper = borrow_bound(&upper);
        // Until it is behind. The closure owns both, or they would have to be found in memory.
        let mut lower = if phase == Phase::Forward { Bound::Unbounded } else { borrow_bound(&lower) };
        child.for_each_while(
            #[inline(always)]
            move |_, key, _| {
                if !is_from(key, lower) {
                    return Verdict::Skip;
                }
                lower = Bound::Unbounded;
                if is_up_to(key, upper) { Verdict::Yield } else { Verdict::Finish }
            },
            f,
        )
    }

    stand_on_child!(key, value);
}

impl<I, B, S> SeekableIterator for BetweenIterator<I, B, S>
where
    I: SeekableIterator,
    B: Borrow<I::Key>,
    S: Approach<I>,
{
    fn seek(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        if !self.begin_seek() {
            return Ok(false);
        }
        let (child, [lower, upper], judge) = self.parts();
        if !is_up_to(key, borrow_bound(upper)) {
            child.finish();
            drop(judge);
            self.phase = Phase::BehindLast;
            return Ok(false);
        }
        let from = if is_from(key, borrow_bound(lower)) { Some(key) } else { key_of(lower) };
        child.settle(Direction::Forward, seek_from(from), I::next, judge)
    }

    fn seek_to_first(&mut self) -> Result<bool, I::Error> {
        if !self.begin_seek() {
            return Ok(false);
        }
        let (child, [lower, _], judge) = self.parts();
        child.settle(Direction::Forward, seek_from(key_of(lower)), I::next, judge)
    }
}

impl<I, B, S> BidirectionalIterator for BetweenIterator<I, B, S>
where
    I: BidirectionalIterator,
    B: Borrow<I::Key>,
    S: Approach<I>,
{
    #[inline]
    fn prev(&mut self) -> Result<bool, I::Error> {
        match self.phase {
            // The first step forward is still to be made, from before the first entry.
            Phase::New if S::SEEKS => return Ok(false),
            Phase::New => self.compare_bounds(),
            Phase::BehindLast => {
                // Until this has come to an entry the position is as it was, and what fails is done again.
                let (child, [_, upper], judge) = self.parts();
                let result = child.settle(Direction::Backward, seek_until(key_of(upper)), I::prev, judge);
                if matches!(result, Ok(false)) {
                    self.phase = Phase::Astray;
                }
                return result;
            }
            _ => {}
        }
        if self.phase == Phase::Empty {
            return Ok(false);
        }
        if self.phase != Phase::Backward || !self.child.is_valid() {
            // An open step may lead past either bound.
            self.phase = Phase::Astray;
        }
        let (child, _, judge) = self.parts();
        child.walk(Direction::Backward, I::prev, judge)
    }

    fn seek_to_last(&mut self) -> Result<bool, I::Error> {
        if !self.begin_seek() {
            return Ok(false);
        }
        let (child, [_, upper], judge) = self.parts();
        child.settle(Direction::Backward, seek_until(key_of(upper)), I::prev, judge)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, I::Error> {
        if !self.begin_seek() {
            return Ok(false);
        }
        let (child, [lower, upper], judge) = self.parts();
        if !is_from(key, borrow_bound(lower)) {
            // Before the first entry is where a step onto it is still open. `next` cannot seek, so the child goes there now.
            if child.arrive_by_seek(seek_from(key_of(lower)))? {
                child.await_judgement(Direction::Forward);
            }
            return Ok(false);
        }
        let until = if is_up_to(key, borrow_bound(upper)) { Some(key) } else { key_of(upper) };
        child.settle(Direction::Backward, seek_until(until), I::prev, judge)
    }
}

impl<I: Clone, B: Clone, S> Clone for BetweenIterator<I, B, S> {
    fn clone(&self) -> Self {
        BetweenIterator {
            child: self.child.clone(),
            lower: self.lower.clone(),
            upper: self.upper.clone(),
            phase: self.phase,
            approach: PhantomData,
        }
    }
}

impl<I: fmt::Debug, B: fmt::Debug, S> fmt::Debug for BetweenIterator<I, B, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BetweenIterator")
            .field("child", &self.child)
            .field("lower", &self.lower)
            .field("upper", &self.upper)
            .field("phase", &self.phase)
            .finish()
    }
}

/// A seek to the first entry from `key` on, or to the first of all.
fn seek_from<I: SeekableIterator>(key: Option<&I::Key>) -> impl FnOnce(&mut I) -> Result<bool, I::Error> {
    move |child| match key {
        Some(key) => child.seek(key),
        None => child.seek_to_first(),
    }
}

/// A seek to the last entry up to `key`, or to the last of all.
fn seek_until<I: BidirectionalIterator>(key: Option<&I::Key>) -> impl FnOnce(&mut I) -> Result<bool, I::Error> {
    move |child| match key {
        Some(key) => child.seek_for_prev(key),
        None => child.seek_to_last(),
    }
}

fn key_of<K: ?Sized, B: Borrow<K>>(bound: &Bound<B>) -> Option<&K> {
    match borrow_bound(bound) {
        Bound::Included(key) | Bound::Excluded(key) => Some(key),
        Bound::Unbounded => None,
    }
}

/// A bound over what its key borrows as.
#[inline]
pub(crate) fn borrow_bound<K: ?Sized, B: Borrow<K>>(bound: &Bound<B>) -> Bound<&K> {
    match bound {
        Bound::Included(key) => Bound::Included(key.borrow()),
        Bound::Excluded(key) => Bound::Excluded(key.borrow()),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// Whether no key can lie between these bounds.
#[inline]
pub(crate) fn is_empty_range<K: ?Sized + Key>(lower: Bound<&K>, upper: Bound<&K>) -> bool {
    match (lower, upper) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(lower), Bound::Included(upper)) => lower > upper,
        (Bound::Included(lower) | Bound::Excluded(lower), Bound::Included(upper) | Bound::Excluded(upper)) => {
            lower >= upper
        }
    }
}

/// Whether `key` has reached the lower bound.
#[inline]
pub(crate) fn is_from<K: ?Sized + Key>(key: &K, lower: Bound<&K>) -> bool {
    match lower {
        Bound::Included(lower) => key.cmp(lower) != Ordering::Less,
        Bound::Excluded(lower) => key.cmp(lower) == Ordering::Greater,
        Bound::Unbounded => true,
    }
}

/// Whether `key` has not passed the upper bound.
#[inline]
pub(crate) fn is_up_to<K: ?Sized + Key>(key: &K, upper: Bound<&K>) -> bool {
    match upper {
        Bound::Included(upper) => key.cmp(upper) != Ordering::Greater,
        Bound::Excluded(upper) => key.cmp(upper) == Ordering::Less,
        Bound::Unbounded => true,
    }
}
