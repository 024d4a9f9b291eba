//! [`Child`]: the one child of a combinator, and the state of the step that is under way.

use crate::StorageIterator;
use crate::walk::Direction;

/// A child and how far its parent has come with the child's current entry.
///
/// All combinators over one child keep promises 1, 5, 6 and 15 through this type: what follows a call that may fail or
/// panic is recorded before the call, so the next call finds out where to go on.
///
/// # Steps in both directions
///
/// An open step has to be completed in its own direction before one in the other begins. A parent need not know of it: it
/// takes its step, and the child, whose own step is the open one, completes that first. So the child comes from where it
/// would have stood to the neighbour of that entry, on the side to which the parent goes, and what the parent judges from there
/// on is what it would have judged. Had the completed step led to an entry that the parent skips, it would have gone on in the
/// first direction and come back over the same entries. An entry that the child has arrived on and that was not judged, because
/// judging panicked, is left behind in the same way.
#[derive(Clone, Debug)]
pub(crate) struct Child<I> {
    iterator: I,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The child is still to be moved: it is new, its last step failed, its entry was passed over, or it is at an end.
    Behind,
    /// Parent and child stand on the same entry.
    Valid,
    /// The child has come forward to an entry that the parent has not judged yet.
    ArrivedForward,
    /// The same backward.
    ArrivedBackward,
    /// Forward there is nothing left that the parent wants: the child is not asked again.
    FinishedForward,
    /// The same backward.
    FinishedBackward,
    /// A seek has not returned: there is no position.
    CutShort,
}

// (With the direction as a field of two variants, comparing takes twice as many instructions.)
impl Standing {
    #[inline]
    fn arrived(direction: Direction) -> Self {
        match direction {
            Direction::Forward => Standing::ArrivedForward,
            Direction::Backward => Standing::ArrivedBackward,
        }
    }

    #[inline]
    fn finished(direction: Direction) -> Self {
        match direction {
            Direction::Forward => Standing::FinishedForward,
            Direction::Backward => Standing::FinishedBackward,
        }
    }

    /// Whether the child stands where a step in `direction` would take it, or need not be moved for it; `None` if it must be.
    #[cold]
    #[inline(never)]
    fn has_arrived(self, direction: Direction) -> Option<bool> {
        match self {
            _ if self == Standing::arrived(direction) => Some(true),
            _ if self == Standing::finished(direction) => Some(false),
            Standing::CutShort => cut_short(),
            _ => None,
        }
    }
}

/// What a parent makes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Yield,
    Skip,
    /// Neither this entry nor any behind it, in the direction of the step.
    Finish,
}

impl Verdict {
    #[inline]
    pub(crate) fn yield_if(is_wanted: bool) -> Self {
        if is_wanted { Verdict::Yield } else { Verdict::Skip }
    }
}

/// Lets every entry through.
#[inline]
pub(crate) fn yield_all<K: ?Sized, V: ?Sized>(_: Direction, _: &K, _: &V) -> Verdict {
    Verdict::Yield
}

/// Judges the entries of `I` that a step in some direction comes to.
pub(crate) trait Judge<I: StorageIterator>: FnMut(Direction, &I::Key, &I::Value) -> Verdict {}

impl<I: StorageIterator, F: FnMut(Direction, &I::Key, &I::Value) -> Verdict> Judge<I> for F {}

impl<I> Child<I> {
    #[inline]
    pub(crate) fn new(iterator: I) -> Self {
        Child { iterator, standing: Standing::Behind }
    }

    #[inline]
    pub(crate) fn iterator(&self) -> &I {
        &self.iterator
    }

    #[inline]
    pub(crate) fn into_iterator(self) -> I {
        self.iterator
    }

    /// For what a step that is open has to wait for.
    #[cfg(feature = "async")]
    #[inline]
    pub(crate) fn iterator_mut(&mut self) -> &mut I {
        &mut self.iterator
    }

    #[inline]
    pub(crate) fn is_valid(&self) -> bool {
        self.standing == Standing::Valid
    }

    /// Whether the child has come in this direction to an entry that was not judged yet.
    pub(crate) fn has_arrived(&self, direction: Direction) -> bool {
        self.standing == Standing::arrived(direction)
    }

    /// The child is not asked for further entries.
    #[inline]
    pub(crate) fn finish(&mut self) {
        self.standing = Standing::FinishedForward;
    }

    /// A seek begins: until it returns there is no position.
    #[inline]
    pub(crate) fn begin_seek(&mut self) {
        self.standing = Standing::CutShort;
    }
}

