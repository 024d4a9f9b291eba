//! [`Visible`]: one entry for each user key, in both directions, made of the versions that a snapshot sees.

use std::borrow::Borrow;
use std::fmt;
use std::mem;

use super::fold_versions::FoldError;
use super::kept::Kept;
use super::merge_operator::{OperandStack, Operands};
use crate::combinators::{cut_short, not_on_an_entry};
use crate::key::Shown;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator, Versioned};

pub(super) type UserKey<I> = <<I as StorageIterator>::Key as Versioned>::UserKey;
type OwnedUserKey<I> = <UserKey<I> as ToOwned>::Owned;
type OwnedValue<I> = <<I as StorageIterator>::Value as ToOwned>::Owned;

/// What the versions of a user key come to.
pub(crate) trait Resolve<K: ?Sized, V: ?Sized + ToOwned> {
    type Error;

    /// Whether there can be operands at all.
    const HAS_OPERANDS: bool;

    /// Whether what is older counts as well.
    fn is_operand(&self, value: &V) -> bool;

    fn merge(
        &mut self,
        user_key: &K,
        base: Option<&V>,
        operands: Operands<'_, V>,
        merged: &mut V::Owned,
    ) -> Result<(), Self::Error>;
}

/// A child with versions, and how far it has come with those of one user key.
///
/// Forwards the newest version comes first, and the child stays on it to lend its value, unless it is an operand.
/// Backwards it comes last: whether it was the newest shows only one entry further, so its value is copied.
pub(crate) struct Visible<I: StorageIterator<Key: Versioned, Value: ToOwned>, R> {
    child: I,
    resolve: R,
    snapshot: u64,
    heading: Heading,
    phase: Phase,
    /// The child stands on an entry that was not judged yet.
    is_pending: bool,
    /// While searching, the key that is left behind: its other versions are not looked at. Otherwise the key of the
    /// entry.
    user_key: Kept<OwnedUserKey<I>>,
    /// The newest version that is no operand, going backwards.
    base: Kept<OwnedValue<I>>,
    operands: OperandStack<OwnedValue<I>>,
    /// The entry's value, if the child does not stand on it.
    value: Kept<OwnedValue<I>>,
    /// Where seeks write their targets.
    target: Option<<I::Key as ToOwned>::Owned>,
}

/// The direction of the step that is open, or that was the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heading {
    Forward,
    Backward,
    /// A seek is under way, so if it is not, a panic has cut it short.
    Seeking,
}

/// It is set before a call that may fail or panic, so the next call goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The step is open: on the way to a version that counts.
    Searching(Left),
    /// The step is open: there is a user key, and some of its versions have been looked at.
    Gathering,
    /// The step is open: all versions have been looked at, the operands are to be applied to the base.
    Merging(Base),
    /// The child stands on the version that is shown.
    Lent,
    /// The value that is shown is a copy. Where the child stands depends on the direction: behind it, or before it.
    Kept,
    /// Off the end that lies in the direction of the last step.
    End,
}

/// Where a step began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// On an entry that the child lent.
    Lent,
    /// On an entry whose value is still there.
    Kept,
    /// Elsewhere, or it does not matter any more.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    OnChild,
    Kept,
    Missing,
}

impl<I: StorageIterator<Key: Versioned, Value: ToOwned>, R> Visible<I, R> {
    #[inline]
    pub(super) fn new(child: I, snapshot: u64, resolve: R) -> Self {
        Visible {
            child,
            resolve,
            snapshot,
            heading: Heading::Forward,
            phase: Phase::Searching(Left::Nothing),
            is_pending: false,
            user_key: Kept::new(),
            base: Kept::new(),
            operands: OperandStack::new(),
            value: Kept::new(),
            target: None,
        }
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        matches!(self.phase, Phase::Lent | Phase::Kept)
    }

