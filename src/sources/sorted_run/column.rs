//! How a run lays out its keys and its values: one column for each.

use std::fmt;
use std::ops::Range;

/// A type whose values a [`SortedRun`](crate::SortedRun) can store, and in which column.
///
/// Sized types go into a `Vec`; slices and strings are laid end to end. A key type of your own over `[u8]` can name a
/// column of its own.
///
/// ```
/// use storage_iter::{Column, Columnar};
///
/// let mut column = <str as Columnar>::Column::default();
/// column.push("ab");
/// column.push("");
/// assert_eq!((column.get(0), column.get(1), column.len()), ("ab", "", 2));
/// ```
pub trait Columnar {
    /// What stores many of these.
    type Column: Column<Self>;
}

impl<T: Clone> Columnar for T {
    type Column = Vec<T>;
}

impl<T: Clone> Columnar for [T] {
    type Column = ListColumn<T>;
}

impl Columnar for str {
    type Column = StrColumn;
}

/// Many values of one type, added at the end and read by index.
///
/// ```
/// use storage_iter::Column;
///
/// fn copy_of<T: Clone>(item: &T, column: &mut impl Column<T>) -> T {
///     column.push(item);
///     column.get(column.len() - 1).clone()
/// }
/// assert_eq!(copy_of(&7, &mut vec![]), 7);
/// ```
pub trait Column<T: ?Sized>: Default {
    /// Adds a copy of `item` at the end. *O(length of the item)*, amortised.
    ///
    /// ```
    /// use storage_iter::{Column, ListColumn};
    ///
    /// let mut column = ListColumn::default();
    /// column.push(b"ab".as_slice());
    /// assert_eq!(column.len(), 1);
    /// ```
    fn push(&mut self, item: &T);

    /// The item at `index`. *O(1)*.
    ///
    /// # Panics
    ///
    /// When `index` is not less than [`len`](Self::len).
    ///
    /// ```
    /// use storage_iter::{Column, ListColumn};
    ///
    /// let mut column = ListColumn::default();
    /// column.push(b"ab".as_slice());
    /// assert_eq!(column.get(0), b"ab");
    /// ```
    fn get(&self, index: usize) -> &T;

    /// The items at some indices, in order, as [`get`](Self::get) gives them. A column that finds items in a row with fewer
    /// checks than one by one does so here.
    ///
    /// # Panics
    ///
    /// When an index is not less than [`len`](Self::len), at the latest when the items before that have come out.
    ///
    /// ```
    /// use storage_iter::{Column, StrColumn};
    ///
    /// let mut column = StrColumn::default();
    /// for item in ["a", "b", "c"] {
    ///     column.push(item);
    /// }
    /// assert!(column.range(1..3).eq(["b", "c"]));
    /// ```
    fn range<'a>(&'a self, indices: Range<usize>) -> impl Iterator<Item = &'a T>
    where
        T: 'a,
    {
        indices.map(|index| self.get(index))
    }

    /// The number of items.
    ///
    /// ```
    /// use storage_iter::Column;
    ///
    /// assert_eq!(Column::len(&vec!['a', 'b']), 2);
    /// ```
    fn len(&self) -> usize;

    /// Whether there are no items.
    ///
    /// ```
    /// use storage_iter::{Column, StrColumn};
    ///
    /// assert!(StrColumn::default().is_empty());
    /// ```
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes room for `items` more items, whose lengths, where they have one, sum up to `length`. Both may be
    /// estimates. A column that cannot make use of this does nothing, as by default.
    ///
    /// ```
    /// use storage_iter::{Column, ListColumn};
    ///
    /// let mut column = ListColumn::default();
    /// Column::<[u8]>::reserve(&mut column, 1, 2);
    /// column.push(b"ab".as_slice());
    /// assert_eq!(column.get(0), b"ab");
    /// ```
    fn reserve(&mut self, items: usize, length: usize) {
        let _ = (items, length);
    }

    /// Gives back memory that is not needed any more; nothing is added afterwards.
    ///
    /// ```
    /// use storage_iter::{Column, StrColumn};
    ///
    /// let mut column = StrColumn::default();
    /// column.push("a");
    /// column.shrink();
    /// assert_eq!(column.get(0), "a");
    /// ```
    fn shrink(&mut self);
}

