//! The trait's page names the tests that hold its promises: they must be there.

use std::fs;
use std::path::Path;

/// The pairs of file and function that stand on the page as `` (`file.rs`: `function`, `function`) ``.
fn named_tests(page: &str) -> Vec<(String, String)> {
    let mut named = vec![];
    for remark in page.split("(`").skip(1) {
        let Some((file, rest)) = remark.split_once(".rs`: ") else { continue };
        let Some((functions, _)) = rest.split_once(')') else { continue };
        // Every second piece between backticks; what is not a name is prose.
        let functions = functions.split('`').skip(1).step_by(2);
        named.extend(functions.map(|function| (format!("{file}.rs"), function.to_string())));
    }
    named
}

#[track_caller]
fn check(page: &str, at_least: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("src").join(page)).expect("the trait's page");
    let page: String =
        page.lines().filter_map(|line| line.trim_start().strip_prefix("///")).collect::<Vec<_>>().join(" ");
    let named = named_tests(&page);
    assert!(named.len() >= at_least, "the page names {} tests", named.len());
    for (file, function) in named {
        let path = root.join("tests").join(&file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(text.contains(&format!("fn {function}(")), "{file} has no test `{function}`");
    }
}

#[test]
fn the_tests_that_the_contract_names_exist() {
    check("storage_iterator.rs", 13);
    check("async_iter/storage_iterator.rs", 1);
    check("async_iter/seekable_iterator.rs", 2);
}

#[test]
fn named_tests_are_found_in_prose() {
    let page = "1. **A** (`a.rs`: `one`, `two`) and `b` (`c.rs`: every property) (see `d`). (`e.rs`: the `three`)";
    let named = named_tests(page);
    let named: Vec<_> = named.iter().map(|(file, function)| (file.as_str(), function.as_str())).collect();
    assert_eq!(named, [("a.rs", "one"), ("a.rs", "two"), ("e.rs", "three")]);
}
