//! Random nestings of merges, two-merges, bounds and filters against an oracle that knows nothing of iterators.

mod support;

use std::sync::Arc;

use quickcheck::quickcheck;
use storage_iter::StorageIterator;
use support::{Failures, Layers, Nesting, run_without_errors};

quickcheck! {
    fn every_nesting_agrees_with_the_oracle(nesting: Nesting, layers: Layers) -> bool {
        let iterator = nesting.build(&layers, &Arc::new(Failures::none()));
        run_without_errors("nesting", iterator) == nesting.expected(&layers)
    }

    fn every_nesting_counts_its_leaves(nesting: Nesting, layers: Layers) -> bool {
        nesting.build(&layers, &Arc::default()).num_active_iterators() == nesting.leaf_count()
    }
}
