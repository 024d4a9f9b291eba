//! [`HostileIterator`]: a source that fails, and that minds being touched afterwards.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::events::InjectedPanic;
use super::operation::Direction;
use super::{Entry, FailPoint, FailurePlan, Fault, InjectedFailure, Layers};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A source that keeps the contract to the letter and forgives nothing: what to put under a combinator of your own.
///
/// It lends from buffers of its own, which it overwrites at each call that moves it, also at one that fails. It fails at the
/// steps that it was given a [`FailurePlan`] for, and at the calls where its [`FailPoint`] does, and can go on afterwards: the step that
/// failed is done by the call that succeeds. In between it panics when it is asked for anything but a move.
///
/// ```
/// use storage_iter::testing::{FailurePlan, HostileIterator, Layers};
/// use storage_iter::{MergeIterator, StorageIterator};
///
/// let layers = Layers::sample();
/// let failures = FailurePlan::none().and(3, 1, 1);
/// let children = HostileIterator::over(&layers, failures);
/// let mut merged = MergeIterator::new(children);
/// let (mut entries, mut errors) = (0, 0);
/// loop {
///     match merged.next() {
///         Ok(true) => entries += 1,
///         Ok(false) => break,
///         Err(error) => {
///             assert_eq!((error.child, error.error.step), (3, 1));
///             errors += 1;
///         }
///     }
/// }
/// assert_eq!((entries, errors), (10, 1));
/// ```
///
/// # Panics
///
/// `key` and `value` panic when it does not stand on an entry, `is_valid` panics while a step is open.
#[derive(Clone, Debug)]
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct HostileIterator {
    entries: Arc<[Entry]>,
    failures: Arc<FailurePlan>,
    point: FailPoint,
    /// Whether looking at it panics as well, where its fail point does.
    is_touchy: bool,
    /// Whether it tells what its keys share.
    tells_shared: bool,
    index: usize,
    path: Arc<[usize]>,
    /// How many failures this source and its sisters have answered with.
    failed: Arc<AtomicUsize>,
    /// 0 is before the first entry, 1 on it, and so on; while a step is open, where it leads.
    place: usize,
    /// The entry that the last step came from, if it came from one, and nothing but that step was made since.
    came_from: Option<usize>,
    failed_at_step: usize,
    state: State,
    key: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    OnEntry,
    OffEntry,
    /// A step in this direction has failed.
    Open(Direction),
    /// A seek has failed whose target was not kept.
    Lost,
    /// A seek has panicked.
    CutShort,
}

impl HostileIterator {
    /// Source number `index` among those that share the plan `failures`. Its errors carry `path`.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use storage_iter::StorageIterator;
    /// use storage_iter::testing::{FailurePlan, HostileIterator, Layers};
    ///
    /// let failures = Arc::new(FailurePlan::none().and(1, 0, 1));
    /// let mut entries = HostileIterator::new(Layers::sample().layer(1), 1, failures, &[0, 1]);
    /// assert_eq!(*entries.next().unwrap_err().path, [0, 1]);
    /// assert_eq!(entries.next(), Ok(true));
    /// ```
    pub fn new(entries: &[Entry], index: usize, failures: Arc<FailurePlan>, path: &[usize]) -> Self {
        let longest = |length: fn(&Entry) -> usize| entries.iter().map(length).max().unwrap_or(0);
        HostileIterator {
            key: Vec::with_capacity(longest(|(key, _)| key.len())),
            value: Vec::with_capacity(longest(|(_, value)| value.len())),
            entries: entries.into(),
            failures,
            point: FailPoint::harmless(),
            is_touchy: false,
            tells_shared: false,
            index,
            path: path.into(),
            failed: Arc::default(),
            place: 1,
            came_from: None,
            failed_at_step: 0,
            state: State::New,
        }
    }

    /// One for each layer, the newest first, as the children of a merge. The errors of each carry its index.
    ///
    /// ```
    /// use storage_iter::testing::{FailurePlan, HostileIterator, Layers};
    ///
    /// assert_eq!(HostileIterator::over(&Layers::sample(), FailurePlan::none()).len(), 5);
    /// ```
    #[must_use]
    pub fn over(layers: &Layers, failures: FailurePlan) -> Vec<Self> {
        let failures = Arc::new(failures);
        let layers = layers.0.iter().enumerate();
        layers.map(|(index, layer)| Self::new(layer, index, Arc::clone(&failures), &[index])).collect()
    }

    /// One that never fails.
    ///
    /// ```
    /// use storage_iter::StorageIterator;
    /// use storage_iter::testing::{HostileIterator, Layers};
    ///
    /// assert_eq!(HostileIterator::harmless(Layers::sample().layer(0)).count(), Ok(4));
    /// ```
    pub fn harmless(entries: &[Entry]) -> Self {
        Self::new(entries, 0, Arc::default(), &[])
    }

