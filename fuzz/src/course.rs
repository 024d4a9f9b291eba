//! [`Course`]: what is done with a cursor, and what strikes its sources meanwhile.

use storage_iter::BidirectionalIterator;
use storage_iter::testing::{Contract, Entry, FailPoint, Fault, FaultScript, HostileIterator, Operation};

use super::input::Input;

/// Operations, and faults that come at their sources' calls.
pub struct Course {
    faults: FaultScript,
    operations: Vec<Operation<Vec<u8>>>,
}

impl Course {
    /// Faults of all kinds, and operations with targets near `keys`.
    pub fn new(faults: FaultScript, keys: &[Vec<u8>], input: &mut Input<'_>) -> Self {
        Course { faults, operations: input.operations(keys) }
    }

    /// Moves the cursor that `make` makes of sources, over which the faults come, one over each of `layers`.
    #[track_caller]
    pub fn drive<I>(
        &self,
        contract: Contract,
        layers: &[Vec<Entry>],
        expected: &[Entry],
        make: impl FnOnce(Vec<HostileIterator>) -> I,
    ) where
        I: BidirectionalIterator<Key = [u8], Value = [u8]>,
    {
        self.drive_shown(contract, layers, expected, |sources, _| make(sources), |cursor| cursor.value().to_vec());
    }

    /// The same for other values, of which `show` makes what is expected. `make` gets the fail point as well.
    #[track_caller]
    pub fn drive_shown<I, V: PartialEq>(
        &self,
        contract: Contract,
        layers: &[Vec<Entry>],
        expected: &[(Vec<u8>, V)],
        make: impl FnOnce(Vec<HostileIterator>, &FailPoint) -> I,
        show: impl Fn(&I) -> V,
    ) where
        I: BidirectionalIterator<Key = [u8]>,
    {
        let point = self.point();
        let sources = layers.iter().map(|layer| HostileIterator::disturbed(layer, &point, &[]).touchy()).collect();
        contract.check_shown_operations(make(sources, &point), expected, show, &self.operations, &point).unwrap();
    }

    /// A new fail point, where the faults come.
    pub fn point(&self) -> FailPoint {
        FailPoint::new(&self.faults)
    }

    /// The operations.
    pub fn operations(&self) -> &[Operation<Vec<u8>>] {
        &self.operations
    }

    /// The same faults for what always keeps its target.
    pub fn without_forgetting(&self) -> FaultScript {
        let plain =
            |&(calls, fault): &(usize, Fault)| (calls, if fault == Fault::Forget { Fault::Error } else { fault });
        FaultScript(self.faults.0.iter().map(plain).collect())
    }
}
