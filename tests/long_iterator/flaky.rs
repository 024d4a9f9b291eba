//! A source that fails or panics at any of its operations, and counts what is open of it.

use std::cell::{Cell, RefCell};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use storage_iter::testing::{Entry, FailPoint, Fault, HostileIterator, InjectedFailure, oracle};
use storage_iter::{ScanSource, StorageIterator, ViewSource};

/// Its operations, taking a view, opening a scan and moving one, pass a fail point.
pub(crate) struct Flaky {
    shared: Rc<Shared>,
}

struct Shared {
    entries: Vec<Entry>,
    point: FailPoint,
    /// How many views and iterators there are.
    open: Cell<usize>,
    /// The lower bounds of all scans.
    asked: RefCell<Vec<Bound<Vec<u8>>>>,
}

impl Flaky {
    /// `count` keys; fails at every operation whose number `every` divides, never if it is 0.
    pub(crate) fn new(count: u8, every: u64, panics: bool) -> Self {
        let fault = if panics { Fault::Panic } else { Fault::Error };
        let shared = Shared {
            entries: (0..count).map(|number| (vec![number], vec![number; 3])).collect(),
            point: every
                .checked_sub(1)
                .map_or_else(FailPoint::harmless, |good| FailPoint::regularly(good as usize, fault)),
            open: Cell::new(0),
            asked: RefCell::default(),
        };
        Flaky { shared: Rc::new(shared) }
    }

    pub(crate) fn open(&self) -> usize {
        self.shared.open.get()
    }

    pub(crate) fn failures(&self) -> usize {
        self.shared.point.errors() + self.shared.point.panics()
    }

    pub(crate) fn asked(&self) -> Vec<Bound<Vec<u8>>> {
        self.shared.asked.borrow().clone()
    }
}

/// A share that is counted.
pub(crate) struct Share(Rc<Shared>);

impl Share {
    fn new(shared: &Rc<Shared>) -> Self {
        shared.open.set(shared.open.get() + 1);
        Share(Rc::clone(shared))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
    }
}

/// A scan, counted as open while it lives.
pub(crate) struct FlakyIterator {
    entries: HostileIterator,
    _share: Share,
}

impl FlakyIterator {
    fn new(share: Share, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        let Shared { entries, point, asked, .. } = &*share.0;
        asked.borrow_mut().push(lower.map(<[u8]>::to_vec));
        let entries = oracle::between(entries, lower, upper);
        FlakyIterator { entries: HostileIterator::disturbed(&entries, point, &[]), _share: share }
    }
}

impl StorageIterator for FlakyIterator {
    type Key = [u8];
    type Value = [u8];
    type Error = InjectedFailure;

    fn next(&mut self) -> Result<bool, InjectedFailure> {
        self.entries.next()
    }

    fn is_valid(&self) -> bool {
        self.entries.is_valid()
    }

    fn key(&self) -> &[u8] {
        self.entries.key()
    }

    fn value(&self) -> &[u8] {
        self.entries.value()
    }
}

impl ViewSource for Flaky {
    type View = Share;
    type Iter<'v> = FlakyIterator;
    type Error = InjectedFailure;

    fn view(&self) -> Result<Share, InjectedFailure> {
        self.shared.point.pass()?;
        assert_eq!(self.open(), 0, "the view before is still alive");
        Ok(Share::new(&self.shared))
    }

    fn scan<'v>(
        &'v self,
        view: &'v Share,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<FlakyIterator, InjectedFailure> {
        self.shared.point.pass()?;
        Ok(FlakyIterator::new(Share::new(&view.0), lower, upper))
    }
}

impl ScanSource for Flaky {
    type Iter = FlakyIterator;
    type Error = InjectedFailure;

    fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Result<FlakyIterator, InjectedFailure> {
        assert_eq!(self.open(), 0, "the iterator before is still open");
        self.shared.point.pass()?;
        Ok(FlakyIterator::new(Share::new(&self.shared), lower, upper))
    }

    fn version(&self) -> u64 {
        0
    }
}

/// What a step came to.
pub(crate) enum Outcome {
    Entry(Vec<u8>),
    End,
    /// An error or a panic, after which the iterator stands on no entry.
    Failure,
}

pub(crate) fn attempt(iterator: &mut impl StorageIterator<Key = [u8], Value = [u8]>) -> Outcome {
    match catch_unwind(AssertUnwindSafe(|| iterator.next().unwrap_or_else(|_| panic!("the source fails")))) {
        Ok(true) => {
            assert_eq!(iterator.value(), [iterator.key()[0]; 3]);
            Outcome::Entry(iterator.key().to_vec())
        }
        Ok(false) => Outcome::End,
        Err(_) => {
            assert!(!iterator.is_valid());
            Outcome::Failure
        }
    }
}
