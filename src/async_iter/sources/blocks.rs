use std::borrow::Borrow;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::combinators::not_on_an_entry;
use crate::{SeekableIterator, StorageIterator};

/// The entries of a sorted run that is read block by block, with the next blocks on their way while the current one is
/// consumed.
///
/// It is given a function that starts reading a block, by its number from 0 on: a closure that returns the future of a
/// ranged GET, say, or `None` where there are no more blocks. A block is any synchronous iterator that owns its entries.
///
/// Yields the entries of one block after the other, so the keys of a block must lie behind those of the one before. Empty
/// blocks are no error. Where it can be told in which block a key is, it is a cursor: see [`with_index`](Self::with_index).
///
/// # Complexity
///
/// A step is one of the block. A seek asks for the number of a block, and is one of that block; reads of blocks that are still
/// wanted behind the target go on, the others are dropped. It allocates for a copy of the target where the block is not the current
/// one. Up to [`read_ahead`](Self::read_ahead) reads are under way at any time, from the first step on:
/// one, if this is not set. Allocates in `new`: a place for each of these futures, which is used again and again.
///
/// # How reading ahead goes on
///
/// This library has no runtime: nobody polls a future in the background. A read is polled when it is started, at the first
/// step after it has asked to be polled again, and while the iterator waits. A future that makes progress only when it is
/// polled, one that copies a body from a socket for instance, therefore stands still while the caller does something
/// else. Return the handle of a spawned task (`tokio::spawn(read)`), and it does not.
///
/// # Errors
///
/// Those of reads and blocks. A read that failed is reported when its block is due, not before; the next call reads that block
/// again. The step stays open. A future of `next` that is dropped stops no read: they belong to the iterator.
///
/// ```
/// use storage_iter::async_iter::{AsyncStorageIterator, BlockIterator};
/// use storage_iter::SliceIterator;
///
/// static BLOCKS: [&[(u64, &str)]; 2] = [&[(1, "a"), (2, "b")], &[(3, "c")]];
/// # futures_executor::block_on(async {
/// let read = |number| {
///     let block = *BLOCKS.get(number)?;
///     Some(async move { Ok(SliceIterator::new(block)) })
/// };
/// let mut entries = BlockIterator::new(read).read_ahead(2);
/// let mut keys = vec![];
/// while entries.next().await? {
///     keys.push(*entries.key());
/// }
/// assert_eq!(keys, [1, 2, 3]);
/// # Ok::<(), std::convert::Infallible>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct BlockIterator<F, R, B: StorageIterator<Key: ToOwned>, G = ()> {
    read: F,
    /// Tells the block in which a key is.
    index: G,
    /// The current block.
    block: Option<B>,
    is_valid: bool,
    /// The number of the block behind the current one.
    next: usize,
    /// How many blocks there are, as far as that is known.
    blocks: usize,
    /// What is read of the blocks from `next` on: that of block `n` at place `n`, counted round and round.
    reads: Vec<Read<R, B>>,
    /// How many reads are under way while a block is consumed.
    ahead: usize,
    /// Where to go in the block that is due, and in those behind it until one has such an entry; and how: known where a seek is
    /// called, and wanted in `next`.
    target: Option<(<B::Key as ToOwned>::Owned, Seek<B>)>,
    alarm: Arc<Alarm>,
    waker: Waker,
}

type Seek<B> = fn(&mut B, &<B as StorageIterator>::Key) -> Result<bool, <B as StorageIterator>::Error>;

/// One read.
struct Read<R, B: StorageIterator> {
    /// On the heap, as the iterator may be moved while the future runs, and for good, so that no read allocates.
    future: Pin<Box<Option<R>>>,
    /// The result, until its block is due.
    done: Option<Result<B, B::Error>>,
}

/// A read wants to be polled.
#[derive(Debug, Default)]
pub(in crate::async_iter) struct Alarm(AtomicBool);

