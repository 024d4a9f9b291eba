//! The test kit: prove your own storage iterator (feature `testing`).
//!
//! One call checks everything that can be seen of an iterator from outside:
//!
//! ```
//! use storage_iter::SliceIterator;
//! use storage_iter::testing::check_contract;
//!
//! let entries = [("apple", 1), ("pear", 2)];
//! let scan = check_contract(|| SliceIterator::new(&entries));
//! assert_eq!(scan.entries, entries);
//! ```
//!
//! It panics with the number of the promise that was broken. To see what errors do to a source, put a [`FailPoint`] where it may
//! fail, and let [`Contract::check_under_failures`] make each of these places fail in turn.
//!
//! | | |
//! |---|---|
//! | Checks in one call | [`check_contract`], [`check_seekable_contract`], [`check_bidirectional_contract`] |
#![cfg_attr(
    feature = "async",
    doc = "| The same for asynchronous iterators, whose futures are dropped | [`check_async_contract`], [`check_async_seekable_contract`] |"
)]
//! | The same with settings, errors and panics, as a `Result` | [`Contract`], [`BrokenPromise`], [`Scan`] |
//! | A check of key types | [`check_key_contract`] |
//! | What fails on purpose, below a source | [`FailPoint`], [`Fault`], [`FOR_EVER`], [`InjectedFailure`] |
//! | Around an iterator: fails at chosen steps | [`FailingIterator`] |
//! | Around an iterator: checks each call, from both sides | [`VerifyingIterator`] |
//! | Around an iterator: overwrites what it lent | [`OverwritingIterator`] |
//! | Around an iterator: counts calls, and panics at any | [`CountingIterator`], [`events`] |
//! | A key that counts its comparisons | [`CountingKey`] |
//! | Around a combinator: panics at any of these calls and comparisons | [`PanickingIterator`] |
//! | A source that does all this, to stand under a combinator | [`HostileIterator`] |
//! | How many iterators or views are open | [`OpenCount`], [`Tracked`] |
#![cfg_attr(
    feature = "async",
    doc = "| Around an asynchronous iterator: pending at chosen polls | [`PendingIterator`], [`PendingPlan`] |"
)]
#![cfg_attr(
    feature = "async",
    doc = "| An asynchronous iterator as a synchronous one, which drops its futures | [`BlockingIterator`], [`Attempts`], [`block_on`], [`poll_times`] |"
)]
//! | Random input, by quickcheck | [`SortedEntries`], [`Layers`], [`Operations`], [`FaultScript`], [`FailurePlan`] |
//! | What should come out | [`oracle`], [`CursorModel`] |

#[cfg(feature = "async")]
mod asynchronous;
mod broken_promise;
mod contract;
mod counting_iterator;
mod counting_key;
mod cursor_model;
pub mod events;
mod fail_point;
mod failing_iterator;
mod failure_plan;
mod fault;
mod hostile_iterator;
mod injected_failure;
mod key_contract;
mod layers;
mod open_count;
mod operation;
pub mod oracle;
mod overwriting_iterator;
mod panicking_iterator;
mod random;
mod scan;
mod sorted_entries;
mod verifying_iterator;

#[cfg(feature = "async")]
pub use asynchronous::{Attempt, Attempts, BlockingIterator, PendingIterator, PendingPlan, block_on, poll_times};
pub use broken_promise::BrokenPromise;
pub use contract::{Contract, check_bidirectional_contract, check_contract, check_seekable_contract};
#[cfg(feature = "async")]
pub use contract::{check_async_contract, check_async_seekable_contract};
pub use counting_iterator::CountingIterator;
pub use counting_key::CountingKey;
pub use cursor_model::CursorModel;
pub use fail_point::FailPoint;
pub use failing_iterator::{FailingError, FailingIterator};
pub use failure_plan::{FOR_EVER, FailurePlan};
pub use fault::{Fault, FaultScript};
pub use hostile_iterator::HostileIterator;
pub use injected_failure::InjectedFailure;
pub use key_contract::check_key_contract;
pub use layers::{Entry, Layer, Layers};
pub use open_count::{OpenCount, Tracked};
pub use operation::{Operation, Operations};
pub use overwriting_iterator::OverwritingIterator;
pub use panicking_iterator::PanickingIterator;
pub use scan::Scan;
pub use sorted_entries::SortedEntries;
pub use verifying_iterator::VerifyingIterator;
