//! [`Fault`] and [`FaultScript`]: what goes wrong, and when.

use quickcheck::{Arbitrary, Gen};

use super::random::below;

/// What goes wrong with a call.
///
/// ```
/// use storage_iter::testing::{FailPoint, Fault, FaultScript};
///
/// let point = FailPoint::new(&FaultScript(vec![(1, Fault::Error)]));
/// assert_eq!([point.strike(), point.strike(), point.strike()], [None, Some(Fault::Error), None]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// It fails; the source can go on.
    Error,
    /// It fails, and if it was a seek, the source has kept no target and can go on only when it is sought again.
    Forget,
    /// It panics.
    Panic,
}

/// How many calls go well before each fault.
///
/// quickcheck makes up to a dozen faults, at intervals of 4 or of 30 calls at the most. Shrinking drops faults and leaves the others where
/// they are, then makes errors of all.
///
/// ```
/// use quickcheck::QuickCheck;
/// use storage_iter::testing::{Contract, FailPoint, FaultScript, HostileIterator, Operations, SortedEntries};
///
/// fn hostile_sources_are_right(entries: SortedEntries, operations: Operations, script: FaultScript) -> bool {
///     let point = FailPoint::new(&script);
///     let cursor = HostileIterator::disturbed(&entries.0, &point, &[]);
///     let operations = operations.near(&entries.keys(), <[u8]>::to_vec);
///     Contract::new().passing_calls_on().check_operations(cursor, &entries.0, &operations, &point).is_ok()
/// }
/// QuickCheck::new().quickcheck(hostile_sources_are_right as fn(_, _, _) -> _);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FaultScript(pub Vec<(usize, Fault)>);

impl Arbitrary for FaultScript {
    fn arbitrary(g: &mut Gen) -> Self {
        let faults = below(g, 12);
        let often = bool::arbitrary(g);
        let fault = |g: &mut Gen| match below(g, 8) {
            0 => Fault::Panic,
            1 | 2 => Fault::Forget,
            _ => Fault::Error,
        };
        FaultScript((0..faults).map(|_| (below(g, if often { 4 } else { 30 }), fault(g))).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let script = self.0.clone();
        let without_one = (0..script.len()).map(move |index| {
            let mut fewer = script.clone();
            let (calls, _) = fewer.remove(index);
            // The others stay where they are.
            if let Some((next, _)) = fewer.get_mut(index) {
                *next += calls + 1;
            }
            FaultScript(fewer)
        });
        let script = self.0.clone();
        let plainer = (0..script.len()).filter(|&index| self.0[index].1 != Fault::Error).collect::<Vec<_>>();
        let plainer = plainer.into_iter().map(move |index| {
            let mut plainer = script.clone();
            plainer[index].1 = Fault::Error;
            FaultScript(plainer)
        });
        Box::new(without_one.chain(plainer))
    }
}
