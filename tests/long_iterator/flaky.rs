//! A source that fails or panics at any of its operations, and watches how it is used.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use storage_iter::{ScanSource, StorageIterator, ViewSource};

/// Counts its operations, taking a view, opening a scan and moving one, and fails at every so-manieth.
pub(crate) struct Flaky {
    shared: Rc<Shared>,
}

struct Shared {
    map: BTreeMap<Vec<u8>, Vec<u8>>,
    every: u64,
    panics: bool,
    operations: Cell<u64>,
    failures: Cell<u64>,
    /// How many views and iterators there are.
    open: Cell<usize>,
    /// The lower bounds of all scans.
    asked: RefCell<Vec<Bound<Vec<u8>>>>,
}

impl Flaky {
    /// `count` keys; fails at every operation whose number `every` divides, never if it is 0.
    pub(crate) fn new(count: u8, every: u64, panics: bool) -> Self {
        let map = (0..count).map(|number| (vec![number], vec![number; 3])).collect();
        let shared = Shared {
            map,
            every,
            panics,
            operations: Cell::new(0),
            failures: Cell::new(0),
            open: Cell::new(0),
            asked: RefCell::default(),
        };
        Flaky { shared: Rc::new(shared) }
    }

    pub(crate) fn open(&self) -> usize {
        self.shared.open.get()
    }

    pub(crate) fn failures(&self) -> u64 {
        self.shared.failures.get()
    }

    pub(crate) fn asked(&self) -> Vec<Bound<Vec<u8>>> {
        self.shared.asked.borrow().clone()
    }
}

impl Shared {
    fn operate(&self) -> Result<(), &'static str> {
        self.operations.set(self.operations.get() + 1);
        if self.every > 0 && self.operations.get().is_multiple_of(self.every) {
            self.failures.set(self.failures.get() + 1);
            assert!(!self.panics, "the source panics");
            return Err("the source fails");
        }
        Ok(())
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

/// Panics if it is looked at while a step is open.
pub(crate) struct FlakyIterator {
    share: Share,
    from: Bound<Vec<u8>>,
    upper: Bound<Vec<u8>>,
    entry: Option<(Vec<u8>, Vec<u8>)>,
    failed: bool,
}

impl FlakyIterator {
    fn new(share: Share, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Self {
        share.0.asked.borrow_mut().push(lower.map(<[u8]>::to_vec));
        FlakyIterator {
            share,
            from: lower.map(<[u8]>::to_vec),
            upper: upper.map(<[u8]>::to_vec),
            entry: None,
            failed: false,
        }
    }

    fn entry(&self) -> &(Vec<u8>, Vec<u8>) {
        assert!(!self.failed, "looked at while a step is open");
        self.entry.as_ref().expect("stands on no entry")
    }
}

impl StorageIterator for FlakyIterator {
    type Key = [u8];
    type Value = [u8];
    type Error = &'static str;

    fn next(&mut self) -> Result<bool, &'static str> {
        if let Some((key, _)) = self.entry.take() {
            self.from = Bound::Excluded(key);
        }
        self.failed = true;
        self.share.0.operate()?;
        self.failed = false;
        let bounds = (self.from.as_ref().map(Vec::as_slice), self.upper.as_ref().map(Vec::as_slice));
        let has_room = match (&self.from, &self.upper) {
            (Bound::Excluded(from), Bound::Excluded(upper)) => from < upper,
            (Bound::Included(from) | Bound::Excluded(from), Bound::Included(upper) | Bound::Excluded(upper)) => {
                from <= upper
            }
            _ => true,
        };
        if has_room {
            let first = self.share.0.map.range::<[u8], _>(bounds).next();
            self.entry = first.map(|(key, value)| (key.clone(), value.clone()));
        }
        Ok(self.entry.is_some())
    }

    fn is_valid(&self) -> bool {
        assert!(!self.failed, "looked at while a step is open");
        self.entry.is_some()
    }

    fn key(&self) -> &[u8] {
        &self.entry().0
    }

    fn value(&self) -> &[u8] {
        &self.entry().1
    }
}

impl ViewSource for Flaky {
    type View = Share;
    type Iter<'v> = FlakyIterator;
    type Error = &'static str;

    fn view(&self) -> Result<Share, &'static str> {
        self.shared.operate()?;
        assert_eq!(self.open(), 0, "the view before is still alive");
        Ok(Share::new(&self.shared))
    }

    fn scan<'v>(
        &'v self,
        view: &'v Share,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<FlakyIterator, &'static str> {
        self.shared.operate()?;
        Ok(FlakyIterator::new(Share::new(&view.0), lower, upper))
    }
}

impl ScanSource for Flaky {
    type Iter = FlakyIterator;
    type Error = &'static str;

    fn scan(&self, lower: Bound<&[u8]>, upper: Bound<&[u8]>) -> Result<FlakyIterator, &'static str> {
        assert_eq!(self.open(), 0, "the iterator before is still open");
        self.shared.operate()?;
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
