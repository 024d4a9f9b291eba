//! [`TwoChildren`]: two children, one of which is brought to the other's key. The intersection and the difference of two are made
//! of it.

use super::approach::Lead;
use super::due::{Due, seek_both_by, step_by};
use crate::combinators::{assert_valid, cut_short};
use crate::walk::{Direction, Seek, Walk, WalkBoth};
use crate::{ChildError, StorageIterator};

/// Two children and how far they have come in the step.
#[derive(Clone, Debug)]
pub(super) struct TwoChildren<A, B> {
    pub(super) a: A,
    pub(super) b: B,
    /// What they have to do in the open step; on an entry, in the next one.
    pub(super) a_due: Due,
    pub(super) b_due: Due,
    pub(super) is_valid: bool,
    /// Each child stands on its first entry, in this direction, that does not come before where the step begins, or behind its
    /// last one. `None` if a seek has not reached both.
    pub(super) direction: Option<Direction>,
}

impl<A, B> TwoChildren<A, B> {
    #[inline]
    pub(super) fn new(a: A, b: B) -> Self {
        let direction = Some(Direction::Forward);
        TwoChildren { a, b, a_due: Due::Step, b_due: Due::Step, is_valid: false, direction }
    }

    /// The first child, which stands on the entry that is shown.
    #[inline]
    #[track_caller]
    pub(super) fn shown(&self) -> &A {
        assert_valid(self.is_valid);
        &self.a
    }

    #[inline]
    pub(super) fn assert_sought(&self) {
        if self.direction.is_none() {
            cut_short();
        }
    }
}

impl<A, B> TwoChildren<A, B>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
{
    /// Makes the steps that are due. Whether both children stand on entries, or only the first.
    ///
    /// The second one is not asked where the first has nothing, unless it has a step to complete.
    #[inline(always)]
    pub(super) fn settle<W, SA, SB>(&mut self) -> Result<(bool, bool), ChildError<A::Error>>
    where
        W: WalkBoth<A, B> + Lead<A, SA> + Lead<B, SB>,
    {
        let TwoChildren { a, b, a_due, b_due, .. } = self;
        if *a_due == Due::CatchUp {
            <W as Lead<A, SA>>::lead_again(a, b.key()).map_err(|error| ChildError { child: 0, error })?;
            *a_due = Due::Nothing;
        }
        if *b_due == Due::CatchUp {
            <W as Lead<B, SB>>::lead_again(b, a.key()).map_err(|error| ChildError { child: 1, error })?;
            *b_due = Due::Nothing;
        }
        a_due.settle(|| a.is_valid());
        let has_a = match *a_due {
            Due::Step | Due::Retry => {
                step_by(a, a_due, <W as Walk<A>>::step).map_err(|error| ChildError { child: 0, error })?
            }
            _ => a.is_valid(),
        };
        b_due.settle(|| b.is_valid());
        if *b_due == Due::Retry || *b_due == Due::Step && has_a {
            step_by(b, b_due, <W as Walk<B>>::step).map_err(|error| ChildError { child: 1, error })?;
        }
        *b_due = Due::Nothing;
        Ok((has_a, has_a && b.is_valid()))
    }

    /// Lets both children seek; then `go` makes the step, of which the direction is known when it ends.
    pub(super) fn tell<W>(&mut self, target: Option<&A::Key>) -> Result<(), ChildError<A::Error>>
    where
        W: Seek<A> + Seek<B>,
    {
        self.is_valid = false;
        self.direction = None;
        let TwoChildren { a, b, a_due, b_due, .. } = self;
        seek_both_by::<W, A, B>((a, a_due), (b, b_due), target)
    }

    pub(super) fn num_active_iterators(&self) -> usize {
        self.a.num_active_iterators() + self.b.num_active_iterators()
    }
}
