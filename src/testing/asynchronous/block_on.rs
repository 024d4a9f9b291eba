//! [`block_on`] and [`poll_times`]: the plainest executor there is, and one that drops futures.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// How long a future may be pending until it is taken for one that nobody wakes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A thread that sleeps until it is woken.
struct Sleeper {
    thread: Thread,
    is_woken: AtomicBool,
}

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Sleeper {
    /// Sleeps until it is woken, as a future has asked for.
    #[track_caller]
    fn sleep(self: &Arc<Self>) {
        let asleep_since = Instant::now();
        while !self.is_woken.swap(false, Ordering::Acquire) {
            /// Ours, and the one that the future was shown.
            const WITHOUT_CLONES: usize = 2;
            if Arc::strong_count(self) == WITHOUT_CLONES {
                // Whoever had another one may have used it and dropped it in between.
                fence(Ordering::Acquire);
                assert!(self.is_woken.load(Ordering::Acquire), "a future is pending, and nobody can wake it");
                continue;
            }
            let left = PATIENCE.checked_sub(asleep_since.elapsed());
            thread::park_timeout(left.expect("a future is pending, and nobody has woken it for a minute"));
        }
    }
}

/// Polls a future until it is done, and sleeps until it is woken in between.
///
/// # Panics
///
/// When it is pending and nobody has its waker, so that it would never be polled again; or when it was not woken for a
/// minute.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
/// use storage_iter::testing::block_on;
///
/// assert_eq!(block_on(FromSync::new(SliceIterator::new(&[(1, 'a')])).count()), Ok(1));
/// ```
///
/// ```should_panic
/// storage_iter::testing::block_on(std::future::pending::<()>());
/// ```
#[track_caller]
pub fn block_on<F: Future>(future: F) -> F::Output {
    poll_times(future, usize::MAX).expect("nobody lives to see that many polls")
}

/// Polls a future up to `polls` times, and sleeps until it is woken in between. `None`: it was not done, and was dropped.
///
/// # Panics
///
/// As [`block_on`], except after the last poll.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, FromSync};
/// use storage_iter::testing::{PendingIterator, PendingPlan, poll_times};
///
/// let entries = FromSync::new(SliceIterator::new(&[(1, 'a')]));
/// let mut waiting = PendingIterator::new(entries, &PendingPlan::always(2), 0);
/// assert_eq!(poll_times(waiting.next(), 1), None);
/// assert_eq!(poll_times(waiting.next(), 2), Some(Ok(true)));
/// ```
#[track_caller]
pub fn poll_times<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let sleeper = Arc::new(Sleeper { thread: thread::current(), is_woken: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&sleeper));
    let mut future = pin!(future);
    for poll in 1..=polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        if poll < polls {
            sleeper.sleep();
        }
    }
    None
}
