//! What was decided and how long it took, in a `Server-Timing` header: for whoever has followed a debug link, and for
//! nobody else.

use std::time::SystemTime;

use edgewise_engine::{Decision, cookie};
use fastly::Response;
use fastly::http::HeaderValue;
use fastly::http::header::SET_COOKIE;

use crate::stream;

const SERVER_TIMING: &str = "server-timing";

/// The most decisions that are told.
const MAX_TOLD: usize = 50;

/// What is told of one request.
#[derive(Debug)]
pub(crate) struct Timing {
    begun: SystemTime,
    /// The token of a debug link that was just followed; to be kept in a cookie.
    new_token: Option<String>,
    decided: Option<Decided>,
}

#[derive(Debug)]
struct Decided {
    at: SystemTime,
    revision: u64,
    told: Vec<String>,
}

impl Timing {
    /// Begins to measure. `new_token` is that of a link which was just followed.
    pub(crate) fn since(begun: SystemTime, new_token: Option<String>) -> Self {
        Self { begun, new_token, decided: None }
    }

    /// Notes what was decided, and that it was now.
    pub(crate) fn decide(&mut self, decisions: &[Decision<'_>], revision: u64) {
        let tell = |one: &Decision<'_>| {
            let key = one.experiment.key.as_str();
            match one.variant() {
                Some(variant) => format!("{key}={} {}", variant.key, one.reason()),
                None => format!("{key}: {}", one.reason()),
            }
        };
        let told = decisions.iter().take(MAX_TOLD).map(tell).collect();
        self.decided = Some(Decided { at: SystemTime::now(), revision, told });
    }

    /// Tells it with an answer of the origin that has just come, which is then for nobody else.
    pub(crate) fn tell(&self, response: &mut Response) {
        let now = SystemTime::now();
        let until = |from: SystemTime, to: SystemTime| {
            to.duration_since(from).unwrap_or_default().as_secs_f64() * 1_000.0
        };
        let mut entries = Vec::new();
        if let Some(Decided { at, revision, told }) = &self.decided {
            entries.push(format!("decide;dur={:.2}", until(self.begun, *at)));
            entries.push(format!("origin;dur={:.2}", until(*at, now)));
            entries.push(format!("revision;desc=\"{revision}\""));
            entries.extend(told.iter().map(|one| {
                let quoted: String = one.chars().filter(|c| may_be_quoted(*c)).collect();
                format!("experiment;desc=\"{quoted}\"")
            }));
        } else {
            entries.push(format!("origin;dur={:.2}", until(self.begun, now)));
        }
        stream::keep_private(response);
        if let Ok(value) = HeaderValue::from_str(&entries.join(", ")) {
            response.append_header(SERVER_TIMING, value);
        }
        if let Some(token) = &self.new_token
            && let Ok(value) = HeaderValue::from_str(&cookie::set_debug(token))
        {
            response.append_header(SET_COOKIE, value);
        }
    }
}

/// Keys hold nothing else; whatever they come to hold, nothing ends the text or the line.
fn may_be_quoted(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '=' | ':' | '.')
}
