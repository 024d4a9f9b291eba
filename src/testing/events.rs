//! Events: everything that can happen below a combinator, counted, and made to panic.
//!
//! A [`CountingIterator`](super::CountingIterator) and a [`CountingKey`](super::CountingKey) announce their calls and comparisons
//! here; closures of yours can do so with [`announce`]. The counts are the thread's own, so tests that run at the same time do not meet.
//!
//! ```
//! use storage_iter::testing::CountingKey;
//! use storage_iter::testing::events::{Event, count_events};
//!
//! let (is_less, counts) = count_events(|| CountingKey(1) < CountingKey(2));
//! assert!(is_less);
//! assert_eq!(counts.of(Event::Compare), 1);
//! ```

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};

use super::{FailPoint, Fault};

/// A call of a source, a comparison of two of its keys, or a call of a closure.
///
/// ```
/// use storage_iter::testing::events::{Event, announce, count_events};
///
/// assert_eq!(count_events(|| announce(Event::Closure)).1.of(Event::Closure), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A source's `next`.
    Next,
    /// A source's `prev`.
    Prev,
    /// Any seek of a source.
    Seek,
    /// A source's `is_valid`.
    IsValid,
    /// A source's `key`.
    Key,
    /// A source's `value`.
    Value,
    /// A comparison of two keys, by any method.
    Compare,
    /// A closure given to a combinator.
    Closure,
}

const KINDS: usize = Event::Closure as usize + 1;

/// How often each [`Event`] came.
///
/// ```
/// use storage_iter::testing::events::{Event, EventCounts, announce, count_events};
///
/// let ((), counts) = count_events(|| announce(Event::Next));
/// assert_eq!((counts.of(Event::Next), counts.of(Event::Key), counts.sum()), (1, 0, 1));
/// assert_ne!(counts, EventCounts::NONE);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventCounts([usize; KINDS]);

impl EventCounts {
    /// Nothing happened.
    ///
    /// ```
    /// # use storage_iter::testing::events::EventCounts;
    /// assert_eq!(EventCounts::NONE.sum(), 0);
    /// ```
    pub const NONE: EventCounts = EventCounts([0; KINDS]);

    /// How often `event` came.
    ///
    /// ```
    /// # use storage_iter::testing::events::{Event, EventCounts};
    /// assert_eq!(EventCounts::NONE.of(Event::Key), 0);
    /// ```
    #[must_use]
    pub fn of(self, event: Event) -> usize {
        self.0[event as usize]
    }

    /// How many events came, of any kind.
    ///
    /// ```
    /// # use storage_iter::testing::events::{Event, announce, count_events};
    /// let ((), counts) = count_events(|| [Event::Key, Event::Value].into_iter().for_each(announce));
    /// assert_eq!(counts.sum(), 2);
    /// ```
    #[must_use]
    pub fn sum(self) -> usize {
        self.0.iter().sum()
    }

    /// These and one more.
    pub(super) fn and(mut self, event: Event) -> Self {
        self.0[event as usize] += 1;
        self
    }
}

thread_local! {
    static COUNTS: Cell<EventCounts> = const { Cell::new(EventCounts::NONE) };
    static PANICS: Cell<Panics> = const { Cell::new(Panics { after: NEVER, again_after: NEVER }) };
    /// What every event passes, beside.
    static POINT: RefCell<Option<FailPoint>> = const { RefCell::new(None) };
}

const NEVER: usize = usize::MAX;

#[derive(Clone, Copy)]
struct Panics {
    /// How many events pass before one panics.
    after: usize,
    /// How many more pass before a second one does.
    again_after: usize,
}

/// What the panics carry that [`panic_after`] and fail points start.
///
/// ```
/// use std::panic::catch_unwind;
/// use storage_iter::testing::events::{Event, InjectedPanic, announce, panic_after};
///
/// panic_after(0, None);
/// let payload = catch_unwind(|| announce(Event::Closure)).unwrap_err();
/// assert!(payload.is::<InjectedPanic>());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InjectedPanic;

