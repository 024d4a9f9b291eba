//! [`FailingIterator`]: an iterator that fails where it is told to.

use std::borrow::Borrow;
use std::error::Error;
use std::fmt;

use super::{FailPoint, InjectedFailure};
use crate::combinators::assert_valid;
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A storage iterator that fails at chosen steps, once, several times or for ever.
///
/// Yields what the child yields. A step that is to fail fails before the child is called, and is completed by the call that succeeds, as
/// the contract has it. Each step passes the [`FailPoint`] once; a step behind the end does not, since the end is final. Clones
/// share the fail point.
///
/// # Complexity
///
/// *O(1)* beside the child's step. A seek copies its target.
///
/// # Errors
///
/// [`FailingError::Injected`] where the fail point says so, [`FailingError::Child`] for the child's own.
///
/// ```
/// use storage_iter::testing::{FailPoint, FailingIterator};
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let mut entries = FailingIterator::new(SliceIterator::new(&[(1, 'a'), (2, 'b')]), FailPoint::failing_at(1, 2));
/// assert_eq!(entries.next(), Ok(true));
/// assert!(entries.next().is_err());
/// assert!(entries.next().is_err());
/// assert_eq!(entries.next(), Ok(true));
/// assert_eq!(entries.key(), &2);
/// ```
///
/// # Panics
///
/// Where the fail point does.
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct FailingIterator<I: StorageIterator<Key: ToOwned>> {
    child: I,
    point: FailPoint,
    /// The call that failed, if the child has not heard of it yet.
    open: Option<Open<I>>,
    standing: Standing,
    /// A seek has begun and not returned: the fail point, or the child, has panicked.
    is_cut_short: bool,
}

struct Open<I: StorageIterator<Key: ToOwned>> {
    call: Call<I>,
    target: Option<<I::Key as ToOwned>::Owned>,
}

/// A call that moves.
struct Call<I: StorageIterator> {
    /// It is made where the child is known to have the method, so that `next` can complete a seek.
    function: Function<I>,
    is_forward: bool,
}

type Function<I> = fn(&mut I, Option<&<I as StorageIterator>::Key>) -> Step<I>;
type Step<I> = Result<bool, <I as StorageIterator>::Error>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// New, or the last call has failed.
    Open,
    /// Before the first entry: a call to the front found none.
    AtStart,
    OnEntry,
    /// Behind the last entry: a call to the back found none.
    AtEnd,
}

impl<I: StorageIterator<Key: ToOwned>> FailingIterator<I> {
    /// `child`, which fails where `point` does.
    ///
    /// ```
    /// # use storage_iter::testing::{FOR_EVER, FailPoint, FailingIterator};
    /// # use storage_iter::{SliceIterator, StorageIterator};
    /// let mut entries = FailingIterator::new(SliceIterator::new(&[(1, 'a')]), FailPoint::failing_at(0, FOR_EVER));
    /// assert!((0..100).all(|_| entries.next().is_err()));
    /// ```
    pub fn new(child: I, point: FailPoint) -> Self {
        FailingIterator { child, point, open: None, standing: Standing::Open, is_cut_short: false }
    }

    /// A step to a neighbour: what is open comes first.
    fn step(&mut self, step: Call<I>) -> Result<bool, FailingError<I::Error>> {
        assert!(!self.is_cut_short, "a seek was cut short; seek again");
        if let Some(Open { call, target }) = self.open.take() {
            let is_same_way = call.is_forward == step.is_forward;
            let is_valid = self.call(call, target.as_ref().map(Borrow::borrow))?;
            if is_same_way {
                return Ok(is_valid);
            }
        }
        let end = if step.is_forward { Standing::AtEnd } else { Standing::AtStart };
        if self.standing == end {
            return (step.function)(&mut self.child, None).map_err(FailingError::Child);
        }
        self.call(step, None)
    }

    fn seek_by(&mut self, call: Call<I>, target: Option<&I::Key>) -> Result<bool, FailingError<I::Error>> {
        self.is_cut_short = true;
        let result = self.call(call, target);
        self.is_cut_short = false;
        result
    }

