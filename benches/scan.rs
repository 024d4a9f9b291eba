//! What does a scan cost that keeps nothing alive, or that is refreshed, beside a plain scan of the same table or run?

use std::convert::Infallible;
use std::ops::Bound::Unbounded;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use storage_iter::{LongIterator, MemTable, RefreshIterator, ScanFn, SortedRun, StorageIterator};

const ENTRIES: u64 = 10_000;

/// The number of entries and the sum of their sizes.
fn drain(mut entries: impl StorageIterator<Key = [u8], Value = [u8], Error = Infallible>) -> (u64, usize) {
    let mut total = (0, 0);
    while entries.next() == Ok(true) {
        total = (total.0 + 1, total.1 + entries.key().len() + entries.value().len());
    }
    total
}

fn scan(criterion: &mut Criterion) {
    let table = Arc::new(MemTable::new());
    for number in 0..ENTRIES {
        // Spread, so that neighbours in the table are not neighbours in memory.
        let key = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        table.put(&[key, key].concat(), &[7; 100]);
    }
    let run = table.freeze();

    bench_source(
        criterion,
        "scan of a MemTable",
        || drain(table.scan(Unbounded, Unbounded)),
        || {
            drain(LongIterator::from_fn(Unbounded, Unbounded, |lower, upper, chunk| {
                chunk.extend_from(Arc::clone(&table).scan(lower, upper))
            }))
        },
        || {
            let open = |lower: std::ops::Bound<&[u8]>, upper: std::ops::Bound<&[u8]>| {
                Ok(Arc::clone(&table).scan_owned(lower, upper))
            };
            drain(RefreshIterator::new(ScanFn::new(open, || 0), Unbounded, Unbounded))
        },
    );
    bench_source(
        criterion,
        "scan of a SortedRun",
        || drain(run.iter()),
        || {
            drain(LongIterator::from_fn(Unbounded, Unbounded, |lower, upper, chunk| {
                chunk.extend_from(SortedRun::clone(&run).scan(lower, upper))
            }))
        },
        || {
            let open = |lower: std::ops::Bound<&[u8]>, upper: std::ops::Bound<&[u8]>| {
                Ok(SortedRun::clone(&run).scan_owned(lower, upper))
            };
            drain(RefreshIterator::new(ScanFn::new(open, || 0), Unbounded, Unbounded))
        },
    );
}

fn bench_source(
    criterion: &mut Criterion,
    name: &str,
    plain: impl Fn() -> (u64, usize),
    long: impl Fn() -> (u64, usize),
    refreshed: impl Fn() -> (u64, usize),
) {
    let expected = (ENTRIES, ENTRIES as usize * 116);
    assert_eq!([plain(), long(), refreshed()], [expected; 3], "they do not yield the same");
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(ENTRIES));
    group.bench_function("plain", |bencher| bencher.iter(&plain));
    group.bench_function("LongIterator", |bencher| bencher.iter(&long));
    group.bench_function("RefreshIterator", |bencher| bencher.iter(&refreshed));
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
