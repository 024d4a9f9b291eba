//! A source that fails or panics at any of its operations, and counts what is open of it.

use std::cell::RefCell;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};

use storage_iter::testing::{Entry, FailPoint, Fault, HostileIterator, InjectedFailure, OpenCount, Tracked, oracle};
use storage_iter::{ScanSource, StorageIterator, ViewSource};

/// Its operations, taking a view, opening a scan and moving one, pass a fail point.
pub(crate) struct Flaky {
    entries: Vec<Entry>,
    point: FailPoint,
    /// How many views and iterators there are.
    open: OpenCount,
    /// The lower bounds of all scans.
    asked: RefCell<Vec<Bound<Vec<u8>>>>,
}

impl Flaky {
    /// `count` keys; fails at every operation whose number `every` divides, never if it is 0.
    pub(crate) fn new(count: u8, every: u64, panics: bool) -> Self {
        let fault = if panics { Fault::Panic } else { Fault::Error };
        Flaky {
            entries: (0..count).map(|number| (vec![number], vec![number; 3])).collect(),
            point: every
                .checked_sub(1)
                .map_or_else(FailPoint::harmless, |good| FailPoint::regularly(good as usize, fault)),
            open: OpenCount::new(),
            asked: RefCell::default(),
        }
    }

    pub(crate) fn open(&self) -> usize {
        self.open.open()
    }

    pub(crate) fn failures(&self) -> usize {
        self.point.errors() + self.point.panics()
    }

    pub(crate) fn asked(&self) -> Vec<Bound<Vec<u8>>> {
        self.asked.borrow().clone()
    }

    fn open_scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Tracked<HostileIterator> {
        self.asked.borrow_mut().push(lower.map(<[u8]>::to_vec));
        let entries = oracle::between(&self.entries, lower, upper);
        self.open.track(HostileIterator::disturbed(&entries, &self.point, &[]))
    }
}

impl ViewSource for Flaky {
    type View = Tracked<()>;
    type Iter<'v> = Tracked<HostileIterator>;
    type Error = InjectedFailure;

    fn view(&self) -> Result<Tracked<()>, InjectedFailure> {
        self.point.pass()?;
        assert_eq!(self.open(), 0, "the view before is still alive");
        Ok(self.open.track(()))
    }

    fn scan<'v>(
        &'v self,
        _: &'v Tracked<()>,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<Tracked<HostileIterator>, InjectedFailure> {
        self.point.pass()?;
        Ok(self.open_scan(lower, upper))
    }
}

impl ScanSource for Flaky {
    type Iter = Tracked<HostileIterator>;
    type Error = InjectedFailure;

    fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Result<Tracked<HostileIterator>, InjectedFailure> {
        assert_eq!(self.open(), 0, "the iterator before is still open");
        self.point.pass()?;
        Ok(self.open_scan(lower, upper))
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
