//! Sets over keys, awaited, one type a file: the synchronous ones, over children that are tried.

mod child;
mod intersection;
mod two_difference;
mod two_intersection;
mod two_symmetric_difference;
mod two_union;
mod union;

pub use child::SetChild;
pub use intersection::IntersectionIterator;
pub use two_difference::TwoDifferenceIterator;
pub use two_intersection::TwoIntersectionIterator;
pub use two_symmetric_difference::TwoSymmetricDifferenceIterator;
pub use two_union::TwoUnionIterator;
pub use union::UnionIterator;

/// `next` and `try_next` of a set operation on two children.
macro_rules! next_of_two_sides {
    () => {
        $crate::async_iter::wait::next_of_two!(self, {
            let (a, b) = self.sync.children_mut();
            (a.waiting(), b.waiting())
        });
    };
}
use next_of_two_sides;

/// `try_seek` and `try_seek_to_first` of a set operation on two children.
macro_rules! try_seek_of_two_sides {
    () => {
        fn try_seek(&mut self, key: &Self::Key) -> Option<Result<bool, Self::Error>> {
            self.forget();
            $crate::async_iter::tried::tried(self.sync.seek(key))
        }

        fn try_seek_to_first(&mut self) -> Option<Result<bool, Self::Error>> {
            self.forget();
            $crate::async_iter::tried::tried(self.sync.seek_to_first())
        }
    };
}
use try_seek_of_two_sides;
