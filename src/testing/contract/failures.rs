//! Scans in which everything that may fail does.

use std::borrow::Borrow;
use std::iter::once;

use super::{Contract, ScanOf, steps};
use crate::key::Shown;
use crate::testing::events::catch_injected;
use crate::testing::{BrokenPromise, FOR_EVER, FailPoint, Fault, FaultScript, Scan};
use crate::{Key, StorageIterator};

/// Which of `count` passes fail in turn: all, or where that would take too long, the first, the last, and some between.
pub(super) fn chosen(count: usize) -> Vec<usize> {
    const FEW: usize = 100;
    let between = (FEW..count.saturating_sub(FEW)).step_by(count / FEW + 1);
    let last = count.saturating_sub(FEW).max(FEW)..count;
    (0..count.min(FEW)).chain(between).chain(last).collect()
}

/// How often what `run` makes passes its fail point when nothing fails.
///
/// # Panics
///
/// When it never does.
pub(super) fn passes(run: impl FnOnce(FailPoint) -> Result<(), BrokenPromise>) -> Result<usize, BrokenPromise> {
    let point = FailPoint::harmless();
    run(point.clone())?;
    assert_ne!(point.passed(), 0, "the iterator never passes its fail point, so nothing would be checked");
    Ok(point.passed())
}

/// What comes out when nothing fails, and which passes are to fail in turn.
fn undisturbed<I>(contract: &Contract, make: &impl Fn(FailPoint) -> I) -> Result<(ScanOf<I>, Vec<usize>), BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    let undisturbed = steps::check(contract, || make(FailPoint::harmless()))?;
    let passes = passes(|point| steps::scan(contract, &mut make(point)).map(drop))?;
    Ok((undisturbed, chosen(passes)))
}

pub(super) fn check_under_failures<I>(
    contract: &Contract,
    make: &impl Fn(FailPoint) -> I,
) -> Result<ScanOf<I>, BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    let (undisturbed, chosen) = undisturbed(contract, make)?;
    for &pass in &chosen {
        for times in [1, 3, FOR_EVER] {
            let point = FailPoint::failing_at(pass, times);
            let context = match times {
                1 => format!("failing once at pass {pass}"),
                FOR_EVER => format!("failing for ever at pass {pass}"),
                _ => format!("failing {times} times at pass {pass}"),
            };
            let disturbed = steps::scan(contract, &mut make(point)).map_err(|broken| broken.by_error(&context))?;
            compare::<I>(5, &undisturbed, &disturbed).map_err(|broken| broken.context(&context))?;
        }
    }
    // Once more the whole of it, with everything failing in turns.
    let gaps = chosen.iter().zip(once(&0).chain(&chosen)).map(|(pass, previous)| (pass - previous, Fault::Error));
    let script = FaultScript(gaps.collect());
    let everywhere = steps::check(contract, || make(FailPoint::new(&script)))
        .and_then(|disturbed| compare::<I>(5, &undisturbed, &disturbed));
    everywhere.map_err(|broken| broken.by_error("failing once at every pass"))?;
    Ok(undisturbed)
}

pub(super) fn check_under_panics<I>(
    contract: &Contract,
    make: &impl Fn(FailPoint) -> I,
) -> Result<ScanOf<I>, BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    let (undisturbed, chosen) = undisturbed(contract, make)?;
    for &pass in &chosen {
        let point = FailPoint::panicking_at(pass);
        // A panic of the constructor leaves nothing that could be checked.
        let Some(mut iterator) = catch_injected(|| make(point)) else { continue };
        let disturbed = scan_through_panics(contract, &mut iterator)
            .and_then(|disturbed| compare::<I>(15, &undisturbed, &disturbed));
        disturbed.map_err(|broken| broken.context(format!("panicking at pass {pass}")))?;
    }
    Ok(undisturbed)
}

fn scan_through_panics<I>(contract: &Contract, iterator: &mut I) -> Result<ScanOf<I>, BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned>,
{
    let mut scan = Scan { entries: vec![], errors: vec![], ended: false };
    let mut failed_in_a_row = 0;
    while failed_in_a_row <= contract.patience {
        match catch_injected(|| iterator.next()) {
            Some(Ok(true)) => {
                failed_in_a_row = 0;
                scan.entries.push((iterator.key().to_owned(), iterator.value().to_owned()));
                continue;
            }
            Some(Ok(false)) => {
                scan.ended = true;
                break;
            }
            Some(Err(error)) => scan.errors.push(error),
            None if !contract.passes_calls_on && iterator.is_valid() => {
                return Err(BrokenPromise::new(15, "`is_valid` answers true after a panic"));
            }
            None => {}
        }
        failed_in_a_row += 1;
    }
    Ok(scan)
}

/// What came out with errors must be what came out without them, or the first part of it if the errors did not cease.
pub(super) fn compare<I>(promise: u8, undisturbed: &ScanOf<I>, disturbed: &ScanOf<I>) -> Result<(), BrokenPromise>
where
    I: StorageIterator<Key: ToOwned, Value: ToOwned + PartialEq>,
{
    let shown = |entry: &(<I::Key as ToOwned>::Owned, <I::Value as ToOwned>::Owned)| show::<I::Key>(entry.0.borrow());
    let mut expected = undisturbed.entries.iter();
    for entry in &disturbed.entries {
        let detail = match expected.next() {
            None => format!("entry {} comes after all others", shown(entry)),
            Some(right) if right.0.borrow() < entry.0.borrow() => format!("entry {} is lost", shown(right)),
            Some(right) if right.0.borrow() > entry.0.borrow() => format!("entry {} comes again", shown(entry)),
            Some(right) if right.1.borrow() != entry.1.borrow() => format!("another value for {}", shown(entry)),
            Some(_) => continue,
        };
        return Err(BrokenPromise::new(promise, detail));
    }
    match expected.next() {
        Some(lost) if disturbed.ended => {
            let detail = format!("taken for the end: {} and what follows is lost", shown(lost));
            Err(BrokenPromise::new(promise, detail))
        }
        _ => Ok(()),
    }
}

fn show<K: ?Sized + Key>(key: &K) -> String {
    format!("{:?}", Shown(key))
}
