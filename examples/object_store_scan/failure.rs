//! [`Failure`]: why the program ends early.

use std::fmt;

use url::Url;

use crate::data::Digest;

/// Why the program ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The store has failed, with the object or the URL that was asked for.
    Store { what: String, error: object_store::Error },
    /// The store is one that this was built without; the feature that brings it.
    NotBuilt { url: Url, feature: &'static str },
    /// A block is not what was written.
    Corrupt { object: String, block: usize },
    /// A task ended before it was done.
    Stopped,
    /// The scan has yielded something else than a map of everything holds.
    Wrong { yielded: Digest, expected: Digest },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Store { what, error } => write!(f, "{what}: {error}"),
            Failure::NotBuilt { url, feature } => {
                let command = "cargo run --release --example object_store_scan --features async,object_store";
                write!(f, "{url}: built without this store; {command}/{feature}")
            }
            Failure::Corrupt { object, block } => write!(f, "{object}: block {block} is corrupt"),
            Failure::Stopped => f.write_str("a task was stopped"),
            Failure::Wrong { yielded, expected } => {
                write!(f, "a scan has yielded {} entries, but there are {}", yielded.entries, expected.entries)
            }
        }
    }
}

impl std::error::Error for Failure {}