    /// One whose calls go wrong where `point` does. Several of them may share it: then their calls are counted together.
    ///
    /// ```
    /// use storage_iter::testing::{FailPoint, HostileIterator, Layers};
    /// use storage_iter::{BidirectionalIterator, StorageIterator};
    ///
    /// let point = FailPoint::failing_at(1, 1);
    /// let mut entries = HostileIterator::disturbed(Layers::sample().layer(0), &point, &[]);
    /// assert_eq!(entries.next(), Ok(true));
    /// assert!(entries.next().is_err());
    /// assert_eq!(entries.prev(), Ok(true));
    /// assert_eq!(entries.key(), b"");
    /// ```
    pub fn disturbed(entries: &[Entry], point: &FailPoint, path: &[usize]) -> Self {
        Self::new(entries, 0, Arc::default(), path).struck_by(point)
    }

    /// Lets its calls go wrong where `point` does, beside the steps that it was given a plan for. All its errors are counted there.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use storage_iter::StorageIterator;
    /// use storage_iter::testing::{FailPoint, FailurePlan, HostileIterator, Layers};
    ///
    /// let (plan, point) = (Arc::new(FailurePlan::at(0, 1)), FailPoint::failing_at(1, 1));
    /// let mut entries = HostileIterator::new(Layers::sample().layer(0), 0, plan, &[]).struck_by(&point);
    /// assert!(entries.next().is_err());
    /// assert!(entries.next().is_err());
    /// assert_eq!((entries.next(), point.errors()), (Ok(true), 2));
    /// ```
    pub fn struck_by(mut self, point: &FailPoint) -> Self {
        self.point = point.clone();
        self
    }

    /// Counts its failures in `failed`, as others may.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use storage_iter::StorageIterator;
    /// use storage_iter::testing::{FailurePlan, HostileIterator, Layers};
    ///
    /// let failed = Arc::new(AtomicUsize::new(0));
    /// let failures = Arc::new(FailurePlan::at(0, 5));
    /// let mut entries = HostileIterator::new(Layers::sample().layer(0), 0, failures, &[]).counting_in(&failed);
    /// while entries.next().is_err() {}
    /// assert_eq!(failed.load(Ordering::Relaxed), 5);
    /// ```
    pub fn counting_in(mut self, failed: &Arc<AtomicUsize>) -> Self {
        self.failed = Arc::clone(failed);
        self
    }

    /// Panics where its fail point does also when it is looked at: in `is_valid`, `key` and `value`.
    ///
    /// ```
    /// use storage_iter::StorageIterator;
    /// use storage_iter::testing::events::catch_injected;
    /// use storage_iter::testing::{FailPoint, HostileIterator, Layers};
    ///
    /// let point = FailPoint::panicking_at(1);
    /// let mut entries = HostileIterator::disturbed(Layers::sample().layer(0), &point, &[]).touchy();
    /// assert_eq!(entries.next(), Ok(true));
    /// assert_eq!(catch_injected(|| entries.key().len()), None);
    /// assert_eq!(entries.key(), b"");
    /// ```
    pub fn touchy(mut self) -> Self {
        self.is_touchy = true;
        self
    }

    /// Tells how many bytes its keys [share](StorageIterator::shared_prefix_len) with those that its steps came from; and, where that may
    /// be asked of nobody, a number that is too great.
    ///
    /// ```
    /// use storage_iter::StorageIterator;
    /// use storage_iter::testing::HostileIterator;
    ///
    /// let entries = ["a", "apple", "apply"].map(|key| (key.as_bytes().to_vec(), vec![]));
    /// let mut telling = HostileIterator::harmless(&entries).telling_shared_prefixes();
    /// assert_eq!((telling.next(), telling.next(), telling.next()), (Ok(true), Ok(true), Ok(true)));
    /// assert_eq!(telling.shared_prefix_len(), Some(4));
    /// ```
    pub fn telling_shared_prefixes(mut self) -> Self {
        self.tells_shared = true;
        self
    }

    fn look(&self) {
        if self.is_touchy && self.point.strike_closure() {
            panic::resume_unwind(Box::new(InjectedPanic));
        }
    }

    /// References to the last entry are over: whoever kept a copy of one by cheating shall see rubbish.
    fn overwrite_buffers(&mut self) {
        self.key.iter_mut().chain(&mut self.value).for_each(|byte| *byte = !*byte);
    }

