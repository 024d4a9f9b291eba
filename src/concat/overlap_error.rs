use std::error::Error;
use std::fmt;

use crate::Key;
use crate::key::Shown;

/// The error of key ranges that do not ascend, see [`RangedConcatSource`](crate::RangedConcatSource). `K` is the owned form of
/// the key.
///
/// ```
/// use storage_iter::OverlapError;
///
/// let error = OverlapError::Overlap { child: 2, previous_last: b"m\0".to_vec(), first: b"m".to_vec() };
/// assert_eq!(error.to_string(), r#"the first key of child 2, "m", does not come after the last key of child 1, "m\x00""#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverlapError<K> {
    /// A child begins before the child before it ends, or with the same key.
    Overlap {
        /// The second of the two children.
        child: usize,
        /// The last key of the child before it.
        previous_last: K,
        /// The first key of the child, equal to that or less.
        first: K,
    },
    /// A child's first key is greater than its last one.
    Inverted {
        /// The child.
        child: usize,
        /// What is said to be its first key.
        first: K,
        /// What is said to be its last key.
        last: K,
    },
}

impl<K: Key> fmt::Display for OverlapError<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OverlapError::Overlap { child, previous_last, first } => {
                let (first, previous, last) = (Shown(first), child.wrapping_sub(1), Shown(previous_last));
                write!(
                    f,
                    "the first key of child {child}, {first}, does not come after the last key of child {previous}, {last}"
                )
            }
            OverlapError::Inverted { child, first, last } => {
                write!(
                    f,
                    "the first key of child {child}, {}, is greater than its last key, {}",
                    Shown(first),
                    Shown(last)
                )
            }
        }
    }
}

impl<K: Key + fmt::Debug> Error for OverlapError<K> {}
