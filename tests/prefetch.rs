//! The hint `prefetch` comes from a merge of many children to the sources below, through whatever combinators lie between.

use std::convert::Infallible;
use std::ops::Bound::Unbounded;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use storage_iter::testing::{CountingIterator, FailPoint, FailingIterator, VerifyingIterator};
use storage_iter::{
    BidirectionalIterator, ConcatChildren, ConcatIterator, MergeIterator, SeekableIterator, SliceIterator, SortedRun,
    StorageIterator,
};

/// A source that counts how often it is asked to prefetch.
struct Asked<'a> {
    entries: SliceIterator<'a, u64, u64>,
    asked: &'a AtomicUsize,
}

impl StorageIterator for Asked<'_> {
    type Key = u64;
    type Value = u64;
    type Error = Infallible;

    fn next(&mut self) -> Result<bool, Infallible> {
        self.entries.next()
    }

    fn is_valid(&self) -> bool {
        self.entries.is_valid()
    }

    fn key(&self) -> &u64 {
        self.entries.key()
    }

    fn value(&self) -> &u64 {
        self.entries.value()
    }

    fn prefetch(&self) {
        self.asked.fetch_add(1, Relaxed);
        self.entries.prefetch();
    }
}

impl SeekableIterator for Asked<'_> {
    fn seek(&mut self, key: &u64) -> Result<bool, Infallible> {
        self.entries.seek(key)
    }

    fn seek_to_first(&mut self) -> Result<bool, Infallible> {
        self.entries.seek_to_first()
    }
}

impl BidirectionalIterator for Asked<'_> {
    fn prev(&mut self) -> Result<bool, Infallible> {
        self.entries.prev()
    }

    fn seek_to_last(&mut self) -> Result<bool, Infallible> {
        self.entries.seek_to_last()
    }

    fn seek_for_prev(&mut self, key: &u64) -> Result<bool, Infallible> {
        self.entries.seek_for_prev(key)
    }
}

/// What the next step would read is not what a step back reads.
#[test]
fn no_child_is_asked_on_the_way_back() {
    let sources: Vec<Vec<(u64, u64)>> =
        (0..4).map(|source| (0..50).map(|key| (key * 4 + source, 0)).collect()).collect();
    let asked = AtomicUsize::new(0);
    let child = |entries| Asked { entries: SliceIterator::new(entries), asked: &asked };
    let mut back = MergeIterator::new(sources.iter().map(|entries| child(entries)));
    assert_eq!(back.seek_to_last(), Ok(true));
    while back.prev() == Ok(true) {}
    let descending = MergeIterator::new(sources.iter().map(|entries| child(entries).rev()));
    assert_eq!(descending.count(), Ok(200));
    assert_eq!(asked.load(Relaxed), 0);
}

#[test]
fn a_merge_asks_the_child_that_has_moved() {
    let sources: Vec<Vec<(u64, u64)>> =
        (0..4).map(|source| (0..50).map(|key| (key * 4 + source, 0)).collect()).collect();
    let asked: Vec<_> = (0..4).map(|_| AtomicUsize::new(0)).collect();
    let children = || {
        let slices = sources.iter().map(|entries| SliceIterator::new(entries));
        slices.zip(&asked).map(|(entries, asked)| Asked { entries, asked })
    };
    assert_eq!(MergeIterator::new(children()).count(), Ok(200));
    // Once a step to an entry, but for the first one, which moves all of them.
    assert!(asked.iter().all(|asked| asked.swap(0, Relaxed) == 49), "{asked:?}");
    #[cfg(feature = "async")]
    {
        use storage_iter::async_iter::{self, AsyncStorageIterator, FromSync};

        let merged = async_iter::MergeIterator::new(children().map(FromSync::new));
        assert_eq!(storage_iter::testing::block_on(merged.count()), Ok(200));
        assert!(asked.iter().all(|asked| asked.swap(0, Relaxed) == 49), "asynchronous: {asked:?}");
    }
}

