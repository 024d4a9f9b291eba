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

/// The traits of what lends the values of two children.
macro_rules! stand_on_two_sides {
    ($iterator:ident) => {
        impl<A, B> AsyncStorageIterator for $iterator<A, B>
        where
            A: AsyncStorageIterator,
            B: AsyncStorageIterator<Key = A::Key, Error = A::Error>,
        {
            type Key = A::Key;
            type Value = TwoSides<SetChild<A>, SetChild<B>>;
            type Error = ChildError<A::Error>;

            super::next_of_two_sides!();
            stand_on!(sync);
        }

        impl<A, B> AsyncSeekableIterator for $iterator<A, B>
        where
            A: AsyncSeekableIterator,
            B: AsyncSeekableIterator<Key = A::Key, Error = A::Error>,
        {
            super::try_seek_of_two_sides!();
        }

        super::forget_two_sides!($iterator<A, B>);
    };
}
use stand_on_two_sides;

/// Makes the next question to both children a new one.
macro_rules! forget_two_sides {
    ($iterator:ident<$($parameter:ident),+>) => {
        impl<$($parameter),+> $iterator<$($parameter),+> {
            fn forget(&mut self) {
                let (a, b) = self.sync.children_mut();
                a.forget();
                b.forget();
            }
        }
    };
}
use forget_two_sides;

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

/// `try_seek` and `try_seek_to_first` of a set operation on many children.
macro_rules! try_seek_of_many_sides {
    () => {
        fn try_seek(&mut self, key: &I::Key) -> Option<Result<bool, Self::Error>> {
            self.sync.children_mut().iter_mut().for_each(SetChild::forget);
            $crate::async_iter::tried::tried(self.sync.seek(key))
        }

        fn try_seek_to_first(&mut self) -> Option<Result<bool, Self::Error>> {
            self.sync.children_mut().iter_mut().for_each(SetChild::forget);
            $crate::async_iter::tried::tried(self.sync.seek_to_first())
        }
    };
}
use try_seek_of_many_sides;
