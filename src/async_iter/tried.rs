//! [`Tried`]: an asynchronous child in the place of a synchronous one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{ChildError, FoldError, OrderError, SeekableIterator, StorageIterator, VersionedKeysError};

/// An asynchronous iterator as a synchronous one, whose step fails where it would have to wait.
///
/// That is all the synchronous combinators need to be asynchronous ones: they leave the step open at an error, and take
/// it up again with the child that has failed. So when a step stops at a child that [waits](Stop::Waits), that child
/// is awaited, and the step taken up again finds that it has moved. What a combinator does, and
/// what it remembers, is written once, and a future that is dropped is an error that nobody has seen.
#[derive(Clone, Debug)]
pub(crate) struct Tried<I> {
    iterator: I,
    /// The child was awaited, and this is what its step has answered. It was not told to the parent yet.
    answer: Option<bool>,
}

/// Why a step has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(unnameable_types, reason = "it is an error between a set operation and its children")]
pub enum Stop<E> {
    /// A child would have to wait.
    Waits,
    /// A child has failed.
    Failed(E),
}

impl<E> Stop<E> {
    /// The same with another error.
    #[inline]
    pub(crate) fn map<F>(self, map: impl FnOnce(E) -> F) -> Stop<F> {
        match self {
            Stop::Waits => Stop::Waits,
            Stop::Failed(error) => Stop::Failed(map(error)),
        }
    }
}

/// What a step of a synchronous combinator over children that are tried answers if it stops.
pub(crate) trait Stopped {
    /// The error, if a child has failed.
    type Error;

    /// The index of the child that would have to wait, 0 where there is only one; or else the error.
    fn waits(self) -> Result<usize, Self::Error>;
}

impl<E> Stopped for Stop<E> {
    type Error = E;

    #[inline]
    fn waits(self) -> Result<usize, E> {
        match self {
            Stop::Waits => Ok(0),
            Stop::Failed(error) => Err(error),
        }
    }
}

/// The error of a merge says which of its children has stopped.
impl<E> Stopped for ChildError<Stop<E>> {
    type Error = ChildError<E>;

    #[inline]
    fn waits(self) -> Result<usize, ChildError<E>> {
        let ChildError { child, error } = self;
        error.waits().map(|_| child).map_err(|error| ChildError { child, error })
    }
}

/// An error that is the child's or of the combinator's own. It has one child.
macro_rules! stopped_child {
    ($error:ident<E, $other:ident> { $($own:pat => $same:expr),* }) => {
        impl<E, $other> Stopped for $error<Stop<E>, $other> {
            stopped_child!(@waits $error<E, $other>, $($own => $same),*);
        }
    };
    ($error:ident<E> { $($own:pat => $same:expr),* }) => {
        impl<E> Stopped for $error<Stop<E>> {
            stopped_child!(@waits $error<E>, $($own => $same),*);
        }
    };
    (@waits $of:ident<$($parameter:ident),*>, $($own:pat => $same:expr),*) => {
        type Error = $of<$($parameter),*>;

        #[inline]
        fn waits(self) -> Result<usize, Self::Error> {
            match self {
                $of::Child(stop) => stop.waits().map_err($of::Child),
                $($own => Err($same)),*
            }
        }
    };
}

stopped_child!(OrderError<E, K> {
    OrderError::NotAscending { previous, key } => OrderError::NotAscending { previous, key },
    OrderError::NotDescending { previous, key } => OrderError::NotDescending { previous, key }
});
stopped_child!(FoldError<E, O> { FoldError::Operator(error) => FoldError::Operator(error) });
stopped_child!(VersionedKeysError<E> { VersionedKeysError::Malformed { key } => VersionedKeysError::Malformed { key } });

impl<I> Tried<I> {
    #[inline]
    pub(crate) fn new(iterator: I) -> Self {
        Tried { iterator, answer: None }
    }
}

impl<I: AsyncStorageIterator> Tried<I> {
    /// The child, to be awaited, and the place for its answer. That is to be put there before anybody can drop the future: no
    /// `.await` may come in between.
    #[inline]
    pub(crate) fn parts(&mut self) -> (&mut I, &mut Option<bool>) {
        (&mut self.iterator, &mut self.answer)
    }

    /// Begins a step that the parent will ask for. Whether it has to be waited for.
    pub(crate) fn begin(&mut self) -> Result<bool, I::Error> {
        if self.answer.is_none() {
            self.answer = self.iterator.try_next().transpose()?;
        }
        Ok(self.answer.is_none())
    }
}

impl<I: AsyncStorageIterator> StorageIterator for Tried<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = Stop<I::Error>;

    #[inline]
    fn next(&mut self) -> Result<bool, Stop<I::Error>> {
        if let Some(is_valid) = self.answer {
            self.answer = None;
            return Ok(is_valid);
        }
        answered(self.iterator.try_next())
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.iterator.is_valid()
    }

    #[inline]
    fn key(&self) -> &I::Key {
        self.iterator.key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.iterator.value()
    }

    #[inline]
    fn shared_prefix_len(&self) -> Option<usize> {
        self.iterator.shared_prefix_len()
    }

    #[inline]
    fn prefetch(&self) {
        self.iterator.prefetch();
    }

    fn num_active_iterators(&self) -> usize {
        self.iterator.num_active_iterators()
    }
}

