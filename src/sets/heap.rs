//! [`Heap`]: the order of many children, of which those with the least key come first, all of them at once.

/// A binary heap of children by their numbers, which never looks at a child itself.
///
/// Those with equal least keys are a connected part of it that has the root: they are found, and looked at, where they are, and
/// only once they have moved their places are put in order again.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    /// The children's numbers: none comes before the one at half its index.
    children: Vec<usize>,
    /// Where the least ones are, in ascending order.
    least: Vec<usize>,
    is_ordered: bool,
}

impl Heap {
    pub(super) fn new(children: usize) -> Self {
        Heap { children: (0..children).collect(), least: Vec::with_capacity(children), is_ordered: false }
    }

    /// Whether nobody has moved but those that were the least, so that [`settle`](Self::settle) is enough.
    #[inline]
    pub(super) fn is_ordered(&self) -> bool {
        self.is_ordered
    }

    /// Anybody may have moved.
    #[inline]
    pub(super) fn forget(&mut self) {
        self.is_ordered = false;
    }

    /// Puts all children in order, which takes two comparisons a child.
    pub(super) fn order(&mut self, mut comes_before: impl FnMut(usize, usize) -> bool) {
        for place in (0..self.children.len() / 2).rev() {
            self.sink(place, &mut comes_before);
        }
        self.least.clear();
        self.is_ordered = true;
    }

    /// Puts those in order again that were the least, after they have moved.
    pub(super) fn settle(&mut self, mut comes_before: impl FnMut(usize, usize) -> bool) {
        // A comparison may panic.
        self.is_ordered = false;
        for index in (0..self.least.len()).rev() {
            self.sink(self.least[index], &mut comes_before);
        }
        self.least.clear();
        self.is_ordered = true;
    }

    fn sink(&mut self, mut place: usize, comes_before: &mut impl FnMut(usize, usize) -> bool) {
        loop {
            let mut below = 2 * place + 1;
            let Some(&left) = self.children.get(below) else { return };
            let mut first = left;
            if let Some(&right) = self.children.get(below + 1)
                && comes_before(right, left)
            {
                (below, first) = (below + 1, right);
            }
            if !comes_before(first, self.children[place]) {
                return;
            }
            self.children.swap(place, below);
            place = below;
        }
    }

    /// Finds the least ones: the first of them, and all for which `is_equal` holds. They may move then.
    pub(super) fn find_least(&mut self, mut is_equal: impl FnMut(usize, usize) -> bool) -> impl Iterator<Item = usize> {
        let Heap { children, least, .. } = self;
        least.clear();
        if let Some(&root) = children.first() {
            least.push(0);
            let mut seen = 0;
            while let Some(&place) = least.get(seen) {
                seen += 1;
                for below in 2 * place + 1..=2 * place + 2 {
                    if children.get(below).is_some_and(|&child| is_equal(root, child)) {
                        least.push(below);
                    }
                }
            }
        }
        least.iter().map(|&place| children[place])
    }
}
