//! What do bounds, tombstones and a composition of them over merges cost, against loops written by hand?

#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod data;
#[allow(dead_code, unused_imports, reason = "the benches share it and use other parts")]
mod peers;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use data::{Arena, Digest, Entry, Keys, Order, Shape};
use peers::{ByNext, by_hand, composed, touch};

type Entries<'s> = [Entry<'s, &'s [u8]>];

/// Times a loop by hand and what is composed of combinators, after a look whether they agree. Both are written where they
/// are called, so that neither is called through a pointer.
macro_rules! compare {
    ($criterion:ident, $name:literal, $entries:expr, $function:ident($($argument:expr),*)) => {
        let mut digests = [Digest::default(); 2];
        by_hand::$function($($argument,)* |key, value| digests[0].add(key, value));
        composed::$function::<ByNext, _>($($argument,)* |key, value| digests[1].add(key, value));
        assert!(digests[0].entries > 0);
        assert_eq!(digests[1], digests[0]);

        let mut group = $criterion.benchmark_group($name);
        group.throughput(Throughput::Elements($entries as u64));
        group.bench_function("by hand", |bencher| {
            bencher.iter(|| {
                let mut sum = 0;
                by_hand::$function($($argument,)* |key, value| touch(&mut sum, key, value));
                sum
            });
        });
        group.bench_function("composed", |bencher| {
            bencher.iter(|| {
                let mut sum = 0;
                composed::$function::<ByNext, _>($($argument,)* |key, value| touch(&mut sum, key, value));
                sum
            });
        });
        group.finish();
    };
}

fn combinators(criterion: &mut Criterion) {
    let entries = 10_000;
    let shape =
        Shape { keys: Keys::Url, sources: 3, order: Order::Interleaved, duplicates: 10, entries, tombstones: 20 };
    let arenas = shape.arenas();
    let sources: Vec<Vec<Entry<'_, &[u8]>>> = arenas.iter().map(Arena::entries).collect();
    let layers: [&Entries<'_>; 3] = [&sources[0], &sources[1], &sources[2]];
    let one = layers[0];
    let tenth = one.len() / 10;
    let bounds = one[tenth].0..one[9 * tenth].0;

    compare!(criterion, "skip_tombstones", one.len(), skip_tombstones(one));
    compare!(criterion, "between", one.len(), between(one, &bounds));
    compare!(criterion, "composition", entries, composition(layers, &bounds));
}

criterion_group!(benches, combinators);
criterion_main!(benches);