    /// A step of one entry, behind that which is still open.
    fn step(&mut self, direction: Direction) -> Result<bool, InjectedFailure> {
        self.overwrite_buffers();
        let is_same_step = self.state == State::Open(direction);
        self.came_from = match self.state {
            State::OnEntry => Some(self.place - 1),
            _ => self.came_from.filter(|_| is_same_step),
        };
        let open = match self.state {
            State::New => Some(Direction::Forward),
            State::Open(direction) => Some(direction),
            State::OnEntry | State::OffEntry => None,
            State::Lost => return Err(self.fail()),
            State::CutShort => panic!("a seek was cut short; seek again"),
        };
        match open {
            Some(open) if open == direction => return self.go(self.place, direction),
            Some(open) => _ = self.go(self.place, open)?,
            None => {}
        }
        let end = self.entries.len() + 1;
        let place = match direction {
            Direction::Forward => (self.place + 1).min(end),
            Direction::Backward => self.place.saturating_sub(1),
        };
        // Either end is final, and is not looked for again.
        if place == self.place {
            return Ok(false);
        }
        self.go(place, direction)
    }

    fn seek_to(&mut self, place: usize, direction: Direction) -> Result<bool, InjectedFailure> {
        self.overwrite_buffers();
        self.came_from = None;
        self.state = State::CutShort;
        self.go(place, direction)
    }

    fn go(&mut self, place: usize, direction: Direction) -> Result<bool, InjectedFailure> {
        let is_seek = self.state == State::CutShort;
        if !is_seek {
            self.state = State::Open(direction);
        }
        if place != self.place {
            self.failed_at_step = 0;
        }
        self.place = place;
        let fault = self.point.strike();
        if fault == Some(Fault::Panic) {
            panic::resume_unwind(Box::new(InjectedPanic));
        }
        self.state = if is_seek && fault == Some(Fault::Forget) { State::Lost } else { State::Open(direction) };
        let step = place.checked_sub(1);
        let failures = step.map_or(0, |step| self.failures.times(self.index, step));
        if fault.is_some() || self.failed_at_step < failures {
            return Err(self.fail());
        }
        self.failed_at_step = 0;
        let Some((key, value)) = step.and_then(|step| self.entries.get(step)) else {
            self.state = State::OffEntry;
            return Ok(false);
        };
        self.key.clone_from(key);
        self.value.clone_from(value);
        self.state = State::OnEntry;
        Ok(true)
    }

    fn fail(&mut self) -> InjectedFailure {
        self.failed_at_step += 1;
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.point.count_error();
        InjectedFailure { path: Arc::clone(&self.path), step: self.place.saturating_sub(1), time: self.failed_at_step }
    }
}

impl StorageIterator for HostileIterator {
    type Key = [u8];
    type Value = [u8];
    type Error = InjectedFailure;

    fn next(&mut self) -> Result<bool, InjectedFailure> {
        self.step(Direction::Forward)
    }

    fn is_valid(&self) -> bool {
        let is_settled = matches!(self.state, State::New | State::OnEntry | State::OffEntry);
        assert!(is_settled, "`is_valid` of source {:?} while its step is open", self.path);
        self.look();
        self.state == State::OnEntry
    }

    fn key(&self) -> &[u8] {
        assert_eq!(self.state, State::OnEntry, "`key` of source {:?}", self.path);
        self.look();
        &self.key
    }

    fn value(&self) -> &[u8] {
        assert_eq!(self.state, State::OnEntry, "`value` of source {:?}", self.path);
        self.look();
        &self.value
    }

    fn shared_prefix_len(&self) -> Option<usize> {
        let lie = self.key.len() + 1000;
        let shared = |from: usize| self.entries[from].0.iter().zip(&self.key).take_while(|(a, b)| a == b).count();
        self.tells_shared.then(|| self.came_from.map_or(lie, shared))
    }
}

impl SeekableIterator for HostileIterator {
    fn seek(&mut self, key: &[u8]) -> Result<bool, InjectedFailure> {
        let less = self.entries.partition_point(|(entry, _)| entry.as_slice() < key);
        self.seek_to(less + 1, Direction::Forward)
    }

    fn seek_to_first(&mut self) -> Result<bool, InjectedFailure> {
        self.seek_to(1, Direction::Forward)
    }
}

impl BidirectionalIterator for HostileIterator {
    fn prev(&mut self) -> Result<bool, InjectedFailure> {
        self.step(Direction::Backward)
    }

    fn seek_to_last(&mut self) -> Result<bool, InjectedFailure> {
        self.seek_to(self.entries.len(), Direction::Backward)
    }

    fn seek_for_prev(&mut self, key: &[u8]) -> Result<bool, InjectedFailure> {
        let not_greater = self.entries.partition_point(|(entry, _)| entry.as_slice() <= key);
        self.seek_to(not_greater, Direction::Backward)
    }
}
