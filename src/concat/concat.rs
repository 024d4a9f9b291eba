use std::borrow::Borrow;
use std::fmt;

use crate::combinators::{assert_valid, cut_short};
use crate::key::Shown;
use crate::{BidirectionalIterator, ChildError, ConcatSource, RangedConcatSource, SeekableIterator, StorageIterator};

type KeyOf<S> = <<S as ConcatSource>::Child as StorageIterator>::Key;
type OwnedKeyOf<S> = <KeyOf<S> as ToOwned>::Owned;
type ErrorOf<S> = <<S as ConcatSource>::Child as StorageIterator>::Error;

/// Storage iterators whose keys follow one another, opened one at a time.
///
/// Yields the entries of child 0, then those of child 1, and so on: a level of a tree of files, the days of a log. A child is
/// opened when its turn comes, by the [`ConcatSource`], and dropped when it is left, before the next one is opened; children
/// without entries are passed over. The keys must ascend from child to child: [`ConcatRanges`](crate::ConcatRanges) checks the
/// ranges, [`check_order`](StorageIterator::check_order) each key.
///
/// # Complexity
///
/// *O(1)* beside the child's step, and no comparison. A seek among *n* children is a binary search over their ranges, *O(log n)*
/// comparisons, and a seek in the one child that may have the target, which is opened unless it is open; only if that has
/// no entry at or behind the target, the next one is opened as well. Allocates nothing, but for one copy of
/// the target of a seek whose opening failed.
///
/// # Errors
///
/// Those of the children and of opening them, with the child's number, as [`ChildError`]. The step stays open: the next one
/// opens the child again, or goes on in it.
///
/// ```
/// use storage_iter::{ConcatFn, ConcatIterator, SliceIterator, StorageIterator};
///
/// let files = [vec![("a", 1), ("b", 2)], vec![], vec![("c", 3)]];
/// let mut level = ConcatIterator::new(ConcatFn::new(files.len(), |file| Ok(SliceIterator::new(&files[file]))));
/// assert_eq!(level.num_active_iterators(), 0); // nothing is open yet
/// let mut shown = vec![];
/// while level.next()? {
///     shown.push((*level.key(), *level.value(), level.source_index().unwrap()));
/// }
/// assert_eq!(shown, [("a", 1, 0), ("b", 2, 0), ("c", 3, 2)]);
/// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
/// ```
#[must_use = "storage iterators are lazy and do nothing unless `next` is called"]
pub struct ConcatIterator<S: ConcatSource> {
    source: S,
    /// The child that is open. It keeps account of its own steps, those that failed as well.
    child: Option<S::Child>,
    /// The number of that child; or if none is open, of the one before which the iterator stands.
    index: usize,
    is_valid: bool,
    /// A seek has not returned.
    is_cut_short: bool,
    seeking: Seeking<Seek<S>>,
    /// Where to, if that is not nothing.
    target: Option<OwnedKeyOf<S>>,
}

/// `seek` or `seek_for_prev` of the children: known where a seek is called, and wanted in `next`, which children have that
/// cannot seek.
type Seek<S> = fn(&mut <S as ConcatSource>::Child, &KeyOf<S>) -> Result<bool, ErrorOf<S>>;

/// What a seek has left to do once child `index` is open, which it could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seeking<F> {
    Nothing,
    Forward(F),
    /// The same backwards.
    Backward(F),
}

impl<S: ConcatSource> ConcatIterator<S> {
    /// The entries of the children that `source` opens.
    ///
    /// ```
    /// # use storage_iter::{ConcatChildren, ConcatIterator, OnceIterator, StorageIterator};
    /// let both = ConcatChildren::new([OnceIterator::new(1, 'a'), OnceIterator::new(2, 'b')]);
    /// assert_eq!(ConcatIterator::new(both).collect(), Ok(vec![(1, 'a'), (2, 'b')]));
    /// ```
    #[inline]
    pub fn new(source: S) -> Self {
        ConcatIterator {
            source,
            child: None,
            index: 0,
            is_valid: false,
            is_cut_short: false,
            seeking: Seeking::Nothing,
            target: None,
        }
    }

