//! [`Node`]: a source in a ranking.

use std::hint::select_unpredictable;

/// A source in a ranking, with a code that is compared in place of its key: the key with the less code is less, and of equal codes
/// either may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    code: u64,
    /// The source, and what else there is to be known of it in the bits above.
    source: u64,
}

/// The code of nobody and, as any other, of a key.
const GREATEST_CODE: u64 = u64::MAX;
/// The source has no key.
const EXHAUSTED: u64 = 1 << 63;
/// The source has the key of the one that beat it.
const DUPLICATE: u64 = 1 << 62;

impl Node {
    /// How many sources there can be.
    pub(super) const SOURCES: usize = u32::MAX as usize;

    #[inline]
    pub(super) fn new(code: u64, source: usize) -> Self {
        Node { code, source: source as u64 }
    }

    /// A source that has no key. It comes behind all others.
    #[inline]
    pub(super) const fn exhausted(source: usize) -> Self {
        Node { code: GREATEST_CODE, source: source as u64 | EXHAUSTED }
    }

    #[inline]
    pub(super) fn code(self) -> u64 {
        self.code
    }

    #[inline]
    pub(super) fn source(self) -> usize {
        self.source as u32 as usize
    }

    #[inline]
    pub(super) fn is_exhausted(self) -> bool {
        self.source & EXHAUSTED != 0
    }

    /// Whether the source has the key of the one that beat it.
    #[inline]
    pub(super) fn is_duplicate(self) -> bool {
        self.source & DUPLICATE != 0
    }

    /// Whether the source has a key, and not that of one that beat it.
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        self.source < DUPLICATE
    }

    #[inline]
    pub(super) fn with_code(self, code: u64) -> Self {
        Node { code, ..self }
    }

    pub(super) fn into_duplicate(self) -> Self {
        self.duplicate_if(true)
    }

    /// The same, and marked if it has the key of the one that beat it.
    #[inline]
    pub(super) fn duplicate_if(self, is_duplicate: bool) -> Self {
        Node { source: self.source | u64::from(is_duplicate) << DUPLICATE.trailing_zeros(), ..self }
    }

    /// Notes that it has the key of the one that beat it.
    #[inline]
    pub(super) fn mark(&mut self) {
        self.source |= DUPLICATE;
    }

    /// `one` or `other`, without a branch.
    #[inline]
    pub(super) fn select(takes_one: bool, one: Node, other: Node) -> Node {
        Node {
            code: select_unpredictable(takes_one, one.code, other.code),
            source: select_unpredictable(takes_one, one.source, other.source),
        }
    }

    /// The same for two nodes with the same code.
    #[inline]
    pub(super) fn select_source(takes_one: bool, one: Node, other: Node) -> Node {
        Node { code: one.code, source: select_unpredictable(takes_one, one.source, other.source) }
    }
}
