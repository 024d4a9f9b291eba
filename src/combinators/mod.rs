//! Combinators over one child, one type a file.

mod between;
mod borrowed;
mod check_order;
mod child;
mod filter;
mod fuse;
mod inspect;
mod lift_err;
mod map_err;
mod map_value;
mod rev;
mod skip_tombstones;
mod take;

#[cfg(feature = "mem-table")]
pub(crate) use between::{borrow_bound, is_empty_range, is_from, is_up_to};
pub(crate) use child::{
    Child, Judge, Verdict, assert_valid, cursor_by_judging, cut_short, for_each_from, not_on_an_entry, stand_on_child,
    yield_all,
};

pub use between::BetweenIterator;
pub use borrowed::BorrowedIterator;
pub use check_order::{CheckOrderIterator, OrderError};
pub use filter::FilterIterator;
pub use fuse::{FuseError, FuseIterator};
pub use inspect::InspectIterator;
pub use lift_err::LiftErrIterator;
pub use map_err::MapErrIterator;
pub use map_value::MapValueIterator;
pub use rev::RevIterator;
pub use skip_tombstones::SkipTombstonesIterator;
pub use take::TakeIterator;