    /// The number of the child that the current entry is in; `None` when the iterator does not stand on an entry.
    ///
    /// ```
    /// # use storage_iter::{ConcatFn, ConcatIterator, OnceIterator, StorageIterator};
    /// let mut both = ConcatIterator::new(ConcatFn::new(2, |child| Ok(OnceIterator::new(child, 'a'))));
    /// assert_eq!(both.source_index(), None);
    /// both.next()?;
    /// assert_eq!(both.source_index(), Some(0));
    /// # Ok::<(), storage_iter::ChildError<std::convert::Infallible>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn source_index(&self) -> Option<usize> {
        self.is_valid.then_some(self.index)
    }

    #[inline]
    #[track_caller]
    fn current(&self) -> &S::Child {
        assert_valid(self.is_valid);
        self.child.as_ref().expect("an entry is in an open child")
    }

    /// Drops the open child and stands before child `index`.
    #[inline]
    fn leave(&mut self, index: usize) {
        self.child = None;
        self.index = index;
    }

    /// Goes on until there is an entry.
    // There are no calls with all of the iterator in here, which would have to find it in memory.
    #[inline(always)]
    fn advance(&mut self) -> Result<bool, ChildError<ErrorOf<S>>> {
        loop {
            if let Some(child) = &mut self.child {
                if child.next().map_err(|error| ChildError { child: self.index, error })? {
                    self.is_valid = true;
                    return Ok(true);
                }
                self.leave(self.index + 1);
            }
            match self.open_next()? {
                Opened::Nothing => return Ok(false),
                Opened::Before => {}
                Opened::OnEntry => {
                    self.is_valid = true;
                    return Ok(true);
                }
            }
        }
    }

    /// Opens child `index`, before its first entry or for what is left of a seek.
    #[inline(always)]
    fn open_next(&mut self) -> Result<Opened, ChildError<ErrorOf<S>>> {
        let index = self.index;
        if index >= self.source.child_count() {
            return Ok(Opened::Nothing);
        }
        let mut child = self.source.open(index).map_err(|error| ChildError { child: index, error })?;
        let found = match (self.seeking, &self.target) {
            (Seeking::Forward(seek), Some(target)) => seek(&mut child, target.borrow()).map(Some),
            // That is where the step begins which is to be made now.
            (Seeking::Backward(seek), Some(target)) => seek(&mut child, target.borrow()).map(|_| None),
            _ => Ok(None),
        };
        self.seeking = Seeking::Nothing;
        self.child = Some(child);
        match found.map_err(|error| ChildError { child: index, error })? {
            Some(true) => return Ok(Opened::OnEntry),
            Some(false) => self.leave(index + 1),
            None => {}
        }
        Ok(Opened::Before)
    }
}

/// What opening a child has led to.
enum Opened {
    /// There is no child left.
    Nothing,
    /// To before an entry of a child, or before the next one.
    Before,
    OnEntry,
}

impl<S: ConcatSource> StorageIterator for ConcatIterator<S> {
    type Key = KeyOf<S>;
    type Value = <S::Child as StorageIterator>::Value;
    type Error = ChildError<ErrorOf<S>>;

    // Always: with the iterator behind a pointer a step takes up to twice as many instructions.
    #[inline(always)]
    fn next(&mut self) -> Result<bool, Self::Error> {
        self.is_valid = false;
        if self.is_cut_short {
            cut_short();
        }
        self.advance()
    }

    #[inline]
    fn is_valid(&self) -> bool {
        self.is_valid
    }

    #[inline]
    fn key(&self) -> &Self::Key {
        self.current().key()
    }

    #[inline]
    fn value(&self) -> &Self::Value {
        self.current().value()
    }

