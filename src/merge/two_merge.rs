use std::cmp::Ordering;
use std::mem;

#[cfg(feature = "async")]
use crate::async_iter::AsyncSeekableIterator;
#[cfg(feature = "async")]
use crate::async_iter::tried::{Stop, Tried};
use crate::combinators::{assert_valid, cut_short, for_each_from};
use crate::key::compare;
#[cfg(feature = "async")]
use crate::walk::ForwardByTrying;
use crate::walk::{Backward, Direction, Forward, Seek, Walk};
use crate::{BidirectionalIterator, ChildError, Descending, Key, SeekableIterator, StorageIterator};

/// Two storage iterators, of one type or of two, merged into one order; the first is the newer.
///
/// Yields every key that either child has, once, in ascending order. On equal keys `A`'s entry is yielded, whatever its
/// value is, and `B`'s is skipped. A cursor where both children are ones; backward the same entries come out.
///
/// # Complexity
///
/// One comparison a step while both children have entries, none after that. A seek to a key that lies ahead seeks the children
/// that lag behind it, any other seek both, with three comparisons at the most; a step in the other direction than the last one
/// moves both. Allocates nothing.
///
/// # Errors
///
/// A child's, as [`ChildError`] with 0 for `A` and 1 for `B`. The step stays open: `next` goes on with the child that failed,
/// and does not touch the other if that has moved already. A seek goes on to the other child when one fails, and returns the first
/// error.
///
/// ```
/// use std::collections::BTreeMap;
/// use storage_iter::{PairsIterator, SliceIterator, StorageIterator, TwoMergeIterator};
///
/// // A write-set over a table: two types, one view.
/// let write_set = BTreeMap::from([(2, "two"), (3, "three")]);
/// let table = [(1, "one"), (2, "TWO")];
/// let merged = TwoMergeIterator::new(PairsIterator::new(write_set), SliceIterator::new(&table));
/// let entries: Vec<_> = merged.collect()?;
/// assert_eq!(entries, [(1, "one"), (2, "two"), (3, "three")]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct TwoMergeIterator<A, B> {
    a: A,
    b: B,
    a_stands: Stands,
    b_stands: Stands,
    /// How the children's keys compare on the way that the merge walks, when it stands on an entry: one without entries counts
    /// as greater.
    order: Ordering,
    step: Step,
}

/// Where a child stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// On an entry that is used up, or before the first: the open step has to move it.
    Behind,
    OnEntry,
    AtEnd,
}

impl Stands {
    #[inline]
    fn after_move(is_valid: bool) -> Self {
        if is_valid { Stands::OnEntry } else { Stands::AtEnd }
    }
}

/// How far the current step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Done, forward: an entry is shown.
    Valid,
    /// The same, backward.
    ValidBackward,
    /// The children that are behind are to move, `A` first. If none is, there may be no entry any more.
    Open(Direction),
    /// A seek has failed: the children that are behind are to complete it.
    Completing(Direction),
    /// A seek was cut short by a panic: where the children stand is not known.
    CutShort,
}

impl Step {
    #[inline]
    const fn valid(direction: Direction) -> Self {
        match direction {
            Direction::Forward => Step::Valid,
            Direction::Backward => Step::ValidBackward,
        }
    }
}

impl<A, B> TwoMergeIterator<A, B> {
    /// Merges `a`, the newer, over `b`.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoMergeIterator};
    /// assert_eq!(TwoMergeIterator::new(OnceIterator::new(1, 'b'), OnceIterator::new(1, 'a')).count(), Ok(1));
    /// ```
    #[inline]
    pub fn new(a: A, b: B) -> Self
    where
        A: StorageIterator,
        B: StorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
    {
        TwoMergeIterator {
            a,
            b,
            a_stands: Stands::Behind,
            b_stands: Stands::Behind,
            order: Ordering::Equal,
            step: Step::Open(Direction::Forward),
        }
    }

