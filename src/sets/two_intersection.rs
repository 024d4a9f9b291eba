use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

use super::approach::Lead;
use super::due::Due;
use super::two_children::TwoChildren;
use crate::combinators::assert_valid;
use crate::walk::{Backward, Direction, Forward, Seek, Walk, WalkBoth, cursor_by_seeking};
use crate::{Approach, BidirectionalIterator, ChildError, Galloping, SeekableIterator, Stepping, StorageIterator};

/// The keys that both of two storage iterators have, with the values of both at hand: their inner join.
///
/// Yields them in ascending order. The value is that of the first; [`right`](Self::right) is that of the second. `SA` and `SB` say how
/// `A` and `B` are brought to the other's key: entry by entry ([`new`](Self::new)), by seeks ([`galloping`](Self::galloping)), or only
/// the second by seeks ([`probing`](Self::probing)). For more than two children see [`IntersectionIterator`](crate::IntersectionIterator).
///
/// # Complexity
///
/// With *m* entries in the smaller child and *n* in the larger one: entry by entry *O(m + n)* in all, one comparison for each
/// entry that is read; galloping *O(m)* seeks, so *O(m log n)*, and never more than a constant times the former;
/// probing the same if the first child is the smaller one. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open, and keys that were passed over are not
/// looked at again.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, TwoIntersectionIterator};
///
/// let wanted = SliceIterator::new(&[("b", ()), ("d", ()), ("x", ())]);
/// let table = SliceIterator::new(&[("a", 1), ("b", 2), ("c", 3), ("d", 4)]);
/// let mut found = TwoIntersectionIterator::galloping(wanted, table);
/// let mut shown = vec![];
/// while found.next()? {
///     shown.push((*found.key(), *found.right()));
/// }
/// assert_eq!(shown, [("b", 2), ("d", 4)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoIntersectionIterator<A, B, SA = Stepping, SB = SA> {
    children: TwoChildren<A, B>,
    approach: PhantomData<fn() -> (SA, SB)>,
}

impl<A, B> TwoIntersectionIterator<A, B> {
    /// The keys that `a` and `b` have, found entry by entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoIntersectionIterator};
    /// assert_eq!(TwoIntersectionIterator::new(OnceIterator::new(1, 'a'), OnceIterator::new(1, "b")).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: StorageIterator<Key = A::Key, Error = A::Error>,
    {
        Self::of(a, b)
    }
}

impl<A, B> TwoIntersectionIterator<A, B, Galloping, Galloping> {
    /// The keys that `a` and `b` have, found by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{SliceIterator, StorageIterator, TwoIntersectionIterator};
    /// let [few, many] = [[(50_u64, 'a')].to_vec(), (0..1000).map(|key| (key, 'b')).collect()];
    /// let common = TwoIntersectionIterator::galloping(SliceIterator::new(&few), SliceIterator::new(&many));
    /// assert_eq!(common.collect(), Ok(vec![(50, 'a')]));
    /// ```
    #[inline]
    pub fn galloping(a: A, b: B) -> Self
    where
        A: SeekableIterator,
        B: SeekableIterator<Key = A::Key, Error = A::Error>,
    {
        Self::of(a, b)
    }
}

impl<A, B> TwoIntersectionIterator<A, B, Stepping, Galloping> {
    /// The keys of `a`, which may be a child that cannot seek, that are found in `b` by seeks where they lie apart.
    ///
    /// ```
    /// # use storage_iter::{PairsIterator, SliceIterator, StorageIterator, TwoIntersectionIterator};
    /// let many: Vec<(u64, char)> = (0..1000).map(|key| (key, 'b')).collect();
    /// let wanted = PairsIterator::new([(50, 'a'), (5000, 'a')]);
    /// let found = TwoIntersectionIterator::probing(wanted, SliceIterator::new(&many));
    /// assert_eq!(found.collect(), Ok(vec![(50, 'a')]));
    /// ```
    #[inline]
    pub fn probing(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: SeekableIterator<Key = A::Key, Error = A::Error>,
    {
        Self::of(a, b)
    }
}

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB> {
    #[inline]
    fn of(a: A, b: B) -> Self {
        TwoIntersectionIterator { children: TwoChildren::new(a, b), approach: PhantomData }
    }
}

impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
{
    /// The first child's value.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let mut common = OnceIterator::new(1, 'a').intersection(OnceIterator::new(1, "b"));
    /// common.next()?;
    /// assert_eq!((common.left(), common.value()), (&'a', &'a'));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn left(&self) -> &A::Value {
        self.children.shown().value()
    }

