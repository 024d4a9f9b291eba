//! Asynchronous iterators: the checks of the synchronous ones, awaited, and again with futures that are dropped.

use std::borrow::Borrow;

use super::cursor::{self, Kind};
use super::{Contract, failures, kept, steps};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::testing::asynchronous::Verdict;
use crate::testing::{Attempt, Attempts, BlockingIterator, BrokenPromise, FailPoint, Scan};

/// The entries and errors of `I`, owned.
type ScanOf<I> = Scan<
    <<I as AsyncStorageIterator>::Key as ToOwned>::Owned,
    <<I as AsyncStorageIterator>::Value as ToOwned>::Owned,
    <I as AsyncStorageIterator>::Error,
>;

impl Contract {
    /// Checks an asynchronous storage iterator: what [`check`](Self::check) does, with every step awaited; then again with futures that
    /// are dropped after the first poll, after the second, and so on until all are done by then; and with
    /// [`try_next`](AsyncStorageIterator::try_next). Whatever was dropped, the same entries must come: that is promise 13.
    ///
    /// It blocks the thread, so what the iterator waits for must happen elsewhere. In tokio's tests call it by
    /// `tokio::task::spawn_blocking`.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// Where [`block_on`](crate::testing::block_on) does: a future is pending, and nobody can wake it.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::FromSync;
    /// use storage_iter::testing::{Contract, PendingIterator, PendingPlan};
    ///
    /// let entries = [(1, 'a'), (2, 'b')];
    /// let source = || PendingIterator::new(FromSync::new(SliceIterator::new(&entries)), &PendingPlan::always(2), 0);
    /// assert_eq!(Contract::new().check_async(source)?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_async<I>(&self, make: impl Fn() -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: AsyncStorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    {
        in_every_way::<I>(self, |blocking| steps::check(self, || blocking.over(make())))
    }

    /// The same with each thing failing that may fail below it, see [`check_under_failures`](Self::check_under_failures): errors and
    /// dropped futures, mixed.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// As [`check_async`](Self::check_async), and when the iterator never passes its fail point: nothing would be checked.
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
    /// use storage_iter::testing::{Contract, FailPoint, FailingIterator, PendingIterator, PendingPlan};
    ///
    /// let entries = [(1, 'a'), (2, 'b')];
    /// let source = |point: FailPoint| {
    ///     let failing = FailingIterator::new(SliceIterator::new(&entries), point);
    ///     PendingIterator::new(FromSync::new(failing), &PendingPlan::new(&[1, 0]), 0)
    /// };
    /// assert_eq!(Contract::new().check_async_under_failures(source)?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_async_under_failures<I>(&self, make: impl Fn(FailPoint) -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: AsyncStorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    {
        self.check_async(|| make(FailPoint::harmless()))?;
        in_every_way::<I>(self, |blocking| failures::check_under_failures(self, &|point| blocking.over(make(point))))
    }

    /// Checks an asynchronous iterator that goes to a key: what [`check_async`](Self::check_async) does, then seeks from everywhere to
    /// each of its keys and to each of `targets`, some of which are dropped.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// As [`check_async`](Self::check_async).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::FromSync;
    /// # use storage_iter::testing::Contract;
    /// let entries = [(10, 'a'), (20, 'b')];
    /// let source = || FromSync::new(SliceIterator::new(&entries));
    /// assert_eq!(Contract::new().check_async_seekable(&[5, 15, 25], source)?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_async_seekable<I, T>(&self, targets: &[T], make: impl Fn() -> I) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: AsyncSeekableIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
        T: Borrow<I::Key>,
    {
        in_every_way::<I>(self, |blocking| cursor::check(self, &Kind::seekable(), targets, &|| blocking.over(make())))
    }

    /// The same with each thing failing that may fail below it.
    ///
    /// # Errors
    ///
    /// The first promise that was broken.
    ///
    /// # Panics
    ///
    /// As [`check_async_under_failures`](Self::check_async_under_failures).
    ///
    /// ```
    /// use storage_iter::SliceIterator;
    /// use storage_iter::async_iter::FromSync;
    /// use storage_iter::testing::{Contract, FailPoint, FailingIterator};
    ///
    /// let entries = [(10, 'a'), (20, 'b')];
    /// let source = |point: FailPoint| FromSync::new(FailingIterator::new(SliceIterator::new(&entries), point));
    /// assert_eq!(Contract::new().check_async_seekable_under_failures(&[5, 15, 25], source)?.entries, entries);
    /// # Ok::<(), storage_iter::testing::BrokenPromise>(())
    /// ```
    pub fn check_async_seekable_under_failures<I, T>(
        &self,
        targets: &[T],
        make: impl Fn(FailPoint) -> I,
    ) -> Result<ScanOf<I>, BrokenPromise>
    where
        I: AsyncSeekableIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
        T: Borrow<I::Key>,
    {
        self.check_async(|| make(FailPoint::harmless()))?;
        in_every_way::<I>(self, |blocking| {
            cursor::check_under_failures(self, &Kind::seekable(), targets, &|point| blocking.over(make(point)))
        })
    }
}

