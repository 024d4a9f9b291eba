//! [`SortedEntries`]: what a single source is fed with.

use quickcheck::{Arbitrary, Gen};

use super::{Layer, Layers};

/// Entries whose keys ascend strictly: random input for a source or for a combinator over one child.
///
/// They are one of the [`Layers`] that quickcheck makes, and as rich in what byte keys are confused by. Shrinking keeps them
/// sorted.
///
/// ```
/// use quickcheck::QuickCheck;
/// use storage_iter::testing::SortedEntries;
/// use storage_iter::{SliceIterator, SortedRun, StorageIterator};
///
/// fn a_run_holds_what_it_is_made_of(entries: SortedEntries) -> bool {
///     let run: SortedRun = SliceIterator::new(&entries.0).borrowed().collect().unwrap();
///     entries.0.iter().all(|(key, value)| run.get(key) == Some(value))
/// }
/// QuickCheck::new().quickcheck(a_run_holds_what_it_is_made_of as fn(SortedEntries) -> bool);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortedEntries(pub Layer);

impl SortedEntries {
    /// The keys.
    ///
    /// ```
    /// # use storage_iter::testing::SortedEntries;
    /// assert_eq!(SortedEntries(vec![(b"a".to_vec(), b"1".to_vec())]).keys(), [b"a"]);
    /// ```
    #[must_use]
    pub fn keys(&self) -> Vec<Vec<u8>> {
        self.0.iter().map(|(key, _)| key.clone()).collect()
    }
}

impl Arbitrary for SortedEntries {
    fn arbitrary(g: &mut Gen) -> Self {
        SortedEntries(Layers::arbitrary_of_count(g, 1).0.pop().unwrap_or_default())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let layers = Layers(vec![self.0.clone()]).shrink();
        Box::new(layers.filter_map(|mut layers| layers.0.pop()).map(SortedEntries))
    }
}
