//! The clock of the measurements.

use std::time::Duration;

/// For how long this thread has run. Time in which another process had the core does not count: on a machine that is
/// shared, that is most of the noise.
#[cfg(unix)]
pub(crate) fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(now).expect("the clock does not run backwards")
}

/// For how long the program has run.
#[cfg(not(unix))]
pub(crate) fn now() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
