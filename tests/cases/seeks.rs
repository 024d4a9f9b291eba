//! Seeks one after another, forwards and back again.

use std::fmt;

use storage_iter::{
    ConcatIterator, ConcatRanges, MergeAllIterator, MergeIterator, SeekableIterator, SliceIterator, StorageIterator,
};

use super::case::{Case, runs};
use super::support::{HostileIterator, Layer};

/// How many entries there are in a block, where the entries are kept in blocks.
const BLOCK: usize = 7;
/// How many sources a merge has.
const SOURCES: usize = 3;

/// From the first entry on, each target is to be found on the next entry, and the last on none; then `k`, which is less than all
/// keys, on the first. The cases do this in one block and in a file of many, which is a concatenation of blocks; here it is
/// done in merges as well, over the same entries dealt out to many sources.
pub(crate) fn seek_chain(case: &Case) {
    let layers = case.layers();
    let [entries] = layers.as_slice() else { panic!("{}: one input", case.name()) };
    seek_in(case, HostileIterator::harmless(entries));
    seek_in(case, SliceIterator::new(entries).borrowed());
    seek_in(case, runs(&layers)[0].iter());

    let blocks: Vec<&[_]> = entries.chunks(BLOCK).collect();
    let ranges = blocks.iter().map(|block| (block[0].0.clone(), block[block.len() - 1].0.clone()));
    let file = ConcatRanges::new(ranges, |block| Ok(HostileIterator::harmless(blocks[block])));
    seek_in(case, ConcatIterator::new(file.expect("ranges that ascend")));

    let dealt: Vec<Layer> =
        (0..SOURCES).map(|source| entries.iter().skip(source).step_by(SOURCES).cloned().collect()).collect();
    let leaves = || dealt.iter().map(|layer| HostileIterator::harmless(layer));
    seek_in(case, MergeIterator::new(leaves()));
    seek_in(case, MergeAllIterator::new(leaves()));
    // All of the entries hide some of them.
    seek_in(case, HostileIterator::harmless(entries).two_merge(HostileIterator::harmless(&dealt[0])));

    #[cfg(feature = "mem-table")]
    {
        use std::ops::Bound::Unbounded;

        let tables = super::case::tables(&dealt);
        seek_in(case, MergeIterator::new(tables.iter().map(|table| table.scan(Unbounded, Unbounded))));
    }
}

fn seek_in<I>(case: &Case, mut cursor: I)
where
    I: SeekableIterator<Key = [u8], Value = [u8], Error: fmt::Debug + PartialEq>,
{
    let (entries, seeks) = (case.expected(), case.seeks());
    assert_eq!(entries.len(), seeks.len(), "{}", case.name());

    assert_eq!(cursor.seek_to_first(), Ok(true), "{}", case.name());
    for (index, ((key, value), target)) in entries.iter().zip(&seeks).enumerate() {
        assert!(cursor.is_valid(), "{}", case.name());
        assert_eq!((cursor.key(), cursor.value()), (key.as_slice(), value.as_slice()), "{}", case.name());
        assert_eq!(cursor.seek(target), Ok(index + 1 < entries.len()), "{}", case.name());
    }
    assert!(!cursor.is_valid(), "{}", case.name());
    assert_eq!(cursor.seek(b"k"), Ok(true), "{}", case.name());
    assert_eq!((cursor.key(), cursor.value()), (&*entries[0].0, &*entries[0].1), "{}", case.name());
}
