//! A version that is passed over costs no more than one that is shown, in instructions, which do not depend on how busy
//! the machine is.
//!
//! ```text
//! cargo test --release --test version_instructions -- --ignored --nocapture
//! ```
//!
//! The test runs itself under valgrind, once for one pass over the versions and once for three: the difference is what
//! two passes take, without the building of the run.

use std::convert::Infallible;
use std::hint::black_box;
use std::process::Command;
use std::{env, fs};

use storage_iter::{OwnedVersionedKey, PairsIterator, SortedRun, StorageIterator, VersionedKey};

/// How many entries are shown, whatever lies between them.
const SHOWN: usize = 10_000;
/// How many versions are passed over for each one that is shown.
const HIDDEN: usize = 3;
const SCAN: &str = "VERSION_SCAN";
const PASSES: &str = "VERSION_PASSES";

type Versions = SortedRun<VersionedKey, [u8]>;

/// `SHOWN` user keys of 16 bytes with a number of versions each, whose sequence numbers end with 1; values of 100
/// bytes.
fn versions(of_each: usize) -> Versions {
    let versions = (0..SHOWN).flat_map(|number| {
        let user_key = format!("user{number:012}");
        (1..=of_each as u64)
            .rev()
            .map(move |sequence| (OwnedVersionedKey::new(user_key.as_bytes(), sequence), [7; 100]))
    });
    collected(versions)
}

/// Of every `HIDDEN` + 1 user keys one that is live, with one version each.
fn deleted() -> Versions {
    let versions = (0..SHOWN * (HIDDEN + 1)).map(|number| {
        let value = if number % (HIDDEN + 1) == 0 { vec![7; 100] } else { vec![] };
        (OwnedVersionedKey::new(format!("user{number:012}").as_bytes(), 1), value)
    });
    collected(versions)
}

fn collected<V: std::borrow::Borrow<[u8]>>(versions: impl Iterator<Item = (OwnedVersionedKey, V)>) -> Versions {
    PairsIterator::new(versions).borrowed().collect().unwrap_or_else(|never| match never {})
}

fn pass(mut entries: impl StorageIterator<Value = [u8], Error = Infallible>) {
    let mut count = 0;
    while let Ok(true) = entries.next() {
        black_box((entries.key(), entries.value()));
        count += 1;
    }
    assert_eq!(count, SHOWN);
}

/// What is measured; run by `what_is_passed_over_costs_no_more` as a process of its own.
#[test]
#[ignore = "is run by the other test"]
fn scan() {
    let (Ok(scan), Ok(passes)) = (env::var(SCAN), env::var(PASSES)) else { return };
    let run = match scan.as_str() {
        "plain" | "at, shown" | "tombstones, shown" | "garbage, shown" => versions(1),
        "tombstones" => deleted(),
        _ => versions(HIDDEN + 1),
    };
    for _ in 0..passes.parse().expect("a number") {
        match scan.as_str() {
            "plain" => pass(run.iter()),
            "at, shown" | "at, older" => pass(run.iter().at(u64::MAX)),
            "at, too new" => pass(run.iter().at(1)),
            "tombstones, shown" | "tombstones" => pass(run.iter().at(u64::MAX).skip_tombstones()),
            "garbage, shown" | "garbage" => pass(run.iter().collect_garbage(u64::MAX, |_| true)),
            other => panic!("no scan {other}"),
        }
    }
}

/// Instructions a pass, for each entry that is shown.
fn instructions(scan: &str) -> f64 {
    let directory = tempfile::tempdir().expect("a directory");
    let [one, three] = ["1", "3"].map(|passes| {
        let file = directory.path().join(passes);
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", &format!("--callgrind-out-file={}", file.display())])
            .arg(env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", "scan", "--test-threads=1"])
            .env(SCAN, scan)
            .env(PASSES, passes)
            .output()
            .expect("valgrind runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let counts = fs::read_to_string(file).expect("callgrind has written");
        let total = counts.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
        total.expect("a sum").trim().parse::<u64>().expect("a number")
    });
    (three - one) as f64 / (2 * SHOWN) as f64
}

#[test]
#[ignore = "takes a minute, and valgrind"]
fn what_is_passed_over_costs_no_more() {
    if cfg!(debug_assertions) {
        println!("skipped: instructions are counted in release builds");
        return;
    }
    if !Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no valgrind");
        return;
    }
    println!("instructions: reading a run takes {:.0} an entry", instructions("plain"));
    let hidden = [
        ("at, shown", "at, older"),
        ("at, shown", "at, too new"),
        ("tombstones, shown", "tombstones"),
        ("garbage, shown", "garbage"),
    ];
    let mut failed = vec![];
    for (shown, with_hidden) in hidden {
        let (shown_cost, all) = (instructions(shown), instructions(with_hidden));
        let hidden_cost = (all - shown_cost) / HIDDEN as f64;
        println!("{with_hidden:14} shown {shown_cost:5.0}, passed over {hidden_cost:5.0}");
        if hidden_cost > shown_cost {
            failed.push(with_hidden);
        }
    }
    assert!(failed.is_empty(), "passed over costs more than shown: {failed:?}");
}
