/// Which way a set operation moves its children, or why it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    /// Each child stands on its first entry that is not below where the step begins, or behind its last one.
    Forward,
    /// Each child stands on its last entry that is not above it, or before its first one.
    Backward,
    /// A seek has not reached all children.
    CutShort,
}

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
