//! Many versions of one key: a user key with sequence numbers, what a snapshot sees of them, and what a compaction
//! keeps.

mod at;
mod collect_garbage;
mod column;
mod fold_versions;
mod group_versions;
mod kept;
mod mask;
mod merge_operator;
mod owned_versioned_key;
mod prefix_key;
mod prefixes;
mod range_tombstones;
mod versioned;
mod versioned_key;
mod versioned_keys;
mod visible;

pub use at::AtIterator;
pub use collect_garbage::CollectGarbageIterator;
pub use column::VersionedKeyColumn;
pub use fold_versions::{FoldError, FoldVersionsIterator};
pub use group_versions::GroupVersionsIterator;
pub use mask::MaskIterator;
pub use merge_operator::{MergeOperator, Operands};
pub use owned_versioned_key::OwnedVersionedKey;
pub use prefix_key::PrefixKey;
pub use prefixes::PrefixesIterator;
pub use range_tombstones::{RangeTombstone, RangeTombstones};
pub use versioned::Versioned;
pub use versioned_key::{MalformedKeyError, VersionedKey};
pub use versioned_keys::{VersionedKeysError, VersionedKeysIterator};
