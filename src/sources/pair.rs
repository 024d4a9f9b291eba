//! [`Pair`]: where a source of pairs stands.

use std::fmt;

use crate::combinators::not_on_an_entry;

/// The pair that a source lends, or why it lends none.
#[derive(Clone)]
pub(crate) enum Pair<K, V> {
    /// A step is open: the source is new, or has not answered.
    Behind,
    On((K, V)),
    After,
    Failed,
}

impl<K, V> Pair<K, V> {
    #[inline]
    pub(crate) fn is_valid(&self) -> bool {
        matches!(self, Pair::On(_))
    }

    #[inline]
    #[track_caller]
    pub(crate) fn key(&self) -> &K {
        match self {
            Pair::On((key, _)) => key,
            _ => not_on_an_entry(),
        }
    }

    #[inline]
    #[track_caller]
    pub(crate) fn value(&self) -> &V {
        match self {
            Pair::On((_, value)) => value,
            _ => not_on_an_entry(),
        }
    }
}

/// In words, as keys and values need not be `Debug`.
impl<K, V> fmt::Debug for Pair<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pair::Behind => "a step is open",
            Pair::On(_) => "on an entry",
            Pair::After => "after the last entry",
            Pair::Failed => "failed",
        })
    }
}