    // No `shared_prefix_len`: at a border a child does not know the last key of the child before, which was dropped, and who
    // tells the number on one entry has to on all of them.

    /// The nested loop that one would write by hand: each child runs to its end in its own.
    #[inline]
    fn for_each_while<F>(mut self, mut f: F) -> Result<bool, Self::Error>
    where
        F: FnMut(&Self::Key, &Self::Value) -> bool,
    {
        if self.is_cut_short {
            cut_short();
        }
        loop {
            if let Some(child) = self.child.take() {
                if !child.for_each_while(&mut f).map_err(|error| ChildError { child: self.index, error })? {
                    return Ok(false);
                }
                self.index += 1;
            }
            match self.open_next()? {
                Opened::Nothing => return Ok(true),
                Opened::Before => {}
                Opened::OnEntry => {
                    if let Some(child) = &self.child
                        && !f(child.key(), child.value())
                    {
                        return Ok(false);
                    }
                }
            }
        }
    }

    #[inline]
    fn prefetch(&self) {
        if let Some(child) = &self.child {
            child.prefetch();
        }
    }

    /// Those of the open child.
    fn num_active_iterators(&self) -> usize {
        self.child.as_ref().map_or(0, StorageIterator::num_active_iterators)
    }
}

impl<S> ConcatIterator<S>
where
    S: RangedConcatSource<Child: SeekableIterator>,
{
    /// Runs a seek.
    fn seek_by(
        &mut self,
        seek: impl FnOnce(&mut Self) -> Result<bool, ChildError<ErrorOf<S>>>,
    ) -> Result<bool, ChildError<ErrorOf<S>>> {
        self.is_valid = false;
        self.is_cut_short = true;
        self.seeking = Seeking::Nothing;
        let result = seek(self);
        self.is_cut_short = false;
        result
    }

    /// Seeks `key` in child `index`, which is opened for it unless it is open.
    fn seek_in_child(
        &mut self,
        index: usize,
        key: &KeyOf<S>,
        seek: Seek<S>,
        seeking: fn(Seek<S>) -> Seeking<Seek<S>>,
    ) -> Result<bool, ChildError<ErrorOf<S>>> {
        if self.index != index {
            self.leave(index);
        }
        if self.child.is_none() {
            match self.source.open(index) {
                Ok(child) => self.child = Some(child),
                Err(error) => {
                    match &mut self.target {
                        Some(target) => key.clone_into(target),
                        None => self.target = Some(key.to_owned()),
                    }
                    self.seeking = seeking(seek);
                    return Err(ChildError { child: index, error });
                }
            }
        }
        self.move_child(|child| seek(child, key))
    }

    /// Moves the open child to an entry by whatever step but `next`.
    fn move_child(
        &mut self,
        step: impl FnOnce(&mut S::Child) -> Result<bool, ErrorOf<S>>,
    ) -> Result<bool, ChildError<ErrorOf<S>>> {
        let index = self.index;
        self.is_valid = match &mut self.child {
            Some(child) => step(child).map_err(|error| ChildError { child: index, error })?,
            None => false,
        };
        Ok(self.is_valid)
    }

    /// How many of the children, from the first one on, `is_before` holds for.
    fn partition_point(&self, is_before: impl Fn(usize) -> bool) -> usize {
        let (mut start, mut end) = (0, self.source.child_count());
        while start < end {
            let middle = start + (end - start) / 2;
            if is_before(middle) {
                start = middle + 1;
            } else {
                end = middle;
            }
        }
        start
    }
}

impl<S> SeekableIterator for ConcatIterator<S>
where
    S: RangedConcatSource<Child: SeekableIterator>,
{
    fn seek(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
        self.seek_by(|this| {
            let index = this.partition_point(|child| this.source.last_key(child) < key);
            if index == this.source.child_count() {
                this.leave(index);
                return Ok(false);
            }
            if this.seek_in_child(index, key, S::Child::seek, Seeking::Forward)? {
                return Ok(true);
            }
            this.leave(index + 1);
            this.advance()
        })
    }

    fn seek_to_first(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(|this| {
            if this.index != 0 {
                this.leave(0);
            } else if this.child.is_some() {
                if this.move_child(S::Child::seek_to_first)? {
                    return Ok(true);
                }
                this.leave(1);
            }
            this.advance()
        })
    }
}

