//! [`Statistics`]: what was done, as a table.

use std::fmt;
use std::time::Duration;

use indicatif::HumanCount;

/// What was done.
#[derive(Debug)]
pub(crate) struct Statistics {
    pub(crate) layers: usize,
    /// How many of the layers were mem-tables.
    pub(crate) tables: usize,
    /// Entries of all layers between the bounds.
    pub(crate) entries: u64,
    /// Keys whose newest entry is a tombstone.
    pub(crate) deleted: u64,
    /// Keys whose newest entry has a value.
    pub(crate) live: u64,
    /// From the first file to the last line.
    pub(crate) elapsed: Duration,
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Statistics { layers, tables, entries, deleted, live, elapsed } = self;
        // Of the entries of one key the merge lets one through.
        let shadowed = entries - deleted - live;
        writeln!(f, "layers          {layers:>10}   {tables} in mem-tables, {} read from disk", layers - tables)?;
        writeln!(f, "entries read    {:>10}", HumanCount(*entries).to_string())?;
        writeln!(f, "  shadowed      {:>10}   a newer layer has the key", HumanCount(shadowed).to_string())?;
        writeln!(f, "  deleted       {:>10}   the newest entry is a tombstone", HumanCount(*deleted).to_string())?;
        writeln!(f, "  live          {:>10}   the newest entry has a value", HumanCount(*live).to_string())?;
        if let Some(nanoseconds) = elapsed.as_nanos().checked_div(u128::from(*entries)) {
            writeln!(f, "time per entry  {nanoseconds:>7} ns   {elapsed:.1?} to read, merge and write")?;
        }
        Ok(())
    }
}