    #[inline]
    #[track_caller]
    pub(super) fn key(&self) -> &UserKey<I> {
        match self.user_key.get() {
            Some(user_key) if self.is_valid() => user_key,
            _ => not_on_an_entry(),
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn value(&self) -> &I::Value {
        match self.phase {
            Phase::Lent => self.child.value(),
            Phase::Kept => self.value.get().unwrap_or_else(|| not_on_an_entry()),
            _ => not_on_an_entry(),
        }
    }

    pub(super) fn num_active_iterators(&self) -> usize {
        self.child.num_active_iterators()
    }

    /// For what a step that is open has to wait for.
    #[cfg(feature = "async")]
    #[inline]
    pub(crate) fn iterator_mut(&mut self) -> &mut I {
        &mut self.child
    }
}

type StepResult<I, R> = Result<
    bool,
    FoldError<<I as StorageIterator>::Error, <R as Resolve<UserKey<I>, <I as StorageIterator>::Value>>::Error>,
>;

impl<I, R> Visible<I, R>
where
    I: StorageIterator<Key: Versioned, Value: ToOwned>,
    R: Resolve<UserKey<I>, I::Value>,
{
    #[inline]
    pub(super) fn next(&mut self) -> StepResult<I, R> {
        if self.phase == Phase::Lent {
            self.is_pending = false;
            self.phase = Phase::Searching(Left::Nothing);
        } else if self.turn_forward() {
            return Ok(true);
        }
        self.go_forward()
    }

    /// Leaves an entry that is not lent, or takes up an open step. Whether that is all there is to do.
    #[cold]
    fn turn_forward(&mut self) -> bool {
        let is_ahead = match self.heading {
            Heading::Forward => true,
            Heading::Backward => false,
            Heading::Seeking => cut_short(),
        };
        match self.phase {
            Phase::Searching(_) | Phase::Gathering | Phase::Merging(_) if is_ahead => return false,
            // A step back is open. To complete it and then to come back leads to where it began, or to what follows
            // where a seek would have stopped. So instead the child turns round where it is (its own open step is its
            // own affair): versions of the key that was being gathered are passed over, and all others that it went
            // over do not count.
            Phase::Searching(Left::Kept) => {
                self.phase = Phase::Kept;
                return true;
            }
            Phase::Searching(_) => self.user_key.clear(),
            Phase::Gathering | Phase::Merging(_) | Phase::Lent => {}
            Phase::Kept if is_ahead => {
                self.phase = Phase::Searching(Left::Nothing);
                return false;
            }
            Phase::Kept => {}
            Phase::End => self.user_key.clear(),
        }
        self.is_pending = false;
        self.heading = Heading::Forward;
        self.phase = Phase::Searching(Left::Nothing);
        false
    }

    #[inline]
    fn go_forward(&mut self) -> StepResult<I, R> {
        while let Phase::Searching(_) = self.phase {
            if !self.is_pending {
                if !self.child.next().map_err(FoldError::Child)? {
                    self.phase = Phase::End;
                    return Ok(false);
                }
                self.is_pending = true;
            }
            let key = self.child.key();
            let user_key = key.user_key();
            if key.sequence() > self.snapshot || self.user_key.get() == Some(user_key) {
                self.is_pending = false;
                continue;
            }
            let is_operand = R::HAS_OPERANDS && self.resolve.is_operand(self.child.value());
            self.user_key.set(user_key);
            if is_operand {
                self.operands.clear();
                self.operands.starts_with_newest = true;
                self.phase = Phase::Gathering;
            } else {
                self.is_pending = false;
                self.phase = Phase::Lent;
                return Ok(true);
            }
        }
        self.gather_forward()
    }

    /// Goes on from the newest version to older ones, until there is one that hides what is below.
    #[cold]
    fn gather_forward(&mut self) -> StepResult<I, R> {
        while self.phase == Phase::Gathering {
            if !self.is_pending {
                if !self.child.next().map_err(FoldError::Child)? {
                    self.phase = Phase::Merging(Base::Missing);
                    break;
                }
                self.is_pending = true;
            }
            let value = self.child.value();
            if self.user_key.get() != Some(self.child.key().user_key()) {
                self.phase = Phase::Merging(Base::Missing);
            } else if self.resolve.is_operand(value) {
                self.operands.push(value);
                self.is_pending = false;
            } else {
                self.phase = Phase::Merging(Base::OnChild);
            }
        }
        self.merge()
    }

    /// Calls `f` with every entry ahead until it answers `false`. From the first one that the child lends, that is one pass over it.
    #[inline]
    pub(super) fn for_each_while<F>(mut self, mut f: F) -> StepResult<I, R>
    where
        F: FnMut(&UserKey<I>, &I::Value) -> bool,
    {
        while self.next()? {
            if !f(self.key(), self.value()) {
                return Ok(false);
            }
            if self.phase == Phase::Lent {
                return self.pass(f);
            }
        }
        Ok(true)
    }

    /// The same where the child lends the entry.
    #[inline]
    fn pass<F>(self, mut f: F) -> StepResult<I, R>
    where
        F: FnMut(&UserKey<I>, &I::Value) -> bool,
    {
        let Visible { child, snapshot, mut resolve, mut user_key, mut operands, value: mut merged, .. } = self;
        operands.clear();
        operands.starts_with_newest = true;
        let mut failure = None;
        let has_ended = child.for_each_while(|key, value| {
            if R::HAS_OPERANDS
                && !operands.is_empty()
                && let Some(gathered) = user_key.get()
            {
                let is_same = gathered == key.user_key();
                if is_same && resolve.is_operand(value) {
                    operands.push(value);
                    return true;
                }
                // There is what hides all below, or nothing.
                let base = is_same.then_some(value);
                match merge_into(&mut merged, &mut resolve, gathered, base, &operands) {
                    Ok(merged) if !f(gathered, merged) => return false,
                    Ok(_) => {}
                    Err(error) => {
                        failure = Some(error);
                        return false;
                    }
                }
                operands.clear();
            }
            if key.sequence() > snapshot || user_key.get() == Some(key.user_key()) {
                return true;
            }
            user_key.set(key.user_key());
            if R::HAS_OPERANDS && resolve.is_operand(value) {
                operands.push(value);
                return true;
            }
            f(key.user_key(), value)
        });
        let has_ended = has_ended.map_err(FoldError::Child)?;
        match (failure, user_key.get()) {
            (Some(error), _) => Err(FoldError::Operator(error)),
            (None, Some(gathered)) if has_ended && !operands.is_empty() => {
                let merged = merge_into(&mut merged, &mut resolve, gathered, None, &operands);
                Ok(f(gathered, merged.map_err(FoldError::Operator)?))
            }
            _ => Ok(has_ended),
        }
    }

    fn merge(&mut self) -> StepResult<I, R> {
        let Visible { child, resolve, phase, user_key, base, operands, value, .. } = self;
        let (Phase::Merging(kind), Some(user_key)) = (*phase, user_key.get()) else { return Ok(self.is_valid()) };
        let base = match kind {
            Base::OnChild => Some(child.value()),
            Base::Kept => base.get(),
            Base::Missing => None,
        };
        merge_into(value, resolve, user_key, base, operands).map_err(FoldError::Operator)?;
        self.phase = Phase::Kept;
        Ok(true)
    }
}

/// Lets `resolve` make a value of operands and what they apply to.
fn merge_into<'a, K, V, R>(
    merged: &'a mut Kept<V::Owned>,
    resolve: &mut R,
    user_key: &K,
    base: Option<&V>,
    operands: &OperandStack<V::Owned>,
) -> Result<&'a V, R::Error>
where
    K: ?Sized,
    V: ?Sized + ToOwned,
    R: Resolve<K, V>,
{
    let operands = operands.operands();
    // Every value will do: it is overwritten.
    let make = || operands.clone().next().or(base).expect("there is an operand").to_owned();
    merged.set_with(make, |merged| resolve.merge(user_key, base, operands.clone(), merged))?;
    Ok(merged.get().expect("it was set"))
}

impl<I, R> Visible<I, R>
where
    I: SeekableIterator<Key: Versioned, Value: ToOwned>,
    R: Resolve<UserKey<I>, I::Value>,
{
    pub(super) fn seek(&mut self, user_key: &UserKey<I>) -> StepResult<I, R> {
        let newest = self.snapshot;
        let seek = |child: &mut I, target: &mut _| child.seek(version_in(target, user_key, newest));
        self.seek_by(seek, Heading::Forward, Self::go_forward)
    }

    pub(super) fn seek_to_first(&mut self) -> StepResult<I, R> {
        self.seek_by(|child, _| child.seek_to_first(), Heading::Forward, Self::go_forward)
    }

    /// Lets the child seek, and goes on from there.
    fn seek_by(
        &mut self,
        seek: impl FnOnce(&mut I, &mut Option<<I::Key as ToOwned>::Owned>) -> Result<bool, I::Error>,
        heading: Heading,
        go: impl FnOnce(&mut Self) -> StepResult<I, R>,
    ) -> StepResult<I, R> {
        self.begin_seek();
        let found = seek(&mut self.child, &mut self.target);
        let result = match found {
            Ok(true) => {
                self.is_pending = true;
                go(self)
            }
            Ok(false) => {
                self.phase = Phase::End;
                Ok(false)
            }
            Err(error) => Err(FoldError::Child(error)),
        };
        self.heading = heading;
        result
    }

    /// A seek starts afresh.
    fn begin_seek(&mut self) {
        self.heading = Heading::Seeking;
        self.phase = Phase::Searching(Left::Nothing);
        self.is_pending = false;
        self.user_key.clear();
    }
}

/// Writes the version of a user key into `target`.
pub(super) fn version_in<'a, K: ?Sized + Versioned>(
    target: &'a mut Option<K::Owned>,
    user_key: &K::UserKey,
    sequence: u64,
) -> &'a K {
    match target {
        Some(version) => K::version_into(user_key, sequence, version),
        None => *target = Some(K::version_of(user_key, sequence)),
    }
    target.as_ref().expect("it was set").borrow()
}

