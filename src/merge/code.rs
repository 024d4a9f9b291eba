//! [`Rank`]: how a key compares with another that is known to be no greater.

use std::cmp::Ordering;
use std::hint::select_unpredictable;

use crate::Key;

/// The offset-value code of a key relative to a *base*, a key that is not greater.
///
/// A code is made of the first *column*, [`WIDTH`] bytes, in which the key differs from the base: how many columns come
/// before it, and what it holds. Of two keys with one base, that with the longer common part is less, and of two that
/// part from the base in the same column, that with the less column: so codes compare as their keys do, unless they are
/// equal, which leaves what is behind that column to be compared. And the greater of two codes that differ is also its
/// key's code relative to the other key, so a loser keeps it. (Conner, Offset value coding, IBM Technical Disclosure
/// Bulletin 20(7), 1977; Do and Graefe, Offset-value coding in database query processing, EDBT 2023, section 3.)
/// Offsets have to count columns, not bytes, for the second sentence to hold.
///
/// From the high bits to the low: columns before the difference, inverted: 16 | the column, big-endian, padded with
/// zeros: 64 | how many bytes of the key the column holds, 0 to 8: 4 | zeros: 44. The number of bytes tells `a` from `a\0`,
/// which are padded to the same column; behind a key's last byte comes a column that holds none.
///
/// A key that is an integer needs no base: the high half is the key, and ranks compare as keys do.
///
/// Where the keys' order is the [reverse](Key::BYTES_DESCEND) of that of their bytes, so is the order of their columns: the
/// code then has the complement of the column and of the number of bytes. All that was said remains true, for no key is a
/// prefix of another when the last column tells that the key ends in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    high: u64,
    low: u64,
}

const WIDTH: usize = 8;
const LENGTH_SHIFT: u32 = 44;
const LENGTH_MASK: u64 = 15;
/// From this column on, the code does not tell where the keys differ.
const FAR: usize = u16::MAX as usize;

impl Rank {
    /// The key is its base.
    pub(super) const EQUAL: Rank = Rank { high: 0, low: 0 };
    /// The key is greater than its base and differs from it in the column [`FAR`] or behind.
    const GREATER_FAR: Rank = Rank { high: 0, low: LENGTH_MASK << LENGTH_SHIFT };
    /// The key is greater than its base; that is all that is known of a key that has no bytes.
    pub(super) const GREATER: Rank = Rank { high: 1, low: 0 };
    /// There is no key: greater than all of them.
    pub(super) const EXHAUSTED: Rank = Rank { high: u64::MAX, low: u64::MAX << LENGTH_SHIFT };

    #[inline]
    fn of_integer(key: u64) -> Self {
        Rank { high: key, low: 0 }
    }

    /// The rank of `key` if the first column in which it differs from its base is that of the byte at `shared`.
    #[inline]
    pub(super) fn of_bytes(key: &[u8], shared: usize, order: BytesOrder) -> Self {
        let columns_before = shared / WIDTH;
        if columns_before >= FAR {
            return Rank::GREATER_FAR;
        }
        let offset = columns_before * WIDTH;
        let length = WIDTH.min(key.len().saturating_sub(offset)) as u64;
        let column = Rank::column_at(key, offset);
        Rank::new(columns_before, order.column(column), order.length(length))
    }

    #[inline]
    fn new(columns_before: usize, column: u64, length: u64) -> Self {
        let inverted = (FAR - columns_before) as u64;
        Rank { high: (inverted << 48) | (column >> 16), low: (column << 48) | (length << LENGTH_SHIFT) }
    }

    /// The column of `key` at `offset`.
    #[inline]
    pub(super) fn column_at(key: &[u8], offset: usize) -> u64 {
        match key.get(offset..).and_then(<[u8]>::first_chunk) {
            Some(chunk) => u64::from_be_bytes(*chunk),
            None => last_column(key, offset),
        }
    }

    #[inline]
    fn inverted_offset(self) -> usize {
        (self.high >> 48) as usize
    }

