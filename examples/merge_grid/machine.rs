use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

/// On which machine, and when: without this no figure means anything.
pub(crate) fn describe() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores, {}", processor().unwrap_or_else(|| "unknown processor".to_owned()), today())
}

fn processor() -> Option<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name| info.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    let model = field("model name")?.trim();
    // Virtual machines often name the family only; the number tells the generation.
    let number = field("model\t")
        .map(|number| format!(" (family {}, model {})", field("cpu family").unwrap_or("?").trim(), number.trim()));
    Some(format!("{model}{}", number.unwrap_or_default()))
}

/// The date in UTC.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = civil_from_days(seconds / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a day counted from 1970-01-01. Years start in March here, so that the leap day is the last.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}
