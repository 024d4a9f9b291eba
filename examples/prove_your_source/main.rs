//! Proving a source of your own: the test kit passes one that is right, and catches fourteen that are not.
//!
//! The source reads a sorted table from a disk, page by page, and can be sought. A fail point stands where the disk may fail. One call,
//! the same for all, checks everything that can be seen from outside, lets every read fail, once, several times and for ever, and sends
//! the cursor everywhere from everywhere.
//!
//! ```sh
//! cargo run --example prove_your_source
//! ```
//!
//! The exit status is 1 if a mistake is not caught, or is taken for another one.

#[path = "../shared/ending.rs"]
mod ending;
mod mistake;
mod table;

use std::error::Error;
use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;

use comfy_table::Table as Report;
use comfy_table::presets::ASCII_MARKDOWN;
use mistake::{Mistake, Mistaken};
use storage_iter::testing::Contract;
use table::Table;

/// Keys that are not in the table: before it, in it, between its pages, and behind it.
const TARGETS: [&str; 4] = ["a", "bb", "cz", "x"];

fn main() -> ExitCode {
    ending::end("prove_your_source", run())
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    // The kit reads keys where there are none and expects a panic, which need not be shown.
    panic::set_hook(Box::new(|panic| {
        if !panic.to_string().contains("not on an entry") {
            eprintln!("{panic}");
        }
    }));

    let rows = vec![vec![("b", 1), ("bar", 2), ("c", 3)], vec![], vec![("d", 4), ("dart", 5)], vec![("e", 6)]];
    let table = Table::new(rows.clone());
    let proved = Contract::new().check_seekable_under_failures(&TARGETS, |disk| table.iter(disk));
    let verdict = match &proved {
        Ok(scan) => format!("keeps the contract, with its {} entries.", scan.entries.len()),
        Err(broken) => format!("is wrong: {broken}"),
    };
    writeln!(io::stdout(), "The table as it should be {verdict}\n")?;

    let mut report = Report::new();
    report.load_style(ASCII_MARKDOWN);
    report.set_header(["a source that", "breaks promise", "what the kit says"]);
    let mut all_caught = proved.is_ok();
    for (mistake, what_it_does, promise) in Mistake::ALL {
        let mut rows = rows.clone();
        if mistake == Mistake::PagesOutOfOrder {
            rows.swap(0, 2);
        }
        let table = Table::new(rows);
        let mistaken = |disk| Mistaken::new(table.iter(disk), mistake);
        let (caught, says) = match Contract::new().check_seekable_under_failures(&TARGETS, mistaken) {
            Ok(_) => (false, "nothing: not caught!".to_string()),
            Err(broken) => (broken.promise() == promise, broken.to_string()),
        };
        all_caught &= caught;
        report.add_row([what_it_does, &promise.to_string(), &says]);
    }
    writeln!(io::stdout(), "{report}")?;
    if all_caught {
        writeln!(io::stdout(), "All {} mistakes are caught.", Mistake::ALL.len())?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(io::stdout(), "Not all mistakes are caught as what they are.")?;
    Ok(ExitCode::FAILURE)
}
