//! Events and faults → the log endpoint, one JSON object a line. Always after the last byte, or where there is no page.

use std::io::Write as _;
use std::time::SystemTime;

use edgewise_engine::event::{self, Answer, Exposure, Seen};
use edgewise_engine::registry::Off;
use edgewise_engine::{Plan, Report};
use fastly::log::Endpoint;
use serde::Serialize;
use serde_json::Value;

use crate::visit::Arrival;

pub(crate) const ENDPOINT: &str = "edgewise";

/// The most of a path, or of what an error says, that a line holds, bytes.
const MAX_TEXT: usize = 1_000;

/// What went wrong; the page went out all the same, if the origin gave one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reason {
    /// The KV store, or the datafile in it, is not there.
    DatafileMissing,
    /// The KV store is there and does not answer, or answers with too much.
    StoreFailed,
    /// The datafile, or one of its experiments, is not one that this engine reads.
    DatafileUnreadable,
    /// The origin gave no answer.
    OriginUnreachable,
    /// The origin's body broke off, or could not be unpacked.
    BodyUnreadable,
    /// The rewriter came to its limit, and the rest of the page went out as it was.
    RewritePassed,
    /// The page took more processor time, bytes or memory than it may, and the rest of it went out as it was.
    OverBudget,
    /// The cache for finished pages is not there, or failed; the page was made anew.
    CacheFailed,
    /// The secret store, or a secret in it, is not there.
    SecretMissing,
    /// A secret is not what it should be.
    SecretUnreadable,
    /// The page that a variant shows in place of the one asked for is not there; the one asked for went out.
    OtherPageMissing,
    /// Redirects of ours and of the site lead in a circle; the page asked for went out.
    RedirectLoop,
}

/// Why a page that an experiment is for went out as the origin gave it, though nothing went wrong.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Passed {
    /// Its status is not 200.
    Status,
    /// It is not labelled as HTML, or labelled twice.
    NotHtml,
    /// It is packed in a way that is not unpacked here.
    Packed,
    /// The origin says `no-transform`.
    NoTransform,
    /// Its encoding is not one that can be rewritten.
    Charset,
}

impl Passed {
    /// What the visitor got.
    pub(crate) fn answer(self) -> Answer {
        match self {
            Self::Status | Self::NotHtml => Answer::Other,
            Self::Packed | Self::NoTransform | Self::Charset => Answer::Page,
        }
    }
}

/// Both kinds of line about a page that went out as it came.
#[derive(Serialize)]
struct Untouched<'a, R> {
    r#type: &'static str,
    at: &'a str,
    reason: R,
    page: &'a str,
    detail: &'a str,
}

/// RFC 3339, UTC, with milliseconds.
pub(crate) fn timestamp(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}

/// Logs a fault of ours or of the origin.
pub(crate) fn fault(reason: Reason, page: &str, detail: &str) {
    let at = timestamp(SystemTime::now());
    let (page, detail) = (cut(page), cut(detail));
    line(&Untouched { r#type: "fault", at: &at, reason, page, detail });
}

/// Logs that a fault of the KV store or of what lies there is over.
pub(crate) fn recovered(revision: u64) {
    let at = timestamp(SystemTime::now());
    line(&serde_json::json!({ "type": "recovered", "at": at, "revision": revision }));
}

/// Logs that the kill switch was found thrown: no experiment runs from here on.
pub(crate) fn switched_off(off: &Off) {
    let at = timestamp(SystemTime::now());
    let since = off.at.map(|at| at.to_string());
    line(&serde_json::json!({
        "type": "switch", "at": at, "state": "off", "since": since, "by": off.by, "why": off.why,
    }));
}

/// Logs that the kill switch is gone, and experiments run again.
pub(crate) fn switched_on() {
    let at = timestamp(SystemTime::now());
    line(&serde_json::json!({ "type": "switch", "at": at, "state": "on" }));
}

/// Logs why a page that an experiment is for was not looked at.
pub(crate) fn passed(reason: Passed, page: &str, detail: &str) {
    let at = timestamp(SystemTime::now());
    let (page, detail) = (cut(page), cut(detail));
    line(&Untouched { r#type: "passed", at: &at, reason, page, detail });
}

/// Logs what a visitor was shown.
pub(crate) fn exposures(report: &Report<'_>, visit: &Arrival, revision: u64) {
    let at = timestamp(SystemTime::now());
    lines(visit, &event::exposures(report, seen(visit, revision, &at)));
}

/// The same lines, to be logged again for others who get the same page.
pub(crate) fn values(report: &Report<'_>, visit: &Arrival, revision: u64) -> Vec<Value> {
    let exposures = event::exposures(report, seen(visit, revision, ""));
    exposures.iter().filter_map(|one| serde_json::to_value(one).ok()).collect()
}

/// Logs that a visitor was shown the same as another, whose lines these are.
pub(crate) fn exposures_again(lines: Vec<Value>, visit: &Arrival) {
    let at = timestamp(SystemTime::now());
    for mut exposure in lines.into_iter().filter(|_| visit.counts) {
        exposure["at"] = Value::from(at.as_str());
        exposure["visitor"] = Value::from(visit.visitor.as_str());
        line(&exposure);
    }
}

/// Logs who takes part in experiments that lead to other pages, where no page went through the rewriter.
pub(crate) fn led(plan: &Plan<'_>, answer: Answer, visit: &Arrival, revision: u64) {
    let at = timestamp(SystemTime::now());
    let seen = seen(visit, revision, &at);
    lines(visit, &event::exposures_without_report(plan, answer, seen));
}

fn seen<'a>(visit: &'a Arrival, revision: u64, at: &'a str) -> Seen<'a> {
    Seen { visitor: &visit.visitor, revision, page: cut(visit.page.path()), at }
}

/// As much of a text that anybody may have written as a line holds.
fn cut(text: &str) -> &str {
    let longest = text.len().min(MAX_TEXT);
    let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or_default()]
}

fn lines(visit: &Arrival, exposures: &[Exposure<'_>]) {
    if exposures.is_empty() || !visit.counts {
        return;
    }
    let Ok(mut endpoint) = Endpoint::try_from_name(ENDPOINT) else { return };
    for exposure in exposures {
        write(&mut endpoint, exposure);
    }
}

/// One more line. Nothing is to be done if the log fails.
pub(crate) fn line(entry: &impl Serialize) {
    if let Ok(mut endpoint) = Endpoint::try_from_name(ENDPOINT) {
        write(&mut endpoint, entry);
    }
}

/// One write is one entry, so the line is made whole first.
fn write(endpoint: &mut Endpoint, entry: &impl Serialize) {
    if let Ok(line) = serde_json::to_vec(entry) {
        let _ = endpoint.write_all(&line);
    }
}
