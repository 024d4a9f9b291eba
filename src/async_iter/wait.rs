//! Waiting for several children at once.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::ChildError;
use crate::async_iter::AsyncStorageIterator;
use crate::async_iter::tried::{Tried, await_child};

/// How many children are waited for at once, unless somebody says otherwise.
pub(in crate::async_iter) const IN_FLIGHT: usize = 64;

/// Waits for children that a step has to move, given with their indices: in order, not more than `in_flight` at once. Returns at
/// the first error; what the others have answered until then is kept.
pub(in crate::async_iter) async fn wait_for_many<'a, I: AsyncStorageIterator + 'a>(
    mut children: impl Iterator<Item = (usize, &'a mut Tried<I>)>,
    in_flight: usize,
) -> Result<(), ChildError<I::Error>> {
    let mut waiting = FuturesUnordered::new();
    loop {
        while waiting.len() < in_flight
            && let Some((index, child)) = children.next()
        {
            let waits = begin(index, child)?;
            if waits {
                waiting.push(async move { await_child!(child).map_err(|error| ChildError { child: index, error }) });
            }
        }
        match waiting.next().await {
            Some(waited) => waited?,
            None => return Ok(()),
        }
    }
}

/// Begins the step of a child. Whether it has to be waited for.
pub(in crate::async_iter) fn begin<I: AsyncStorageIterator>(
    index: usize,
    child: &mut Tried<I>,
) -> Result<bool, ChildError<I::Error>> {
    child.begin().map_err(|error| ChildError { child: index, error })
}

/// Waits for two children that a step has to move, given with their indices. It allocates nothing, for equal keys
/// make two children move at any time; and it is a macro to keep the type of the future flat.
macro_rules! await_both {
    ($a:expr, $b:expr) => {{
        let ((a_index, a), (b_index, b)) = ($a, $b);
        let a_waits = $crate::async_iter::wait::begin(a_index, a)?;
        let b_waits = $crate::async_iter::wait::begin(b_index, b)?;
        match (a_waits, b_waits) {
            (true, true) => {
                let ((a, a_answer), (b, b_answer)) = (a.parts(), b.parts());
                let mut a = std::pin::pin!($crate::async_iter::AsyncStorageIterator::next(a));
                let mut b = std::pin::pin!($crate::async_iter::AsyncStorageIterator::next(b));
                std::future::poll_fn(|context| {
                    let a = $crate::async_iter::wait::poll_child(a_index, a.as_mut(), a_answer, context)?;
                    let b = $crate::async_iter::wait::poll_child(b_index, b.as_mut(), b_answer, context)?;
                    if a && b { std::task::Poll::Ready(Ok(())) } else { std::task::Poll::Pending }
                })
                .await
            }
            (true, false) => {
                $crate::async_iter::tried::await_child!(a).map_err(|error| $crate::ChildError { child: a_index, error })
            }
            (false, true) => {
                $crate::async_iter::tried::await_child!(b).map_err(|error| $crate::ChildError { child: b_index, error })
            }
            (false, false) => Ok(()),
        }
    }};
}
pub(in crate::async_iter) use await_both;

/// Polls a child of [`await_both`] unless it is done. Whether it is done.
pub(in crate::async_iter) fn poll_child<E>(
    index: usize,
    future: Pin<&mut impl Future<Output = Result<bool, E>>>,
    answer: &mut Option<bool>,
    context: &mut Context<'_>,
) -> Result<bool, ChildError<E>> {
    if answer.is_none()
        && let Poll::Ready(waited) = future.poll(context)
    {
        *answer = Some(waited.map_err(|error| ChildError { child: index, error })?);
    }
    Ok(answer.is_some())
}

/// `next` and `try_next` of what has two children. `$unmoved` gives those that the open step has to move, one of them at least.
macro_rules! next_of_two {
    ($self:ident, $unmoved:expr) => {
        $crate::async_iter::tried::try_next_by!($self, $self.sync.next());

        #[inline]
        async fn next(&mut $self) -> Result<bool, Self::Error> {
            loop {
                if let Some(stepped) = $self.try_next() {
                    return stepped;
                }
                match $unmoved {
                    (Some(a), Some(b)) => $crate::async_iter::wait::await_both!((0, a), (1, b))?,
                    (Some(a), None) => $crate::async_iter::tried::await_child!(a).map_err(|error| $crate::ChildError { child: 0, error })?,
                    (None, Some(b)) => $crate::async_iter::tried::await_child!(b).map_err(|error| $crate::ChildError { child: 1, error })?,
                    (None, None) => {}
                }
            }
        }
    };
}
pub(in crate::async_iter) use next_of_two;

/// `next` and `try_next` of what has many children. `$unmoved` gives those that the step has to move which has stopped before one of
/// them.
macro_rules! next_of_many {
    ($self:ident, $stopped_before:pat => $unmoved:expr) => {
        $crate::async_iter::tried::try_next_by!($self, $self.sync.next());

        #[inline]
        async fn next(&mut $self) -> Result<bool, Self::Error> {
            if let Some(stepped) = $self.try_next() {
                return stepped;
            }
            $crate::async_iter::tried::await_apart!(async {
                loop {
                    let $stopped_before = match $self.sync.next() {
                        Ok(is_valid) => return Ok(is_valid),
                        Err(stopped) => $crate::async_iter::tried::Stopped::waits(stopped)?,
                    };
                    // The shallowest first: it is in this order that the compiler finds out whether the future is `Send`, and
                    // how deep it has to go for that.
                    let mut unmoved = $unmoved;
                    match unmoved.len() {
                        1 => {
                            let Some((index, child)) = unmoved.next() else { continue };
                            $crate::async_iter::tried::await_child!(child).map_err(|error| $crate::ChildError { child: index, error })?;
                        }
                        2 if $self.in_flight > 1 => {
                            let (Some(a), Some(b)) = (unmoved.next(), unmoved.next()) else { continue };
                            $crate::async_iter::wait::await_both!(a, b)?;
                        }
                        _ => $crate::async_iter::wait::wait_for_many(unmoved, $self.in_flight).await?,
                    }
                }
            })
        }
    };
}
pub(in crate::async_iter) use next_of_many;
