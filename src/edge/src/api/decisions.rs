//! What visitors would see, and why.

use edgewise_engine::{InvalidVisit, decide_line};
use fastly::Response;
use fastly::http::StatusCode;
use fastly::http::header::CONTENT_TYPE;
use serde::Serialize;

use super::call::{Answer, Call};
use super::datafile;

/// Visits as lines of JSON in, decisions as lines of JSON out. A line that is not a visit is answered by what is wrong
/// with it.
pub(super) fn decide(call: &mut Call<'_>) -> Answer {
    #[derive(Serialize)]
    struct Refused {
        line: usize,
        error: String,
    }
    let datafile = call.context.datafile.current().ok_or_else(datafile::none)?;
    let mut answer = Vec::new();
    for (index, line) in call.body.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let refused = |error: InvalidVisit| {
            let refused = Refused { line: index + 1, error: error.to_string() };
            serde_json::to_string(&refused).unwrap_or_default()
        };
        let decided = decide_line(&datafile, line).unwrap_or_else(refused);
        answer.extend_from_slice(decided.as_bytes());
        answer.push(b'\n');
    }
    call.context.datafile.log_unreadable();
    Ok(Response::from_status(StatusCode::OK)
        .with_header(CONTENT_TYPE, "application/x-ndjson")
        .with_body(answer))
}
