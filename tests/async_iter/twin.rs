//! The twin has the combinators of the synchronous library, by their names.

use std::collections::BTreeSet;

/// The methods of a trait, as they stand in its source.
fn methods(source: &str, name: &str) -> BTreeSet<String> {
    let lines = source.lines().skip_while(|line| !line.starts_with(&format!("pub trait {name}")));
    let lines = lines.take_while(|line| *line != "}");
    let names = lines.filter_map(|line| line.strip_prefix("    fn ")?.split(['(', '<']).next());
    names.map(String::from).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| name.to_string()).collect()
}

#[test]
fn the_traits_have_the_same_methods() {
    let synchronous = methods(include_str!("../../src/storage_iterator.rs"), "StorageIterator");
    let asynchronous = methods(include_str!("../../src/async_iter/storage_iterator.rs"), "AsyncStorageIterator");
    assert!(synchronous.len() > 35, "{synchronous:?}");
    // Iterators of std do not wait: streams take their place.
    assert_eq!(&synchronous - &asynchronous, set(&["entries"]));
    assert_eq!(&asynchronous - &synchronous, set(&["into_stream", "try_next", "yield_every"]));
}
