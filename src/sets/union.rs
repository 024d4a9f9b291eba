use std::cmp::Ordering;

use super::Sides;
use super::due::{Due, seek_all_by, step_by};
use super::heap::Heap;
use crate::combinators::{assert_valid, cut_short};
use crate::walk::{Backward, Direction, Forward, Seek, Walk, cursor_by_seeking};
use crate::{BidirectionalIterator, ChildError, SeekableIterator, StorageIterator};

/// The keys that any of many storage iterators has, with the values of all that have it: their full outer join.
///
/// Yields every key once, in ascending order. The value is [`Sides`]. Where the first child's value is enough, that is
/// [`MergeIterator`](crate::MergeIterator), which compares less; for two children of two types see
/// [`TwoUnionIterator`](crate::TwoUnionIterator).
///
/// # Complexity
///
/// With *k* children, *k* - 1 comparisons a step, while all have entries, which is little for each value where many children have the
/// key. Of more than 16 children, where few have the key for some steps, the order is kept: from then on a step is *O(g log k)*
/// comparisons, *g* being how many have it, and never more than *O(k)*. A seek is one of each child. Allocates in `new`.
///
/// # Errors
///
/// A child's, with its index, as [`ChildError`]. The step stays open: it goes on with the child that failed, and does not touch
/// those that have moved already.
///
/// ```
/// use storage_iter::{SliceIterator, StorageIterator, UnionIterator};
///
/// let monday = [("ann", 1), ("bob", 2)];
/// let tuesday = [("bob", 3), ("cem", 4)];
/// let mut days = UnionIterator::new([&monday, &tuesday].map(|day| SliceIterator::new(day)));
/// let mut sums = vec![];
/// while days.next()? {
///     sums.push((*days.key(), days.value().iter().map(|(_, count)| count).sum::<i32>()));
/// }
/// assert_eq!(sums, [("ann", 1), ("bob", 5), ("cem", 4)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct UnionIterator<I> {
    sides: Sides<I>,
    is_valid: bool,
    /// Each child stands on its first entry, in this direction, that does not come before where the step begins, or behind its
    /// last one. `None` if a seek has not reached all.
    direction: Option<Direction>,
    /// The order of the children, while it is worth keeping. Then nobody has a step due but those that had the key of the last entry.
    heap: Heap,
    /// Whether it is, or is to be made by the next step.
    uses_heap: bool,
    /// How many comparisons a heap would have saved in the last steps, or has.
    savings: isize,
}

/// How many children there have to be for a heap to save comparisons.
const LEAST_FOR_HEAP: usize = 16;

impl<I> UnionIterator<I> {
    /// The keys of all `children`. Zero children are no error: there are no entries.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, UnionIterator};
    /// assert_eq!(UnionIterator::new((0..3).map(|key| OnceIterator::new(key, 'a'))).count(), Ok(3));
    /// ```
    pub fn new(children: impl IntoIterator<Item = I>) -> Self {
        let children: Vec<I> = children.into_iter().collect();
        let (dues, has_key) = (vec![Due::Step; children.len()], vec![false; children.len()]);
        let (heap, having) = (Heap::new(children.len()), Vec::with_capacity(children.len()));
        let sides = Sides { children, dues, has_key, first: 0, having };
        UnionIterator {
            sides,
            is_valid: false,
            direction: Some(Direction::Forward),
            heap,
            uses_heap: false,
            savings: 0,
        }
    }
}

