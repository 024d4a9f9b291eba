//! Changes of direction of [`Merging`].

use super::{Merging, Step};
use crate::walk::{Direction, Walk};
use crate::{BidirectionalIterator, ChildError, StorageIterator};

/// Which children take part when all of them move by one step.
///
/// To turn round it takes one step of each child: where all stand on their first entry from the shown key on, a step back
/// brings each to its last entry before that key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Movers {
    All,
    AllBut(usize),
    /// All up to this one.
    UpTo(usize),
    /// All but those that stand on the key of this child. The step of another may be open, and then that moves too.
    AllOffTheKey {
        of: usize,
        moving: Option<usize>,
    },
}

impl<I: StorageIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// If the last step was one backward, lets a forward one begin.
    ///
    /// An open step backward is not completed literally, since what follows is a step forward, which leads to where that
    /// began. So the children that it has moved are moved back; one that failed completes its own step before.
    pub(super) fn turn_forward(&mut self) {
        if self.direction == Direction::Forward || self.step == Step::CutShort {
            return;
        }
        self.movers = match self.step {
            // A turn by `prev`, which this one takes back.
            Step::Gathering { child: last, .. } => Movers::UpTo(last),
            Step::Leaving | Step::Moving | Step::Moved => self.movers_of_return(),
            // On an entry, before the first, or where the children complete a seek before they move on.
            _ => Movers::All,
        };
        self.start_gathering(Direction::Forward);
    }

    /// Who has to move for a forward step to begin where an open backward one began.
    fn movers_of_return(&self) -> Movers {
        if self.is_pair() {
            // The second child moves before the first.
            return if self.pair.moves_both { Movers::AllBut(0) } else { Movers::All };
        }
        // Where duplicates are kept, those that came before the entry shown are on its key, and have to move on.
        match self.step {
            Step::Leaving if KEEPS_DUPLICATES => Movers::AllBut(self.current),
            Step::Leaving => Movers::AllOffTheKey { of: self.current, moving: None },
            _ if KEEPS_DUPLICATES => Movers::All,
            _ => match self.ranking.unmoved_duplicate() {
                Some(of) if of != self.current => Movers::AllOffTheKey { of, moving: Some(self.current) },
                _ => Movers::All,
            },
        }
    }

    fn start_gathering(&mut self, direction: Direction) {
        self.direction = direction;
        self.step = Step::Gathering { child: 0, has_begun: false };
    }

    /// Moves the children that take part, beginning where the open step was left, and builds the ranking anew.
    #[cold]
    pub(super) fn gather<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        while let Step::Gathering { child, has_begun } = self.step
            && child < self.children.len()
        {
            if has_begun || self.moves(child) {
                self.step = Step::Gathering { child, has_begun: true };
                W::step(&mut self.children[child]).map_err(|error| ChildError { child, error })?;
            }
            self.step = Step::Gathering { child: child + 1, has_begun: false };
        }
        Ok(self.settle::<W>())
    }

    fn moves(&self, child: usize) -> bool {
        match self.movers {
            Movers::All => true,
            Movers::AllBut(other) => child != other,
            Movers::UpTo(last) => child <= last,
            Movers::AllOffTheKey { of, moving } => {
                let children = &self.children;
                Some(child) == moving || !(children[child].is_valid() && children[child].key() == children[of].key())
            }
        }
    }

    /// Lets the children complete a seek that failed, and builds the ranking anew.
    #[cold]
    pub(super) fn complete<W: Walk<I>>(&mut self) -> Result<bool, ChildError<I::Error>> {
        while let Some(&child) = self.unfinished.last() {
            W::step(&mut self.children[child]).map_err(|error| ChildError { child, error })?;
            self.unfinished.pop();
        }
        Ok(self.settle::<W>())
    }
}

impl<I: BidirectionalIterator, const KEEPS_DUPLICATES: bool> Merging<I, KEEPS_DUPLICATES> {
    /// If the last step was one forward, completes it if it is open, and lets a backward one begin.
    pub(super) fn turn_backward(&mut self) -> Result<(), ChildError<I::Error>> {
        if self.direction == Direction::Backward || self.step == Step::CutShort {
            return Ok(());
        }
        if !matches!(self.step, Step::Valid | Step::InRun | Step::Exhausted) {
            self.next_from_elsewhere()?;
        }
        self.movers = Movers::All;
        self.start_gathering(Direction::Backward);
        Ok(())
    }
}
