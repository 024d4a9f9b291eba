//! The example checks itself; this checks that it does, and writes its chart.

use std::process::Command;

#[test]
fn the_long_scan_example_runs() {
    let directory = tempfile::tempdir().unwrap();
    let chart = directory.path().join("chart.svg");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--example", "long_scan", "--", "--quick", "--chart"])
        .arg(&chart)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(printed.matches("yes:").count(), 3, "{printed}");
    assert!(std::fs::read_to_string(chart).unwrap().contains("LongIterator"));
}