impl<I: StorageIterator> Child<I> {
    /// Moves the child by `step`, or seek, to whatever entry it leads to. For parents that judge none. (A seek that was cut short
    /// is the child's to remember.)
    #[inline]
    pub(crate) fn pass(&mut self, step: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> Result<bool, I::Error> {
        self.standing = Standing::Behind;
        if !step(&mut self.iterator)? {
            return Ok(false);
        }
        self.standing = Standing::Valid;
        Ok(true)
    }

    /// Moves by as many a `step` as it takes to an entry that `judge` lets through.
    #[inline(always)]
    pub(crate) fn walk(
        &mut self,
        direction: Direction,
        step: impl Fn(&mut I) -> Result<bool, I::Error> + Copy,
        mut judge: impl Judge<I>,
    ) -> Result<bool, I::Error> {
        while self.arrive(direction, step)? {
            match judge(direction, self.iterator.key(), self.iterator.value()) {
                Verdict::Yield => {
                    self.accept();
                    return Ok(true);
                }
                Verdict::Skip => self.standing = Standing::Behind,
                Verdict::Finish => {
                    self.standing = Standing::finished(direction);
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }

    /// Calls `f` with every entry ahead that `judge` lets through, until it answers `false`.
    #[inline]
    pub(crate) fn for_each_while(
        self,
        mut judge: impl Judge<I>,
        mut f: impl FnMut(&I::Key, &I::Value) -> bool,
    ) -> Result<bool, I::Error> {
        // Where a panic or the end has left it.
        let has_arrived = match self.standing {
            Standing::Behind | Standing::Valid => None,
            standing => standing.has_arrived(Direction::Forward),
        };
        if has_arrived == Some(false) {
            return Ok(true);
        }
        let mut verdict = Verdict::Yield;
        // The closure always inlined: a call of it would have to find in memory all that it changes.
        let has_ended = for_each_from(
            self.iterator,
            has_arrived.is_some(),
            #[inline(always)]
            |key, value| {
                verdict = judge(Direction::Forward, key, value);
                match verdict {
                    Verdict::Yield => f(key, value),
                    Verdict::Skip => true,
                    Verdict::Finish => false,
                }
            },
        )?;
        Ok(has_ended || verdict == Verdict::Finish)
    }

    /// Moves by `seek`, and from there on by as many a `step` as it takes, to an entry that `judge` lets through.
    #[inline]
    pub(crate) fn seek(
        &mut self,
        direction: Direction,
        seek: impl FnOnce(&mut I) -> Result<bool, I::Error>,
        step: impl Fn(&mut I) -> Result<bool, I::Error> + Copy,
        judge: impl Judge<I>,
    ) -> Result<bool, I::Error> {
        self.begin_seek();
        self.settle(direction, seek, step, judge)
    }

    /// The same for a seek that has begun. If none has, an error or a panic in `seek` leaves everything as it was, and from there on it is
    /// a step like any other.
    pub(crate) fn settle(
        &mut self,
        direction: Direction,
        seek: impl FnOnce(&mut I) -> Result<bool, I::Error>,
        step: impl Fn(&mut I) -> Result<bool, I::Error> + Copy,
        mut judge: impl Judge<I>,
    ) -> Result<bool, I::Error> {
        let mut has_arrived = self.arrive_by_seek(seek)?;
        if has_arrived && self.standing != Standing::CutShort {
            self.await_judgement(direction);
            return self.walk(direction, step, judge);
        }
        while has_arrived {
            match judge(direction, self.iterator.key(), self.iterator.value()) {
                Verdict::Yield => {
                    self.accept();
                    return Ok(true);
                }
                Verdict::Skip => has_arrived = self.arrive_by_seek(step)?,
                Verdict::Finish => {
                    self.standing = Standing::finished(direction);
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }

    /// Moves the child to the entry to be judged next, if it does not stand there already. After `Ok(true)` the child's
    /// key and value may be looked at through [`iterator`](Self::iterator).
    #[inline(always)]
    pub(crate) fn arrive(
        &mut self,
        direction: Direction,
        step: impl FnOnce(&mut I) -> Result<bool, I::Error>,
    ) -> Result<bool, I::Error> {
        if !matches!(self.standing, Standing::Behind | Standing::Valid)
            && let Some(has_arrived) = self.standing.has_arrived(direction)
        {
            return Ok(has_arrived);
        }
        self.standing = Standing::Behind;
        if !step(&mut self.iterator)? {
            return Ok(false);
        }
        self.standing = Standing::arrived(direction);
        Ok(true)
    }

    /// The same by a seek that has begun. Until the entry is accepted there is no position.
    pub(crate) fn arrive_by_seek(
        &mut self,
        seek: impl FnOnce(&mut I) -> Result<bool, I::Error>,
    ) -> Result<bool, I::Error> {
        let result = seek(&mut self.iterator);
        if matches!(result, Ok(false)) || (result.is_err() && self.standing == Standing::CutShort) {
            self.standing = Standing::Behind;
        }
        result
    }

    /// Leaves the entry that the child has arrived on for the next step in `direction`.
    pub(crate) fn await_judgement(&mut self, direction: Direction) {
        self.standing = Standing::arrived(direction);
    }

    /// Yields the entry that the child has arrived on.
    #[inline]
    pub(crate) fn accept(&mut self) {
        self.standing = Standing::Valid;
    }

    #[inline]
    #[track_caller]
    pub(crate) fn key(&self) -> &I::Key {
        assert_valid(self.is_valid());
        self.iterator.key()
    }

    /// Only right for a parent that passes over no entry.
    #[inline]
    #[track_caller]
    pub(crate) fn shared_prefix_len(&self) -> Option<usize> {
        assert_valid(self.is_valid());
        self.iterator.shared_prefix_len()
    }

    #[inline]
    #[track_caller]
    pub(crate) fn value(&self) -> &I::Value {
        assert_valid(self.is_valid());
        self.iterator.value()
    }
}

/// Calls `f` with every entry ahead, and before these with the one that `iterator` stands on if that is to be `with_current`, until `f`
/// answers `false`.
#[inline]
pub(crate) fn for_each_from<I: StorageIterator>(
    iterator: I,
    with_current: bool,
    mut f: impl FnMut(&I::Key, &I::Value) -> bool,
) -> Result<bool, I::Error> {
    if with_current && !f(iterator.key(), iterator.value()) {
        return Ok(false);
    }
    iterator.for_each_while(f)
}

/// Panics with the one message for `key` and `value` off an entry.
#[inline]
#[track_caller]
pub(crate) fn assert_valid(is_valid: bool) {
    if !is_valid {
        not_on_an_entry();
    }
}

#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn not_on_an_entry() -> ! {
    panic!("`key` or `value` of a storage iterator that does not stand on an entry; see `is_valid`");
}

/// Panics with the one message for a step where there is no position, after a seek that was cut short by a panic.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn cut_short() -> ! {
    panic!("a seek was cut short; seek again");
}

/// The part of `StorageIterator` that is the same for all who keep their child in a field `child` and lend what it does.
macro_rules! stand_on_child {
    (@key) => {
        #[inline]
        fn key(&self) -> &Self::Key {
            self.child.key()
        }
    };
    (@value) => {
        #[inline]
        fn value(&self) -> &Self::Value {
            self.child.value()
        }
    };
    (@shared_prefix_len) => {
        #[inline]
        fn shared_prefix_len(&self) -> Option<usize> {
            self.child.shared_prefix_len()
        }
    };
    ($($lent:ident),*) => {
        #[inline]
        fn is_valid(&self) -> bool {
            self.child.is_valid()
        }

        $(stand_on_child!(@$lent);)*

        #[inline]
        fn prefetch(&self) {
            self.child.iterator().prefetch();
        }

        fn num_active_iterators(&self) -> usize {
            self.child.iterator().num_active_iterators()
        }
    };
}
pub(crate) use stand_on_child;

/// The methods of a cursor for a combinator that judges entries. Its `judged` gives the child and the judge.
macro_rules! cursor_by_judging {
    (next) => {
        // Always: with the iterator behind a pointer a step takes up to three times as many instructions.
        #[inline(always)]
        fn next(&mut self) -> Result<bool, Self::Error> {
            let (child, judge) = self.judged();
            child.walk(Direction::Forward, I::next, judge)
        }
    };
    (seek) => {
        fn seek(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
            let (child, judge) = self.judged();
            child.seek(Direction::Forward, |child| child.seek(key), I::next, judge)
        }

        fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
            let (child, judge) = self.judged();
            child.seek(Direction::Forward, I::seek_to_first, I::next, judge)
        }
    };
    (prev) => {
        #[inline]
        fn prev(&mut self) -> Result<bool, Self::Error> {
            let (child, judge) = self.judged();
            child.walk(Direction::Backward, I::prev, judge)
        }

        fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
            let (child, judge) = self.judged();
            child.seek(Direction::Backward, I::seek_to_last, I::prev, judge)
        }

        fn seek_for_prev(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
            let (child, judge) = self.judged();
            child.seek(Direction::Backward, |child| child.seek_for_prev(key), I::prev, judge)
        }
    };
}
pub(crate) use cursor_by_judging;

/// The same for a combinator that judges none, and passes every move on to its child by `pass`.
macro_rules! cursor_by_passing {
    (next) => {
        #[inline(always)]
        fn next(&mut self) -> Result<bool, Self::Error> {
            self.pass(I::next)
        }
    };
    (seek) => {
        #[inline]
        fn seek(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
            self.pass(|child| child.seek(key))
        }

        #[inline]
        fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
            self.pass(I::seek_to_first)
        }
    };
    (prev) => {
        #[inline]
        fn prev(&mut self) -> Result<bool, Self::Error> {
            self.pass(I::prev)
        }

        #[inline]
        fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
            self.pass(I::seek_to_last)
        }

        #[inline]
        fn seek_for_prev(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
            self.pass(|child| child.seek_for_prev(key))
        }
    };
}
pub(crate) use cursor_by_passing;
