//! Scans that check every answer, and that must agree with each other.

use std::borrow::Borrow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Contract, ScanOf};
use crate::key::Shown;
use crate::testing::events::{Event, count_events};
use crate::testing::verifying_iterator::out_of_order;
use crate::testing::{BrokenPromise, Scan};
use crate::{Key, StorageIterator};

/// How often an end is asked whether it is one.
const AGAIN: usize = 3;

/// What a step has come to.
enum Stepped<E> {
    Entry,
    End,
    Failed(E),
    /// It has failed more often in a row than anybody waits for.
    GivenUp(E),
}

/// Steps, on after each error.
struct Steps<'a> {
    contract: &'a Contract,
    errors_in_a_row: usize,
}

impl<'a> Steps<'a> {
    fn new(contract: &'a Contract) -> Self {
        Steps { contract, errors_in_a_row: 0 }
    }

    fn step<I: StorageIterator>(&mut self, iterator: &mut I) -> Stepped<I::Error> {
        match iterator.next() {
            Ok(true) => {
                self.errors_in_a_row = 0;
                Stepped::Entry
            }
            Ok(false) => Stepped::End,
            Err(error) => {
                self.errors_in_a_row += 1;
                if self.errors_in_a_row > self.contract.patience {
                    Stepped::GivenUp(error)
                } else {
                    Stepped::Failed(error)
                }
            }
        }
    }
}

pub(super) fn scan<I>(contract: &Contract, iterator: &mut I) -> Result<ScanOf<I>, BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned>,
{
    let mut scan = Scan { entries: vec![], errors: vec![], ended: false };
    if iterator.is_valid() {
        return Err(BrokenPromise::new(2, "`is_valid` answers true before the first step"));
    }
    let mut steps = Steps::new(contract);
    loop {
        let has_failed = steps.errors_in_a_row > 0;
        let stepped = steps.step(iterator);
        let is_given_up = matches!(stepped, Stepped::GivenUp(_));
        match stepped {
            Stepped::Entry if contract.is_fused && !scan.errors.is_empty() => {
                return Err(BrokenPromise::new(5, "it goes on after its final error"));
            }
            Stepped::Entry => {
                assure_valid(iterator, true, "`Ok(true)`")?;
                if let Some((previous, _)) = scan.entries.last() {
                    check_order(contract, Borrow::borrow(previous), iterator.key(), has_failed)?;
                }
                scan.entries.push((iterator.key().to_owned(), iterator.value().to_owned()));
            }
            Stepped::End => break,
            Stepped::Failed(error) | Stepped::GivenUp(error) => {
                scan.errors.push(error);
                if !contract.passes_calls_on && iterator.is_valid() {
                    return Err(BrokenPromise::new(5, "`is_valid` answers true after an error"));
                }
                if is_given_up {
                    return Ok(scan);
                }
            }
        }
    }
    for _ in 0..AGAIN {
        assure_valid(iterator, false, "`Ok(false)`")?;
        match iterator.next() {
            Ok(false) => {}
            Ok(true) => return Err(BrokenPromise::new(1, "the end is not final: `next` has found an entry behind it")),
            Err(_) => return Err(BrokenPromise::new(1, "the end is not final: `next` fails behind it")),
        }
    }
    scan.ended = true;
    Ok(scan)
}

fn assure_valid<I: StorageIterator>(iterator: &I, right: bool, after: &str) -> Result<(), BrokenPromise> {
    if iterator.is_valid() == right {
        return Ok(());
    }
    Err(BrokenPromise::new(1, format!("`is_valid` answers {} after {after}", !right)))
}

fn check_order<K>(contract: &Contract, previous: &K, key: &K, after_error: bool) -> Result<(), BrokenPromise>
where
    K: ?Sized + Key,
{
    if previous < key || contract.keeps_duplicates && previous == key {
        return Ok(());
    }
    if after_error && previous == key {
        let detail = format!("key {} comes again after an error", Shown(key));
        return Err(BrokenPromise::new(5, detail));
    }
    Err(out_of_order(previous, key, true))
}

pub(super) fn check<I>(contract: &Contract, make: impl Fn() -> I) -> Result<ScanOf<I>, BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    let scan = scan(contract, &mut make())?;
    ask_often(contract, &mut make(), &scan)?;
    ask_nothing(contract, &mut make(), &scan)?;
    touch_off_entries(contract, &mut make())?;
    Ok(scan)
}