/// Counts an event, or panics at it. To be called by whatever is watched.
///
/// # Panics
///
/// Where [`panic_after`] says so, or a [`PanickingIterator`](super::PanickingIterator) above; without a message, and without a call of
/// the panic hook.
///
/// ```
/// use storage_iter::testing::events::{Event, announce, count_events};
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let shown = SliceIterator::new(&[(1, 'a'), (2, 'b')]).inspect(|_, _| announce(Event::Closure));
/// assert_eq!(count_events(|| shown.count()).1.of(Event::Closure), 2);
/// ```
pub fn announce(event: Event) {
    COUNTS.set(COUNTS.get().and(event));

    let Panics { after, again_after } = PANICS.get();
    if after == 0 {
        PANICS.set(Panics { after: again_after, again_after: NEVER });
        // Not `panic!`: the hook would write a message for each of thousands.
        panic::resume_unwind(Box::new(InjectedPanic));
    }
    if after != NEVER {
        PANICS.set(Panics { after: after - 1, again_after });
    }
    let fault = POINT.with_borrow(|point| point.as_ref().and_then(FailPoint::strike));
    if fault == Some(Fault::Panic) {
        panic::resume_unwind(Box::new(InjectedPanic));
    }
}

/// What `f` gives, while every event of this thread passes `point`, if there is one, and panics where that does.
pub(super) fn passing<T>(point: Option<&FailPoint>, f: impl FnOnce() -> T) -> T {
    /// Also when `f` panics.
    struct Restore(Option<FailPoint>);
    impl Drop for Restore {
        fn drop(&mut self) {
            POINT.set(self.0.take());
        }
    }
    let _restore = Restore(POINT.replace(point.cloned()));
    f()
}

/// What happens in `f`.
///
/// ```
/// use storage_iter::testing::CountingIterator;
/// use storage_iter::testing::events::{Event, count_events};
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let entries = CountingIterator::new(SliceIterator::new(&[(1, 'a'), (2, 'b')]));
/// let (count, events) = count_events(|| entries.take(1).count());
/// assert_eq!((count, events.of(Event::Next)), (Ok(1), 1));
/// ```
pub fn count_events<T>(f: impl FnOnce() -> T) -> (T, EventCounts) {
    let before = COUNTS.get();
    let result = f();
    let after = COUNTS.get();
    let mut counts = EventCounts::default();
    for (count, (after, before)) in counts.0.iter_mut().zip(after.0.into_iter().zip(before.0)) {
        *count = after - before;
    }
    (result, counts)
}

/// What `f` gives; what happens in it is not counted and does not panic.
///
/// ```
/// use storage_iter::testing::CountingKey;
/// use storage_iter::testing::events::{EventCounts, count_events, uncounted};
///
/// let (is_less, counts) = count_events(|| uncounted(|| CountingKey(1) < CountingKey(2)));
/// assert_eq!((is_less, counts), (true, EventCounts::NONE));
/// ```
pub fn uncounted<T>(f: impl FnOnce() -> T) -> T {
    /// Also when `f` panics.
    struct Restore(EventCounts, Panics);
    impl Drop for Restore {
        fn drop(&mut self) {
            COUNTS.set(self.0);
            PANICS.set(self.1);
        }
    }
    let _restore = Restore(COUNTS.get(), PANICS.get());
    panic_no_more();
    passing(None, f)
}

/// From now on `after` events of this thread pass, then one panics, and if `again_after` says so, that many later another.
///
/// ```
/// use storage_iter::testing::CountingIterator;
/// use storage_iter::testing::events::{catch_injected, panic_after};
/// use storage_iter::{SliceIterator, StorageIterator};
///
/// let mut entries = CountingIterator::new(SliceIterator::new(&[(1, 'a')])).fuse();
/// panic_after(0, None);
/// assert_eq!(catch_injected(|| entries.next()), None);
/// assert_eq!(entries.next(), Ok(true));
/// ```
pub fn panic_after(after: usize, again_after: Option<usize>) {
    PANICS.set(Panics { after, again_after: again_after.unwrap_or(NEVER) });
}

/// No event of this thread panics any more.
///
/// ```
/// use storage_iter::testing::events::{Event, announce, panic_after, panic_no_more};
///
/// panic_after(0, None);
/// panic_no_more();
/// announce(Event::Next);
/// ```
pub fn panic_no_more() {
    PANICS.set(Panics { after: NEVER, again_after: NEVER });
}

/// `f`, or `None` if an [`InjectedPanic`] came out of it. Other panics go through.
///
/// ```
/// use storage_iter::testing::events::{Event, announce, catch_injected, panic_after};
///
/// assert_eq!(catch_injected(|| 1), Some(1));
/// panic_after(0, None);
/// assert_eq!(catch_injected(|| announce(Event::Next)), None);
/// ```
pub fn catch_injected<T>(f: impl FnOnce() -> T) -> Option<T> {
    match panic::catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => Some(result),
        Err(payload) if payload.is::<InjectedPanic>() => None,
        Err(payload) => panic::resume_unwind(payload),
    }
}
