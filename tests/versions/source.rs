//! [`source`]: the kit's hostile source, of versions, and how it is made to fail.

use storage_iter::testing::VerifyingIterator;
use storage_iter::{OwnedVersionedKey, StorageIterator, VersionedKeysIterator};

use super::support::{Entry, Fault, FaultScript, Faults, HostileIterator};

/// A cursor over versions that keeps the contract to the letter and forgives nothing: one over their encodings, and as touchy as that one.
pub(crate) type Source = VerifyingIterator<VersionedKeysIterator<HostileIterator>>;

/// One over `versions`, struck by `faults`.
pub(crate) fn source(versions: &[(OwnedVersionedKey, Vec<u8>)], faults: &Faults) -> Source {
    VerifyingIterator::new(bytes(&encoded(versions), faults).versioned_keys()).under_combinator()
}

/// The same over bytes, whatever they encode.
pub(crate) fn bytes(entries: &[Entry], faults: &Faults) -> HostileIterator {
    HostileIterator::disturbed(entries, faults, &[])
}

pub(crate) fn encoded(versions: &[(OwnedVersionedKey, Vec<u8>)]) -> Vec<Entry> {
    versions.iter().map(|(key, value)| (key.as_bytes().to_vec(), value.clone())).collect()
}

/// Nothing but errors, where `script` has faults.
pub(crate) fn errors(script: &FaultScript) -> Faults {
    Faults::new(&FaultScript(script.0.iter().map(|&(calls, _)| (calls, Fault::Error)).collect()))
}

/// Lets every call fail `times` times before it succeeds.
pub(crate) fn every_call_fails(times: usize) -> Faults {
    let first = std::iter::repeat_n(0, times);
    let others = std::iter::once(1).chain(std::iter::repeat_n(0, times - 1)).cycle();
    Faults::new(&FaultScript(first.chain(others).take(1000).map(|calls| (calls, Fault::Error)).collect()))
}
