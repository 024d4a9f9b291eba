//! What should come out of the combinators, computed from the whole history.

use std::collections::BTreeMap;

use storage_iter::{MergeOperator, Operands};

use super::history::History;
use super::source::{Failed, Plan};
use super::support::Entry;
use std::rc::Rc;

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

/// Appends the operands to the base, and fails where the plan says so.
#[derive(Clone, Debug)]
pub(crate) struct Append(pub(crate) Rc<Plan>);

impl MergeOperator<[u8], [u8]> for Append {
    type Error = Failed;

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
    ) -> Result<(), Failed> {
        merged.clear();
        merged.extend_from_slice(base.unwrap_or_default());
        assert_ne!(operands.len(), 0);
        assert_eq!(operands.len(), operands.clone().count());
        let newest_first: Vec<_> = operands.clone().rev().collect();
        assert!(operands.clone().eq(newest_first.into_iter().rev()));
        // Half of the result is there when it fails.
        self.0.call()?;
        operands.for_each(|operand| merged.extend_from_slice(&operand[1..]));
        Ok(())
    }
}

/// Where a cursor over entries should be.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    entries: Vec<Entry>,
    /// 0 is before the first entry, and there is one behind the last.
    index: usize,
    /// The step that failed: where it leads, and whether forward.
    open: Option<(usize, bool)>,
}

/// What is done with a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Next,
    Prev,
    Seek(Vec<u8>),
    SeekForPrev(Vec<u8>),
    SeekToFirst,
    SeekToLast,
}

impl Position {
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        Position { entries, index: 0, open: Some((1, true)) }
    }

    /// Where an operation leads that fails or not.
    pub(crate) fn apply(&mut self, operation: &Operation, fails: bool) {
        let below = |is_below: &dyn Fn(&[u8]) -> bool| self.entries.partition_point(|(key, _)| is_below(key));
        let (target, forward) = match operation {
            Operation::Next | Operation::Prev => return self.step(*operation == Operation::Next, fails),
            Operation::Seek(key) => (below(&|other| other < key.as_slice()) + 1, true),
            Operation::SeekForPrev(key) => (below(&|other| other <= key.as_slice()), false),
            Operation::SeekToFirst => (1, true),
            Operation::SeekToLast => (self.entries.len(), false),
        };
        self.open = Some((target, forward));
        if !fails {
            (self.index, self.open) = (target, None);
        }
    }

    fn step(&mut self, forward: bool, fails: bool) {
        if let Some((target, is_forward)) = self.open
            && is_forward != forward
        {
            // Which part of it has failed makes no difference: either way the same comes next.
            if fails {
                return;
            }
            (self.index, self.open) = (target, None);
        }
        let target = self.open.map_or_else(
            || if forward { (self.index + 1).min(self.entries.len() + 1) } else { self.index.saturating_sub(1) },
            |(target, _)| target,
        );
        self.open = Some((target, forward));
        if !fails {
            (self.index, self.open) = (target, None);
        }
    }

    pub(crate) fn entry(&self) -> Option<&Entry> {
        self.index.checked_sub(1).and_then(|index| self.entries.get(index))
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
