//! What does it cost to collect a merge into a `SortedRun`, against other containers and against only merging? Dropping
//! the container is part of it.

#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod data;
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod peers;

use std::collections::BTreeMap;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use storage_iter::{MergeIterator, SliceIterator, SortedRun, StorageIterator};

use data::{Arena, Digest, Entry, Keys, Order, Shape};
use peers::Peer;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;
type Map = BTreeMap<Vec<u8>, Vec<u8>>;

fn collect(criterion: &mut Criterion) {
    let order = Order::Interleaved;
    let shape = Shape { keys: Keys::Url, sources: 8, order, duplicates: 10, entries: 10_000, tombstones: 0 };
    let arenas = shape.arenas();
    let sources: Vec<Vec<Entry<'_, &[u8]>>> = arenas.iter().map(Arena::entries).collect();
    let merged =
        || MergeIterator::new(sources.iter().map(|entries| SliceIterator::new(entries).borrowed::<[u8], [u8]>()));

    let expected = Peer::StorageIter.digest(&sources);
    let run: SortedRun = merged().collect().expect("slices do not fail");
    assert_eq!(digest(|add| run.iter().for_each(add).expect("runs do not fail")), expected);
    let pairs: Pairs = merged().collect().expect("slices do not fail");
    assert_eq!(digest(|add| pairs.iter().for_each(|(key, value)| add(key, value))), expected);
    let map: Map = merged().collect().expect("slices do not fail");
    assert_eq!(digest(|add| map.iter().for_each(|(key, value)| add(key, value))), expected);

    let mut group = criterion.benchmark_group("collect");
    group.throughput(Throughput::Elements(expected.entries as u64));
    group.bench_function("only merged", |bencher| bencher.iter(|| Peer::StorageIter.run(&sources)));
    group.bench_function("SortedRun", |bencher| bencher.iter(|| merged().collect::<SortedRun>()));
    group.bench_function("Vec of pairs", |bencher| bencher.iter(|| merged().collect::<Pairs>()));
    group.bench_function("BTreeMap", |bencher| bencher.iter(|| merged().collect::<Map>()));
    group.finish();
}

/// The checksum of all entries that `visit` hands on.
fn digest(visit: impl FnOnce(&mut dyn FnMut(&[u8], &[u8]))) -> Digest {
    let mut digest = Digest::default();
    visit(&mut |key, value| digest.add(key, value));
    digest
}

criterion_group!(benches, collect);
criterion_main!(benches);
