//! What an iterator knows about where it stands: the child that an entry came from, how many sources there are, what
//! neighbouring keys share.

use std::ops::Bound::Unbounded;

use futures_util::stream;
use quickcheck::quickcheck;
use storage_iter::async_iter::{
    AsyncStorageIterator, ConcatIterator, FromSync, LongIterator, MergeAllIterator, MergeIterator, PairsIterator,
    UnionIterator,
};
use storage_iter::{BTreeMemTable, SliceIterator, SortedRun, StorageIterator};

use crate::driver::complete;
use crate::support::{Entry, Layers};

/// The indices of the children that the entries come from, those before the first entry and after the last included.
macro_rules! source_indices {
    ($merged:expr, $iterator:ident => $next:expr) => {{
        let mut $iterator = $merged;
        let mut indices = vec![$iterator.source_index()];
        while $next.expect("never fails") {
            indices.push($iterator.source_index());
        }
        indices.push($iterator.source_index());
        indices
    }};
}

quickcheck! {
    fn merges_say_where_an_entry_came_from(layers: Layers) -> bool {
        let slice = |layer: usize| SliceIterator::new(layers.layer(layer));
        let slices = || (0..layers.0.len()).map(slice);
        let awaited = || slices().map(FromSync::new);
        source_indices!(MergeIterator::new(awaited()), merged => complete(merged.next()))
            == source_indices!(storage_iter::MergeIterator::new(slices()), merged => merged.next())
            && source_indices!(MergeAllIterator::new(awaited()), merged => complete(merged.next()))
                == source_indices!(storage_iter::MergeAllIterator::new(slices()), merged => merged.next())
            && source_indices!(FromSync::new(slice(0)).two_merge(FromSync::new(slice(1))), merged => complete(merged.next()))
                == source_indices!(slice(0).two_merge(slice(1)), merged => merged.next())
    }
}

#[test]
fn sources_are_counted() {
    let entries: Vec<Entry> = vec![(b"a".to_vec(), b"1".to_vec())];
    let source = || FromSync::new(SliceIterator::new(&entries));
    let pair = || source().two_merge(source());
    assert_eq!(PairsIterator::new(stream::iter(entries.clone())).num_active_iterators(), 1);
    assert_eq!(
        FromSync::new(SliceIterator::new(&entries).two_merge(SliceIterator::new(&entries))).num_active_iterators(),
        2
    );
    assert_eq!(pair().yield_every(1).num_active_iterators(), 2);
    assert_eq!(MergeIterator::new((0..3).map(|_| pair())).num_active_iterators(), 6);
    assert_eq!(MergeAllIterator::new((0..3).map(|_| pair())).num_active_iterators(), 6);
    assert_eq!(MergeIterator::new((0..0).map(|_| pair())).num_active_iterators(), 0);
    assert_eq!(pair().intersection(pair()).num_active_iterators(), 4);
    assert_eq!(UnionIterator::new((0..3).map(|_| pair())).num_active_iterators(), 6);

    let mut concat = ConcatIterator::new(2, |_| std::future::ready(Ok(pair())));
    assert_eq!((concat.num_active_iterators(), concat.source_index()), (0, None));
    for (is_valid, active, index) in [(true, 2, Some(0)), (true, 2, Some(1)), (false, 0, None)] {
        assert_eq!(complete(concat.next()), Ok(is_valid));
        assert_eq!((concat.num_active_iterators(), concat.source_index()), (active, index));
    }
}

/// A long iterator has nothing open between two steps, and counts how often it has asked its source.
#[test]
fn long_iterators_are_counted() {
    let table = BTreeMemTable::new();
    for key in 0..5_u8 {
        table.put(&[key], b"");
    }
    let mut long = LongIterator::new(AtOnce(&table), Unbounded, Unbounded).max_entries(2);
    let counts = |long: &LongIterator<_>| (long.refreshes(), long.entries_since_refresh());
    let mut counted = vec![counts(&long)];
    while complete(long.next()).expect("never fails") {
        assert_eq!(long.num_active_iterators(), 0);
        counted.push(counts(&long));
    }
    assert_eq!(counted, [(0, 0), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]);
}

/// A source that has not to be waited for.
struct AtOnce<'a>(&'a BTreeMemTable);

impl storage_iter::async_iter::ChunkSource for AtOnce<'_> {
    type Error = std::convert::Infallible;

    async fn fill(
        &self,
        from: std::ops::Bound<&[u8]>,
        upper: std::ops::Bound<&[u8]>,
        chunk: &mut storage_iter::Chunk,
    ) -> Result<(), Self::Error> {
        storage_iter::ChunkSource::fill(&self.0, from, upper, chunk)
    }
}

/// What neighbouring keys share is known through what leaves the keys alone.
#[test]
fn shared_bytes_come_through() {
    let entries = ["a", "ab", "abba", "c"].map(|key| (key, "value"));
    let run: SortedRun<str, str> = SliceIterator::new(&entries).borrowed().collect().unwrap();
    let mut yielding = FromSync::new(run.iter()).yield_every(3);
    let mut shared = vec![];
    while complete(yielding.next()).expect("never fails") {
        shared.push(yielding.shared_prefix_len());
    }
    assert_eq!(shared, [0, 1, 2, 0].map(Some));
}

#[cfg(feature = "either")]
#[test]
fn either_is_the_one_that_it_is() {
    use either::Either;
    use storage_iter::async_iter::AsyncSeekableIterator;

    let entries = ["a", "ab", "c"].map(|key| (key, "value"));
    let run: SortedRun<str, str> = SliceIterator::new(&entries).borrowed().collect().unwrap();
    let source = || FromSync::new(run.iter());
    let pair = || source().two_merge(source()).map_err(|error| error.error);
    assert_eq!(
        Either::<_, FromSync<storage_iter::SortedRunIterator<'_, str, str>>>::Left(pair()).num_active_iterators(),
        2
    );
    for mut one in [Either::Left(source()), Either::Right(source())] {
        assert_eq!((one.try_seek("ab"), one.key()), (Some(Ok(true)), "ab"));
        assert_eq!(one.try_seek("d"), Some(Ok(false)));
        assert_eq!((one.try_seek_to_first(), one.key()), (Some(Ok(true)), "a"));
        assert_eq!((one.try_next(), one.shared_prefix_len()), (Some(Ok(true)), Some(1)));
        assert_eq!((one.try_next(), one.shared_prefix_len()), (Some(Ok(true)), Some(0)));
    }
}