    /// How many bytes two keys of this rank are known to have in common.
    #[inline]
    fn bytes_compared(self) -> usize {
        (FAR + 1 - self.inverted_offset().max(1)) * WIDTH
    }

    /// Whether the key ends within the column, so that two keys of this rank are equal.
    #[inline]
    fn is_whole_key(self, order: BytesOrder) -> bool {
        let length = (self.low >> LENGTH_SHIFT) & LENGTH_MASK;
        length != LENGTH_MASK && order.length(length) < WIDTH as u64
    }
}

/// Whether keys are ordered as their bytes are. It depends on the key's type alone, so the compiler knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BytesOrder {
    Ascending,
    Descending,
}

impl BytesOrder {
    #[inline]
    fn of<K: ?Sized + Key>() -> Self {
        if K::BYTES_DESCEND { BytesOrder::Descending } else { BytesOrder::Ascending }
    }

    /// What stands for a column in a code.
    #[inline]
    pub(super) fn column(self, column: u64) -> u64 {
        match self {
            BytesOrder::Ascending => column,
            BytesOrder::Descending => !column,
        }
    }

    /// What stands for the number of bytes in a column, and the other way round.
    #[inline]
    fn length(self, length: u64) -> u64 {
        match self {
            BytesOrder::Ascending => length,
            BytesOrder::Descending => WIDTH as u64 - length,
        }
    }

    /// The order of two keys whose bytes compare as `bytes`.
    #[inline]
    fn of_keys(self, bytes: Ordering) -> Ordering {
        match self {
            BytesOrder::Ascending => bytes,
            BytesOrder::Descending => bytes.reverse(),
        }
    }
}

/// The column of `key` at `offset`, from which on there are less than 8 bytes.
#[inline]
fn last_column(key: &[u8], offset: usize) -> u64 {
    let left = key.len().saturating_sub(offset);
    match key.last_chunk() {
        // The last 8 bytes, with those before the offset shifted out.
        Some(last) => u64::from_be_bytes(*last).checked_shl((64 - 8 * left) as u32).unwrap_or(0),
        None => {
            let mut padded = [0; WIDTH];
            padded[..left].copy_from_slice(&key[key.len() - left..]);
            u64::from_be_bytes(padded)
        }
    }
}

/// A player of a tournament: a source, and the rank of its key relative to the one that beat it. Of two nodes of one rank, that with
/// the smaller source is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The rank, with the source in the bits that are zero there.
    rank: Rank,
}

impl Node {
    const SOURCE_BITS: u32 = 28;
    /// How many sources there can be.
    pub(super) const SOURCES: usize = (1 << Self::SOURCE_BITS) - 1;
    /// Nobody: a place that no source has come to yet.
    pub(super) const NOBODY: Node =
        Node { rank: Rank { low: Rank::EXHAUSTED.low | Self::SOURCES as u64, ..Rank::EXHAUSTED } };

    #[inline]
    pub(super) fn new(rank: Rank, source: usize) -> Self {
        Node { rank: Rank { low: rank.low | source as u64, ..rank } }
    }

    /// A node of a key that is an integer, of the first source.
    #[inline]
    pub(super) fn of_integer(key: u64) -> Self {
        Node { rank: Rank::of_integer(key) }
    }

    #[inline]
    pub(super) fn rank(self) -> Rank {
        Rank { low: self.rank.low & !(Self::SOURCES as u64), ..self.rank }
    }

    #[inline]
    pub(super) fn source(self) -> usize {
        self.rank.low as usize & Self::SOURCES
    }

    /// Whether the ranks are the same, so that they do not tell who wins.
    #[inline]
    pub(super) fn ties_with(self, other: Node) -> bool {
        // One test for both halves: whether the high ones are the same cannot be predicted.
        (self.rank.high ^ other.rank.high) | ((self.rank.low ^ other.rank.low) >> Self::SOURCE_BITS) == 0
    }

    /// Whether this node is less: one comparison of 128 bits, of which the compiler makes no branch.
    #[inline]
    pub(super) fn is_below(self, other: Node) -> bool {
        self.packed() < other.packed()
    }

