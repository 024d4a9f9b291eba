//! [`Append`]: the merge operator of tests.

use storage_iter::testing::{FailPoint, InjectedFailure};
use storage_iter::{MergeOperator, Operands};

/// Appends the operands to the base, and fails where its fail point does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Append(pub(crate) FailPoint);

impl MergeOperator<[u8], [u8]> for Append {
    type Error = InjectedFailure;

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
    ) -> Result<(), InjectedFailure> {
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
