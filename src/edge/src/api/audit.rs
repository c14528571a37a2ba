//! Every write, and every write that was refused, is a line of the log. It is JSON, so nothing that anybody sends can
//! make a line of its own.

use fastly::http::StatusCode;
use serde::Serialize;

use super::call::{Answer, Call};
use crate::log;

/// The longest text that is taken from a request, characters.
const MAX_TEXT: usize = 500;

#[derive(Serialize)]
struct Entry<'a> {
    r#type: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    action: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    outcome: &'static str,
    status: u16,
    /// CPU time that it took, milliseconds.
    cpu_ms: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
}

/// Logs what came of a write.
pub(super) fn write(call: &Call<'_>, action: &str, answer: &Answer) {
    let status = match answer {
        Ok(response) => response.get_status(),
        Err(problem) => problem.status,
    };
    let holder = call.caller.as_ref().map(|caller| &caller.holder);
    let noted = &call.noted;
    let target = noted.target.as_deref().or(call.parts.first().map(String::as_str));
    log::line(&Entry {
        r#type: "audit",
        at: log::timestamp(call.now),
        by: holder.map(|holder| holder.name.as_str()),
        role: holder.map(|holder| holder.role.as_str()),
        action: noted.action.unwrap_or(action),
        target: &cut(target.unwrap_or_default()),
        revision: noted.revision,
        outcome: outcome(status),
        status: status.as_u16(),
        cpu_ms: call.budget.used(),
        why: &cut(&noted.why),
        ip: call.request.get_client_ip_addr().map(|ip| ip.to_string()),
    });
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

fn outcome(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "done",
        401 | 403 | 429 => "denied",
        404 => "missing",
        409 | 412 | 428 => "conflict",
        400..=499 => "invalid",
        _ => "failed",
    }
}
