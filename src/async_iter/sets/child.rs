use std::slice;

use crate::async_iter::tried::{Stop, Tried};
use crate::async_iter::{AsyncSeekableIterator, AsyncStorageIterator};
use crate::{SeekableIterator, StorageIterator};

/// The child of an asynchronous set operation: it stands in the types of the values that unions lend, and nobody needs to make
/// one.
///
/// ```
/// use storage_iter::async_iter::{AsyncStorageIterator, SetChild};
/// use storage_iter::{Sides, TwoSides};
///
/// fn is_common<I: AsyncStorageIterator>(sides: &Sides<SetChild<I>>) -> bool {
///     sides.count() > 1
/// }
///
/// fn have_both<A: AsyncStorageIterator, B: AsyncStorageIterator>(sides: &TwoSides<SetChild<A>, SetChild<B>>) -> bool {
///     sides.left().is_some() && sides.right().is_some()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SetChild<I> {
    tried: Tried<I>,
    /// Its step is open, and may have to be waited for: it is new, or has said so when it was asked last. Also if it was awaited since,
    /// and the parent was not told yet.
    waits: bool,
}

impl<I> SetChild<I> {
    #[inline]
    pub(super) fn new(iterator: I) -> Self {
        SetChild { tried: Tried::new(iterator), waits: true }
    }

    /// What is waited for, if anything is.
    #[inline]
    pub(super) fn waiting(&mut self) -> Option<&mut Tried<I>> {
        self.waits.then_some(&mut self.tried)
    }

    /// What is asked next is a new seek, whatever is waited for or was answered.
    #[inline]
    pub(super) fn forget(&mut self) {
        self.waits = false;
    }

    #[inline]
    fn ask<E>(&mut self, question: impl FnOnce(&mut Tried<I>) -> Result<bool, Stop<E>>) -> Result<bool, Stop<E>> {
        self.waits = false;
        let answer = question(&mut self.tried);
        self.waits = matches!(answer, Err(Stop::Waits));
        answer
    }
}

#[doc(hidden)]
impl<I: AsyncStorageIterator> StorageIterator for SetChild<I> {
    type Key = I::Key;
    type Value = I::Value;
    type Error = Stop<I::Error>;

    #[inline]
    fn next(&mut self) -> Result<bool, Stop<I::Error>> {
        self.ask(StorageIterator::next)
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.tried.is_valid()
    }

    #[inline]
    fn key(&self) -> &I::Key {
        self.tried.key()
    }

    #[inline]
    fn value(&self) -> &I::Value {
        self.tried.value()
    }

    fn num_active_iterators(&self) -> usize {
        self.tried.num_active_iterators()
    }
}

/// A set operation that brings a child to another one's key by a seek begins an open seek afresh. Here what was waited for is taken
/// up instead: it would have to be waited for again, and again.
#[doc(hidden)]
impl<I: AsyncSeekableIterator> SeekableIterator for SetChild<I> {
    fn seek(&mut self, key: &I::Key) -> Result<bool, Stop<I::Error>> {
        if self.waits {
            return self.next();
        }
        self.ask(|tried| tried.seek(key))
    }

    fn seek_to_first(&mut self) -> Result<bool, Stop<I::Error>> {
        self.ask(SeekableIterator::seek_to_first)
    }
}

/// The children that are waited for, with their indices.
pub(super) struct Waiting<'a, I> {
    children: slice::IterMut<'a, SetChild<I>>,
    index: usize,
}

impl<'a, I> Waiting<'a, I> {
    pub(super) fn new(children: &'a mut [SetChild<I>]) -> Self {
        Waiting { children: children.iter_mut(), index: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.children.as_slice().iter().filter(|child| child.waits).count()
    }
}

impl<'a, I> Iterator for Waiting<'a, I> {
    type Item = (usize, &'a mut Tried<I>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let child = self.children.next()?;
            let index = self.index;
            self.index += 1;
            if let Some(tried) = child.waiting() {
                return Some((index, tried));
            }
        }
    }
}