impl<I, R> Visible<I, R>
where
    I: BidirectionalIterator<Key: Versioned, Value: ToOwned>,
    R: Resolve<UserKey<I>, I::Value>,
{
    pub(super) fn prev(&mut self) -> StepResult<I, R> {
        if self.heading == Heading::Seeking {
            cut_short();
        }
        if self.heading == Heading::Forward {
            // Completes the step if it is open, and else finds nothing to do.
            self.go_forward()?;
        }
        let is_behind = self.heading == Heading::Backward;
        match self.phase {
            Phase::Lent => {
                self.is_pending = false;
                self.phase = Phase::Searching(Left::Lent);
            }
            Phase::Kept => {
                self.is_pending &= is_behind;
                self.phase = Phase::Searching(Left::Kept);
            }
            Phase::End => {
                self.is_pending = false;
                self.user_key.clear();
                self.phase = Phase::Searching(Left::Nothing);
            }
            Phase::Searching(_) | Phase::Gathering | Phase::Merging(_) => {}
        }
        self.heading = Heading::Backward;
        self.go_backward()
    }

    pub(super) fn seek_to_last(&mut self) -> StepResult<I, R> {
        self.seek_by(|child, _| child.seek_to_last(), Heading::Backward, Self::go_backward)
    }

    pub(super) fn seek_for_prev(&mut self, user_key: &UserKey<I>) -> StepResult<I, R> {
        let seek = |child: &mut I, target: &mut _| child.seek_for_prev(version_in(target, user_key, 0));
        self.seek_by(seek, Heading::Backward, Self::go_backward)
    }

    fn go_backward(&mut self) -> StepResult<I, R> {
        if let Phase::Merging(_) = self.phase {
            return self.merge();
        }
        loop {
            if !self.is_pending {
                if !self.child.prev().map_err(FoldError::Child)? {
                    if self.phase == Phase::Gathering {
                        return self.end_gathering();
                    }
                    self.phase = Phase::End;
                    return Ok(false);
                }
                self.is_pending = true;
            }
            let (key, value) = (self.child.key(), self.child.value());
            let is_visible = key.sequence() <= self.snapshot;
            let is_same = self.user_key.get() == Some(key.user_key());
            if self.phase == Phase::Gathering {
                if !is_visible || !is_same {
                    // The versions before this one are newer still, and are passed over by the next step.
                    return self.end_gathering();
                }
                if self.resolve.is_operand(value) {
                    self.operands.push(value);
                } else {
                    self.base.set(value);
                    self.operands.clear();
                }
                self.is_pending = false;
            } else if is_visible && !is_same {
                // From here on what was left is overwritten.
                self.phase = Phase::Searching(Left::Nothing);
                self.base.clear();
                self.operands.clear();
                self.operands.starts_with_newest = false;
                self.user_key.set(key.user_key());
                self.phase = Phase::Gathering;
            } else {
                self.is_pending = false;
            }
        }
    }

    /// The oldest version came first, so all there is to be known is known.
    fn end_gathering(&mut self) -> StepResult<I, R> {
        if self.operands.is_empty() {
            mem::swap(&mut self.base, &mut self.value);
            self.phase = Phase::Kept;
            return Ok(true);
        }
        let has_base = self.base.get::<I::Value>().is_some();
        self.phase = Phase::Merging(if has_base { Base::Kept } else { Base::Missing });
        self.merge()
    }
}

impl<I, R> Clone for Visible<I, R>
where
    I: StorageIterator<Key: Versioned<Owned: Clone, UserKey: ToOwned<Owned: Clone>>, Value: ToOwned<Owned: Clone>>,
    I: Clone,
    R: Clone,
{
    fn clone(&self) -> Self {
        Visible {
            child: self.child.clone(),
            resolve: self.resolve.clone(),
            user_key: self.user_key.clone(),
            base: self.base.clone(),
            operands: self.operands.clone(),
            value: self.value.clone(),
            target: self.target.clone(),
            ..*self
        }
    }
}

impl<I, R> fmt::Debug for Visible<I, R>
where
    I: StorageIterator<Key: Versioned, Value: ToOwned> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visible")
            .field("child", &self.child)
            .field("snapshot", &self.snapshot)
            .field("heading", &self.heading)
            .field("phase", &self.phase)
            .field("user_key", &self.user_key.get().map(Shown::<UserKey<I>>))
            .finish_non_exhaustive()
    }
}
