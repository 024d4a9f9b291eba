//! [`WaitingIterator`]: a source that has to be waited for, that fails, and that minds being touched meanwhile.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use quickcheck::{Arbitrary, Gen};
use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};

use crate::support::{Entry, Failure, Failures, below};

/// How often the sources have to be polled in vain before they do anything.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    /// For step `n` of source `s`, the number at place `3 s + n`, counted round and round. Nothing: never.
    times: Vec<usize>,
    /// Whether a future that is dropped leaves nothing behind, so that the next one waits as long again.
    pub(crate) forgets: bool,
}

impl Waits {
    pub(crate) fn never() -> Self {
        Waits { times: vec![], forgets: false }
    }

    pub(crate) fn of(times: &[usize], forgets: bool) -> Self {
        Waits { times: times.to_vec(), forgets }
    }

    pub(crate) fn times(&self, source: usize, step: usize) -> usize {
        if self.times.is_empty() { 0 } else { self.times[(3 * source + step) % self.times.len()] }
    }
}

/// Up to three polls in vain; half of the steps need none.
impl Arbitrary for Waits {
    fn arbitrary(g: &mut Gen) -> Self {
        let times = (0..below(g, 12)).map(|_| if bool::arbitrary(g) { 0 } else { below(g, 4) }).collect();
        Waits { times, forgets: bool::arbitrary(g) }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let forgets = self.forgets;
        Box::new(self.times.shrink().map(move |times| Waits { times, forgets }))
    }
}

/// What the sources of one composition share.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// How many failures they have answered with.
    pub(crate) failed: AtomicUsize,
    /// How often they were polled in vain.
    pub(crate) pending: AtomicUsize,
}

/// A source that keeps the contract to the letter and forgives nothing: it panics when it is asked for anything but a step
/// while a step is open, and it overwrites its buffers at each step.
///
/// A step that needs no waiting is answered by `try_next`.
#[derive(Debug)]
pub(crate) struct WaitingIterator {
    entries: Arc<[Entry]>,
    source: usize,
    path: Vec<usize>,
    failures: Arc<Failures>,
    waits: Waits,
    record: Arc<Record>,
    step: usize,
    failed_at_step: usize,
    /// How often this step has been polled in vain since it last answered.
    waited: usize,
    position: Position,
    key: Vec<u8>,
    value: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Before,
    OnEntry,
    StepIsOpen,
    AtEnd,
}

impl WaitingIterator {
    pub(crate) fn new(
        entries: &[Entry],
        source: usize,
        path: &[usize],
        failures: &Arc<Failures>,
        waits: &Waits,
        record: &Arc<Record>,
    ) -> Self {
        WaitingIterator {
            entries: entries.into(),
            source,
            path: path.to_vec(),
            failures: Arc::clone(failures),
            waits: waits.clone(),
            record: Arc::clone(record),
            step: 0,
            failed_at_step: 0,
            waited: 0,
            position: Position::Before,
            key: vec![],
            value: vec![],
        }
    }

    /// The answer of a step that was waited for long enough.
    fn answer(&mut self) -> Result<bool, Failure> {
        self.waited = 0;
        if self.failed_at_step < self.failures.times(self.source, self.step) {
            self.failed_at_step += 1;
            self.record.failed.fetch_add(1, Ordering::Relaxed);
            return Err(Failure { path: self.path.as_slice().into(), step: self.step, time: self.failed_at_step });
        }
        let Some((key, value)) = self.entries.get(self.step) else {
            self.position = Position::AtEnd;
            return Ok(false);
        };
        self.key.clone_from(key);
        self.value.clone_from(value);
        self.position = Position::OnEntry;
        self.step += 1;
        self.failed_at_step = 0;
        Ok(true)
    }

    /// Begins a step to this entry, whatever is open.
    fn seek_to(&mut self, step: usize) -> Option<Result<bool, Failure>> {
        self.begin();
        if self.step != step {
            // Sought again after it has failed, it has failed so often already.
            self.failed_at_step = 0;
        }
        (self.step, self.waited) = (step, 0);
        (self.waits.times(self.source, self.step) == 0).then(|| self.answer())
    }

    fn begin(&mut self) {
        self.key.iter_mut().chain(&mut self.value).for_each(|byte| *byte = !*byte);
        self.position = Position::StepIsOpen;
    }
}

impl AsyncStorageIterator for WaitingIterator {
    type Key = [u8];
    type Value = [u8];
    type Error = Failure;

    async fn next(&mut self) -> Result<bool, Failure> {
        if self.position == Position::AtEnd {
            return Ok(false);
        }
        self.begin();
        if self.waits.forgets {
            self.waited = 0;
        }
        poll_fn(|context| {
            if self.waited >= self.waits.times(self.source, self.step) {
                return Poll::Ready(());
            }
            self.waited += 1;
            self.record.pending.fetch_add(1, Ordering::Relaxed);
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.answer()
    }

    fn try_next(&mut self) -> Option<Result<bool, Failure>> {
        if self.position == Position::AtEnd {
            return Some(Ok(false));
        }
        self.begin();
        (self.waits.times(self.source, self.step) == 0).then(|| self.answer())
    }

    fn is_valid(&self) -> bool {
        assert_ne!(self.position, Position::StepIsOpen, "`is_valid` of source {:?} while its step is open", self.path);
        self.position == Position::OnEntry
    }

    fn key(&self) -> &[u8] {
        assert_eq!(self.position, Position::OnEntry, "`key` of source {:?}", self.path);
        &self.key
    }

    fn value(&self) -> &[u8] {
        assert_eq!(self.position, Position::OnEntry, "`value` of source {:?}", self.path);
        &self.value
    }
}

impl AsyncSeekableIterator for WaitingIterator {
    fn try_seek(&mut self, key: &[u8]) -> Option<Result<bool, Failure>> {
        self.seek_to(self.entries.partition_point(|(entry, _)| entry.as_slice() < key))
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, Failure>> {
        self.seek_to(0)
    }
}
