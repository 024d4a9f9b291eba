//! No `Box`, no `dyn` and no `'static` in merges, combinators and sources.

use std::fs;
use std::path::Path;

const FORBIDDEN: [&str; 4] = ["Box<", "Box::", "dyn ", "'static"];

/// What std's `Error` trait demands of `source`.
const ALLOWED: &str = "-> Option<&(dyn Error + 'static)>";

/// What is forbidden in a file, with its line numbers.
fn offences(text: &str) -> Vec<(usize, &'static str)> {
    let mut offences = vec![];
    let mut in_block_comment = false;
    for (number, line) in (1..).zip(text.lines()) {
        let code = without_comments(line, &mut in_block_comment).replace(ALLOWED, "");
        offences.extend(
            FORBIDDEN.into_iter().filter(|forbidden| code.contains(forbidden)).map(|forbidden| (number, forbidden)),
        );
    }
    offences
}

fn without_comments(line: &str, in_block_comment: &mut bool) -> String {
    let mut code = String::new();
    let mut rest = line;
    loop {
        if *in_block_comment {
            let Some(end) = rest.find("*/") else { return code };
            rest = &rest[end + 2..];
            *in_block_comment = false;
        }
        match (rest.find("//"), rest.find("/*")) {
            (Some(to_the_end), block) if block.is_none_or(|block| to_the_end < block) => {
                code.push_str(&rest[..to_the_end]);
                return code;
            }
            (_, Some(start)) => {
                code.push_str(&rest[..start]);
                rest = &rest[start + 2..];
                *in_block_comment = true;
            }
            _ => {
                code.push_str(rest);
                return code;
            }
        }
    }
}

fn check_folder(folder: &Path, files: &mut usize, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            check_folder(&path, files, found);
            continue;
        }
        *files += 1;
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let offences = offences(&text).into_iter();
        found.extend(offences.map(|(line, forbidden)| format!("{}:{line}: `{}`", path.display(), forbidden.trim())));
    }
}

#[test]
fn merges_combinators_and_sources_are_free_of_boxes() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut found) = (0, vec![]);
    let folders =
        ["merge", "combinators", "concat", "sets", "sources", "versions", "async_iter/merge", "async_iter/combinators"];
    for folder in folders {
        check_folder(&source.join(folder), &mut files, &mut found);
    }
    assert!(files > 20, "only {files} files were found");
    assert!(found.is_empty(), "boxes, `dyn` or `'static` where none may be:\n{}", found.join("\n"));
}

#[test]
fn offences_are_found_in_code_and_not_in_comments() {
    let text = "\
/// A `Box<T>` in a comment, and `dyn Trait`.
fn a() -> Box<u8> { // Box::new
    Box::new(1)
}
/* a block: dyn Trait
   Box<u8> */ fn b(_: &'static str) {}
    fn source(&self) -> Option<&(dyn Error + 'static)> {
fn c(_: &dyn Error) -> Option<&(dyn Error + 'static)> {}
";
    assert_eq!(offences(text), [(2, "Box<"), (3, "Box::"), (6, "'static"), (8, "dyn ")]);
}
