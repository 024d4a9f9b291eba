//! Waiting for several children at once.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::ChildError;
use crate::async_iter::AsyncStorageIterator;
use crate::async_iter::tried::Tried;

/// How many children are waited for at once, unless the merge was told otherwise.
pub(super) const IN_FLIGHT: usize = 64;

/// Waits for children that a step has to move, the index of the first being `first`: in order, not more than `in_flight` at once.
/// Returns at the first error; what the others have answered until then is kept.
pub(super) async fn wait_for<I: AsyncStorageIterator>(
    (first, children): (usize, &mut [Tried<I>]),
    in_flight: usize,
) -> Result<(), ChildError<I::Error>> {
    if let [child] = children {
        return child.wait().await.map_err(|error| ChildError { child: first, error });
    }
    let mut children = (first..).zip(children);
    let mut waiting = FuturesUnordered::new();
    loop {
        while waiting.len() < in_flight
            && let Some((index, child)) = children.next()
        {
            if child.begin().map_err(|error| ChildError { child: index, error })? {
                waiting.push(async move { child.wait().await.map_err(|error| ChildError { child: index, error }) });
            }
        }
        match waiting.next().await {
            Some(waited) => waited?,
            None => return Ok(()),
        }
    }
}