/// Every question several times: the answers stay the same, and asking compares nothing.
fn ask_often<I>(contract: &Contract, iterator: &mut I, scan: &ScanOf<I>) -> Result<(), BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    let mut expected = scan.entries.iter();
    let mut previous: Option<&I::Key> = None;
    let mut knows_prefixes = None;
    let mut after_error = false;
    let mut steps = Steps::new(contract);
    loop {
        match steps.step(iterator) {
            Stepped::Entry => {}
            Stepped::Failed(_) => {
                after_error = true;
                previous = None;
                continue;
            }
            Stepped::End | Stepped::GivenUp(_) => break,
        }
        let Some((key, value)) = expected.next() else {
            return Err(other_entries("more", scan.entries.len()));
        };
        let (answers, counts) = count_events(|| {
            let is_valid = (0..AGAIN).all(|_| iterator.is_valid());
            let (key, value) = (iterator.key(), iterator.value());
            (is_valid, [key, iterator.key()], [value, iterator.value()])
        });
        let (is_valid, keys, values) = answers;
        if counts.of(Event::Compare) > 0 {
            return Err(BrokenPromise::new(9, "`is_valid`, `key` or `value` compares keys"));
        }
        if !is_valid {
            return Err(BrokenPromise::new(1, "`is_valid` changes its answer without a step"));
        }
        let key: &I::Key = key.borrow();
        for other in keys {
            if other != keys[0] {
                let [one, other] = [keys[0], other].map(Shown);
                return Err(BrokenPromise::new(8, format!("the key changes without a step, from {one} to {other}")));
            }
            if other != key {
                let detail = format!("another scan gives another key, {} and not {}", Shown(other), Shown(key));
                return Err(BrokenPromise::new(if after_error { 5 } else { 8 }, detail));
            }
        }
        if values.into_iter().any(|other| other != value.borrow()) {
            let detail = format!("the value of {} changes without a step, or from scan to scan", Shown(key));
            return Err(BrokenPromise::new(8, detail));
        }
        let hint = iterator.shared_prefix_len();
        if *knows_prefixes.get_or_insert(hint.is_some()) != hint.is_some() {
            return Err(BrokenPromise::new(
                4,
                "`shared_prefix_len` knows the answer on some entries and not on others",
            ));
        }
        check_shared_prefix(hint, previous, key)?;
        previous = Some(key);
    }
    if expected.next().is_some() {
        return Err(other_entries("fewer", scan.entries.len()));
    }
    Ok(())
}

/// The hint about the bytes that two neighbours share: a wrong one is as bad as keys out of order.
pub(super) fn check_shared_prefix<K: ?Sized + Key>(
    hint: Option<usize>,
    previous: Option<&K>,
    key: &K,
) -> Result<(), BrokenPromise> {
    let bytes = (hint, previous.and_then(Key::ordered_bytes), key.ordered_bytes());
    if let (Some(hint), Some(previous), Some(key_bytes)) = bytes {
        // Counted anew: what the library counts by is what is checked.
        let shared = previous.iter().zip(key_bytes).take_while(|(a, b)| a == b).count();
        if hint != shared {
            let detail = format!("`shared_prefix_len` of {} answers {hint}, and it is {shared}", Shown(key));
            return Err(BrokenPromise::new(4, detail));
        }
    }
    Ok(())
}

/// Nothing but `next`: no step waits for a question.
fn ask_nothing<I>(contract: &Contract, iterator: &mut I, scan: &ScanOf<I>) -> Result<(), BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned>,
{
    let mut entries = 0;
    let mut steps = Steps::new(contract);
    loop {
        match steps.step(iterator) {
            Stepped::Entry => entries += 1,
            Stepped::Failed(_) => {}
            Stepped::End | Stepped::GivenUp(_) => break,
        }
        if entries > scan.entries.len() {
            return Err(other_entries("more", scan.entries.len()));
        }
    }
    if entries < scan.entries.len() {
        return Err(other_entries("fewer", scan.entries.len()));
    }
    Ok(())
}

fn other_entries(how_many: &str, than: usize) -> BrokenPromise {
    BrokenPromise::new(1, format!("a scan that asks other questions on the way finds {how_many} entries than {than}"))
}

/// `key` and `value` panic where there is no entry, and do no harm by it.
fn touch_off_entries<I: StorageIterator>(contract: &Contract, iterator: &mut I) -> Result<(), BrokenPromise> {
    if !cfg!(panic = "unwind") {
        return Ok(());
    }
    let touch = |iterator: &I, place: &str| {
        let key = catch_unwind(AssertUnwindSafe(|| _ = iterator.key())).is_err();
        let value = catch_unwind(AssertUnwindSafe(|| _ = iterator.value())).is_err();
        match (key, value) {
            (true, true) => Ok(()),
            (false, _) => Err(BrokenPromise::new(1, format!("`key` does not panic {place}"))),
            _ => Err(BrokenPromise::new(1, format!("`value` does not panic {place}"))),
        }
    };
    touch(iterator, "before the first entry")?;
    let mut has_failed = false;
    let mut steps = Steps::new(contract);
    loop {
        match steps.step(iterator) {
            Stepped::Failed(_) if !has_failed && !contract.passes_calls_on => {
                has_failed = true;
                touch(iterator, "after an error")?;
            }
            Stepped::Entry | Stepped::Failed(_) => {}
            Stepped::End => break,
            Stepped::GivenUp(_) => return Ok(()),
        }
    }
    touch(iterator, "after the last entry")
}
