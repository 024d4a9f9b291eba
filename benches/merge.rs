//! What does a k-way merge cost, against other ways to merge and against only reading the entries?
//!
//! A sample of the grid with criterion's statistics; all of the grid: `cargo run --release --example merge_grid`.

#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod data;
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod peers;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use clap::ValueEnum;
use data::{Arena, Entry, Keys, Order, Shape};
use peers::{Kind, Peer};

fn merge(criterion: &mut Criterion) {
    for order in [Order::Interleaved, Order::Clustered] {
        let mut group = criterion.benchmark_group(format!("merge/{order}"));
        for sources in [2, 8, 32, 128] {
            let shape = Shape { keys: Keys::Url, sources, order, duplicates: 10, entries: 10_000, tombstones: 0 };
            let arenas = shape.arenas();
            let sources: Vec<Vec<Entry<'_, &[u8]>>> = arenas.iter().map(Arena::entries).collect();
            check_agreement(&sources);
            group.throughput(Throughput::Elements(sources.iter().map(Vec::len).sum::<usize>() as u64));
            for &peer in Peer::value_variants() {
                let id = BenchmarkId::new(peer.name(), sources.len());
                group.bench_with_input(id, &sources, |bencher, sources| bencher.iter(|| peer.run(sources)));
            }
        }
        group.finish();
    }
}

fn check_agreement(sources: &[Vec<Entry<'_, &[u8]>>]) {
    let ours = Peer::StorageIter.digest(sources);
    assert!(ours.entries > 0);
    for peer in Peer::value_variants() {
        let theirs = peer.digest(sources);
        match peer.kind() {
            Kind::Merge => assert_eq!(theirs, ours, "{peer:?}"),
            // Which of the entries with one key comes out is not said.
            Kind::MergeWithAnyEntry => {
                assert_eq!((theirs.entries, theirs.keys), (ours.entries, ours.keys), "{peer:?}");
            }
            Kind::Floor => assert!(theirs.entries >= ours.entries, "{peer:?}"),
        }
    }
}

criterion_group!(benches, merge);
criterion_main!(benches);