    /// A merge that stands on an entry, with children whose keys compare as `order` says: one without entries counts as greater. The
    /// last step was one forward.
    #[inline]
    pub(super) fn on_entry(a: A, b: B, order: Ordering) -> Self
    where
        A: StorageIterator,
        B: StorageIterator,
    {
        let (a_stands, b_stands) = (Stands::after_move(a.is_valid()), Stands::after_move(b.is_valid()));
        TwoMergeIterator { a, b, a_stands, b_stands, order, step: Step::Valid }
    }

    /// Which child the current entry came from, 0 for `A` and 1 for `B`; `None` when the merge does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{OnceIterator, StorageIterator, TwoMergeIterator};
    /// let mut merged = TwoMergeIterator::new(OnceIterator::new(2, 'b'), OnceIterator::new(1, 'a'));
    /// merged.next()?;
    /// assert_eq!(merged.source_index(), Some(1));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn source_index(&self) -> Option<usize> {
        self.stands_on_entry().then_some(usize::from(self.order.is_gt()))
    }

    #[inline]
    fn stands_on_entry(&self) -> bool {
        matches!(self.step, Step::Valid | Step::ValidBackward)
    }

    /// Leaves the entry that is shown.
    #[inline]
    fn leave(&mut self, direction: Direction) {
        self.step = Step::Open(direction);
        if self.order.is_le() {
            self.a_stands = Stands::Behind;
        }
        if self.order.is_ge() {
            self.b_stands = Stands::Behind;
        }
    }

    /// Lets a forward step begin, or go on.
    #[inline(always)]
    fn begin_forward(&mut self) {
        match self.step {
            Step::Valid => self.leave(Direction::Forward),
            Step::Open(Direction::Forward) | Step::Completing(Direction::Forward) => {}
            _ => self.turn_forward(),
        }
    }

    /// Lets a forward step begin where a backward one ended or was left.
    ///
    /// A step back that is open is not completed literally, since what follows is a step forward, which leads to where that
    /// began. So the children that it has moved are moved back; one that failed completes its own step before.
    #[cold]
    fn turn_forward(&mut self) {
        if self.step == Step::CutShort {
            cut_short();
        }
        let has_only_a_moved = self.step == Step::Open(Direction::Backward)
            && (self.a_stands, self.b_stands) == (Stands::Behind, Stands::Behind);
        self.a_stands = Stands::Behind;
        self.b_stands = if has_only_a_moved { Stands::OnEntry } else { Stands::Behind };
        self.step = Step::Open(Direction::Forward);
    }
}

