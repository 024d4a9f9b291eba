//! [`Nesting`]: a random composition of random depth, with an oracle of its own.

use std::ops::Bound;
use std::sync::Arc;

use quickcheck::{Arbitrary, Gen};
use storage_iter::{ChildError, MergeIterator, StorageIterator};

use super::{Entry, Failure, Failures, HostileIterator, Layers, Origin, below, oracles};

/// A composition of merges, two-merges, bounds and filters. Its leaves stand over the layers from left to right.
#[derive(Clone, Debug)]
pub enum Nesting {
    /// A source.
    Leaf,
    /// A merge of any number of children, with the newest first.
    Merge(Vec<Nesting>),
    /// A two-merge; the first is the newer.
    TwoMerge(Box<Nesting>, Box<Nesting>),
    /// The child between two bounds.
    Between(Box<Nesting>, Bounds),
    /// The child without tombstones.
    SkipTombstones(Box<Nesting>),
    /// Only values of this many bytes or more.
    Filter(Box<Nesting>, usize),
    /// The first entries of the child.
    Take(Box<Nesting>, usize),
}

/// A pair of bounds, inverted ones and empty ones as well.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Where it starts.
    pub lower: Bound<Vec<u8>>,
    /// Where it ends.
    pub upper: Bound<Vec<u8>>,
}

impl Bounds {
    /// Both bounds, borrowed.
    pub fn as_slices(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (self.lower.as_ref().map(Vec::as_slice), self.upper.as_ref().map(Vec::as_slice))
    }
}

/// What every node of a built [`Nesting`] is. The path is put together on the way up.
type Node = Box<dyn StorageIterator<Key = [u8], Value = [u8], Error = Traced>>;

/// A failure with the path that the errors on the way up have named.
#[derive(Clone, Debug)]
pub struct Traced {
    path: Vec<usize>,
    failure: Failure,
}

impl Origin for Traced {
    fn path(&self) -> Vec<usize> {
        self.path.clone()
    }

    fn failure(&self) -> Option<&Failure> {
        Some(&self.failure)
    }
}

fn trace(error: ChildError<Traced>) -> Traced {
    let Traced { path, failure } = error.error;
    Traced { path: [vec![error.child], path].concat(), failure }
}

impl Nesting {
    /// The composition over `layers`, whose sources fail as `failures` says.
    pub fn build(&self, layers: &Layers, failures: &Arc<Failures>) -> Node {
        self.build_from(&mut 0, &[], &|layer, path: &[usize]| {
            HostileIterator::new(layers.layer(layer), layer, Arc::clone(failures), path)
        })
    }

    fn build_from(
        &self,
        leaf: &mut usize,
        path: &[usize],
        source: &impl Fn(usize, &[usize]) -> HostileIterator,
    ) -> Node {
        let mut child = |nesting: &Nesting, index: Option<usize>| {
            nesting.build_from(leaf, &[path, index.as_slice()].concat(), source)
        };
        match self {
            Nesting::Leaf => {
                let index = *leaf;
                *leaf += 1;
                Box::new(source(index, path).map_err(|failure| Traced { path: vec![], failure }))
            }
            Nesting::Merge(children) => {
                let children: Vec<Node> =
                    children.iter().enumerate().map(|(i, nesting)| child(nesting, Some(i))).collect();
                Box::new(MergeIterator::new(children).map_err(trace))
            }
            Nesting::TwoMerge(a, b) => {
                let (a, b) = (child(a, Some(0)), child(b, Some(1)));
                Box::new(a.two_merge(b).map_err(trace))
            }
            Nesting::Between(nesting, bounds) => {
                let Bounds { lower, upper } = bounds.clone();
                Box::new(child(nesting, None).between(lower, upper))
            }
            Nesting::SkipTombstones(nesting) => Box::new(child(nesting, None).skip_tombstones()),
            Nesting::Filter(nesting, length) => {
                let length = *length;
                Box::new(child(nesting, None).filter(move |_, value| value.len() >= length))
            }
            Nesting::Take(nesting, count) => Box::new(child(nesting, None).take(*count)),
        }
    }

    /// What should come out.
    pub fn expected(&self, layers: &Layers) -> Vec<Entry> {
        self.expected_from(&mut 0, layers)
    }

