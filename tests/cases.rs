//! Cases from the test suites of other projects; `tests/data/README.md` says where they come from.

mod support;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

use serde_json::Value;
#[cfg(feature = "mem-table")]
use storage_iter::MemTable;
use storage_iter::{FuseError, MergeAllIterator, MergeIterator, SliceIterator, SortedRun, StorageIterator};
use support::{Composition, Entry, Failures, HostileIterator, Layer, run, run_without_errors};

/// How many cases of each operation are run, and how many are left out because the library lacks what they need. A new
/// feature must raise the first and lower the second.
const RUN_AND_LEFT_OUT: [(&str, usize, usize); 15] = [
    ("concat", 0, 1),
    ("concat_seek", 0, 120),
    ("difference", 0, 4),
    ("fused", 2, 0),
    ("gc_watermark", 0, 7),
    // The others read an older version (`read_seq`).
    ("get", 19, 54),
    ("intersection", 0, 4),
    ("merge", 10, 0),
    ("merge_all", 8, 0),
    ("merge_join", 0, 7),
    // The others read an older version (`read_seq`).
    ("scan", 31, 29),
    ("seek_chain", 0, 10),
    ("symmetric_difference", 0, 2),
    ("two_merge", 6, 0),
    ("union", 0, 4),
];

#[test]
fn cases_of_other_projects() {
    let text = include_str!("data/cases.jsonl");
    let mut records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is a record"));
    let shared = records.next().expect("the shared inputs")["shared_inputs"].clone();

    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for mut record in records {
        if let Some(name) = record["inputs"].as_str() {
            record["inputs"] = shared[name].clone();
        }
        let case = Case(record);
        let (run, left_out) = counts.entry(case.operation().to_string()).or_default();
        if case.run() {
            *run += 1;
        } else {
            *left_out += 1;
        }
    }
    let counts: Vec<(&str, usize, usize)> =
        counts.iter().map(|(operation, &(run, left_out))| (operation.as_str(), run, left_out)).collect();
    assert_eq!(counts, RUN_AND_LEFT_OUT);
}

struct Case(Value);

impl Case {
    fn operation(&self) -> &str {
        self.0["op"].as_str().expect("a case has an operation")
    }

    fn name(&self) -> String {
        format!("{} of {}", self.0["name"], self.0["source"])
    }

    /// Runs the case, or answers `false` if the library cannot.
    fn run(&self) -> bool {
        if self.0.get("read_seq").is_some() {
            return false;
        }
        match self.operation() {
            "merge" if self.0.get("error").is_some() => self.run_merge_with_an_error(),
            "merge" => self.run_merge(),
            "two_merge" => self.run_two_merge(),
            "merge_all" => self.run_merge_all(),
            "scan" => self.run_scan(),
            "get" => self.run_get(),
            "fused" => self.run_fused(),
            _ => return false,
        }
        true
    }

    fn layers(&self) -> Vec<Layer> {
        self.0["inputs"].as_array().expect("a case has inputs").iter().map(layer).collect()
    }

    fn expected(&self) -> Layer {
        layer(&self.0["expect"])
    }

    /// The source that fails, and at which step.
    ///
    /// The sources of these cases stand on their first entry when they are new, so their first `next` is the one to the
    /// second entry. Ours stand before the first, and count that step as 0: the step to the second entry is step 1 in both.
    fn error(&self) -> (usize, usize) {
        let number = |field: &str| self.0["error"][field].as_u64().expect("an error has a place") as usize;
        (number("source"), number("at_next"))
    }

    fn run_merge(&self) {
        let layers = self.layers();
        let slices = layers.iter().map(|layer| HostileIterator::harmless(layer));
        assert_eq!(run_without_errors("merge", MergeIterator::new(slices)), self.expected(), "{}", self.name());

        #[cfg(feature = "mem-table")]
        {
            let tables = tables(&layers);
            let scans = tables.iter().map(|table| table.scan(Bound::Unbounded, Bound::Unbounded));
            assert_eq!(run_without_errors("merge", MergeIterator::new(scans)), self.expected(), "{}", self.name());
        }
    }

    /// Must report the error before the end, without a panic. Ours can go on behind it as well: nothing is lost.
    fn run_merge_with_an_error(&self) {
        let layers = self.layers();
        let (source, step) = self.error();
        let failures = Rc::new(Failures::none().and(source, step, 1));
        let children = layers
            .iter()
            .enumerate()
            .map(|(index, layer)| HostileIterator::new(layer, index, Rc::clone(&failures), &[index]));
        let run = run(Composition::of("merge"), &mut MergeIterator::new(children), 1);
        assert_eq!(run.errors.iter().map(|error| error.child).collect::<Vec<_>>(), [source], "{}", self.name());
        assert!(run.ended);
        assert_eq!(run.entries, support::oracles::newest(&layers), "{}", self.name());
    }

