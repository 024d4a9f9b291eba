//! One suite for every table, each property stamped on each by a macro.

mod concurrent;
mod owned;
mod sequential;
mod snapshot;
mod support;
