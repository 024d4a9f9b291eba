//! From streams, and into them.

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use quickcheck::quickcheck;
use storage_iter::FuseError;
use storage_iter::async_iter::{AsyncStorageIterator, PairsIterator, ResultPairsIterator};

use crate::compositions::AsyncLeaves;
use crate::driver::{Driver, complete};
use crate::support::{Composition, Entry, Failures, Layers, oracles};
use crate::waiting::Waits;

/// A stream over the first layer that waits and fails.
fn stream(
    layers: &Layers,
    failures: &Failures,
    waits: &Waits,
) -> impl Stream<Item = Result<Entry, String>> + Send + use<> {
    AsyncLeaves::new(layers, failures, waits).leaf(0, &[]).map_err(|failure| failure.to_string()).into_stream()
}

quickcheck! {
    fn into_a_stream_and_back(layers: Layers, waits: Waits, driver: Driver) -> bool {
        let entries = layers.layer(0);
        let pairs = Box::pin(stream(&layers, &Failures::none(), &waits).map(Result::unwrap));
        let mut from_pairs = PairsIterator::new(pairs).borrowed::<[u8], [u8]>();
        let results = Box::pin(stream(&layers, &Failures::none(), &waits));
        let mut from_results = ResultPairsIterator::new(results).borrowed::<[u8], [u8]>();
        driver.run(Composition::of("pairs"), &mut from_pairs, 0).entries == entries
            && driver.run(Composition::of("result pairs"), &mut from_results, 0).entries == entries
    }

    /// A stream goes on behind its errors, as the iterator does.
    fn a_stream_has_all_entries_and_all_errors(layers: Layers, failures: Failures, waits: Waits) -> bool {
        let items: Vec<_> = complete(stream(&layers, &failures, &waits).collect());
        let (entries, errors): (Vec<_>, Vec<_>) = items.into_iter().partition(Result::is_ok);
        let failed: usize = (0..=layers.layer(0).len()).map(|step| failures.times(0, step)).sum();
        entries.into_iter().map(Result::unwrap).eq(layers.layer(0).iter().cloned()) && errors.len() == failed
    }

    fn streams_are_merged(layers: Layers, waits: Waits, driver: Driver) -> bool {
        let sources = layers.0.iter().map(|layer| {
            let alone = Layers(vec![layer.clone()]);
            ResultPairsIterator::new(Box::pin(stream(&alone, &Failures::none(), &waits)))
        });
        let mut merged = storage_iter::async_iter::MergeIterator::new(sources).borrowed::<[u8], [u8]>();
        driver.run(Composition::of("merge of streams"), &mut merged, 0).entries == oracles::newest(&layers.0)
    }
}

/// The first error of a stream is final, for nobody knows what the stream does afterwards.
#[test]
fn a_failed_stream_never_looks_exhausted() {
    let rows = stream::iter([Ok((1, 'a')), Err("connection lost"), Ok((2, 'b'))]);
    let mut entries = ResultPairsIterator::new(rows);
    assert_eq!(complete(entries.next()), Ok(true));
    assert_eq!(complete(entries.next()), Err(FuseError::First("connection lost")));
    for _ in 0..10 {
        assert!(!entries.is_valid());
        assert_eq!(complete(entries.next()), Err(FuseError::Again));
    }
}

/// What futures-util offers applies.
#[test]
fn adaptors_of_futures_util_apply() {
    let layers = crate::support::sample_layers();
    let waits = Waits::of(&[1, 0, 2], false);
    let chunks = stream(&layers, &Failures::none(), &waits).try_chunks(3).map_ok(|chunk| chunk.len());
    assert_eq!(complete(chunks.try_collect::<Vec<_>>()).expect("never fails"), [3, 1]);
}