/// How steps are made in one run of a check.
struct Blocking<'a> {
    contract: &'a Contract,
    attempts: &'a Attempts,
    verdict: Verdict,
}

impl Blocking<'_> {
    fn over<I>(&self, iterator: I) -> BlockingIterator<I> {
        let blocking = BlockingIterator::new(iterator).attempting(self.attempts).judged_in(&self.verdict);
        if self.contract.passes_calls_on { blocking.passing_calls_on() } else { blocking }
    }
}

/// Checks with every step awaited, then with each way to leave one open. What only shows in such a way is a matter of promise 13.
fn in_every_way<I>(
    contract: &Contract,
    check: impl Fn(&Blocking<'_>) -> Result<ScanOf<I>, BrokenPromise>,
) -> Result<ScanOf<I>, BrokenPromise>
where
    I: AsyncStorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    let run = |attempts: &Attempts| {
        let blocking = Blocking { contract, attempts, verdict: Verdict::default() };
        let result = check(&blocking);
        (blocking.verdict.or(result), blocking.verdict.left_open())
    };
    let awaited = run(&Attempts::none()).0?;
    let compare = |what: &str, attempts: &[Attempt]| {
        let (disturbed, left_open) = run(&Attempts::at_every_step(attempts));
        let compared = disturbed
            .and_then(|disturbed| failures::compare::<BlockingIterator<I>>(13, &awaited, &disturbed))
            .map_err(|broken| broken.by_dropping(what));
        compared.map(|()| left_open)
    };
    compare("with `try_next` first", &[Attempt::Try])?;
    compare("with `try_next` before and after a poll", &[Attempt::Try, Attempt::DropAfter(1), Attempt::Try])?;
    compare("with futures dropped unpolled, then after one poll", &[0, 1, 1].map(Attempt::DropAfter))?;
    /// Whoever waits more often than this within a step is not tried in the middle of all that.
    const MOST_POLLS: usize = 20;
    for polls in 1..=MOST_POLLS {
        let left_open = compare(&format!("with futures dropped after {polls} polls"), &[Attempt::DropAfter(polls)])?;
        if left_open == 0 {
            break;
        }
    }
    Ok(awaited)
}

/// Checks that an asynchronous iterator keeps every promise of [the contract](AsyncStorageIterator#the-contract) that can be seen from
/// outside, also when its futures are dropped, and answers with what came out. See [`Contract::check_async`].
///
/// # Panics
///
/// With the first promise that was broken.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::FromSync;
/// use storage_iter::testing::{PendingIterator, PendingPlan, check_async_contract};
///
/// let entries = [(1, 'a'), (2, 'b')];
/// let source = || PendingIterator::new(FromSync::new(SliceIterator::new(&entries)), &PendingPlan::new(&[0, 2]), 0);
/// assert_eq!(check_async_contract(source).entries, entries);
/// ```
#[track_caller]
pub fn check_async_contract<I>(make: impl Fn() -> I) -> ScanOf<I>
where
    I: AsyncStorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    kept(Contract::new().check_async(make))
}

/// The same for an iterator that goes to a key, which is sent to `targets` as well. See [`Contract::check_async_seekable`].
///
/// # Panics
///
/// With the first promise that was broken.
///
/// ```
/// # use storage_iter::SliceIterator;
/// # use storage_iter::async_iter::FromSync;
/// # use storage_iter::testing::check_async_seekable_contract;
/// check_async_seekable_contract(&[5, 25], || FromSync::new(SliceIterator::new(&[(10, 'a'), (20, 'b')])));
/// ```
#[track_caller]
pub fn check_async_seekable_contract<I, T>(targets: &[T], make: impl Fn() -> I) -> ScanOf<I>
where
    I: AsyncSeekableIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
    T: Borrow<I::Key>,
{
    kept(Contract::new().check_async_seekable(targets, make))
}
