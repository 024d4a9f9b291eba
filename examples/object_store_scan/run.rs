//! [`Run`]: sorted entries in one object, in blocks.

use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use object_store::path::Path;
use storage_iter::async_iter::BlockIterator;
use tokio::task::JoinHandle;

use crate::block::{self, Block};
use crate::failure::Failure;
use crate::store::{Counter, Store};

#[derive(Debug)]
pub(crate) struct Run {
    path: Path,
    /// Where each block lies. A file format would keep this at the end of the object.
    blocks: Vec<Range<u64>>,
}

impl Run {
    /// Writes the entries, which ascend, in blocks of about `block_size` bytes.
    pub(crate) async fn write(
        store: &Store,
        number: usize,
        entries: impl Iterator<Item = (Vec<u8>, Vec<u8>)>,
        block_size: usize,
    ) -> Result<Self, Failure> {
        let (mut bytes, mut blocks, mut start) = (vec![], vec![], 0);
        for (key, value) in entries {
            block::encode(&key, &value, &mut bytes);
            if bytes.len() - start >= block_size {
                blocks.push(start as u64..bytes.len() as u64);
                start = bytes.len();
            }
        }
        if start < bytes.len() {
            blocks.push(start as u64..bytes.len() as u64);
        }
        let path = store.path(&format!("run-{number:03}"));
        store.put(&path, bytes).await?;
        Ok(Run { path, blocks })
    }

    pub(crate) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.blocks.last().map_or(0, |last| last.end)
    }

    /// The entries, read by one ranged GET a block.
    ///
    /// The requests are tasks, so they make progress whatever the scan does meanwhile.
    pub(crate) fn scan(
        &self,
        store: &Store,
        counter: &Counter,
    ) -> BlockIterator<impl FnMut(usize) -> Option<Request> + Send + use<>, Request, Block> {
        let (path, blocks, store, counter) = (self.path.clone(), self.blocks.clone(), store.clone(), counter.clone());
        BlockIterator::new(move |number| {
            let range = blocks.get(number)?.clone();
            let (path, store, counter) = (path.clone(), store.clone(), counter.clone());
            Some(Request(tokio::spawn(async move {
                let bytes = store.get(&path, range, &counter).await?;
                Ok(Block::new(bytes, path.to_string(), number))
            })))
        })
    }

    pub(crate) async fn delete(&self, store: &Store) -> Result<(), Failure> {
        store.delete(&self.path).await
    }
}

/// A request that is under way in a task, which ends with this.
pub(crate) struct Request(JoinHandle<Result<Block, Failure>>);

impl Future for Request {
    type Output = Result<Block, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|joined| joined.unwrap_or(Err(Failure::Stopped)))
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.abort();
    }
}