    fn expected_from(&self, leaf: &mut usize, layers: &Layers) -> Vec<Entry> {
        let mut child = |nesting: &Nesting| nesting.expected_from(leaf, layers);
        match self {
            Nesting::Leaf => {
                let index = *leaf;
                *leaf += 1;
                layers.layer(index).to_vec()
            }
            Nesting::Merge(children) => oracles::newest(&children.iter().map(child).collect::<Vec<_>>()),
            Nesting::TwoMerge(a, b) => oracles::newest(&[child(a), child(b)]),
            Nesting::Between(nesting, bounds) => {
                let (lower, upper) = bounds.as_slices();
                oracles::between(&child(nesting), lower, upper)
            }
            Nesting::SkipTombstones(nesting) => oracles::live(&child(nesting)),
            Nesting::Filter(nesting, length) => {
                child(nesting).into_iter().filter(|(_, value)| value.len() >= *length).collect()
            }
            Nesting::Take(nesting, count) => child(nesting).into_iter().take(*count).collect(),
        }
    }

    /// The number of leaves.
    pub fn leaf_count(&self) -> usize {
        match self {
            Nesting::Leaf => 1,
            Nesting::Merge(children) => children.iter().map(Nesting::leaf_count).sum(),
            Nesting::TwoMerge(a, b) => a.leaf_count() + b.leaf_count(),
            Nesting::Between(child, _)
            | Nesting::SkipTombstones(child)
            | Nesting::Filter(child, _)
            | Nesting::Take(child, _) => child.leaf_count(),
        }
    }

    fn arbitrary_of_depth(g: &mut Gen, depth: usize) -> Self {
        if depth == 0 {
            return Nesting::Leaf;
        }
        let child = |g: &mut Gen| Box::new(Self::arbitrary_of_depth(g, depth - 1));
        match below(g, 10) {
            0 => Nesting::Leaf,
            1..=3 => Nesting::Merge((0..below(g, 5)).map(|_| *child(g)).collect()),
            4 | 5 => Nesting::TwoMerge(child(g), child(g)),
            6 => Nesting::Between(child(g), Bounds::arbitrary(g)),
            7 => Nesting::SkipTombstones(child(g)),
            8 => Nesting::Filter(child(g), below(g, 4)),
            _ => Nesting::Take(child(g), below(g, 12)),
        }
    }
}

impl Arbitrary for Nesting {
    fn arbitrary(g: &mut Gen) -> Self {
        let depth = below(g, 5);
        Self::arbitrary_of_depth(g, depth)
    }

    /// To one of its parts, or with a part shrunk.
    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        fn one(child: &Nesting, wrap: impl Fn(Box<Nesting>) -> Nesting + 'static) -> Box<dyn Iterator<Item = Nesting>> {
            let shrunk = child.shrink().map(move |child| wrap(Box::new(child)));
            Box::new(std::iter::once(child.clone()).chain(shrunk))
        }
        match self {
            Nesting::Leaf => quickcheck::empty_shrinker(),
            Nesting::Merge(children) => {
                Box::new(children.clone().into_iter().chain(children.shrink().map(Nesting::Merge)))
            }
            Nesting::TwoMerge(a, b) => {
                let pairs = (a.clone(), b.clone()).shrink().map(|(a, b)| Nesting::TwoMerge(a, b));
                Box::new([(**a).clone(), (**b).clone()].into_iter().chain(pairs))
            }
            Nesting::Between(child, bounds) => {
                let bounds = bounds.clone();
                one(child, move |child| Nesting::Between(child, bounds.clone()))
            }
            Nesting::SkipTombstones(child) => one(child, Nesting::SkipTombstones),
            &Nesting::Filter(ref child, length) => one(child, move |child| Nesting::Filter(child, length)),
            &Nesting::Take(ref child, count) => one(child, move |child| Nesting::Take(child, count)),
        }
    }
}

impl Arbitrary for Bounds {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut bound = || {
            let length = below(g, 4);
            let key = (0..length).map(|_| *g.choose(&[0, 1, b'a', b'b', 0xFF]).expect("not empty")).collect();
            match below(g, 4) {
                0 => Bound::Unbounded,
                1 => Bound::Included(key),
                2 => Bound::Excluded(key),
                _ => Bound::Included(vec![]),
            }
        };
        Bounds { lower: bound(), upper: bound() }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let Bounds { lower, upper } = self.clone();
        Box::new((lower, upper).shrink().map(|(lower, upper)| Bounds { lower, upper }))
    }
}