    #[inline]
    fn packed(self) -> u128 {
        u128::from(self.rank.high) << 64 | u128::from(self.rank.low)
    }

    /// `one` or `other`, without a branch.
    #[inline]
    pub(super) fn select(takes_one: bool, one: Node, other: Node) -> Node {
        Node {
            rank: Rank {
                high: select_unpredictable(takes_one, one.rank.high, other.rank.high),
                low: select_unpredictable(takes_one, one.rank.low, other.rank.low),
            },
        }
    }
}

/// What the codes of a key are made of. Which of the three it is depends on the key's type alone, so the compiler knows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coding<'k> {
    Bytes(&'k [u8], BytesOrder),
    /// All of the key is one column.
    Integer(u64),
    /// There are no codes: the keys are compared themselves.
    None,
}

impl<'k> Coding<'k> {
    #[inline]
    pub(super) fn of<K: ?Sized + Key>(key: &'k K) -> Self {
        if let Some(bytes) = key.ordered_bytes() {
            Coding::Bytes(bytes, BytesOrder::of::<K>())
        } else if let Some(integer) = key.ordered_integer() {
            Coding::Integer(integer)
        } else {
            Coding::None
        }
    }

    /// The rank of the key relative to a base with which its bytes have as many in common as `shared` tells. The base of an
    /// integer does not matter: what differs from it differs in the one column.
    #[inline(always)]
    pub(super) fn rank(self, shared: impl FnOnce(&'k [u8]) -> usize) -> Rank {
        match self {
            Coding::Bytes(key, order) => Rank::of_bytes(key, shared(key), order),
            Coding::Integer(key) => Rank::of_integer(key),
            Coding::None => Rank::GREATER,
        }
    }
}

/// Compares two keys that have the rank `rank` relative to one base. Beside the order, the rank of the greater relative to
/// the less.
#[inline]
pub(super) fn compare<K: ?Sized + Key>(rank: Rank, one: &K, other: &K) -> (Ordering, Rank) {
    match (Coding::of(one), Coding::of(other)) {
        (Coding::Bytes(one, BytesOrder::Ascending), Coding::Bytes(other, _)) => compare_ascending(rank, one, other),
        (Coding::Bytes(one, BytesOrder::Descending), Coding::Bytes(other, _)) => compare_descending(rank, one, other),
        (Coding::Integer(_), Coding::Integer(_)) => (Ordering::Equal, rank),
        _ => match one.cmp(other) {
            Ordering::Equal => (Ordering::Equal, Rank::EQUAL),
            order => (order, Rank::GREATER),
        },
    }
}

fn compare_ascending(rank: Rank, one: &[u8], other: &[u8]) -> (Ordering, Rank) {
    compare_behind(rank, one, other, BytesOrder::Ascending)
}

fn compare_descending(rank: Rank, one: &[u8], other: &[u8]) -> (Ordering, Rank) {
    compare_behind(rank, one, other, BytesOrder::Descending)
}

/// Inlined into the two functions above, so that each knows the order.
#[inline(always)]
fn compare_behind(rank: Rank, one: &[u8], other: &[u8], order_of_bytes: BytesOrder) -> (Ordering, Rank) {
    if rank.is_whole_key(order_of_bytes) {
        return (Ordering::Equal, Rank::EQUAL);
    }
    let mut offset = rank.bytes_compared();
    loop {
        let order = Rank::column_at(one, offset).cmp(&Rank::column_at(other, offset));
        // Two columns of zeros may be padded differently.
        let order = order.then(one.len().min(offset + WIDTH).cmp(&other.len().min(offset + WIDTH)));
        if order.is_ne() {
            let order = order_of_bytes.of_keys(order);
            return (order, Rank::of_bytes(if order.is_lt() { other } else { one }, offset, order_of_bytes));
        }
        offset += WIDTH;
        if one.len() <= offset && other.len() <= offset {
            return (Ordering::Equal, Rank::EQUAL);
        }
    }
}
