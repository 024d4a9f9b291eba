use super::VersionedKey;
use crate::{Column, Columnar, ListColumn};

/// A column of versioned keys, end to end.
///
/// ```
/// use storage_iter::{Column, OwnedVersionedKey, VersionedKeyColumn};
///
/// let mut column = VersionedKeyColumn::default();
/// column.push(&OwnedVersionedKey::new(b"apple", 7));
/// assert_eq!(column.get(0).user_key(), b"apple");
/// ```
#[derive(Clone, Debug, Default)]
pub struct VersionedKeyColumn {
    encoded: ListColumn<u8>,
}

impl Columnar for VersionedKey {
    type Column = VersionedKeyColumn;
}

impl Column<VersionedKey> for VersionedKeyColumn {
    fn push(&mut self, item: &VersionedKey) {
        self.encoded.push(item.as_bytes());
    }

    #[inline]
    fn get(&self, index: usize) -> &VersionedKey {
        VersionedKey::cast(self.encoded.get(index))
    }

    fn len(&self) -> usize {
        self.encoded.len()
    }

    fn reserve(&mut self, items: usize, length: usize) {
        self.encoded.reserve(items, length);
    }

    fn shrink(&mut self) {
        self.encoded.shrink();
    }
}