#[test]
fn combinators_pass_it_on() {
    fn is_asked<'a, I: StorageIterator>(asked: &'a AtomicUsize, combined: impl FnOnce(Asked<'a>) -> I) -> bool {
        let entries = SliceIterator::new(&[(1, 1), (2, 2)]);
        let mut combined = combined(Asked { entries, asked });
        assert!(combined.next().is_ok_and(|is_valid| is_valid));
        combined.prefetch();
        asked.swap(0, Relaxed) == 1
    }
    let asked = &AtomicUsize::new(0);
    assert!(is_asked(asked, |child| child.borrowed::<u64, u64>()));
    assert!(is_asked(asked, |child| child.between(Unbounded::<u64>, Unbounded)));
    assert!(is_asked(asked, StorageIterator::check_order));
    assert!(is_asked(asked, |child| child.filter(|_, _| true)));
    assert!(is_asked(asked, StorageIterator::fuse));
    assert!(is_asked(asked, |child| child.inspect(|_, _| {})));
    assert!(is_asked(asked, |child| child.lift_err::<String>()));
    assert!(is_asked(asked, |child| child.map_err(|error| -> String { match error {} })));
    assert!(is_asked(asked, |child| child.map_value(|value| value)));
    assert!(is_asked(asked, |child| child.take(2)));
    assert!(is_asked(asked, |child| ConcatIterator::new(ConcatChildren::new([child]))));
    assert!(is_asked(asked, Box::new));
    assert!(is_asked(asked, CountingIterator::new));
    assert!(is_asked(asked, VerifyingIterator::new));
    assert!(is_asked(asked, |child| FailingIterator::new(child, FailPoint::harmless())));
    #[cfg(feature = "either")]
    {
        assert!(is_asked(asked, either::Either::<_, Asked<'_>>::Left));
        assert!(is_asked(asked, either::Either::<Asked<'_>, _>::Right));
    }
}

#[cfg(feature = "async")]
#[test]
fn asynchronous_combinators_pass_it_on() {
    use storage_iter::async_iter::{AsyncStorageIterator, FromSync};

    fn is_asked<'a, I: AsyncStorageIterator>(
        asked: &'a AtomicUsize,
        combined: impl FnOnce(FromSync<Asked<'a>>) -> I,
    ) -> bool {
        let entries = SliceIterator::new(&[(1, 1), (2, 2)]);
        let mut combined = combined(FromSync::new(Asked { entries, asked }));
        assert!(storage_iter::testing::block_on(combined.next()).is_ok_and(|is_valid| is_valid));
        combined.prefetch();
        asked.swap(0, Relaxed) == 1
    }
    let asked = &AtomicUsize::new(0);
    assert!(is_asked(asked, |child| child));
    assert!(is_asked(asked, |child| child.filter(|_, _| true)));
    assert!(is_asked(asked, |child| child.take(2).fuse()));
    assert!(is_asked(asked, |child| child.yield_every(2)));
    assert!(is_asked(asked, Box::new));
    #[cfg(feature = "either")]
    {
        assert!(is_asked(asked, either::Either::<_, FromSync<Asked<'_>>>::Left));
        assert!(is_asked(asked, either::Either::<FromSync<Asked<'_>>, _>::Right));
    }
}

/// Wherever the iterator stands: before its first entry, on its last one, behind it.
#[test]
fn sources_have_it_anywhere() {
    let entries = [(b"apple".to_vec(), 1_u8), (b"".to_vec(), 2), (b"cherry".to_vec(), 3), (b"date".to_vec(), 4)];
    let mut sorted = entries.to_vec();
    sorted.sort();
    let run: SortedRun<[u8], u8> = SliceIterator::new(&sorted).borrowed::<[u8], u8>().collect().expect("never fails");
    let mut slice = SliceIterator::new(&sorted);
    let mut scan = run.scan(Unbounded, Unbounded);
    for _ in 0..=sorted.len() {
        slice.prefetch();
        scan.prefetch();
        assert_eq!((slice.next(), slice.is_valid()), (scan.next(), scan.is_valid()));
    }
    slice.prefetch();
    scan.prefetch();
    assert!(!slice.is_valid() && !scan.is_valid());
}