impl Alarm {
    #[inline]
    pub(in crate::async_iter) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(in crate::async_iter) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl<R, B: StorageIterator> Read<R, B> {
    fn idle() -> Self {
        Read { future: Box::pin(None), done: None }
    }

    fn clear(&mut self) {
        self.future.set(None);
        self.done = None;
    }

    fn is_idle(&self) -> bool {
        self.done.is_none() && self.future.is_none()
    }

    fn poll(&mut self, context: &mut Context<'_>)
    where
        R: Future<Output = Result<B, B::Error>>,
    {
        if let Some(future) = self.future.as_mut().as_pin_mut()
            && let Poll::Ready(result) = future.poll(context)
        {
            self.done = Some(result);
            self.future.set(None);
        }
    }
}

impl<F, R, B> BlockIterator<F, R, B>
where
    F: FnMut(usize) -> Option<R>,
    R: Future<Output = Result<B, B::Error>>,
    B: StorageIterator<Key: ToOwned>,
{
    /// The entries of the blocks that `read` reads. It is called by the first step.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, BlockIterator};
    /// # futures_executor::block_on(async {
    /// let read = |number| (number < 3).then(|| async move { Ok(OnceIterator::new(number, "value")) });
    /// assert_eq!(BlockIterator::new(read).count().await, Ok(3));
    /// # });
    /// ```
    pub fn new(read: F) -> Self {
        Self::of(read, ())
    }
}

impl<F, R, B, G> BlockIterator<F, R, B, G>
where
    F: FnMut(usize) -> Option<R>,
    R: Future<Output = Result<B, B::Error>>,
    B: StorageIterator<Key: ToOwned>,
{
    /// The same, as a cursor. `index` tells for a key the number of the first block that may have an entry whose key is not less;
    /// a block before that one is right as well, and costs reads. An index of a run tells the last key of each block, for
    /// instance. Where the blocks are not of one run but children of their own, that is
    /// [`ConcatIterator::with_last_keys`](crate::async_iter::ConcatIterator::with_last_keys).
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, BlockIterator};
    /// static BLOCKS: [&[(u64, char)]; 3] = [&[(1, 'a'), (3, 'b')], &[(4, 'c'), (9, 'd')], &[(20, 'e')]];
    /// # futures_executor::block_on(async {
    /// let read = |number: usize| {
    ///     let block = *BLOCKS.get(number)?;
    ///     Some(async move { Ok(SliceIterator::new(block)) })
    /// };
    /// let last_keys = [3, 9, 20];
    /// let mut entries = BlockIterator::with_index(read, |key| last_keys.partition_point(|last| last < key));
    /// assert_eq!(entries.seek(&5).await, Ok(true));
    /// assert_eq!(entries.key(), &9);
    /// assert_eq!(entries.seek(&21).await, Ok(false));
    /// # });
    /// ```
    pub fn with_index(read: F, index: G) -> Self
    where
        G: FnMut(&B::Key) -> usize,
    {
        Self::of(read, index)
    }

    fn of(read: F, index: G) -> Self {
        let alarm = Arc::<Alarm>::default();
        BlockIterator {
            read,
            index,
            block: None,
            is_valid: false,
            next: 0,
            blocks: usize::MAX,
            reads: vec![Read::idle()],
            ahead: 1,
            target: None,
            waker: Arc::clone(&alarm).into(),
            alarm,
        }
    }

    /// Starts those of the next `count` reads that were not, or that failed, and polls all by the alarm.
    fn start(&mut self, count: usize) {
        let places = self.reads.len();
        for number in self.next..self.next.saturating_add(count).min(self.blocks) {
            let place = &mut self.reads[number % places];
            if place.is_idle() {
                match (self.read)(number) {
                    Some(future) => place.future.set(Some(future)),
                    None => self.blocks = number,
                }
            }
        }
        self.poll_by_alarm();
    }

    /// Polls all reads that are under way, to be told when they want to be polled again.
    #[cold]
    fn poll_by_alarm(&mut self) {
        // Before they are polled: one that asks during that is not to be missed. Whoever sets this has seen to the rest.
        self.alarm.clear();
        let context = &mut Context::from_waker(&self.waker);
        self.reads.iter_mut().for_each(|read| read.poll(context));
    }

    /// Goes to the next block, if it is there: `Ok(false)` says that there is none.
    #[cold]
    fn turn(&mut self) -> Option<Result<bool, B::Error>> {
        self.block = None;
        self.start(self.reads.len());
        if self.next >= self.blocks {
            return Some(Ok(false));
        }
        let due = self.next % self.reads.len();
        match self.reads[due].done.take()? {
            Ok(block) => {
                let block = self.block.insert(block);
                let sought = self.target.as_ref().map(|(target, seek)| seek(block, target.borrow()));
                self.next += 1;
                self.start(self.ahead);
                if let Some(sought) = sought {
                    match sought {
                        Ok(found) => self.is_valid = found,
                        Err(error) => return Some(Err(error)),
                    }
                }
                Some(Ok(true))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// Makes another block the one that is due. Reads of blocks that are wanted there as well go on.
    fn go_to(&mut self, block: usize) {
        let places = self.reads.len();
        let wanted = block..block.saturating_add(places);
        for number in (self.next..self.next.saturating_add(places)).filter(|number| !wanted.contains(number)) {
            self.reads[number % places].clear();
        }
        (self.block, self.next) = (None, block);
    }

    /// Begins a seek in a block. `None`: it is to be read, or has no such entry, and a step goes on from there.
    fn seek_in(
        &mut self,
        number: usize,
        seek: impl FnOnce(&mut B) -> Result<bool, B::Error>,
    ) -> Option<Result<bool, B::Error>> {
        self.is_valid = false;
        match &mut self.block {
            Some(block) if number.checked_add(1) == Some(self.next) => match seek(block) {
                Ok(false) => None,
                found => {
                    self.is_valid = found.is_ok();
                    Some(found)
                }
            },
            _ => {
                self.go_to(number);
                None
            }
        }
    }

    /// Polls the reads until the block that is due is there.
    fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let due = self.next % self.reads.len();
        self.reads.iter_mut().for_each(|read| read.poll(context));
        if self.reads[due].future.is_some() { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl<F, R, B: StorageIterator<Key: ToOwned>, G> BlockIterator<F, R, B, G> {
    /// Sets how many reads are under way while a block is consumed; 1 if this is not called. With 0 a read is started when its
    /// block is due. To be called before the first step.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, BlockIterator};
    /// let mut read = vec![];
    /// let mut entries = BlockIterator::new(|number| {
    ///     read.push(number);
    ///     Some(async move { Ok(OnceIterator::new(number, "value")) })
    /// });
    /// entries = entries.read_ahead(3);
    /// assert_eq!(entries.try_next(), Some(Ok(true)));
    /// drop(entries);
    /// assert_eq!(read, [0, 1, 2, 3]);
    /// ```
    pub fn read_ahead(mut self, blocks: usize) -> Self {
        self.ahead = blocks;
        self.reads.resize_with(blocks.max(1), Read::idle);
        self
    }

    #[inline]
    #[track_caller]
    fn current(&self) -> &B {
        match &self.block {
            Some(block) if self.is_valid => block,
            _ => not_on_an_entry(),
        }
    }
}

impl<F, R, B, G> AsyncStorageIterator for BlockIterator<F, R, B, G>
where
    F: FnMut(usize) -> Option<R> + Send,
    R: Future<Output = Result<B, B::Error>> + Send,
    B: StorageIterator<Key: ToOwned<Owned: Send>, Error: Send> + Send,
    G: Send,
{
    type Key = B::Key;
    type Value = B::Value;
    type Error = B::Error;

    #[inline]
    async fn next(&mut self) -> Result<bool, B::Error> {
        loop {
            if let Some(stepped) = self.try_next() {
                return stepped;
            }
            poll_fn(|context| self.poll_due(context)).await;
        }
    }

    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, B::Error>> {
        self.is_valid = false;
        loop {
            // Before the block is moved: should it panic, the step is still to be made.
            if self.alarm.is_set() {
                self.poll_by_alarm();
            }
            if let Some(block) = &mut self.block {
                match block.next() {
                    Ok(true) => {
                        self.is_valid = true;
                        return Some(Ok(true));
                    }
                    Ok(false) => {}
                    Err(error) => return Some(Err(error)),
                }
            }
            match self.turn()? {
                Ok(true) if self.is_valid => {
                    self.target = None;
                    return Some(Ok(true));
                }
                Ok(true) => {}
                end_or_error => return Some(end_or_error),
            }
        }
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    fn key(&self) -> &B::Key {
        self.current().key()
    }

    #[inline]
    fn value(&self) -> &B::Value {
        self.current().value()
    }

    // `shared_prefix_len` stays unknown: a block cannot tell how much its first key shares with the last one of the block before.
}

impl<F, R, B, G> AsyncSeekableIterator for BlockIterator<F, R, B, G>
where
    F: FnMut(usize) -> Option<R> + Send,
    R: Future<Output = Result<B, B::Error>> + Send,
    B: SeekableIterator<Key: ToOwned<Owned: Send> + Sync, Error: Send> + Send,
    G: FnMut(&B::Key) -> usize + Send,
{
    fn try_seek(&mut self, key: &B::Key) -> Option<Result<bool, B::Error>> {
        let number = (self.index)(key);
        self.target = None;
        self.seek_in(number, |block| block.seek(key)).or_else(|| {
            // Also for the blocks behind this one: the index may have told one that is too early.
            self.target = Some((key.to_owned(), B::seek));
            self.try_next()
        })
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, B::Error>> {
        self.target = None;
        self.seek_in(0, B::seek_to_first).or_else(|| self.try_next())
    }
}

impl<F, R, B: StorageIterator<Key: ToOwned>, G> fmt::Debug for BlockIterator<F, R, B, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockIterator")
            .field("is_valid", &self.is_valid)
            .field("next_block", &self.next)
            .field("read_ahead", &self.ahead)
            .field("reads_under_way", &self.reads.iter().filter(|read| read.future.is_some()).count())
            .finish_non_exhaustive()
    }
}
