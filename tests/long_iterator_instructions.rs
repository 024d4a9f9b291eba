//! What a long scan costs beside a plain one, in instructions, which do not depend on how busy the machine is.
//!
//! ```text
//! cargo test --release --test long_iterator_instructions -- --ignored --nocapture
//! ```
//!
//! The test runs itself under valgrind, once for one pass over the entries and once for three: the difference is what
//! two passes take, without the building of the table.

use std::convert::Infallible;
use std::hint::black_box;
use std::ops::Bound::{self, Unbounded};
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

use storage_iter::{
    LongIterator, MemTable, MemTableIterator, RefreshIterator, ScanFn, SortedRun, SortedRunIterator, StorageIterator,
    ViewSource,
};

const ENTRIES: u64 = 20_000;
const SCAN: &str = "LONG_ITERATOR_SCAN";
const PASSES: &str = "LONG_ITERATOR_PASSES";

struct Table(Arc<MemTable>);

impl ViewSource for Table {
    type View = Arc<MemTable>;
    type Iter<'v> = MemTableIterator<'v>;
    type Error = Infallible;

    fn view(&self) -> Result<Arc<MemTable>, Infallible> {
        Ok(Arc::clone(&self.0))
    }

    fn scan<'v>(
        &'v self,
        view: &'v Arc<MemTable>,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<MemTableIterator<'v>, Infallible> {
        Ok(view.scan(lower, upper))
    }
}

struct Run(SortedRun);

impl ViewSource for Run {
    type View = SortedRun;
    type Iter<'v> = SortedRunIterator<'v>;
    type Error = Infallible;

    fn view(&self) -> Result<SortedRun, Infallible> {
        Ok(self.0.clone())
    }

    fn scan<'v>(
        &'v self,
        view: &'v SortedRun,
        lower: Bound<&[u8]>,
        upper: Bound<&[u8]>,
    ) -> Result<SortedRunIterator<'v>, Infallible> {
        Ok(view.scan(lower, upper))
    }
}

fn pass(mut entries: impl StorageIterator<Key = [u8], Value = [u8], Error = Infallible>) {
    let mut count = 0;
    while let Ok(true) = entries.next() {
        black_box((entries.key(), entries.value()));
        count += 1;
    }
    assert_eq!(count, ENTRIES);
}

/// What is measured; run by `long_scans_cost_little` as a process of its own.
#[test]
#[ignore = "is run by the other test"]
fn scan() {
    let (Ok(scan), Ok(passes)) = (env::var(SCAN), env::var(PASSES)) else { return };
    let table = Arc::new(MemTable::new());
    for number in 0..ENTRIES {
        // Random order of insertion, keys of 16 bytes, values of 100.
        let key = u128::from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64;
        table.put(&key.to_be_bytes(), &[7; 100]);
    }
    let run = table.freeze();
    let owned = || ScanFn::new(|lower, upper| Ok(run.clone().scan_owned(lower, upper)), || 0);
    for _ in 0..passes.parse().unwrap() {
        match scan.as_str() {
            "plain table" => pass(table.scan(Unbounded, Unbounded)),
            "long table" => pass(LongIterator::latest(Table(Arc::clone(&table)), Unbounded, Unbounded)),
            "plain run" => pass(run.scan(Unbounded, Unbounded)),
            "long run" => pass(LongIterator::latest(Run(run.clone()), Unbounded, Unbounded)),
            "refreshed run" => pass(RefreshIterator::new(owned(), Unbounded, Unbounded)),
            other => panic!("no scan {other}"),
        }
    }
}

/// Instructions an entry.
fn instructions(scan: &str) -> f64 {
    let directory = tempfile::tempdir().unwrap();
    let [one, three] = ["1", "3"].map(|passes| {
        let file = directory.path().join(passes);
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", &format!("--callgrind-out-file={}", file.display())])
            .arg(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "scan", "--test-threads=1"])
            .env(SCAN, scan)
            .env(PASSES, passes)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let counts = fs::read_to_string(file).unwrap();
        let total = counts.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
        total.unwrap().trim().parse::<u64>().unwrap()
    });
    (three - one) as f64 / (2 * ENTRIES) as f64
}

#[test]
#[ignore = "takes a minute, and valgrind"]
fn long_scans_cost_little() {
    if cfg!(debug_assertions) {
        println!("skipped: instructions are counted in release builds");
        return;
    }
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no valgrind");
        return;
    }
    let [plain_table, long_table] = ["plain table", "long table"].map(instructions);
    let [plain_run, long_run, refreshed_run] = ["plain run", "long run", "refreshed run"].map(instructions);
    let (table, run, refreshed) = (long_table / plain_table, long_run / plain_run, refreshed_run / plain_run);
    println!("instructions an entry, and beside the plain scan");
    println!("MemTable:  plain {plain_table:.0}, LongIterator {long_table:.0}: {table:.2}");
    println!("SortedRun: plain {plain_run:.0}, LongIterator {long_run:.0}: {run:.2}");
    println!("SortedRun: plain {plain_run:.0}, RefreshIterator {refreshed_run:.0}: {refreshed:.2}");
    assert!(table <= 2.0, "over a MemTable a LongIterator takes {table:.2} times the instructions");
    assert!(run <= 3.0, "over a SortedRun a LongIterator takes {run:.2} times the instructions");
}
