//! [`Kept`]: a copy in memory that is used again.

use std::borrow::Borrow;

/// Nothing, or a copy of a key or a value. What held it is kept for the next copy.
#[derive(Debug)]
pub(super) struct Kept<O> {
    owned: Option<O>,
    is_set: bool,
}

impl<O> Kept<O> {
    pub(super) const fn new() -> Self {
        Kept { owned: None, is_set: false }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.is_set = false;
    }

    /// After a panic there is nothing.
    #[inline]
    pub(super) fn set<T>(&mut self, item: &T)
    where
        T: ?Sized + ToOwned<Owned = O>,
    {
        self.is_set = false;
        match &mut self.owned {
            Some(owned) => item.clone_into(owned),
            None => self.owned = Some(item.to_owned()),
        }
        self.is_set = true;
    }

    /// Lets `write` write into what there is, which `make` makes the first time.
    pub(super) fn set_with<E>(
        &mut self,
        make: impl FnOnce() -> O,
        write: impl FnOnce(&mut O) -> Result<(), E>,
    ) -> Result<(), E> {
        self.is_set = false;
        write(self.owned.get_or_insert_with(make))?;
        self.is_set = true;
        Ok(())
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut O> {
        if self.is_set { self.owned.as_mut() } else { None }
    }

    #[inline]
    pub(super) fn get<T: ?Sized>(&self) -> Option<&T>
    where
        O: Borrow<T>,
    {
        if self.is_set { self.owned.as_ref().map(Borrow::borrow) } else { None }
    }
}

impl<O: Clone> Clone for Kept<O> {
    fn clone(&self) -> Self {
        // What is not set may be half of something.
        Kept { owned: if self.is_set { self.owned.clone() } else { None }, is_set: self.is_set }
    }
}
