//! Sources, one type a file.

mod blocks;
mod pairs;
mod result_pairs;

pub(super) use blocks::Alarm;
pub use blocks::BlockIterator;
pub use pairs::PairsIterator;
pub use result_pairs::ResultPairsIterator;
