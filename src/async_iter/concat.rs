use std::borrow::Borrow;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::sources::Alarm;
use super::tried::await_apart;
use super::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::ChildError;
use crate::combinators::not_on_an_entry;

/// Asynchronous storage iterators whose keys follow one another, opened one at a time, the next one while the current one is consumed.
///
/// It is given a function that starts opening a child, by its number from 0 on, and returns the future of it. Yields the entries of
/// child 0, then those of child 1, and so on; children without entries are passed over. The keys must ascend from child to child.
/// Where the last key of each child is known, it is a cursor: see [`with_last_keys`](Self::with_last_keys).
///
/// # Complexity
///
/// *O(1)* beside the child's step, and no comparison. A seek among *n* children makes *O(log n)* comparisons and opens one child,
/// unless it is open; and the next one, which is opened ahead. Allocates in `new`, and for a copy of the target of a seek that opens a child.
/// As for a [`BlockIterator`](crate::async_iter::BlockIterator), the future of the next child is polled when it is started, and at
/// the first step after it has asked for it: return the handle of a spawned task, and it goes on by itself.
///
/// # Errors
///
/// Those of the children and of opening them, with the child's number, as [`ChildError`]; of opening one ahead when its turn comes. The
/// step stays open: the next one opens the child again, or goes on in it. A future that is dropped stops no opening.
///
/// ```
/// use storage_iter::SliceIterator;
/// use storage_iter::async_iter::{AsyncStorageIterator, ConcatIterator, FromSync};
///
/// static FILES: [&[(&str, u64)]; 3] = [&[("a", 1), ("b", 2)], &[], &[("c", 3)]];
/// # futures_executor::block_on(async {
/// let open = |file: usize| async move { Ok(FromSync::new(SliceIterator::new(FILES[file]))) };
/// let mut level = ConcatIterator::new(FILES.len(), open);
/// let mut shown = vec![];
/// while level.next().await? {
///     shown.push((*level.key(), *level.value(), level.source_index().unwrap()));
/// }
/// assert_eq!(shown, [("a", 1, 0), ("b", 2, 0), ("c", 3, 2)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// # }).unwrap();
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct ConcatIterator<F, R, I: AsyncStorageIterator<Key: ToOwned>, B = ()> {
    open: F,
    children: usize,
    last_keys: Vec<B>,
    /// The child that is open. It keeps account of its own steps.
    child: Option<I>,
    /// The number of that child; or if none is open, of the one before which the iterator stands.
    index: usize,
    is_valid: bool,
    /// On the heap, as the iterator may be moved while the future runs, and for good, so that no other one allocates.
    opening: Pin<Box<Option<R>>>,
    /// The number of the child that is being opened, or was and waits for its turn.
    opens: usize,
    opened: Option<Result<I, I::Error>>,
    /// The future has panicked, and must not be polled again.
    has_panicked: bool,
    /// Where to go in the child once it is open, and how: known where a seek is called, and wanted in `next`.
    target: Option<(<I::Key as ToOwned>::Owned, Seek<I>)>,
    alarm: Arc<Alarm>,
    waker: Waker,
}

type Seek<I> =
    fn(&mut I, &<I as AsyncStorageIterator>::Key) -> Option<Result<bool, <I as AsyncStorageIterator>::Error>>;

impl<F, R, I> ConcatIterator<F, R, I>
where
    F: FnMut(usize) -> R,
    R: Future<Output = Result<I, I::Error>>,
    I: AsyncStorageIterator<Key: ToOwned>,
{
    /// The entries of `children` children, which `open` opens. It is called by the first step.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, ConcatIterator, FromSync};
    /// # futures_executor::block_on(async {
    /// let open = |child| async move { Ok(FromSync::new(OnceIterator::new(child, 'a'))) };
    /// assert_eq!(ConcatIterator::new(5, open).count().await, Ok(5));
    /// # });
    /// ```
    pub fn new(children: usize, open: F) -> Self {
        Self::of(children, vec![], open)
    }
}

