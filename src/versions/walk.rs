//! [`Walk`]: the one child of a combinator that judges each entry by itself, in both directions.

use crate::combinators::{assert_valid, cut_short};
use crate::{BidirectionalIterator, SeekableIterator, StorageIterator};

/// A child and how far its parent has come with the child's current entry.
///
/// A step back that is open need not be completed when the next one goes forward, nor the other way round: both
/// together lead to where the first began, and there the child gets when it turns round at once, because it completes
/// what it has left open itself.
#[derive(Clone, Debug)]
pub(super) struct Walk<I> {
    iterator: I,
    standing: Standing,
    heading: Heading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The child is still to be moved.
    Behind,
    /// The child stands on an entry that the parent has not judged yet.
    Arrived,
    /// Parent and child stand on the same entry.
    Valid,
}

/// The direction of the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heading {
    Forward,
    Backward,
    /// A seek is under way, so if it is not, a panic has cut it short.
    Seeking,
}

impl<I> Walk<I> {
    #[inline]
    pub(super) fn new(iterator: I) -> Self {
        Walk { iterator, standing: Standing::Behind, heading: Heading::Forward }
    }

    #[inline]
    pub(super) fn iterator(&self) -> &I {
        &self.iterator
    }

    #[inline]
    pub(super) fn is_valid(&self) -> bool {
        self.standing == Standing::Valid
    }
}

impl<I: StorageIterator> Walk<I> {
    /// Moves to the next entry that `judge` lets through.
    #[inline]
    pub(super) fn next_to<E>(
        &mut self,
        lift: impl Fn(I::Error) -> E,
        judge: impl FnMut(&I::Key, &I::Value) -> Result<bool, E>,
    ) -> Result<bool, E> {
        if self.heading != Heading::Forward {
            self.turn(Heading::Forward);
        }
        self.go(I::next, lift, judge)
    }

    #[inline]
    fn go<E>(
        &mut self,
        step: impl Fn(&mut I) -> Result<bool, I::Error>,
        lift: impl Fn(I::Error) -> E,
        mut judge: impl FnMut(&I::Key, &I::Value) -> Result<bool, E>,
    ) -> Result<bool, E> {
        loop {
            if self.standing != Standing::Arrived {
                self.standing = Standing::Behind;
                if !step(&mut self.iterator).map_err(&lift)? {
                    return Ok(false);
                }
                self.standing = Standing::Arrived;
            }
            if judge(self.iterator.key(), self.iterator.value())? {
                self.standing = Standing::Valid;
                return Ok(true);
            }
            self.standing = Standing::Behind;
        }
    }

    /// What lies ahead is another entry than before.
    #[cold]
    fn turn(&mut self, heading: Heading) {
        if self.heading == Heading::Seeking {
            cut_short();
        }
        self.heading = heading;
        self.standing = Standing::Behind;
    }

    #[inline]
    #[track_caller]
    pub(super) fn key(&self) -> &I::Key {
        assert_valid(self.is_valid());
        self.iterator.key()
    }

    #[inline]
    #[track_caller]
    pub(super) fn value(&self) -> &I::Value {
        assert_valid(self.is_valid());
        self.iterator.value()
    }
}

impl<I: SeekableIterator> Walk<I> {
    /// Lets `seek` move the child, and goes on to the first entry from there that `judge` lets through.
    pub(super) fn seek_to<E>(
        &mut self,
        seek: impl FnOnce(&mut I) -> Result<bool, I::Error>,
        lift: impl Fn(I::Error) -> E,
        judge: impl FnMut(&I::Key, &I::Value) -> Result<bool, E>,
    ) -> Result<bool, E> {
        self.begin_seek();
        let result = match seek(&mut self.iterator) {
            Ok(true) => {
                self.standing = Standing::Arrived;
                self.go(I::next, lift, judge)
            }
            found => found.map_err(lift),
        };
        self.heading = Heading::Forward;
        result
    }

    fn begin_seek(&mut self) {
        self.heading = Heading::Seeking;
        self.standing = Standing::Behind;
    }
}

impl<I: BidirectionalIterator> Walk<I> {
    /// Moves to the entry before that `judge` lets through.
    pub(super) fn prev_to<E>(
        &mut self,
        lift: impl Fn(I::Error) -> E,
        judge: impl FnMut(&I::Key, &I::Value) -> Result<bool, E>,
    ) -> Result<bool, E> {
        if self.heading != Heading::Backward {
            self.turn(Heading::Backward);
        }
        self.go(I::prev, lift, judge)
    }

    /// Lets `seek` move the child, and goes back to the first entry from there that `judge` lets through.
    pub(super) fn seek_back_to<E>(
        &mut self,
        seek: impl FnOnce(&mut I) -> Result<bool, I::Error>,
        lift: impl Fn(I::Error) -> E,
        judge: impl FnMut(&I::Key, &I::Value) -> Result<bool, E>,
    ) -> Result<bool, E> {
        self.begin_seek();
        let result = match seek(&mut self.iterator) {
            Ok(true) => {
                self.standing = Standing::Arrived;
                self.go(I::prev, lift, judge)
            }
            found => found.map_err(lift),
        };
        self.heading = Heading::Backward;
        result
    }
}
