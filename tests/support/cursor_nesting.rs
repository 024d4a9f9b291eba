//! [`CursorNesting`]: a random tower of combinators over one source, with an oracle of its own.

use quickcheck::{Arbitrary, Gen};
use storage_iter::{BidirectionalIterator, StorageIterator};

use super::{Bounds, CursorLeaves, Entry, Failure, below, oracles};

/// One combinator on another, the lowest first.
#[derive(Clone, Debug)]
pub struct CursorNesting(pub Vec<Wrapper>);

/// A combinator over one child.
#[derive(Clone, Debug)]
pub enum Wrapper {
    /// The child between two bounds.
    Between(Bounds),
    /// The child without tombstones.
    SkipTombstones,
    /// Only values of this many bytes or more, by a predicate that may panic.
    Filter(usize),
    /// The child as it is, seen by a closure that may panic.
    Inspect,
    /// The child, checked.
    CheckOrder,
    /// The child behind a pointer.
    Pointer,
}

type Node = Box<dyn BidirectionalIterator<Key = [u8], Value = [u8], Error = Failure>>;

impl CursorNesting {
    /// The tower over the first source.
    pub fn build(&self, leaves: &CursorLeaves) -> Node {
        self.0.iter().fold(Box::new(leaves.leaf(0, &[])), |child: Node, wrapper| {
            let closures = leaves.clone();
            match wrapper {
                Wrapper::Between(Bounds { lower, upper }) => Box::new(child.between(lower.clone(), upper.clone())),
                Wrapper::SkipTombstones => Box::new(child.skip_tombstones()),
                &Wrapper::Filter(length) => Box::new(child.filter(move |_, value| {
                    closures.may_panic();
                    value.len() >= length
                })),
                Wrapper::Inspect => Box::new(child.inspect(move |_, _| closures.may_panic())),
                Wrapper::CheckOrder => Box::new(child.check_order().map_err(|error| match error {
                    storage_iter::OrderError::Child(failure) => failure,
                    out_of_order => panic!("found out of order: {out_of_order}"),
                })),
                Wrapper::Pointer => Box::new(Box::new(child)),
            }
        })
    }

    /// What should come out of the tower over `entries`.
    pub fn expected(&self, entries: &[Entry]) -> Vec<Entry> {
        self.0.iter().fold(entries.to_vec(), |entries, wrapper| match wrapper {
            Wrapper::Between(bounds) => {
                let (lower, upper) = bounds.as_slices();
                oracles::between(&entries, lower, upper)
            }
            Wrapper::SkipTombstones => oracles::live(&entries),
            Wrapper::Filter(length) => entries.into_iter().filter(|(_, value)| value.len() >= *length).collect(),
            Wrapper::Inspect | Wrapper::CheckOrder | Wrapper::Pointer => entries,
        })
    }

    /// Whether it only hands calls on.
    pub fn passes_is_valid_on(&self) -> bool {
        self.0.iter().all(|wrapper| matches!(wrapper, Wrapper::Pointer))
    }
}

impl Arbitrary for CursorNesting {
    fn arbitrary(g: &mut Gen) -> Self {
        let wrapper = |g: &mut Gen| match below(g, 8) {
            0..=2 => Wrapper::Between(Bounds::arbitrary(g)),
            3 => Wrapper::SkipTombstones,
            4 => Wrapper::Filter(below(g, 4)),
            5 => Wrapper::Inspect,
            6 => Wrapper::CheckOrder,
            _ => Wrapper::Pointer,
        };
        CursorNesting((0..below(g, 6)).map(|_| wrapper(g)).collect())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let wrappers = self.0.clone();
        Box::new((0..wrappers.len()).map(move |index| {
            let mut fewer = wrappers.clone();
            fewer.remove(index);
            CursorNesting(fewer)
        }))
    }
}
