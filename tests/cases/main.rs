//! Cases from the test suites of other projects; `tests/data/README.md` says where they come from.
//!
//! Every record is run. What it expects of an operation is asked of every form in which the library has that operation.

#[path = "../support/mod.rs"]
mod support;

mod case;
mod concat;
mod fused;
mod merges;
mod scans;
mod seeks;
mod sets;
mod versions;

use std::collections::BTreeMap;

use case::Case;
use serde_json::Value;

/// How many cases there are of each operation, so that none gets lost.
const COUNTS: [(&str, usize); 15] = [
    ("concat", 1),
    ("concat_seek", 120),
    ("difference", 4),
    ("fused", 2),
    ("gc_watermark", 7),
    ("get", 73),
    ("intersection", 4),
    ("merge", 10),
    ("merge_all", 8),
    ("merge_join", 7),
    ("scan", 60),
    ("seek_chain", 10),
    ("symmetric_difference", 2),
    ("two_merge", 6),
    ("union", 4),
];

#[test]
fn cases_of_other_projects() {
    let text = include_str!("../data/cases.jsonl");
    let mut records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is a record"));
    let shared = records.next().expect("the shared inputs")["shared_inputs"].clone();

    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for mut record in records {
        if let Some(name) = record["inputs"].as_str() {
            record["inputs"] = shared[name].clone();
        }
        let case = Case::new(record);
        run(&case);
        *counts.entry(case.operation().to_string()).or_default() += 1;
    }
    let counts: Vec<(&str, usize)> = counts.iter().map(|(operation, &count)| (operation.as_str(), count)).collect();
    assert_eq!(counts, COUNTS);
}

fn run(case: &Case) {
    match case.operation() {
        "concat" => concat::concat(case),
        "concat_seek" => concat::seek(case),
        "difference" => sets::difference(case),
        "fused" => fused::fused(case),
        "gc_watermark" => versions::collect_garbage(case),
        "get" if case.has_versions() => versions::get(case),
        "get" => scans::get(case),
        "intersection" => sets::intersection(case),
        "merge" if case.error().is_some() => merges::merge_with_an_error(case),
        "merge" => merges::merge(case),
        "merge_all" => merges::merge_all(case),
        "merge_join" => sets::merge_join(case),
        "scan" if case.has_versions() => versions::scan(case),
        "scan" => scans::scan(case),
        "seek_chain" => seeks::seek_chain(case),
        "symmetric_difference" => sets::symmetric_difference(case),
        "two_merge" => merges::two_merge(case),
        "union" => sets::union(case),
        _ => panic!("{}: an unknown operation", case.name()),
    }
}
