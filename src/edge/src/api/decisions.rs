//! What visitors would see, and why.

use edgewise_engine::{InvalidVisit, decide_line};
use fastly::Response;
use fastly::http::StatusCode;
use fastly::http::header::CONTENT_TYPE;
use serde::Serialize;

use super::call::{Answer, Call};
use super::datafile;

const NOT_LOOKED_AT: &str =
    "nothing was looked at from here on: send this line and what follows again";

/// How long an answer grows before nothing more is put into it, bytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// Visits as lines of JSON in, decisions as lines of JSON out. A line that is not a visit is answered by what is wrong
/// with it. The first is always looked at; where time or room is over, the last line of the answer says from where on
/// nothing was.
pub(super) fn decide(call: &mut Call<'_>) -> Answer {
    #[derive(Serialize)]
    struct Refused {
        line: usize,
        error: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        stopped: Option<&'static str>,
    }
    let refuse = |line: usize, error: String, stopped: Option<&'static str>| {
        serde_json::to_string(&Refused { line, error, stopped }).unwrap_or_default()
    };
    let datafile = call.context.datafile.current().ok_or_else(datafile::none)?;
    let mut answer = Vec::new();
    for (index, line) in call.body.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let stopped = match answer.len() {
            0 => None,
            MAX_ANSWER.. => Some("too-large"),
            _ if call.budget.is_spent() => Some("cpu-time"),
            _ => None,
        };
        let answered = if stopped.is_some() {
            refuse(index + 1, NOT_LOOKED_AT.to_owned(), stopped)
        } else {
            let refused =
                |error: InvalidVisit| refuse(index + 1, error.to_string(), None);
            decide_line(&datafile, line).unwrap_or_else(refused)
        };
        answer.extend_from_slice(answered.as_bytes());
        answer.push(b'\n');
        if stopped.is_some() {
            break;
        }
    }
    call.context.datafile.log_unreadable();
    Ok(Response::from_status(StatusCode::OK)
        .with_header(CONTENT_TYPE, "application/x-ndjson")
        .with_body(answer))
}
