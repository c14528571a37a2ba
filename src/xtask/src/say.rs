//! Words on screen: what is going on goes to stderr, with the seconds since we
//! started; results go to stdout.

use std::io::Write as _;
use std::sync::LazyLock;
use std::time::Instant;

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Starts the clock that [`step`] shows.
pub(crate) fn start_clock() {
    LazyLock::force(&STARTED);
}

/// One line about what happens now.
pub(crate) fn step(what: &str) {
    // A closed terminal is no reason to stop building.
    let _ = writeln!(std::io::stderr(), "[{:>3}s] {what}", STARTED.elapsed().as_secs());
}

/// One line of a result.
pub(crate) fn result(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Text of somebody else, as it came, between our own lines.
pub(crate) fn quote(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
}

/// The last words of a run that failed.
pub(crate) fn error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
}

/// What went wrong, and a sentence about the way out.
pub(crate) fn trouble(message: impl std::fmt::Display, hint: &str) -> anyhow::Error {
    anyhow::anyhow!("{message}\nhint: {hint}")
}