impl<S> ConcatIterator<S>
where
    S: RangedConcatSource<Child: BidirectionalIterator>,
{
    /// The counterpart of [`advance`](Self::advance).
    fn retreat(&mut self) -> Result<bool, ChildError<ErrorOf<S>>> {
        if let (Seeking::Forward(seek) | Seeking::Backward(seek), Some(target)) = (self.seeking, &self.target) {
            let index = self.index;
            let mut child = self.source.open(index).map_err(|error| ChildError { child: index, error })?;
            let found = seek(&mut child, target.borrow());
            let is_backward = matches!(self.seeking, Seeking::Backward(_));
            self.seeking = Seeking::Nothing;
            self.child = Some(child);
            if found.map_err(|error| ChildError { child: index, error })? && is_backward {
                self.is_valid = true;
                return Ok(true);
            }
            if is_backward {
                self.leave(index);
            }
        }
        if self.child.is_some() {
            if self.move_child(S::Child::prev)? {
                return Ok(true);
            }
            self.leave(self.index);
        }
        while let Some(index) = self.index.checked_sub(1) {
            let mut child = self.source.open(index).map_err(|error| ChildError { child: index, error })?;
            // A child whose seek panics is good for nothing, and opened again.
            let found = child.seek_to_last();
            self.child = Some(child);
            self.index = index;
            if self.move_child(|_| found)? {
                return Ok(true);
            }
            self.leave(index);
        }
        Ok(false)
    }
}

impl<S> BidirectionalIterator for ConcatIterator<S>
where
    S: RangedConcatSource<Child: BidirectionalIterator>,
{
    fn prev(&mut self) -> Result<bool, Self::Error> {
        self.is_valid = false;
        if self.is_cut_short {
            cut_short();
        }
        self.retreat()
    }

    fn seek_to_last(&mut self) -> Result<bool, Self::Error> {
        self.seek_by(|this| {
            let children = this.source.child_count();
            if this.child.is_some() && this.index + 1 == children {
                if this.move_child(S::Child::seek_to_last)? {
                    return Ok(true);
                }
                this.leave(this.index);
            } else {
                this.leave(children);
            }
            this.retreat()
        })
    }

    fn seek_for_prev(&mut self, key: &Self::Key) -> Result<bool, Self::Error> {
        self.seek_by(|this| {
            let behind = this.partition_point(|child| this.source.first_key(child) <= key);
            let Some(index) = behind.checked_sub(1) else {
                this.leave(0);
                return Ok(false);
            };
            if this.seek_in_child(index, key, S::Child::seek_for_prev, Seeking::Backward)? {
                return Ok(true);
            }
            this.leave(index);
            this.retreat()
        })
    }
}

impl<S> Clone for ConcatIterator<S>
where
    S: ConcatSource<Child: Clone> + Clone,
    OwnedKeyOf<S>: Clone,
{
    fn clone(&self) -> Self {
        ConcatIterator { source: self.source.clone(), child: self.child.clone(), target: self.target.clone(), ..*self }
    }
}

impl<S> fmt::Debug for ConcatIterator<S>
where
    S: ConcatSource<Child: fmt::Debug> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.as_ref().filter(|_| !matches!(self.seeking, Seeking::Nothing));
        f.debug_struct("ConcatIterator")
            .field("source", &self.source)
            .field("child", &self.child)
            .field("index", &self.index)
            .field("is_valid", &self.is_valid)
            .field("target", &target.map(|target| Shown::<KeyOf<S>>(target.borrow())))
            .finish_non_exhaustive()
    }
}
