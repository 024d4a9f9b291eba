//! Many versions of one key, and groups of keys, awaited: the synchronous combinators, over a child that is tried.

mod at;
mod collect_garbage;
mod fold_versions;
mod group_versions;
mod mask;
mod prefixes;
mod versioned_keys;

pub use at::AtIterator;
pub use collect_garbage::CollectGarbageIterator;
pub use fold_versions::FoldVersionsIterator;
pub use group_versions::GroupVersionsIterator;
pub use mask::MaskIterator;
pub use prefixes::PrefixesIterator;
pub use versioned_keys::VersionedKeysIterator;

/// The user key of an iterator's versions.
type UserKey<I> = <<I as super::AsyncStorageIterator>::Key as crate::Versioned>::UserKey;