    fn call(&mut self, call: Call<I>, target: Option<&I::Key>) -> Result<bool, FailingError<I::Error>> {
        self.standing = Standing::Open;
        // Before the fail point is passed, which may panic.
        let Call { function, is_forward } = call;
        self.open = Some(Open { call, target: target.map(ToOwned::to_owned) });
        self.point.pass().map_err(FailingError::Injected)?;
        self.open = None;
        let is_valid = function(&mut self.child, target).map_err(FailingError::Child)?;
        self.standing = match (is_valid, is_forward) {
            (true, _) => Standing::OnEntry,
            (false, true) => Standing::AtEnd,
            (false, false) => Standing::AtStart,
        };
        Ok(is_valid)
    }
}

impl<I: StorageIterator<Key: ToOwned>> StorageIterator for FailingIterator<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = FailingError<I::Error>;

    fn next(&mut self) -> Result<bool, Self::Error> {
        self.step(Call { function: |child, _| child.next(), is_forward: true })
    }

    fn is_valid(&self) -> bool {
        self.standing == Standing::OnEntry
    }

    fn key(&self) -> &I::Key {
        assert_valid(self.is_valid());
        self.child.key()
    }

    fn value(&self) -> &I::Value {
        assert_valid(self.is_valid());
        self.child.value()
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        self.child.shared_prefix_len()
    }

    fn prefetch(&self) {
        self.child.prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.child.num_active_iterators()
    }
}

impl<I: SeekableIterator<Key: ToOwned>> SeekableIterator for FailingIterator<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, Self::Error> {
        let function = |child: &mut I, key: Option<&I::Key>| child.seek(key.expect("a seek has a target"));
        self.seek_by(Call { function, is_forward: true }, Some(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(Call { function: |child, _| child.seek_to_first(), is_forward: true }, None)
    }
}

impl<I: BidirectionalIterator<Key: ToOwned>> BidirectionalIterator for FailingIterator<I> {
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.step(Call { function: |child, _| child.prev(), is_forward: false })
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(Call { function: |child, _| child.seek_to_last(), is_forward: false }, None)
    }

    fn seek_for_prev(&mut self, key: &I::Key) -> Result<bool, Self::Error> {
        let function = |child: &mut I, key: Option<&I::Key>| child.seek_for_prev(key.expect("a seek has a target"));
        self.seek_by(Call { function, is_forward: false }, Some(key))
    }
}

impl<I: StorageIterator> Clone for Call<I> {
    fn clone(&self) -> Self {
        Call { ..*self }
    }
}

impl<I: StorageIterator<Key: ToOwned<Owned: Clone>>> Clone for Open<I> {
    fn clone(&self) -> Self {
        Open { call: self.call.clone(), target: self.target.clone() }
    }
}

impl<I: StorageIterator<Key: ToOwned<Owned: Clone>> + Clone> Clone for FailingIterator<I> {
    fn clone(&self) -> Self {
        FailingIterator { child: self.child.clone(), point: self.point.clone(), open: self.open.clone(), ..*self }
    }
}

impl<I: StorageIterator<Key: ToOwned> + fmt::Debug> fmt::Debug for FailingIterator<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailingIterator")
            .field("child", &self.child)
            .field("point", &self.point)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}

/// The error of a [`FailingIterator`].
///
/// ```
/// use storage_iter::testing::{FailingError, InjectedFailure};
///
/// let injected = FailingError::<String>::Injected(InjectedFailure { path: [].into(), step: 3, time: 1 });
/// assert_eq!(injected.to_string(), "source [] failed at step 3 (time 1)");
/// assert_eq!(FailingError::Child("disk on fire").to_string(), "disk on fire");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FailingError<E> {
    /// A failure of the fail point.
    Injected(InjectedFailure),
    /// The child failed by itself.
    Child(E),
}

impl<E: fmt::Display> fmt::Display for FailingError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FailingError::Injected(failure) => failure.fmt(f),
            FailingError::Child(error) => error.fmt(f),
        }
    }
}

/// The message is the inner error's own, so `source` is what lies behind that one.
impl<E: Error> Error for FailingError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FailingError::Injected(_) => None,
            FailingError::Child(error) => error.source(),
        }
    }
}