impl<I: StorageIterator> UnionIterator<I> {
    /// Makes the steps that are due and finds the key that comes next on the way `W`.
    fn go<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        if self.uses_heap {
            return self.go_by_heap::<W>();
        }
        self.make_all_due_steps::<W>()?;
        Ok(self.find_by_scan::<W>())
    }

    // Not in line, so that few children pay nothing for it.
    #[inline(never)]
    fn go_by_heap<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        if self.heap.is_ordered() {
            // Nobody else has anything due.
            let Sides { children, dues, having, .. } = &mut self.sides;
            for &index in &*having {
                if dues[index] != Due::Nothing {
                    step_by(&mut children[index], &mut dues[index], W::step)
                        .map_err(|error| ChildError { child: index, error })?;
                }
            }
            self.heap.settle(comes_before::<W, I>(&self.sides.children));
        } else {
            self.make_all_due_steps::<W>()?;
            self.heap.order(comes_before::<W, I>(&self.sides.children));
        }
        Ok(self.find_by_heap())
    }

    #[inline(always)]
    fn make_all_due_steps<W: Walk<I>>(&mut self) -> Result<(), ChildError<I::Error>> {
        let Sides { children, dues, .. } = &mut self.sides;
        for (index, (child, due)) in children.iter_mut().zip(dues.iter_mut()).enumerate() {
            if *due != Due::Nothing {
                step_by(child, due, W::step).map_err(|error| ChildError { child: index, error })?;
            }
        }
        Ok(())
    }

    /// Finds those with the first key by looking at all children.
    #[inline(always)]
    fn find_by_scan<W: Walk<I>>(&mut self) -> bool {
        let Sides { children, dues, has_key, first, .. } = &mut self.sides;
        let mut best: Option<(usize, &W::Key)> = None;
        for (index, child) in children.iter().enumerate() {
            has_key[index] = child.is_valid();
            if has_key[index] {
                let key = W::key(child.key());
                let order = best.map_or(Ordering::Less, |(_, best)| key.cmp(best));
                has_key[index] = order.is_le();
                if order.is_lt() {
                    best = Some((index, key));
                }
            }
        }
        let Some((best, _)) = best else { return false };
        // Who was among the best before there was a better one.
        has_key[..best].fill(false);
        for (due, has_key) in dues.iter_mut().zip(has_key) {
            *due = if *has_key { Due::Step } else { Due::Nothing };
        }
        *first = best;
        self.is_valid = true;
        if self.sides.children.len() > LEAST_FOR_HEAP {
            self.consider_heap();
        }
        true
    }

    /// The same where the heap is in order.
    fn find_by_heap(&mut self) -> bool {
        let Sides { children, dues, has_key, first, having } = &mut self.sides;
        if having.is_empty() {
            has_key.fill(false);
        }
        let least = self.heap.find_least(|root, child| {
            let (root, child) = (&children[root], &children[child]);
            root.is_valid() && child.is_valid() && root.key() == child.key()
        });
        having.drain(..).for_each(|index| has_key[index] = false);
        having.extend(least);
        if having.first().is_none_or(|&index| !children[index].is_valid()) {
            having.clear();
            return false;
        }
        having.sort_unstable();
        for &index in &*having {
            (has_key[index], dues[index]) = (true, Due::Step);
        }
        *first = having[0];
        self.savings = self.savings_after_step();
        if self.savings < 0 {
            self.look_at_all();
        }
        self.is_valid = true;
        true
    }

    /// Decides whether the next step is to put the children in order.
    #[inline(never)]
    fn consider_heap(&mut self) {
        self.savings = self.savings_after_step().max(0);
        // To put all in order takes two comparisons for each, and so does to find that it was in vain.
        self.uses_heap = self.savings >= 4 * self.sides.children.len() as isize;
    }

    /// What is saved by a heap, which finds those that have the key and puts them in order once they have moved, where otherwise
    /// all children are looked at. What was saved long ago does not count.
    fn savings_after_step(&self) -> isize {
        let (children, having) = (self.sides.children.len(), self.sides.count());
        // Two for each of these parts; but it is not in the order in which the children lie in memory.
        let by_heap = 4 * having + (2 * having * children.ilog2() as usize).min(4 * children);
        (self.savings + children as isize - by_heap as isize).min(8 * children as isize)
    }

    /// The order of the children is not known any more, or not worth keeping.
    fn look_at_all(&mut self) {
        self.heap.forget();
        self.sides.having.clear();
        self.uses_heap = false;
        self.savings = 0;
    }

    /// Takes children that have moved backwards, or were about to, on to the entries behind where that step ends.
    fn turn_forward(&mut self) {
        if self.direction.is_none() {
            cut_short();
        }
        self.look_at_all();
        for due in &mut self.sides.dues {
            // Who was to go back and has not tried stands where the step begins.
            *due = if *due == Due::Step && !self.is_valid { Due::Nothing } else { Due::Step };
        }
        self.direction = Some(Direction::Forward);
    }

    fn seek_by<W: Seek<I>>(&mut self, target: Option<&I::Key>) -> Result<bool, ChildError<I::Error>> {
        self.is_valid = false;
        self.direction = None;
        self.look_at_all();
        let Sides { children, dues, .. } = &mut self.sides;
        let result = seek_all_by::<W, I>(children, dues, target).and_then(|()| self.go::<W>());
        self.direction = Some(W::DIRECTION);
        result
    }
}

/// The order of children on the way `W`: by their keys, and behind all keys who has none.
#[inline]
fn comes_before<W: Walk<I>, I: StorageIterator>(children: &[I]) -> impl FnMut(usize, usize) -> bool {
    |one, other| {
        let (one, other) = (&children[one], &children[other]);
        one.is_valid() && (!other.is_valid() || W::key(one.key()) < W::key(other.key()))
    }
}

impl<I: StorageIterator> StorageIterator for UnionIterator<I> {
    type Key = I::Key;
    type Value = Sides<I>;
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
        self.sides.children[self.sides.first].key()
    }

    #[inline]
    fn value(&self) -> &Sides<I> {
        assert_valid(self.is_valid);
        &self.sides
    }

    fn num_active_iterators(&self) -> usize {
        self.sides.children.iter().map(StorageIterator::num_active_iterators).sum()
    }
}

impl<I: SeekableIterator> SeekableIterator for UnionIterator<I> {
    cursor_by_seeking!(seek);
}

impl<I: BidirectionalIterator> BidirectionalIterator for UnionIterator<I> {
    fn prev(&mut self) -> Result<bool, Self::Error> {
        match self.direction {
            None => cut_short(),
            Some(Direction::Forward) => {
                if !self.is_valid {
                    // The open step first. At the end there is none, and this does nothing.
                    self.next()?;
                }
                // One step back takes each to its last entry below the current key, whether it has that or not.
                self.look_at_all();
                self.sides.dues.fill(Due::Step);
                self.direction = Some(Direction::Backward);
            }
            Some(Direction::Backward) => {}
        }
        self.is_valid = false;
        self.go::<Backward>()
    }

    cursor_by_seeking!(prev);
}

/// The union of the iterator's items.
impl<I> FromIterator<I> for UnionIterator<I> {
    fn from_iter<T: IntoIterator<Item = I>>(children: T) -> Self {
        Self::new(children)
    }
}

/// For what a step that is open has to wait for.
#[cfg(feature = "async")]
impl<I> UnionIterator<I> {
    pub(crate) fn children_mut(&mut self) -> &mut [I] {
        &mut self.sides.children
    }
}
