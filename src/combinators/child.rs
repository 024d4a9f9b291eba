//! [`Child`]: the one child of a combinator, and the state of the step that is under way.

use crate::StorageIterator;

/// A child and how far its parent has come with the child's current entry.
///
/// All combinators over one child keep promises 1, 5, 6 and 15 through this type: what follows a call that may fail or
/// panic is recorded before the call, so the next call finds out where to go on.
#[derive(Clone, Debug)]
pub(crate) struct Child<I> {
    iterator: I,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The child is still to be moved: it is new, its last step failed, or its entry was passed over.
    Behind,
    /// The child stands on an entry that the parent has not judged yet.
    Arrived,
    /// Parent and child stand on the same entry.
    Valid,
    /// There is nothing left that the parent wants: the child is not asked again.
    Finished,
}

/// What a parent makes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Yield,
    Skip,
    /// Neither this entry nor any behind it.
    Finish,
}

impl<I> Child<I> {
    #[inline]
    pub(crate) fn new(iterator: I) -> Self {
        Child { iterator, standing: Standing::Behind }
    }

    #[inline]
    pub(crate) fn iterator(&self) -> &I {
        &self.iterator
    }

    #[inline]
    pub(crate) fn is_valid(&self) -> bool {
        self.standing == Standing::Valid
    }

    /// The child is not asked again.
    #[inline]
    pub(crate) fn finish(&mut self) {
        self.standing = Standing::Finished;
    }
}

impl<I: StorageIterator> Child<I> {
    /// Moves to the next entry, whatever it is. For parents that judge none.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, I::Error> {
        self.standing = Standing::Behind;
        if !self.iterator.next()? {
            return Ok(false);
        }
        self.standing = Standing::Valid;
        Ok(true)
    }

    /// Moves to the next entry that `judge` lets through.
    #[inline]
    pub(crate) fn advance_to(
        &mut self,
        mut judge: impl FnMut(&I::Key, &I::Value) -> Verdict,
    ) -> Result<bool, I::Error> {
        while self.arrive()? {
            match judge(self.iterator.key(), self.iterator.value()) {
                Verdict::Yield => {
                    self.accept();
                    return Ok(true);
                }
                Verdict::Skip => self.standing = Standing::Behind,
                Verdict::Finish => self.standing = Standing::Finished,
            }
        }
        Ok(false)
    }

    /// Moves the child to the entry to be judged next, if it does not stand there already. After `Ok(true)` the child's
    /// key and value may be looked at through [`iterator`](Self::iterator).
    #[inline]
    pub(crate) fn arrive(&mut self) -> Result<bool, I::Error> {
        match self.standing {
            Standing::Arrived => return Ok(true),
            Standing::Finished => return Ok(false),
            Standing::Behind | Standing::Valid => {}
        }
        self.standing = Standing::Behind;
        if !self.iterator.next()? {
            return Ok(false);
        }
        self.standing = Standing::Arrived;
        Ok(true)
    }

    /// Yields the entry that the child has arrived on.
    #[inline]
    pub(crate) fn accept(&mut self) {
        self.standing = Standing::Valid;
    }

    #[inline]
    #[track_caller]
    pub(crate) fn key(&self) -> &I::Key {
        assert_valid(self.is_valid());
        self.iterator.key()
    }

    /// Only right for a parent that passes over no entry.
    #[inline]
    #[track_caller]
    pub(crate) fn shared_prefix_len(&self) -> Option<usize> {
        assert_valid(self.is_valid());
        self.iterator.shared_prefix_len()
    }

    #[inline]
    #[track_caller]
    pub(crate) fn value(&self) -> &I::Value {
        assert_valid(self.is_valid());
        self.iterator.value()
    }
}

/// Panics with the one message for `key` and `value` off an entry.
#[inline]
#[track_caller]
pub(crate) fn assert_valid(is_valid: bool) {
    if !is_valid {
        not_on_an_entry();
    }
}

#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn not_on_an_entry() -> ! {
    panic!("`key` or `value` of a storage iterator that does not stand on an entry; see `is_valid`");
}

/// Panics with the one message for a step where there is no position, after a seek that was cut short by a panic.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn cut_short() -> ! {
    panic!("a step of a storage iterator without a position: a seek was cut short; seek again");
}

/// The part of `StorageIterator` that is the same for all who keep their child in a field `child` and lend its keys.
macro_rules! stand_on_child {
    (key) => {
        #[inline]
        fn is_valid(&self) -> bool {
            self.child.is_valid()
        }

        #[inline]
        fn key(&self) -> &Self::Key {
            self.child.key()
        }

        fn num_active_iterators(&self) -> usize {
            self.child.iterator().num_active_iterators()
        }
    };
    (key, value, shared_prefix_len) => {
        stand_on_child!(key, value);

        #[inline]
        fn shared_prefix_len(&self) -> Option<usize> {
            self.child.shared_prefix_len()
        }
    };
    (key, value) => {
        stand_on_child!(key);

        #[inline]
        fn value(&self) -> &Self::Value {
            self.child.value()
        }
    };
}
pub(crate) use stand_on_child;