impl<T: Clone> Column<T> for Vec<T> {
    fn push(&mut self, item: &T) {
        self.push(item.clone());
    }

    #[inline]
    fn get(&self, index: usize) -> &T {
        &self[index]
    }

    #[inline]
    fn range<'a>(&'a self, indices: Range<usize>) -> impl Iterator<Item = &'a T>
    where
        T: 'a,
    {
        if indices.is_empty() { [].iter() } else { self[indices].iter() }
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn reserve(&mut self, items: usize, _: usize) {
        self.reserve_exact(items);
    }

    fn shrink(&mut self) {
        self.shrink_to_fit();
    }
}

/// A column of slices: their elements end to end, and where each slice starts, 8 bytes a slice.
///
/// ```
/// use storage_iter::{Column, ListColumn};
///
/// let mut column = ListColumn::default();
/// column.push([1, 2].as_slice());
/// assert_eq!(column.get(0), [1, 2]);
/// ```
#[derive(Clone, Debug)]
pub struct ListColumn<T> {
    elements: Vec<T>,
    /// Where each item starts, and behind the last one where it ends; empty until there is an item.
    offsets: Vec<usize>,
}

impl<T> Default for ListColumn<T> {
    fn default() -> Self {
        ListColumn { elements: Vec::new(), offsets: Vec::new() }
    }
}

impl<T: Clone> Column<[T]> for ListColumn<T> {
    fn push(&mut self, item: &[T]) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.elements.extend_from_slice(item);
        self.offsets.push(self.elements.len());
    }

    #[inline]
    fn get(&self, index: usize) -> &[T] {
        &self.elements[place(&self.offsets, index)]
    }

    #[inline]
    fn range<'a>(&'a self, indices: Range<usize>) -> impl Iterator<Item = &'a [T]>
    where
        [T]: 'a,
    {
        let elements = self.elements.as_slice();
        places(&self.offsets, indices).map(|place| &elements[place])
    }

    fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    fn reserve(&mut self, items: usize, length: usize) {
        self.elements.reserve_exact(length);
        // The end of the last item is an offset as well.
        self.offsets.reserve_exact(items + usize::from(self.offsets.is_empty()));
    }

    fn shrink(&mut self) {
        self.elements.shrink_to_fit();
        self.offsets.shrink_to_fit();
    }
}

/// Where the item at `index` lies.
#[inline]
fn place(offsets: &[usize], index: usize) -> Range<usize> {
    offsets[index]..offsets[index + 1]
}

/// Where the items at some indices lie.
#[inline]
fn places(offsets: &[usize], indices: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let offsets = if indices.is_empty() { &[] } else { &offsets[indices.start..=indices.end] };
    offsets.windows(2).map(|ends| ends[0]..ends[1])
}

/// A column of strings: their text end to end, and where each string starts, 8 bytes a string.
///
/// ```
/// use storage_iter::{Column, StrColumn};
///
/// let mut column = StrColumn::default();
/// column.push("käse");
/// assert_eq!(column.get(0), "käse");
/// ```
#[derive(Clone, Default)]
pub struct StrColumn {
    text: String,
    /// Where each item starts, and behind the last one where it ends; empty until there is an item.
    offsets: Vec<usize>,
}

impl Column<str> for StrColumn {
    fn push(&mut self, item: &str) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.text.push_str(item);
        self.offsets.push(self.text.len());
    }

    #[inline]
    fn get(&self, index: usize) -> &str {
        &self.text[place(&self.offsets, index)]
    }

    #[inline]
    fn range<'a>(&'a self, indices: Range<usize>) -> impl Iterator<Item = &'a str>
    where
        str: 'a,
    {
        let text = self.text.as_str();
        places(&self.offsets, indices).map(|place| &text[place])
    }

    fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    fn reserve(&mut self, items: usize, length: usize) {
        self.text.reserve_exact(length);
        // The end of the last item is an offset as well.
        self.offsets.reserve_exact(items + usize::from(self.offsets.is_empty()));
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.offsets.shrink_to_fit();
    }
}

impl fmt::Debug for StrColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.len()).map(|index| self.get(index))).finish()
    }
}
