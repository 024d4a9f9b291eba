//! [`Due`]: what the children of a set operation still have to do.

use crate::walk::Seek;
use crate::{ChildError, StorageIterator};

/// What a child still has to do in the open step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// A step.
    Step,
    /// What is left of one that has failed or panicked, or of a seek: until then nothing else may be asked of the child.
    Retry,
    /// To be brought to the other child's key, which has been tried.
    CatchUp,
    /// To turn back where it stands at its end: a step, or nothing.
    Turn,
}

impl Due {
    /// Makes [`Turn`](Self::Turn) the one or the other.
    #[inline]
    pub(super) fn settle(&mut self, is_valid: impl FnOnce() -> bool) {
        if *self == Due::Turn {
            *self = if is_valid() { Due::Nothing } else { Due::Step };
        }
    }
}

/// Makes a step that is due, and takes that off once it is made.
#[inline]
pub(super) fn step_by<I, E>(
    child: &mut I,
    due: &mut Due,
    step: impl FnOnce(&mut I) -> Result<bool, E>,
) -> Result<bool, E> {
    *due = Due::Retry;
    let is_valid = step(child)?;
    *due = Due::Nothing;
    Ok(is_valid)
}

/// Lets a child seek, and notes what is left of that if it fails.
#[inline]
pub(super) fn seek_by<W, I>(child: &mut I, due: &mut Due, target: Option<&I::Key>) -> Result<(), I::Error>
where
    I: StorageIterator,
    W: Seek<I>,
{
    let result = W::seek_from(child, target);
    *due = if result.is_err() { Due::Retry } else { Due::Nothing };
    result.map(|_| ())
}

/// The same for all children: each hears of the seek, whatever the others say. The first error is returned.
pub(super) fn seek_all_by<W, I>(
    children: &mut [I],
    dues: &mut [Due],
    target: Option<&I::Key>,
) -> Result<(), ChildError<I::Error>>
where
    I: StorageIterator,
    W: Seek<I>,
{
    let mut result = Ok(());
    for (index, (child, due)) in children.iter_mut().zip(dues).enumerate() {
        let from_child = seek_by::<W, I>(child, due, target);
        result = result.and(from_child.map_err(|error| ChildError { child: index, error }));
    }
    result
}

/// The same for two.
pub(super) fn seek_both_by<W, A, B>(
    (a, a_due): (&mut A, &mut Due),
    (b, b_due): (&mut B, &mut Due),
    target: Option<&A::Key>,
) -> Result<(), ChildError<A::Error>>
where
    A: StorageIterator,
    B: StorageIterator<Key = A::Key, Error = A::Error>,
    W: Seek<A> + Seek<B>,
{
    let from_a = seek_by::<W, A>(a, a_due, target);
    let from_b = seek_by::<W, B>(b, b_due, target);
    from_a.map_err(|error| ChildError { child: 0, error })?;
    from_b.map_err(|error| ChildError { child: 1, error })
}
