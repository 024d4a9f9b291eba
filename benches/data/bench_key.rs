use std::borrow::Borrow;
use std::fmt::Debug;
use std::hash::Hash;

use storage_iter::Key;

/// What a pair of a source holds as its key: a reference into the arena, or the key itself.
pub(crate) trait BenchKey<'a>: Copy + Debug + Send + Sync + Key + Borrow<Self::Lent> {
    /// What a storage iterator over the source lends.
    type Lent: ?Sized + Key + Hash + Touch + ToOwned<Owned: Borrow<Self::Lent>>;

    /// The key that was laid down as `bytes`.
    fn read(bytes: &'a [u8]) -> Self;
}

/// What a benchmark does with a key, so that no peer can skip reading it: a few instructions.
pub(crate) trait Touch {
    fn touch(&self) -> u64;
}

impl<'a> BenchKey<'a> for &'a [u8] {
    type Lent = [u8];

    fn read(bytes: &'a [u8]) -> Self {
        bytes
    }
}

impl Touch for [u8] {
    #[inline]
    fn touch(&self) -> u64 {
        let first = self.first().copied().unwrap_or_default();
        self.len() as u64 + u64::from(first)
    }
}

impl BenchKey<'_> for u64 {
    type Lent = u64;

    fn read(bytes: &[u8]) -> Self {
        u64::from_be_bytes(bytes.try_into().expect("8 bytes"))
    }
}

impl Touch for u64 {
    #[inline]
    fn touch(&self) -> u64 {
        *self
    }
}

/// A key type as a user has it who knows nothing of codes: it has an order and says no more to the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PlainKey([u8; 16]);

impl Key for PlainKey {}

impl BenchKey<'_> for PlainKey {
    type Lent = PlainKey;

    fn read(bytes: &[u8]) -> Self {
        PlainKey(bytes.try_into().expect("16 bytes"))
    }
}

impl Touch for PlainKey {
    #[inline]
    fn touch(&self) -> u64 {
        u64::from(self.0[0])
    }
}
