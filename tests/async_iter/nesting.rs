//! Random nestings, awaited.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use quickcheck::quickcheck;
use storage_iter::ChildError;
use storage_iter::async_iter::{AsyncStorageIterator, MergeIterator};

use crate::driver::Driver;
use crate::support::{Bounds, Composition, Failure, Failures, Layers, Nesting};
use crate::waiting::{Record, Waits, waiting};

/// A nesting is of a depth that no type has, so its parts are boxed.
trait Erased: Send {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<bool, Failure>> + Send + '_>>;
    fn try_next(&mut self) -> Option<Result<bool, Failure>>;
    fn is_valid(&self) -> bool;
    fn key(&self) -> &[u8];
    fn value(&self) -> &[u8];
}

impl<I: AsyncStorageIterator<Key = [u8], Value = [u8], Error = Failure>> Erased for I {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Result<bool, Failure>> + Send + '_>> {
        Box::pin(AsyncStorageIterator::next(self))
    }

    fn try_next(&mut self) -> Option<Result<bool, Failure>> {
        AsyncStorageIterator::try_next(self)
    }

    fn is_valid(&self) -> bool {
        AsyncStorageIterator::is_valid(self)
    }

    fn key(&self) -> &[u8] {
        AsyncStorageIterator::key(self)
    }

    fn value(&self) -> &[u8] {
        AsyncStorageIterator::value(self)
    }
}

struct Node(Box<dyn Erased>);

impl AsyncStorageIterator for Node {
    type Key = [u8];
    type Value = [u8];
    type Error = Failure;

    async fn next(&mut self) -> Result<bool, Failure> {
        self.0.next().await
    }

    fn try_next(&mut self) -> Option<Result<bool, Failure>> {
        self.0.try_next()
    }

    fn is_valid(&self) -> bool {
        self.0.is_valid()
    }

    fn key(&self) -> &[u8] {
        self.0.key()
    }

    fn value(&self) -> &[u8] {
        self.0.value()
    }
}

struct Builder<'a> {
    layers: &'a Layers,
    failures: Arc<Failures>,
    waits: Waits,
    record: Arc<Record>,
    leaves: usize,
}

impl Builder<'_> {
    fn build(&mut self, nesting: &Nesting) -> Node {
        Node(match nesting {
            Nesting::Leaf => {
                let leaf = self.leaves;
                self.leaves += 1;
                let layer = self.layers.layer(leaf);
                let leaf = waiting(layer, leaf, &[leaf], &self.failures, &self.waits, &self.record);
                // So that there is somebody who may be asked anything at any time.
                Box::new(leaf.map_err(|failure| failure))
            }
            Nesting::Merge(children) => {
                let children: Vec<Node> = children.iter().map(|nesting| self.build(nesting)).collect();
                Box::new(MergeIterator::new(children).map_err(ChildError::into_inner))
            }
            Nesting::TwoMerge(a, b) => {
                let (a, b) = (self.build(a), self.build(b));
                Box::new(a.two_merge(b).map_err(ChildError::into_inner))
            }
            Nesting::Between(nesting, bounds) => {
                let Bounds { lower, upper } = bounds.clone();
                Box::new(self.build(nesting).between(lower, upper))
            }
            Nesting::SkipTombstones(nesting) => Box::new(self.build(nesting).skip_tombstones()),
            Nesting::Filter(nesting, length) => {
                let length = *length;
                Box::new(self.build(nesting).filter(move |_, value| value.len() >= length))
            }
            Nesting::Take(nesting, count) => Box::new(self.build(nesting).take(*count)),
        })
    }
}

quickcheck! {
    fn every_nesting_is_what_the_oracle_says(
        nesting: Nesting, layers: Layers, failures: Failures, waits: Waits, driver: Driver
    ) -> bool {
        let patience = failures.sum();
        let failures = Arc::new(failures);
        let mut builder = Builder { layers: &layers, failures, waits, record: Arc::default(), leaves: 0 };
        let mut node = builder.build(&nesting);
        let run = driver.run(Composition::of("nesting"), &mut node, patience);
        run.ended && run.entries == nesting.expected(&layers)
    }
}
