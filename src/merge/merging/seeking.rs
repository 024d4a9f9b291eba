//! Seeks of [`Merging`].

use std::cmp::Ordering;
use std::mem;

use super::{Merging, Step};
use crate::walk::Seek;
use crate::{ChildError, StorageIterator};

/// What a merge that was told to go somewhere still has to return.
type SeekResult<I> = Result<bool, ChildError<<I as StorageIterator>::Error>>;

impl<I: StorageIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// Moves to the entry that comes first.
    pub(in crate::merge) fn seek_to_start<W: Seek<I>>(&mut self) -> SeekResult<I> {
        if self.children.len() == 1 {
            return self.seek_only_child(|child| W::seek_to_start(child));
        }
        self.step = Step::CutShort;
        self.seek_all::<W>(|child| W::seek_to_start(child))
    }

    /// Moves to the first entry that does not come before `target`.
    pub(in crate::merge) fn seek<W: Seek<I>>(&mut self, target: &I::Key) -> SeekResult<I> {
        if self.children.len() == 1 {
            return self.seek_only_child(|child| W::seek(child, target));
        }
        let step = mem::replace(&mut self.step, Step::CutShort);
        if step.shows_entry(W::DIRECTION) {
            match W::key(self.children[self.current].key()).cmp(W::key(target)) {
                Ordering::Less if self.is_pair() => return self.seek_pair_ahead::<W>(target),
                Ordering::Less => return self.seek_ahead::<W>(target),
                Ordering::Equal if !KEEPS_DUPLICATES => {
                    self.step = step;
                    return Ok(true);
                }
                // Duplicates that come before may have been passed already.
                Ordering::Equal | Ordering::Greater => {}
            }
        }
        self.seek_all::<W>(|child| W::seek(child, target))
    }

    /// The one child knows of directions and of seeks that are open or were cut short.
    fn seek_only_child(&mut self, seek: impl FnOnce(&mut I) -> Result<bool, I::Error>) -> SeekResult<I> {
        self.step = Step::Moving;
        let is_valid = seek(&mut self.children[0]).map_err(|error| ChildError { child: 0, error })?;
        self.step = if is_valid { Step::Valid } else { Step::Exhausted };
        Ok(is_valid)
    }

    fn seek_all<W: Seek<I>>(&mut self, seek: impl Fn(&mut I) -> Result<bool, I::Error>) -> SeekResult<I> {
        self.direction = W::DIRECTION;
        self.unfinished.clear();
        let mut first_error = None;
        for (child, iterator) in self.children.iter_mut().enumerate() {
            if let Err(error) = seek(iterator) {
                self.unfinished.push(child);
                if first_error.as_ref().is_none_or(|first: &ChildError<_>| W::is_preferred(&error, &first.error)) {
                    first_error = Some(ChildError { child, error });
                }
            }
        }
        match first_error {
            Some(error) => {
                self.step = Step::Completing;
                Err(error)
            }
            None => Ok(self.settle::<W>()),
        }
    }

    /// Seeks the children that lag behind the target, which lies ahead: each of them wins in its turn, and climbs.
    fn seek_ahead<W: Seek<I>>(&mut self, target: &I::Key) -> SeekResult<I> {
        if self.ranking.is_outdated() {
            // The same child wins.
            self.settle::<W>();
            self.step = Step::CutShort;
        }
        let mut is_duplicate = false;
        // None lags twice, unless its keys do not ascend. Then this must come to an end as well.
        for _ in 0..self.children.len() {
            if !is_duplicate {
                self.ranking.prepare_for_seek(|| W::key(self.children[self.current].key()));
                self.entry_source = self.current;
            }
            let is_valid = match W::seek(&mut self.children[self.current], target) {
                Ok(is_valid) => is_valid,
                Err(error) => return self.seek_rest::<W>(error, target),
            };
            let outcome = self.rank_moved::<W>(is_valid);
            let shown = self.show::<W>(outcome);
            if shown == Some(false) {
                return Ok(false);
            }
            // The comparison may panic.
            self.step = Step::CutShort;
            is_duplicate = shown.is_none();
            if !is_duplicate && W::key(self.children[self.current].key()) >= W::key(target) {
                self.step = Step::valid(W::DIRECTION);
                return Ok(true);
            }
        }
        Ok(self.settle::<W>())
    }

    /// Tells the other children that lag of the target, when the seek of the current one has failed.
    #[cold]
    fn seek_rest<W: Seek<I>>(&mut self, error: I::Error, target: &I::Key) -> SeekResult<I> {
        let failed = self.current;
        self.unfinished.clear();
        let mut first_error = ChildError { child: failed, error };
        for (child, iterator) in self.children.iter_mut().enumerate() {
            if child == failed {
                self.unfinished.push(child);
                continue;
            }
            let lags = iterator.is_valid() && W::key(iterator.key()) < W::key(target);
            if lags && let Err(error) = W::seek(iterator, target) {
                self.unfinished.push(child);
                if W::is_preferred(&error, &first_error.error) {
                    first_error = ChildError { child, error };
                }
            }
        }
        self.step = Step::Completing;
        Err(first_error)
    }

    fn seek_pair_ahead<W: Seek<I>>(&mut self, target: &I::Key) -> SeekResult<I> {
        for child in [0, 1] {
            let iterator = &self.children[child];
            let lags = iterator.is_valid() && (child == self.current || W::key(iterator.key()) < W::key(target));
            if lags && let Err(error) = W::seek(&mut self.children[child], target) {
                self.current = child;
                return self.seek_rest::<W>(error, target);
            }
        }
        Ok(self.compare_pair::<W>())
    }
}
