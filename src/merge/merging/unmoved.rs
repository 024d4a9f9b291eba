//! [`Unmoved`]: what an open step has to wait for.

use std::slice;

use super::{Merging, Step};

/// The children that an open step is yet to move, as far as that is known, with their indices.
pub(crate) struct Unmoved<'a, I> {
    // Not zipped with its index: types that are nested too deep overflow a limit of the compiler.
    children: slice::IterMut<'a, I>,
    /// The index of the first of these children.
    first: usize,
    /// Not all of them, but those with these indices, which ascend.
    only: Option<&'a [usize]>,
}

impl<I, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// The children that the step that has stopped before one of them has to move in any case. (Others may follow: that depends
    /// on where these come to.)
    pub(in crate::merge) fn unmoved(&mut self, stopped_before: usize) -> Unmoved<'_, I> {
        let (first, end) = match self.step {
            Step::Completing => {
                return Unmoved { children: self.children.iter_mut(), first: 0, only: Some(&self.unfinished) };
            }
            Step::Gathering { child: first, .. } => (first, self.children.len()),
            _ if self.is_pair() && self.pair.moves_both => (0, 2),
            _ => (stopped_before, stopped_before + 1),
        };
        Unmoved { children: self.children[first..end].iter_mut(), first, only: None }
    }
}

impl<'a, I> Iterator for Unmoved<'a, I> {
    type Item = (usize, &'a mut I);

    fn next(&mut self) -> Option<(usize, &'a mut I)> {
        let mut index = self.first;
        if let Some(only) = &mut self.only {
            let (&next, rest) = only.split_first()?;
            (*only, index) = (rest, next);
        }
        let child = self.children.nth(index - self.first)?;
        self.first = index + 1;
        Some((index, child))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.only.map_or(self.children.size_hint(), |only| (only.len(), Some(only.len())))
    }
}

impl<I> ExactSizeIterator for Unmoved<'_, I> {}
