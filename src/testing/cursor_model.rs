//! [`CursorModel`]: where a cursor must stand.

use super::Operation;
use super::operation::Direction;

/// What a [`BidirectionalIterator`](crate::BidirectionalIterator) over `entries` must do: the oracle for operation sequences.
///
/// It is an index into the list. An operation takes effect on it at once, whether it fails or not: what follows an error is the same as if
/// the error had not been. That a step is open is only remembered because the next one in the same direction does nothing but
/// complete it.
///
/// ```
/// use storage_iter::testing::{CursorModel, Operation};
///
/// let entries = [(10, 'a'), (20, 'b')];
/// let mut model = CursorModel::new(&entries);
/// assert!(model.apply(&Operation::Seek(11)));
/// assert_eq!(model.entry(), Some(&(20, 'b')));
/// assert!(!model.apply(&Operation::Next));
/// assert!(model.apply(&Operation::Prev));
/// assert_eq!(model.entry(), Some(&(20, 'b')));
/// ```
#[derive(Clone, Debug)]
pub struct CursorModel<'a, K, V> {
    entries: &'a [(K, V)],
    /// 0 is before the first entry, 1 on it, and so on; while a step is open, where it leads.
    place: usize,
    open: Option<Direction>,
    /// A seek has panicked: there is no position.
    is_cut_short: bool,
    /// Where the last step came from, if that was an entry and nothing failed in between.
    came_from: Option<usize>,
}

impl<'a, K, V> CursorModel<'a, K, V> {
    /// A new cursor, before the first of `entries`, whose keys must not descend. Its first `next` is open.
    ///
    /// ```
    /// # use storage_iter::testing::CursorModel;
    /// assert_eq!(CursorModel::new(&[(10, 'a')]).entry(), None);
    /// ```
    #[must_use]
    pub fn new(entries: &'a [(K, V)]) -> Self {
        CursorModel { entries, place: 1, open: Some(Direction::Forward), is_cut_short: false, came_from: None }
    }

    /// The entry that the cursor stands on, if it stands on one.
    ///
    /// ```
    /// # use storage_iter::testing::{CursorModel, Operation};
    /// let entries = [(10, 'a')];
    /// let mut model = CursorModel::new(&entries);
    /// model.apply(&Operation::SeekToLast);
    /// assert_eq!(model.entry(), Some(&(10, 'a')));
    /// ```
    #[must_use]
    pub fn entry(&self) -> Option<&'a (K, V)> {
        if self.open.is_some() {
            return None;
        }
        self.entries.get(self.place.checked_sub(1)?)
    }

    /// Whether a step is open: it is new, or the last call failed or panicked.
    ///
    /// ```
    /// # use storage_iter::testing::{CursorModel, Operation};
    /// let entries = [(10, 'a')];
    /// let mut model = CursorModel::new(&entries);
    /// model.fail(&Operation::Seek(5));
    /// assert!(model.is_open());
    /// ```
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether there is no position, since a seek has panicked: steps must panic as well then.
    ///
    /// ```
    /// # use storage_iter::testing::{CursorModel, Operation};
    /// let entries = [(10, 'a')];
    /// let mut model = CursorModel::new(&entries);
    /// model.panic(&Operation::Seek(5));
    /// assert!(model.is_cut_short());
    /// model.fail(&Operation::Seek(5));
    /// assert!(!model.is_cut_short());
    /// ```
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        self.is_cut_short
    }

    /// The entry that a plain step has come from.
    pub(super) fn came_from(&self) -> Option<&'a (K, V)> {
        self.entries.get(self.came_from?)
    }

    /// Whether it stands behind the last entry.
    pub(super) fn is_at_end(&self) -> bool {
        self.open.is_none() && self.place == self.entries.len() + 1
    }
}

impl<K: Ord, V> CursorModel<'_, K, V> {
    /// The operation succeeds. Answers whether the cursor stands on an entry then.
    ///
    /// An open step is completed first: by this operation if that is a step in its direction, or else before it.
    ///
    /// ```
    /// # use storage_iter::testing::{CursorModel, Operation};
    /// let entries = [(10, 'a'), (20, 'b')];
    /// let mut model = CursorModel::new(&entries);
    /// model.fail(&Operation::Seek(15));
    /// assert!(model.apply(&Operation::Next));
    /// assert_eq!(model.entry(), Some(&(20, 'b')));
    /// ```
    pub fn apply(&mut self, operation: &Operation<K>) -> bool {
        self.go(operation);
        self.open = None;
        self.is_cut_short = false;
        self.entry().is_some()
    }

    /// The operation fails.
    ///
    /// ```
    /// # use storage_iter::testing::{CursorModel, Operation};
    /// let entries = [(10, 'a'), (20, 'b')];
    /// let mut model = CursorModel::new(&entries);
    /// model.apply(&Operation::Next);
    /// model.fail(&Operation::Next);
    /// // To the second entry, and back.
    /// assert!(model.apply(&Operation::Prev));
    /// assert_eq!(model.entry(), Some(&(10, 'a')));
    /// ```
    pub fn fail(&mut self, operation: &Operation<K>) {
        self.go(operation);
        self.is_cut_short &= !operation.is_seek();
    }

    /// The operation panics: a step stays open, a seek leaves no position.
    ///
    /// ```
    /// # use storage_iter::testing::{CursorModel, Operation};
    /// let entries = [(10, 'a'), (20, 'b')];
    /// let mut model = CursorModel::new(&entries);
    /// model.panic(&Operation::Next);
    /// assert!(model.apply(&Operation::Next));
    /// assert_eq!(model.entry(), Some(&(10, 'a')));
    /// ```
    pub fn panic(&mut self, operation: &Operation<K>) {
        self.go(operation);
        self.is_cut_short |= operation.is_seek();
    }

    /// The seek that has panicked has left a step open, which leads where the seek was to lead.
    pub(super) fn reopen(&mut self) {
        self.is_cut_short = false;
    }

    fn go(&mut self, operation: &Operation<K>) {
        if self.is_cut_short && !operation.is_seek() {
            return;
        }
        let before = |is_before: &dyn Fn(&K) -> bool| self.entries.partition_point(|(key, _)| is_before(key));
        let (place, direction) = match operation {
            Operation::Next if self.open == Some(Direction::Forward) => (self.place, Direction::Forward),
            Operation::Next => ((self.place + 1).min(self.entries.len() + 1), Direction::Forward),
            Operation::Prev if self.open == Some(Direction::Backward) => (self.place, Direction::Backward),
            Operation::Prev => (self.place.saturating_sub(1), Direction::Backward),
            Operation::Seek(target) => (before(&|key| key < target) + 1, Direction::Forward),
            Operation::SeekForPrev(target) => (before(&|key| key <= target), Direction::Backward),
            Operation::SeekToFirst => (1, Direction::Forward),
            Operation::SeekToLast => (self.entries.len(), Direction::Backward),
        };
        let is_plain_step = !operation.is_seek() && self.entry().is_some();
        self.came_from = is_plain_step.then(|| self.place - 1);
        self.place = place;
        self.open = Some(direction);
    }
}
