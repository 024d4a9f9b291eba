//! What fuzzing has found worth keeping, replayed: the functions are those that the fuzz targets call.

#![allow(unreachable_pub, reason = "the modules are public where they are fuzzed")]

#[cfg(feature = "async")]
#[path = "../fuzz/src/awaited.rs"]
mod awaited;
#[cfg_attr(not(feature = "async"), allow(dead_code, reason = "a part of it is for what is awaited"))]
#[path = "../fuzz/src/course.rs"]
mod course;
#[path = "../fuzz/src/cursors.rs"]
mod cursors;
#[path = "../fuzz/src/input.rs"]
mod input;
#[path = "../fuzz/src/keys.rs"]
mod keys;
#[path = "../fuzz/src/merges.rs"]
mod merges;
#[path = "../fuzz/src/sets.rs"]
mod sets;
#[path = "../fuzz/src/versions.rs"]
mod versions;

use std::fs;
use std::path::Path;

use quickcheck::quickcheck;

/// Runs every input of a corpus, and says which one fails.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs: Vec<_> = fs::read_dir(&folder).expect("a corpus").map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(inputs.len() > 20, "{}: {} inputs", folder.display(), inputs.len());
    for path in inputs {
        let bytes = fs::read(&path).unwrap();
        let result = std::panic::catch_unwind(|| run(&bytes));
        assert!(result.is_ok(), "{} fails", path.display());
    }
}

#[test]
fn merges_over_the_corpus() {
    replay("merges", merges::merges);
}

#[test]
fn cursors_over_the_corpus() {
    replay("cursors", cursors::cursors);
}

#[test]
fn keys_over_the_corpus() {
    replay("keys", keys::keys);
}

#[test]
fn sets_over_the_corpus() {
    replay("sets", sets::sets);
}

#[test]
fn versions_over_the_corpus() {
    replay("versions", versions::versions);
}

#[cfg(feature = "async")]
#[test]
fn awaited_over_the_corpus() {
    replay("awaited", awaited::awaited);
}

quickcheck! {
    /// Any bytes are an input.
    fn any_bytes_are_an_input(bytes: Vec<u8>) -> bool {
        merges::merges(&bytes);
        cursors::cursors(&bytes);
        keys::keys(&bytes);
        sets::sets(&bytes);
        versions::versions(&bytes);
        #[cfg(feature = "async")]
        awaited::awaited(&bytes);
        true
    }
}