impl<F, R, I, B> ConcatIterator<F, R, I, B>
where
    F: FnMut(usize) -> R,
    R: Future<Output = Result<I, I::Error>>,
    I: AsyncStorageIterator<Key: ToOwned>,
{
    /// The entries of one child for each of `last_keys`: keys that ascend, and that no key of the child is above. A seek opens the
    /// child that may have its target.
    ///
    /// ```
    /// # use storage_iter::SliceIterator;
    /// # use storage_iter::async_iter::{AsyncSeekableIterator, AsyncStorageIterator, ConcatIterator, FromSync};
    /// static FILES: [&[(u64, char)]; 3] = [&[(1, 'a'), (3, 'b')], &[(4, 'c'), (9, 'd')], &[(20, 'e')]];
    /// # futures_executor::block_on(async {
    /// let open = |file: usize| async move { Ok(FromSync::new(SliceIterator::new(FILES[file]))) };
    /// let mut level = ConcatIterator::with_last_keys([3, 9, 20], open);
    /// assert_eq!(level.seek(&5).await, Ok(true));
    /// assert_eq!(level.key(), &9);
    /// # });
    /// ```
    pub fn with_last_keys(last_keys: impl IntoIterator<Item = B>, open: F) -> Self
    where
        B: Borrow<I::Key>,
    {
        let last_keys: Vec<B> = last_keys.into_iter().collect();
        Self::of(last_keys.len(), last_keys, open)
    }

    fn of(children: usize, last_keys: Vec<B>, open: F) -> Self {
        let alarm = Arc::<Alarm>::default();
        ConcatIterator {
            open,
            children,
            last_keys,
            child: None,
            index: 0,
            is_valid: false,
            opening: Box::pin(None),
            opens: 0,
            opened: None,
            has_panicked: false,
            target: None,
            waker: Arc::clone(&alarm).into(),
            alarm,
        }
    }

    /// Starts opening this child, if that was not done.
    fn start(&mut self, child: usize) {
        if self.opens != child || self.has_panicked {
            self.has_panicked = false;
            self.opening.set(None);
            self.opened = None;
            self.opens = child;
        }
        if child < self.children && self.opened.is_none() && self.opening.is_none() {
            let future = (self.open)(child);
            self.opening.set(Some(future));
            self.poll_by_alarm();
        }
    }

    /// Polls the future, to be told when it wants to be polled again.
    #[cold]
    fn poll_by_alarm(&mut self) {
        // Before it is polled: if it asks during that it is not to be missed.
        self.alarm.clear();
        let waker = self.waker.clone();
        let _ = self.poll_opening(&mut Context::from_waker(&waker));
    }

    fn poll_opening(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.has_panicked {
            self.start(self.opens);
        }
        let Some(future) = self.opening.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        self.has_panicked = true;
        let polled = future.poll(context);
        self.has_panicked = false;
        polled.map(|opened| {
            self.opened = Some(opened);
            self.opening.set(None);
        })
    }

    /// Enters the child whose turn it is, if it is open: `Ok(false)` says that it does not stand on an entry yet.
    #[cold]
    fn enter(&mut self) -> Option<Result<bool, I::Error>> {
        self.start(self.index);
        if self.alarm.is_set() {
            self.poll_by_alarm();
        }
        let child = match self.opened.take()? {
            Ok(child) => child,
            Err(error) => return Some(Err(error)),
        };
        // Before the child moves: a panic on the way to the next one costs no entry of it.
        self.start(self.index + 1);
        let child = self.child.insert(child);
        match self.target.take() {
            Some((target, seek)) => seek(child, target.borrow()),
            None => child.try_next(),
        }
    }
}

impl<F, R, I: AsyncStorageIterator<Key: ToOwned>, B> ConcatIterator<F, R, I, B> {
    /// The number of the child that the current entry is in; `None` when the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::OnceIterator;
    /// # use storage_iter::async_iter::{AsyncStorageIterator, ConcatIterator, FromSync};
    /// let mut both = ConcatIterator::new(2, |child| async move { Ok(FromSync::new(OnceIterator::new(child, 'a'))) });
    /// assert_eq!(both.source_index(), None);
    /// assert_eq!(both.try_next(), Some(Ok(true)));
    /// assert_eq!(both.source_index(), Some(0));
    /// ```
    #[must_use]
    pub fn source_index(&self) -> Option<usize> {
        self.is_valid.then_some(self.index)
    }

