//! Combinators over one child, one type a file: the synchronous ones, over a child that is tried.

mod between;
mod borrowed;
mod check_order;
mod filter;
mod fuse;
mod inspect;
mod lift_err;
mod map_err;
mod map_value;
mod skip_tombstones;
mod take;

pub use between::BetweenIterator;
pub use borrowed::BorrowedIterator;
pub use check_order::CheckOrderIterator;
pub use filter::FilterIterator;
pub use fuse::FuseIterator;
pub use inspect::InspectIterator;
pub use lift_err::LiftErrIterator;
pub use map_err::MapErrIterator;
pub use map_value::MapValueIterator;
pub use skip_tombstones::SkipTombstonesIterator;
pub use take::TakeIterator;
