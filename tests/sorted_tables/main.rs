//! One suite for every table, each property stamped on each by a macro.

mod concurrent;
mod inherent;
mod owned;
mod sequential;
mod snapshot;
mod support;
mod third_party;