    /// Takes what a step of the open child has come to. `None`: it is at its end, and the next one is to be entered.
    #[inline]
    fn arrive(&mut self, stepped: Result<bool, I::Error>) -> Option<Result<bool, ChildError<I::Error>>> {
        match stepped {
            Ok(true) => {
                self.is_valid = true;
                Some(Ok(true))
            }
            Ok(false) => {
                self.child = None;
                self.index += 1;
                None
            }
            Err(error) => Some(Err(ChildError { child: self.index, error })),
        }
    }

    #[inline]
    #[track_caller]
    fn current(&self) -> &I {
        match &self.child {
            Some(child) if self.is_valid => child,
            _ => not_on_an_entry(),
        }
    }
}

impl<F, R, I, B> AsyncStorageIterator for ConcatIterator<F, R, I, B>
where
    F: FnMut(usize) -> R + Send,
    R: Future<Output = Result<I, I::Error>> + Send,
    I: AsyncStorageIterator<Key: ToOwned<Owned: Send>, Error: Send>,
    B: Send,
{
    type Key = I::Key;
    type Value = I::Value;
    type Error = ChildError<I::Error>;

    async fn next(&mut self) -> Result<bool, Self::Error> {
        loop {
            if let Some(stepped) = self.try_next() {
                return stepped;
            }
            match &mut self.child {
                Some(child) => {
                    let stepped = await_apart!(child.next());
                    if let Some(stepped) = self.arrive(stepped) {
                        return stepped;
                    }
                }
                None => poll_fn(|context| self.poll_opening(context)).await,
            }
        }
    }

    #[inline]
    fn try_next(&mut self) -> Option<Result<bool, Self::Error>> {
        self.is_valid = false;
        loop {
            // Before the step, for the same reason.
            if self.alarm.is_set() {
                self.poll_by_alarm();
            }
            let stepped = match &mut self.child {
                Some(child) => child.try_next()?,
                None if self.index >= self.children => return Some(Ok(false)),
                None => self.enter()?,
            };
            if let Some(stepped) = self.arrive(stepped) {
                return Some(stepped);
            }
        }
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    fn key(&self) -> &I::Key {
        self.current().key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.current().value()
    }

    // `shared_prefix_len` stays unknown: a child cannot tell how much its first key shares with the last one of the child before.

    /// Those of the open child.
    fn num_active_iterators(&self) -> usize {
        self.child.as_ref().map_or(0, AsyncStorageIterator::num_active_iterators)
    }
}

impl<F, R, I, B> AsyncSeekableIterator for ConcatIterator<F, R, I, B>
where
    F: FnMut(usize) -> R + Send,
    R: Future<Output = Result<I, I::Error>> + Send,
    I: AsyncSeekableIterator<Key: ToOwned<Owned: Send>, Error: Send>,
    B: Borrow<I::Key> + Send,
{
    fn try_seek(&mut self, key: &I::Key) -> Option<Result<bool, Self::Error>> {
        self.is_valid = false;
        self.target = None;
        let index = self.last_keys.partition_point(|last| last.borrow() < key);
        if self.index == index
            && let Some(child) = &mut self.child
        {
            let sought = child.try_seek(key)?;
            return self.arrive(sought).or_else(|| self.try_next());
        }
        (self.child, self.index) = (None, index);
        self.target = (index < self.children).then(|| (key.to_owned(), I::try_seek as Seek<I>));
        self.try_next()
    }

    fn try_seek_to_first(&mut self) -> Option<Result<bool, Self::Error>> {
        self.is_valid = false;
        self.target = None;
        if self.index == 0
            && let Some(child) = &mut self.child
        {
            let sought = child.try_seek_to_first()?;
            return self.arrive(sought).or_else(|| self.try_next());
        }
        (self.child, self.index) = (None, 0);
        self.try_next()
    }
}

impl<F, R, I: AsyncStorageIterator<Key: ToOwned>, B> fmt::Debug for ConcatIterator<F, R, I, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcatIterator")
            .field("children", &self.children)
            .field("index", &self.index)
            .field("is_open", &self.child.is_some())
            .field("is_valid", &self.is_valid)
            .finish_non_exhaustive()
    }
}