impl<A, B> TwoMergeIterator<A, B>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    /// Moves the children that are behind, and compares.
    #[inline(always)]
    fn advance<W, K>(&mut self) -> Result<bool, ChildError<A::Error>>
    where
        W: Walk<A, Key = K> + Walk<B, Key = K>,
        K: ?Sized + Key,
    {
        self.move_those_behind::<W>()?;
        Ok(self.compare::<W, K>())
    }

    #[inline(always)]
    fn move_those_behind<W: Walk<A> + Walk<B>>(&mut self) -> Result<(), ChildError<A::Error>> {
        if self.a_stands == Stands::Behind {
            self.a_stands = Stands::after_move(W::step(&mut self.a).map_err(|error| ChildError { child: 0, error })?);
        }
        if self.b_stands == Stands::Behind {
            self.b_stands = Stands::after_move(W::step(&mut self.b).map_err(|error| ChildError { child: 1, error })?);
        }
        Ok(())
    }

    /// Compares the children where they stand.
    #[inline(always)]
    fn compare<W, K>(&mut self) -> bool
    where
        W: Walk<A, Key = K> + Walk<B, Key = K>,
        K: ?Sized + Key,
    {
        let direction = <W as Walk<A>>::DIRECTION;
        // The children are asked, and not `a_stands` and `b_stands`: `key` makes the same test, so the compiler makes it once.
        self.order = match (self.a.is_valid(), self.b.is_valid()) {
            (true, true) => compare(<W as Walk<A>>::key(self.a.key()), <W as Walk<B>>::key(self.b.key())),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => {
                self.step = Step::Open(direction);
                return false;
            }
        };
        self.step = Step::valid(direction);
        true
    }

    fn seek_to_start<W, K>(&mut self) -> Result<bool, ChildError<A::Error>>
    where
        W: Seek<A> + Seek<B> + Walk<A, Key = K> + Walk<B, Key = K>,
        K: ?Sized + Key,
    {
        self.step = Step::CutShort;
        let a = <W as Seek<A>>::seek_to_start(&mut self.a);
        let b = <W as Seek<B>>::seek_to_start(&mut self.b);
        self.arrive::<W, K>(Some(a), Some(b))
    }

    /// Moves to the first entry on the way `W` that does not come before `target`. Only the children that lag are sought if it
    /// lies ahead.
    fn seek_to<W, K>(&mut self, target: &A::Key) -> Result<bool, ChildError<A::Error>>
    where
        W: Seek<A> + Seek<B> + Walk<A, Key = K> + Walk<B, Key = K>,
        K: ?Sized + Key,
    {
        let step = mem::replace(&mut self.step, Step::CutShort);
        let (mut a_lags, mut b_lags) = (true, true);
        if step == Step::valid(<W as Walk<A>>::DIRECTION) {
            let compare = |key| <W as Walk<A>>::key(key).cmp(<W as Walk<A>>::key(target));
            match compare(if self.order.is_le() { self.a.key() } else { self.b.key() }) {
                Ordering::Less => {
                    a_lags = self.order.is_le() || (self.a.is_valid() && compare(self.a.key()).is_lt());
                    b_lags = self.order.is_ge() || (self.b.is_valid() && compare(self.b.key()).is_lt());
                }
                Ordering::Equal => {
                    self.step = step;
                    return Ok(true);
                }
                Ordering::Greater => {}
            }
        }
        let a = a_lags.then(|| <W as Seek<A>>::seek(&mut self.a, target));
        let b = b_lags.then(|| <W as Seek<B>>::seek(&mut self.b, target));
        self.arrive::<W, K>(a, b)
    }

    /// Compares the children after those that were sought have answered.
    fn arrive<W, K>(
        &mut self,
        a: Option<Result<bool, A::Error>>,
        b: Option<Result<bool, A::Error>>,
    ) -> Result<bool, ChildError<A::Error>>
    where
        W: Seek<A> + Seek<B> + Walk<A, Key = K> + Walk<B, Key = K>,
        K: ?Sized + Key,
    {
        let mut first_error: Option<ChildError<A::Error>> = None;
        for (child, stands, answer) in [(0, &mut self.a_stands, a), (1, &mut self.b_stands, b)] {
            match answer {
                Some(Ok(is_valid)) => *stands = Stands::after_move(is_valid),
                Some(Err(error)) => {
                    *stands = Stands::Behind;
                    if first_error.as_ref().is_none_or(|first| <W as Seek<A>>::is_preferred(&error, &first.error)) {
                        first_error = Some(ChildError { child, error });
                    }
                }
                None => {}
            }
        }
        match first_error {
            Some(error) => {
                self.step = Step::Completing(<W as Walk<A>>::DIRECTION);
                Err(error)
            }
            None => Ok(self.compare::<W, K>()),
        }
    }
}

#[cfg(feature = "async")]
impl<A, B> TwoMergeIterator<A, B> {
    /// Those children that the open step is yet to move: for what it has to wait for.
    pub(crate) fn unmoved(&mut self) -> (Option<&mut A>, Option<&mut B>) {
        let a = (self.a_stands == Stands::Behind).then_some(&mut self.a);
        let b = (self.b_stands == Stands::Behind).then_some(&mut self.b);
        (a, b)
    }
}

#[cfg(feature = "async")]
impl<A, B> TwoMergeIterator<Tried<A>, Tried<B>>
where
    A: AsyncSeekableIterator,
    B: AsyncSeekableIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    pub(crate) fn try_seek(&mut self, key: &A::Key) -> Result<bool, ChildError<Stop<A::Error>>> {
        self.seek_to::<ForwardByTrying, A::Key>(key)
    }

    pub(crate) fn try_seek_to_first(&mut self) -> Result<bool, ChildError<Stop<A::Error>>> {
        self.seek_to_start::<ForwardByTrying, A::Key>()
    }
}

