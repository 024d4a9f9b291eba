//! The command line.

use clap::Parser;
use url::Url;

/// Scans sorted runs in an object store, merged under a live mem-table, twice: reading ahead, and one request at a time.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Arguments {
    /// How many runs there are.
    #[arg(long, default_value_t = 16)]
    pub(crate) runs: usize,
    /// About how many entries a run has.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) entries: u64,
    /// How much a request reads, in KiB.
    #[arg(long, default_value_t = 64)]
    pub(crate) block_kib: usize,
    /// How much longer each request takes than the store needs for it.
    #[arg(long, default_value_t = 5)]
    pub(crate) latency_ms: u64,
    /// How many blocks of each run are read ahead.
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    pub(crate) read_ahead: usize,
    /// Where the store is, and under which path the runs are put, and deleted afterwards: memory:///, file:///tmp/runs or
    /// s3://bucket/runs for example. Without this, in memory.
    #[arg(long, default_value = "memory:///")]
    pub(crate) url: Url,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("0 blocks ahead is what it is compared with".to_string()),
        Ok(blocks) => Ok(blocks),
        Err(error) => Err(format!("{error}")),
    }
}
