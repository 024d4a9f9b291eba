//! [`Tried`]: an asynchronous child in the place of a synchronous one.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::async_iter::AsyncStorageIterator;
use crate::{ChildError, StorageIterator};

/// An asynchronous iterator as a synchronous one, whose step fails where it would have to wait.
///
/// That is all the synchronous combinators need to be asynchronous ones: they leave the step open at an error, and take
/// it up again with the child that has failed. So when a step stops at a child that [waits](Stop::Waits), that child
/// is awaited by [`wait`](Self::wait), and the step taken up again finds that it has moved. What a combinator does, and
/// what it remembers, is written once, and a future that is dropped is an error that nobody has seen.
#[derive(Clone, Debug)]
pub(crate) struct Tried<I> {
    iterator: I,
    /// The child was awaited, and this is what its step has answered. It was not told to the parent yet.
    answer: Option<bool>,
}

/// Why a step has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop<E> {
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
    /// Which child would have to wait, where there are several.
    type Child;
    /// The error, if a child has failed.
    type Error;

    /// Tells the child that would have to wait, or else the error.
    fn waits(self) -> Result<Self::Child, Self::Error>;
}

/// There is no need to say which.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OnlyChild;

impl<E> Stopped for Stop<E> {
    type Child = OnlyChild;
    type Error = E;

    #[inline]
    fn waits(self) -> Result<OnlyChild, E> {
        match self {
            Stop::Waits => Ok(OnlyChild),
            Stop::Failed(error) => Err(error),
        }
    }
}

/// The error of a merge says which of its children has stopped.
impl<E> Stopped for ChildError<Stop<E>> {
    type Child = usize;
    type Error = ChildError<E>;

    #[inline]
    fn waits(self) -> Result<usize, ChildError<E>> {
        let ChildError { child, error } = self;
        error.waits().map(|OnlyChild| child).map_err(|error| ChildError { child, error })
    }
}

impl<I> Tried<I> {
    #[inline]
    pub(crate) fn new(iterator: I) -> Self {
        Tried { iterator, answer: None }
    }
}

impl<I: AsyncStorageIterator> Tried<I> {
    /// Completes the step at which the parent has stopped, up to telling it.
    #[inline]
    pub(crate) async fn wait(&mut self) -> Result<(), I::Error> {
        // The answer is kept before anybody can drop this future: there is no `.await` in between.
        self.answer = Some(self.iterator.next().await?);
        Ok(())
    }

    /// Begins a step that the parent will ask for. Whether it has to be [waited](Self::wait) for.
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
        match self.iterator.try_next() {
            Some(Ok(is_valid)) => Ok(is_valid),
            Some(Err(error)) => Err(Stop::Failed(error)),
            None => Err(Stop::Waits),
        }
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

    fn num_active_iterators(&self) -> usize {
        self.iterator.num_active_iterators()
    }
}

/// `next` and `try_next`, of a step that stops where it would have to wait, and of what waits then.
macro_rules! next_by_steps {
    ($self:ident, $step:expr, $child:pat => $wait:expr) => {
        #[inline]
        fn try_next(&mut $self) -> Option<Result<bool, Self::Error>> {
            match $step {
                Ok(is_valid) => Some(Ok(is_valid)),
                Err(stopped) => $crate::async_iter::tried::Stopped::waits(stopped).err().map(Err),
            }
        }

        #[inline]
        async fn next(&mut $self) -> Result<bool, Self::Error> {
            if let Some(stepped) = $self.try_next() {
                return stepped;
            }
            let waiting = async {
                loop {
                    let $child = match $step {
                        Ok(is_valid) => return Ok(is_valid),
                        Err(stopped) => $crate::async_iter::tried::Stopped::waits(stopped)?,
                    };
                    $wait;
                }
            };
            $crate::async_iter::tried::apart(waiting).await
        }
    };
}
pub(crate) use next_by_steps;

/// Polls a future out of line, so that the code around it, which mostly has no need of it, is short enough to be inlined.
#[inline]
pub(crate) async fn apart<F: Future>(future: F) -> F::Output {
    #[cold]
    #[inline(never)]
    fn poll<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        future.poll(context)
    }
    let mut future = pin!(future);
    poll_fn(|context| poll(future.as_mut(), context)).await
}

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

        fn num_active_iterators(&self) -> usize {
            self.$field.num_active_iterators()
        }
    };
}
pub(crate) use stand_on;
