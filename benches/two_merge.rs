//! What does `TwoMergeIterator` cost, and `MergeIterator` over two sources, against a loop written by hand?

#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod data;
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod peers;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use data::{Arena, BenchKey, Digest, Entry, Keys, Order, Shape};
use peers::{ByNext, by_hand, composed, touch};

fn two_merge(criterion: &mut Criterion) {
    for keys in [Keys::Url, Keys::U64] {
        for order in [Order::Interleaved, Order::Clustered] {
            let shape = Shape { keys, sources: 2, order, duplicates: 10, entries: 10_000, tombstones: 0 };
            let arenas = shape.arenas();
            let name = format!("two_merge/{keys}/{order}");
            match keys {
                Keys::U64 => bench_keys::<u64>(criterion, &name, &arenas),
                _ => bench_keys::<&[u8]>(criterion, &name, &arenas),
            }
        }
    }
}

fn bench_keys<'a, K: BenchKey<'a>>(criterion: &mut Criterion, name: &str, arenas: &'a [Arena]) {
    let sources: Vec<Vec<Entry<'a, K>>> = arenas.iter().map(Arena::entries).collect();
    let [newer, older] = sources.as_slice() else { panic!("two sources") };

    let mut digests = [Digest::default(); 3];
    by_hand::two_merge(newer, older, |key, value| digests[0].add(key, value));
    composed::two_merge::<ByNext, _>(newer, older, |key, value| digests[1].add(key, value));
    composed::merge::<ByNext, _, _>([newer, older], |key, value| digests[2].add(key, value));
    assert!(digests[0].entries > 0);
    assert_eq!(digests[1], digests[0]);
    assert_eq!(digests[2], digests[0]);

    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements((newer.len() + older.len()) as u64));
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| {
            let mut sum = 0;
            by_hand::two_merge(newer, older, |key, value| touch(&mut sum, key, value));
            sum
        });
    });
    group.bench_function("TwoMergeIterator", |bencher| {
        bencher.iter(|| {
            let mut sum = 0;
            composed::two_merge::<ByNext, _>(newer, older, |key, value| touch(&mut sum, key, value));
            sum
        });
    });
    group.bench_function("MergeIterator", |bencher| {
        bencher.iter(|| {
            let mut sum = 0;
            composed::merge::<ByNext, _, _>([newer, older], |key, value| touch(&mut sum, key, value));
            sum
        });
    });
    group.finish();
}

criterion_group!(benches, two_merge);
criterion_main!(benches);