impl<A, B> StorageIterator for TwoMergeIterator<A, B>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    type Key = A::Key;
    type Value = A::Value;
    type Error = ChildError<A::Error>;

    // Always: with the merge behind a pointer a step takes twice as many instructions.
    #[inline(always)]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.begin_forward();
        self.advance::<Forward, A::Key>()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.stands_on_entry()
    }

    #[inline]
    fn key(&self) -> &A::Key {
        assert_valid(self.stands_on_entry());
        if self.order.is_le() { self.a.key() } else { self.b.key() }
    }

    #[inline]
    fn value(&self) -> &A::Value {
        assert_valid(self.stands_on_entry());
        if self.order.is_le() { self.a.value() } else { self.b.value() }
    }

    /// Runs `B`'s own loop, from which `A` is moved step by step. So where one of the two is made of several, `B` should be that one.
    #[inline]
    fn for_each_while<F>(mut self, mut f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&A::Key, &A::Value) -> bool,
    {
        self.begin_forward();
        let TwoMergeIterator { mut a, b, a_stands, b_stands, .. } = self;
        if a_stands == Stands::Behind {
            a.next().map_err(|error| ChildError { child: 0, error })?;
        }
        if b_stands != Stands::AtEnd {
            let mut error_of_a = None;
            let has_ended = for_each_from(
                b,
                b_stands == Stands::OnEntry,
                #[inline(always)]
                |key, value| {
                    // What `A` has before this entry, or in its place.
                    while a.is_valid() {
                        let order = compare(a.key(), key);
                        if order.is_gt() {
                            break;
                        }
                        if !f(a.key(), a.value()) {
                            return false;
                        }
                        if let Err(error) = a.next() {
                            error_of_a = Some(error);
                            return false;
                        }
                        if order.is_eq() {
                            return true;
                        }
                    }
                    f(key, value)
                },
            );
            if let Some(error) = error_of_a {
                return Err(ChildError { child: 0, error });
            }
            if !has_ended.map_err(|error| ChildError { child: 1, error })? {
                return Ok(false);
            }
        }
        if !a.is_valid() {
            return Ok(true);
        }
        for_each_from(a, true, f).map_err(|error| ChildError { child: 0, error })
    }

    fn num_active_iterators(&self) -> usize {
        self.a.num_active_iterators() + self.b.num_active_iterators()
    }
}

impl<A, B> SeekableIterator for TwoMergeIterator<A, B>
where
    A: SeekableIterator,
    B: SeekableIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    fn seek(&mut self, key: &A::Key) -> Result<bool, Self::Error> {
        self.seek_to::<Forward, A::Key>(key)
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.seek_to_start::<Forward, A::Key>()
    }
}

impl<A, B> TwoMergeIterator<A, B>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    /// Completes a forward step if one is open, and lets a backward one begin.
    #[cold]
    fn turn_backward(&mut self) -> Result<(), ChildError<A::Error>> {
        if self.step != Step::Valid {
            self.next()?;
        }
        (self.a_stands, self.b_stands) = (Stands::Behind, Stands::Behind);
        self.step = Step::Open(Direction::Backward);
        Ok(())
    }
}

impl<A, B> BidirectionalIterator for TwoMergeIterator<A, B>
where
    A: BidirectionalIterator,
    B: BidirectionalIterator<Key = A::Key, Value = A::Value, Error = A::Error>,
{
    #[inline]
    fn prev(&mut self) -> Result<bool, Self::Error> {
        match self.step {
            Step::ValidBackward => self.leave(Direction::Backward),
            Step::Open(Direction::Backward) | Step::Completing(Direction::Backward) => {}
            _ => self.turn_backward()?,
        }
        self.advance::<Backward, Descending<A::Key>>()
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.seek_to_start::<Backward, Descending<A::Key>>()
    }

    fn seek_for_prev(&mut self, key: &A::Key) -> Result<bool, Self::Error> {
        self.seek_to::<Backward, Descending<A::Key>>(key)
    }
}