/// Where the child would have to wait, the seek has stopped as by an error: the child was told the target, and its own step is open.
impl<I: AsyncSeekableIterator> SeekableIterator for Tried<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, Stop<I::Error>> {
        self.answer = None;
        answered(self.iterator.try_seek(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, Stop<I::Error>> {
        self.answer = None;
        answered(self.iterator.try_seek_to_first())
    }
}

#[inline]
fn answered<E>(tried: Option<Result<bool, E>>) -> Result<bool, Stop<E>> {
    match tried {
        Some(Ok(is_valid)) => Ok(is_valid),
        Some(Err(error)) => Err(Stop::Failed(error)),
        None => Err(Stop::Waits),
    }
}

/// Awaits a future that is polled out of line, so that the code around it, which mostly has no need of it, is short enough to
/// be inlined.
///
/// It is a macro for the sake of types: an `async fn` would be one more future around each child's future, and the compiler
/// gives up on types that are nested too deep.
macro_rules! await_apart {
    ($future:expr) => {{
        let mut future = std::pin::pin!($future);
        std::future::poll_fn(|context| $crate::async_iter::tried::poll_apart(future.as_mut(), context)).await
    }};
}
pub(crate) use await_apart;

#[cold]
#[inline(never)]
pub(crate) fn poll_apart<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
    future.poll(context)
}

/// Awaits a child that is tried, so that its step is answered. The macro is there for the reason above.
macro_rules! await_child {
    ($tried:expr) => {{
        let (iterator, answer) = $tried.parts();
        let waited = $crate::async_iter::tried::await_apart!($crate::async_iter::AsyncStorageIterator::next(iterator));
        waited.map(|is_valid| *answer = Some(is_valid))
    }};
}
pub(crate) use await_child;

/// `try_next`, of a step that stops where it would have to wait.
macro_rules! try_next_by {
    ($self:ident, $step:expr) => {
        // Always, as the synchronous step is.
        #[inline(always)]
        fn try_next(&mut $self) -> Option<Result<bool, Self::Error>> {
            $crate::async_iter::tried::tried($step)
        }
    };
}
pub(crate) use try_next_by;

/// What a step that stops where it would have to wait has come to; `None` if it has to wait.
#[inline]
pub(crate) fn tried<S: Stopped>(step: Result<bool, S>) -> Option<Result<bool, S::Error>> {
    match step {
        Ok(is_valid) => Some(Ok(is_valid)),
        Err(stopped) => stopped.waits().err().map(Err),
    }
}

/// `try_seek` and `try_seek_to_first`, of seeks that stop where they would have to wait.
macro_rules! try_seek_by {
    ($self:ident, $key:ident => $seek:expr, $seek_to_first:expr) => {
        #[inline]
        fn try_seek(&mut $self, $key: &Self::Key) -> Option<Result<bool, Self::Error>> {
            $crate::async_iter::tried::tried($seek)
        }

        #[inline]
        fn try_seek_to_first(&mut $self) -> Option<Result<bool, Self::Error>> {
            $crate::async_iter::tried::tried($seek_to_first)
        }
    };
}
pub(crate) use try_seek_by;

/// `next` and `try_next`, of a step that stops where it would have to wait for the one child, and what becomes of an error that
/// the child has given when it was waited for.
macro_rules! next_by_steps {
    ($self:ident, $step:expr, $child:expr $(, $error:ident => $mapped:expr)*) => {
        $crate::async_iter::tried::try_next_by!($self, $step);

        #[inline]
        async fn next(&mut $self) -> Result<bool, Self::Error> {
            loop {
                if let Some(stepped) = $self.try_next() {
                    return stepped;
                }
                $crate::async_iter::tried::await_child!($child)$(.map_err(|$error| $mapped))* ?;
            }
        }
    };
}
pub(crate) use next_by_steps;

/// A step other than `next`, which stops where it would have to wait, and which `next` completes then.
macro_rules! step_or_next {
    ($self:ident, $step:expr) => {{
        // Not by a `match`, which would keep the answer, and so its error, while the future waits.
        if let Some(stepped) = $crate::async_iter::tried::tried($step) {
            return stepped;
        }
        $crate::async_iter::AsyncStorageIterator::next($self).await
    }};
}
pub(crate) use step_or_next;

/// `Clone` and `Debug` of an iterator with a synchronous twin in the field `sync`. (Where a derived bound on the parameters would
/// not do.)
macro_rules! clone_by_sync {
    ($iterator:ident<$($parameter:ident),+>, $($bounds:tt)+) => {
        impl<$($parameter),+> Clone for $iterator<$($parameter),+>
        where
            $($bounds)+
        {
            fn clone(&self) -> Self {
                $iterator { sync: self.sync.clone() }
            }
        }
    };
}
pub(crate) use clone_by_sync;

/// See above.
macro_rules! debug_by_sync {
    ($iterator:ident<$($parameter:ident),+>, $($bounds:tt)+) => {
        impl<$($parameter),+> std::fmt::Debug for $iterator<$($parameter),+>
        where
            $($bounds)+
        {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($iterator)).field("sync", &self.sync).finish()
            }
        }
    };
}
pub(crate) use debug_by_sync;

/// The rest of `AsyncStorageIterator`, for all who have a synchronous twin in this field.
macro_rules! stand_on {
    ($field:ident) => {
        #[inline]
        fn is_valid(&self) -> bool {
            self.$field.is_valid()
        }

        #[inline]
        fn key(&self) -> &Self::Key {
            self.$field.key()
        }

        #[inline]
        fn value(&self) -> &Self::Value {
            self.$field.value()
        }

        #[inline]
        fn shared_prefix_len(&self) -> Option<usize> {
            self.$field.shared_prefix_len()
        }

        #[inline]
        fn prefetch(&self) {
            self.$field.prefetch();
        }

        fn num_active_iterators(&self) -> usize {
            self.$field.num_active_iterators()
        }
    };
}
pub(crate) use stand_on;
