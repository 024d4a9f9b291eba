//! The public surface is the one in `docs/public-api.txt`: a change of it is always seen, and made on purpose.
//!
//! This needs the nightly toolchain and `cargo install cargo-public-api`, in the versions that the first line of the file names; where
//! they are missing the test says so and passes. `UPDATE_PUBLIC_API=1 cargo test --test public_api` writes the file anew.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// `cargo` of the nightly toolchain.
fn cargo(arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo"]).args(arguments);
    // Rustc writes the documentation of another build than the one that runs this test.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("public-api");
    command.env("CARGO_TARGET_DIR", target).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.env_remove("RUSTFLAGS").stderr(Stdio::inherit()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn the_public_surface_is_the_one_in_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/public-api.txt");
    let versions = cargo(&["public-api", "--version"]).zip(cargo(&["--version"]));
    let Some((tool, toolchain)) = versions else {
        println!("skipped: no nightly toolchain, or no cargo-public-api (cargo install cargo-public-api)");
        return;
    };
    let versions = format!("# {}, {}", tool.trim(), toolchain.trim());
    let updates = env::var_os("UPDATE_PUBLIC_API").is_some();
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let (made_with, kept) = kept.split_once('\n').unwrap_or_default();
    if made_with != versions && !updates {
        println!("skipped: the file was made with {made_with}, and this is {versions}");
        return;
    }
    let surface = cargo(&["public-api", "--all-features", "-sss"]).expect("the public surface");
    if updates {
        fs::write(&path, format!("{versions}\n{surface}")).expect("the file can be written");
        return;
    }
    let gone: Vec<&str> = kept.lines().filter(|line| !surface.lines().any(|other| other == *line)).collect();
    let new: Vec<&str> = surface.lines().filter(|line| !kept.lines().any(|other| other == *line)).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "the public surface has changed; if that is wanted: UPDATE_PUBLIC_API=1 cargo test --test public_api\ngone:\n  {}\nnew:\n  {}",
        gone.join("\n  "),
        new.join("\n  ")
    );
}