    /// The second child's value.
    ///
    /// # Panics
    ///
    /// When the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator};
    /// let mut common = OnceIterator::new(1, 'a').intersection(OnceIterator::new(1, "b"));
    /// common.next()?;
    /// assert_eq!(common.right(), &"b");
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn right(&self) -> &B::Value {
        assert_valid(self.children.is_valid);
        self.children.b.value()
    }

    /// Lets a forward step begin, or go on.
    #[inline(always)]
    fn begin_forward(&mut self) {
        if self.children.direction != Some(Direction::Forward) {
            self.turn_forward();
        }
        self.children.is_valid = false;
    }

    /// Takes children that have moved backwards, or were about to, to where a step forwards from the end of that step may begin.
    #[inline]
    fn turn_forward(&mut self) {
        let children = &mut self.children;
        children.assert_sought();
        (children.a_due, children.b_due) = match (children.a_due, children.b_due) {
            dues if children.is_valid => dues,
            // The other one stands on the key that this one was to be brought to, which may be the one where that step ends.
            (Due::CatchUp, _) => (Due::CatchUp, Due::Step),
            (_, Due::CatchUp) => (Due::Step, Due::CatchUp),
            // What has tried to go back comes behind the entry where that step ends by its next step.
            (Due::Retry, Due::Retry) => (Due::Retry, Due::Retry),
            (Due::Retry, _) => (Due::Retry, Due::Turn),
            (_, Due::Retry) => (Due::Turn, Due::Retry),
            _ => (Due::Step, Due::Turn),
        };
        children.direction = Some(Direction::Forward);
    }

    // There are no calls with all of the iterator in here, which would have to find it in memory.
    #[inline(always)]
    fn go<W>(&mut self) -> Result<bool, ChildError<A::Error>>
    where
        W: WalkBoth<A, B> + Lead<A, SA> + Lead<B, SB>,
    {
        if !self.children.settle::<W, SA, SB>()?.1 {
            return Ok(false);
        }
        let TwoChildren { a, b, a_due, b_due, is_valid, .. } = &mut self.children;
        let (mut a_steps, mut b_steps) = (0, 0);
        loop {
            match W::compare(a, b) {
                Ordering::Less => {
                    // Asked for before the child is said to have tried.
                    let key = b.key();
                    *a_due = Due::CatchUp;
                    let lead = <W as Lead<A, SA>>::lead;
                    let has_entry = lead(a, key, a_steps).map_err(|error| ChildError { child: 0, error })?;
                    *a_due = Due::Nothing;
                    (a_steps, b_steps) = (a_steps + 1, 0);
                    if !has_entry {
                        return Ok(false);
                    }
                }
                Ordering::Greater => {
                    // Asked for before the child is said to have tried.
                    let key = a.key();
                    *b_due = Due::CatchUp;
                    let lead = <W as Lead<B, SB>>::lead;
                    let has_entry = lead(b, key, b_steps).map_err(|error| ChildError { child: 1, error })?;
                    *b_due = Due::Nothing;
                    (a_steps, b_steps) = (0, b_steps + 1);
                    if !has_entry {
                        return Ok(false);
                    }
                }
                Ordering::Equal => {
                    (*a_due, *b_due) = (Due::Step, Due::Step);
                    *is_valid = true;
                    return Ok(true);
                }
            }
        }
    }