    fn run_two_merge(&self) {
        let layers = self.layers();
        let [a, b] = layers.as_slice() else { panic!("{}: two inputs", self.name()) };
        let merged = HostileIterator::harmless(a).two_merge(HostileIterator::harmless(b));
        assert_eq!(run_without_errors("two_merge", merged), self.expected(), "{}", self.name());
    }

    fn run_merge_all(&self) {
        let layers = self.layers();
        let slices = layers.iter().map(|layer| SliceIterator::new(layer));
        let entries: Vec<Entry> = MergeAllIterator::new(slices).collect().expect("slices do not fail");
        assert_eq!(entries, self.expected(), "{}", self.name());
    }

    /// Live entries between the bounds, with the bounds at the source and above the merge.
    fn run_scan(&self) {
        let layers = self.layers();
        let bounds = (self.bound("lower"), self.bound("upper"));
        let (lower, upper) = (bounds.0.as_ref().map(Vec::as_slice), bounds.1.as_ref().map(Vec::as_slice));

        let leaves = layers.iter().map(|layer| HostileIterator::harmless(layer));
        let above = MergeIterator::new(leaves).between(lower, upper).skip_tombstones();
        assert_eq!(run_without_errors("scan", above), self.expected(), "{}", self.name());

        let runs = runs(&layers);
        let scans = runs.iter().map(|run| run.scan(lower, upper));
        let of_runs = MergeIterator::new(scans).skip_tombstones();
        assert_eq!(run_without_errors("scan of runs", of_runs), self.expected(), "{}", self.name());

        #[cfg(feature = "mem-table")]
        {
            let tables = tables(&layers);
            let scans = tables.iter().map(|table| table.scan(lower, upper));
            let of_tables = MergeIterator::new(scans).skip_tombstones();
            assert_eq!(run_without_errors("scan of tables", of_tables), self.expected(), "{}", self.name());
        }
    }

    /// The first layer that knows the key decides; a tombstone there means that there is no value.
    fn run_get(&self) {
        let layers = self.layers();
        let key = self.0["key"].as_str().expect("a `get` has a key").as_bytes();
        let expected = self.expected().first().map(|(_, value)| value.clone());
        let live = |value: Option<Vec<u8>>| value.filter(|value| !value.is_empty());

        let of_runs = runs(&layers).iter().find_map(|run| run.get(key).map(<[u8]>::to_vec));
        assert_eq!(live(of_runs), expected, "{}", self.name());

        #[cfg(feature = "mem-table")]
        {
            let of_tables = tables(&layers).iter().find_map(|table| table.get(key).map(|value| value.to_vec()));
            assert_eq!(live(of_tables), expected, "{}", self.name());
        }
    }

    /// Without an error: `next` at the end goes on to answer that it is the end. With one: the source must not be asked
    /// anything behind it, and every later `next` fails. The cases expect it valid before the error, on the first entry; so is
    /// ours after its first step.
    fn run_fused(&self) {
        let layers = self.layers();
        let failures = match self.0.get("error") {
            None => Failures::none(),
            Some(_) => {
                let (source, step) = self.error();
                Failures::none().and(source, step, 1)
            }
        };
        let fails = failures.sum() > 0;
        let mut fused = HostileIterator::new(&layers[0], 0, Rc::new(failures), &[]).fuse();
        if fails {
            assert!(matches!(fused.next(), Ok(true)) && fused.is_valid(), "{}", self.name());
            assert!(matches!(fused.next(), Err(FuseError::First(_))), "{}", self.name());
        }
        for _ in 0..3 {
            assert!(!fused.is_valid(), "{}", self.name());
            let next = fused.next();
            let is_as_expected = if fails { next == Err(FuseError::Again) } else { next == Ok(false) };
            assert!(is_as_expected, "{}", self.name());
        }
    }

    fn bound(&self, field: &str) -> Bound<Vec<u8>> {
        match self.0.get(field) {
            None => Bound::Unbounded,
            Some(bound) => match bound[0].as_str() {
                Some("incl") => Bound::Included(bytes(&bound[1])),
                Some("excl") => Bound::Excluded(bytes(&bound[1])),
                _ => panic!("{}: an unknown bound", self.name()),
            },
        }
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.as_str().expect("a string").as_bytes().to_vec()
}

fn layer(entries: &Value) -> Layer {
    let entries = entries.as_array().expect("a list of entries").iter();
    entries.map(|entry| (bytes(&entry[0]), bytes(&entry[1]))).collect()
}

fn runs(layers: &[Layer]) -> Vec<SortedRun> {
    layers.iter().map(|layer| SliceIterator::new(layer).borrowed().collect().expect("slices do not fail")).collect()
}

#[cfg(feature = "mem-table")]
fn tables(layers: &[Layer]) -> Vec<MemTable> {
    let table_of = |layer: &Layer| {
        let table = MemTable::new();
        layer.iter().for_each(|(key, value)| table.put(key, value));
        table
    };
    layers.iter().map(table_of).collect()
}
