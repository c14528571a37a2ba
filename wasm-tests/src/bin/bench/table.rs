//! The results as Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::{AT_ONCE, Cell, Effort, Round, median};
use crate::pages::THOUGHT;

/// One table a page, then what Edgewise adds in units of what the hard-coded module adds.
pub(crate) fn render(cells: &[Cell], effort: Effort) -> String {
    let mut text = intro(effort);
    let mut summary = String::from(
        "\n### Added CPU, Edgewise to hard-coded\n\n| page | ratio |\n|---|---:|\n",
    );
    for lanes in cells.chunks(3) {
        let [passthrough, hardcoded, edgewise] = lanes else {
            unreachable!("every page goes through three modules")
        };
        table(&mut text, passthrough, lanes);
        let ratio = added(edgewise, passthrough) / added(hardcoded, passthrough);
        let _ = writeln!(summary, "| {} | {ratio:.2} |", passthrough.page);
    }
    text + &summary
}

fn intro(effort: Effort) -> String {
    format!(
        "{} rounds, the modules in turns, {} requests a batch (fewer for 1 MB). Medians of \
         the rounds; p99 over all requests. In brackets: times the pass-through's.\n\n\
         - Requests a second with {AT_ONCE} visitors at once, all else with one.\n\
         - Every request has a new connection: on a kept one the local runtime leaves \
         Nagle's algorithm on, and a page in several pieces waits 40 ms for the client's \
         acknowledgement.\n\
         - CPU is that of the runtime's process, which starts a new sandbox every six \
         requests.\n\
         - Halved: the origin sends the second half of the page only after the first byte \
         has reached the visitor. Slow: so does this one, and it thinks {} ms before it \
         says anything.\n",
        effort.rounds,
        effort.requests,
        THOUGHT.as_millis()
    )
}

fn table(text: &mut String, passthrough: &Cell, lanes: &[Cell]) {
    let _ = write!(
        text,
        "\n### {}\n\n| module | requests/s | p50 ms | p99 ms | CPU ms | added CPU ms | \
         first byte ms | first byte ms, halved | first byte ms, slow |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        passthrough.page
    );
    for cell in lanes {
        let value = |of: &dyn Fn(&Cell) -> f64| {
            let (own, base) = (of(cell), of(passthrough));
            format!("{own:.2} ({:.2}×)", own / base)
        };
        let over = |of: fn(&Round) -> Duration| {
            value(&|cell| milliseconds(median(cell.rounds.iter().map(of).collect())))
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.3} | {} | {} | {} |",
            cell.module,
            value(&|cell| {
                median(
                    cell.rounds.iter().map(|round| round.requests_per_second).collect(),
                )
            }),
            over(|round| round.median),
            value(&|cell| milliseconds(percentile_99(cell.times.clone()))),
            over(|round| round.cpu),
            added(cell, passthrough),
            over(|round| round.first_byte),
            over(|round| round.first_byte_halved),
            over(|round| round.first_byte_slow),
        );
    }
}

/// Milliseconds of CPU a request beyond the pass-through's, compared round by round.
fn added(cell: &Cell, passthrough: &Cell) -> f64 {
    let pairs = cell.rounds.iter().zip(&passthrough.rounds);
    median(
        pairs.map(|(own, base)| milliseconds(own.cpu) - milliseconds(base.cpu)).collect(),
    )
}

fn percentile_99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
