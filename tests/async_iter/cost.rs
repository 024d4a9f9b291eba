//! What a step costs beside instructions (`tests/async_instructions.rs` counts those): memory, for the future and from the heap.

use std::cmp::Reverse;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use storage_iter::async_iter::{
    AsyncStorageIterator, BlockIterator, FromSync, IntersectionIterator, MergeIterator, UnionIterator,
};
use storage_iter::{SliceIterator, StorageIterator};

use crate::compositions::{AsyncLeaves, SyncLeaves, Visitor, visit_every_composition};
use crate::support::{Composition, Failures, Layers, Origin, sample_layers};
use crate::waiting::Waits;

/// Makes a step without allocating anything for it.
fn step<I: AsyncStorageIterator>(iterator: &mut I) -> Result<bool, I::Error> {
    let mut future = pin!(iterator.next());
    let context = &mut Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(stepped) = future.as_mut().poll(context) {
            return stepped;
        }
    }
}

/// The sample with keys and values that are all of one length: buffers may grow with the longest, and shall have done so in
/// the first step.
fn layers() -> Layers {
    let mut layers = sample_layers();
    for layer in &mut layers.0 {
        for (key, value) in layer.iter_mut() {
            key.resize(9, b' ');
            value.resize(if value.is_empty() { 0 } else { 4 }, b' ');
        }
        layer.sort();
        // Values of no bytes come later, so that the first step makes room.
        if let Some((_, value)) = layer.first_mut() {
            value.resize(4, b' ');
        }
    }
    assert!(layers.are_sorted());
    layers
}

struct Measuring<'a> {
    layers: &'a Layers,
    waits: Waits,
}

impl Visitor for Measuring<'_> {
    fn visit<S, A>(
        &mut self,
        composition: Composition,
        synchronous: impl Fn(&SyncLeaves<'_>) -> S,
        asynchronous: impl Fn(&AsyncLeaves<'_>) -> A,
    ) where
        S: StorageIterator<Key = [u8], Value = [u8]>,
        A: AsyncStorageIterator<Key = [u8], Value = [u8], Error: Origin>,
    {
        let name = composition.name;
        let mut expected = 0;
        if name.starts_with("fold_versions") {
            // It keeps as many operands as a user key has had at most: so does its synchronous twin.
            let mut iterator = synchronous(&SyncLeaves(self.layers));
            assert!(iterator.next().is_ok(), "{name}");
            expected = measure(|| while let Ok(true) = iterator.next() {}).count_total;
        }
        let leaves = AsyncLeaves::new(self.layers, &Failures::none(), &self.waits);
        let mut iterator = asynchronous(&leaves);
        assert!(step(&mut iterator).is_ok(), "{name}");
        let allocated = measure(|| {
            while let Ok(true) = step(&mut iterator) {
                black_box((iterator.is_valid(), iterator.key(), iterator.value(), iterator.num_active_iterators()));
            }
        });
        assert_eq!(allocated.count_total, expected, "{name}, {:?}: {} bytes", self.waits, allocated.bytes_total);
    }
}

#[test]
fn steps_after_the_first_allocate_nothing() {
    for waits in [Waits::never(), Waits::of(&[1], false), Waits::of(&[2, 0, 1], true)] {
        visit_every_composition(&mut Measuring { layers: &layers(), waits });
    }
}

/// The places of the reads are there from the beginning.
#[test]
fn reading_blocks_allocates_nothing() {
    static BLOCK: [(u64, u64); 1] = [(1, 1)];
    let read = |number| {
        (number < 100).then_some(async {
            tokio::task::yield_now().await;
            Ok(SliceIterator::new(&BLOCK))
        })
    };
    // Outside of a runtime `yield_now` wakes at once.
    let mut blocks = BlockIterator::new(read).read_ahead(3);
    assert_eq!(step(&mut blocks), Ok(true));
    let mut count = 1;
    let allocated = measure(|| {
        while step(&mut blocks) == Ok(true) {
            count += 1;
        }
    });
    assert_eq!((allocated.count_total, count), (0, 100));
}

/// The largest of these is half a kilobyte, and that is a tree of merges. Futures of tasks are as large as what they may wait
/// for.
#[test]
fn futures_are_small() {
    let entries = [(1_u64, "a")];
    let slice = || FromSync::new(SliceIterator::new(&entries));
    let merge = || MergeIterator::new([slice()]);
    let version = [((1_u64, Reverse(1)), "a")];
    let versions = || FromSync::new(SliceIterator::new(&version));
    let sizes = [
        ("FromSync", size_of_val(&slice().next()), 16),
        ("skip", size_of_val(&slice().filter(|_, _| true).next()), 96),
        ("two_merge", size_of_val(&slice().two_merge(slice()).next()), 256),
        ("merge", size_of_val(&merge().next()), 256),
        ("filter of merge", size_of_val(&merge().filter(|_, _| true).next()), 352),
        ("at", size_of_val(&versions().at(1).next()), 96),
        ("union of two", size_of_val(&slice().union(slice()).next()), 256),
        ("intersection of two", size_of_val(&slice().intersection(slice()).next()), 256),
        ("union", size_of_val(&UnionIterator::new([slice()]).next()), 256),
        ("intersection", size_of_val(&IntersectionIterator::new([slice()]).next()), 256),
        ("two_merge of merges", size_of_val(&merge().two_merge(merge()).next()), 1024),
        ("merge of two_merges", size_of_val(&MergeIterator::new([slice().two_merge(slice())]).next()), 1024),
    ];
    for (name, size, most) in sizes {
        println!("{name}: {size}");
        assert!(size <= most, "the future of {name} has {size} bytes, more than {most}");
    }
}