    fn seek_by<W>(&mut self, target: Option<&A::Key>) -> Result<bool, ChildError<A::Error>>
    where
        W: Seek<A> + Seek<B> + WalkBoth<A, B> + Lead<A, SA> + Lead<B, SB>,
    {
        let result = self.children.tell::<W>(target).and_then(|()| self.go::<W>());
        self.children.direction = Some(<W as Walk<A>>::DIRECTION);
        result
    }
}

impl<A, B, SA, SB> StorageIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = ChildError<A::Error>;

    // Always: with the iterator behind a pointer a step takes up to twice as many instructions.
    #[inline(always)]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.begin_forward();
        self.go::<Forward>()
    }

    #[inline]
    fn for_each_while<F>(mut self, mut f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&A::Key, &A::Value) -> bool,
    {
        // The step that is open or begins; what is left is a loop over two children that stand where they should.
        self.begin_forward();
        let (_, mut has_both) = self.children.settle::<Forward, SA, SB>()?;
        let TwoChildren { mut a, mut b, .. } = self.children;
        let (mut a_steps, mut b_steps) = (0, 0);
        while has_both {
            has_both = match a.key().cmp(b.key()) {
                Ordering::Less => {
                    let has_a = SA::forward(&mut a, b.key(), a_steps);
                    (a_steps, b_steps) = (a_steps + 1, 0);
                    has_a.map_err(|error| ChildError { child: 0, error })?
                }
                Ordering::Greater => {
                    let has_b = SB::forward(&mut b, a.key(), b_steps);
                    (a_steps, b_steps) = (0, b_steps + 1);
                    has_b.map_err(|error| ChildError { child: 1, error })?
                }
                Ordering::Equal => {
                    if !f(a.key(), a.value()) {
                        return Ok(false);
                    }
                    (a_steps, b_steps) = (0, 0);
                    a.next().map_err(|error| ChildError { child: 0, error })?
                        && b.next().map_err(|error| ChildError { child: 1, error })?
                }
            };
        }
        Ok(true)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.children.is_valid
    }

    #[inline]
    fn key(&self) -> &A::Key {
        self.children.shown().key()
    }

    #[inline]
    fn value(&self) -> &A::Value {
        self.left()
    }

    fn num_active_iterators(&self) -> usize {
        self.children.num_active_iterators()
    }
}

impl<A, B, SA, SB> SeekableIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
{
    cursor_by_seeking!(seek);
}

impl<A, B, SA, SB> BidirectionalIterator for TwoIntersectionIterator<A, B, SA, SB>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Error = A::Error>,
    SA: Approach<A>,
    SB: Approach<B>,
{
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.children.assert_sought();
        if self.children.direction == Some(Direction::Forward) {
            // The open step first. At the end there is none, and this does nothing.
            if !self.children.is_valid && !self.next()? {
                self.children.a_due = Due::Turn;
                self.children.b_due = Due::Turn;
            }
            self.children.direction = Some(Direction::Backward);
        }
        self.children.is_valid = false;
        self.go::<Backward>()
    }

    cursor_by_seeking!(prev);
}

impl<A: Clone, B: Clone, SA, SB> Clone for TwoIntersectionIterator<A, B, SA, SB> {
    fn clone(&self) -> Self {
        TwoIntersectionIterator { children: self.children.clone(), approach: PhantomData }
    }
}

impl<A: fmt::Debug, B: fmt::Debug, SA, SB> fmt::Debug for TwoIntersectionIterator<A, B, SA, SB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TwoChildren { a, b, is_valid, .. } = &self.children;
        f.debug_struct("TwoIntersectionIterator")
            .field("a", a)
            .field("b", b)
            .field("is_valid", is_valid)
            .finish_non_exhaustive()
    }
}

/// For what a step that is open has to wait for.
#[cfg(feature = "async")]
impl<A, B, SA, SB> TwoIntersectionIterator<A, B, SA, SB> {
    pub(crate) fn children_mut(&mut self) -> (&mut A, &mut B) {
        (&mut self.children.a, &mut self.children.b)
    }
}
