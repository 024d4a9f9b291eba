//! Instruments for asynchronous iterators: what makes them wait, what drops their futures, and what drives them. (Feature `async`.)

mod attempts;
mod block_on;
mod blocking_iterator;
mod pending_iterator;
mod pending_plan;

pub use attempts::{Attempt, Attempts};
pub use block_on::{block_on, poll_times};
pub use blocking_iterator::BlockingIterator;
pub use pending_iterator::PendingIterator;
pub use pending_plan::PendingPlan;

pub(super) use blocking_iterator::Verdict;
