//! What should come out of the combinators, computed from the whole history.

use std::collections::BTreeMap;

use storage_iter::{MergeOperator, Operands};

use super::history::History;
use super::support::{Entry, Failure, Faults};

/// What `at` shows.
pub(crate) fn at(history: &History, snapshot: u64) -> Vec<Entry> {
    let newest = history.seen(snapshot).into_iter().map(|(user_key, versions)| (user_key, versions[0].1.clone()));
    newest.collect()
}

/// What `fold_versions` shows with [`Append`].
pub(crate) fn folded(history: &History, snapshot: u64) -> Vec<Entry> {
    let fold = |(user_key, versions): (Vec<u8>, Vec<(u64, Vec<u8>)>)| {
        let mut folded = vec![];
        // The oldest first, as they were written.
        for (_, value) in versions.into_iter().rev() {
            match value.strip_prefix(b"+") {
                Some(operand) => folded.extend_from_slice(operand),
                None => folded = value,
            }
        }
        (user_key, folded)
    };
    history.seen(snapshot).into_iter().map(fold).collect()
}

/// Appends the operands to the base, and fails where faults strike.
#[derive(Clone, Debug, Default)]
pub(crate) struct Append(pub(crate) Faults);

impl MergeOperator<[u8], [u8]> for Append {
    type Error = Failure;

    fn is_operand(&self, value: &[u8]) -> bool {
        assert!(!value.is_empty(), "tombstones are no operands");
        value.starts_with(b"+")
    }

    fn merge(
        &mut self,
        _: &[u8],
        base: Option<&[u8]>,
        operands: Operands<'_, [u8]>,
        merged: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        merged.clear();
        merged.extend_from_slice(base.unwrap_or_default());
        assert_ne!(operands.len(), 0);
        assert_eq!(operands.len(), operands.clone().count());
        let newest_first: Vec<_> = operands.clone().rev().collect();
        assert!(operands.clone().eq(newest_first.into_iter().rev()));
        // Half of the result is there when it fails.
        self.0.pass()?;
        operands.for_each(|operand| merged.extend_from_slice(&operand[1..]));
        Ok(())
    }
}

/// The versions that readers from `watermark` on need, by trying all of them.
pub(crate) fn needed(history: &History, watermark: u64, latest: u64) -> BTreeMap<Vec<u8>, Vec<u64>> {
    let mut needed = BTreeMap::<_, Vec<_>>::new();
    for snapshot in (watermark..=latest).rev() {
        for (user_key, versions) in history.seen(snapshot) {
            let sequences = needed.entry(user_key).or_default();
            if sequences.last() != Some(&versions[0].0) {
                sequences.push(versions[0].0);
            }
        }
    }
    needed
}
