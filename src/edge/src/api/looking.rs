//! Looking at a page of the origin as a rewriter would, within bounds: only this site's own pages, so many bytes, so much
//! CPU time.

use std::io::Read as _;

use edgewise_engine::{PageHead, Plan, Report, Rewriter};
use fastly::http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    USER_AGENT,
};
use fastly::http::{HeaderName, StatusCode};
use fastly::{Request, Response};
use serde_json::{Value, json};

use super::budget::Budget;
use super::call::Call;
use super::problem::Problem;
use crate::{header, origin};

/// The most bytes of a page that are looked at.
const MAX_PAGE: u64 = 2 * 1024 * 1024;

/// How much is read at a time.
const CHUNK: usize = 32 * 1024;

/// The origin's answer to a request for one of its pages, as it came.
pub(super) fn fetch(call: &Call<'_>, path: &str) -> Result<Response, Problem> {
    let url =
        call.request.get_url().join(path).map_err(|_| super::pages::bad_path("/path"))?;
    let mut ask = Request::get(url).with_header(ACCEPT, "text/html");
    for name in ["host", USER_AGENT.as_str(), "accept-language"] {
        if let Some(value) = call.request.get_header(name) {
            ask.set_header(name, value);
        }
    }
    // Nothing that is asked by hand may push pages out of the cache, or come from it.
    ask.set_pass(true);
    origin::ask_for_page(&mut ask);
    origin::fetch(ask).ok_or_else(unreachable)
}

fn unreachable() -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "site-unreachable",
        "the site did not answer",
        "Look whether the site answers at all; then try again.",
    )
}

/// What one look found.
pub(super) struct Seen<'p> {
    pub(super) report: Option<Report<'p>>,
    /// How many bytes were read, unpacked.
    pub(super) bytes: u64,
    /// Why no more were: `too-large`, `cpu-time`, `broken-off`; none if they are all.
    pub(super) stopped: Option<&'static str>,
}

/// Reads a page and looks for what a plan has in it. Nothing of what comes out is kept.
pub(super) fn look<'p>(
    response: &mut Response,
    plan: &'p Plan<'p>,
    budget: &Budget,
) -> Seen<'p> {
    let head = head_of(response);
    let mut body = response.take_body().take(MAX_PAGE + 1);
    let is_readable = head.is_rewritable() && !response.contains_header(CONTENT_ENCODING);
    let mut rewriter = is_readable.then(|| Rewriter::new(plan, head));
    let (mut bytes, mut stopped) = (0, None);
    let (mut chunk, mut out) = (vec![0; CHUNK], Vec::new());
    loop {
        let read = match body.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(_) => {
                stopped = Some("broken-off");
                break;
            }
        };
        bytes += read as u64;
        if bytes > MAX_PAGE {
            stopped = Some("too-large");
            break;
        }
        // Of a page that is begun the first piece is always looked at.
        if bytes > CHUNK as u64 && budget.is_spent() {
            stopped = Some("cpu-time");
            break;
        }
        if let Some(rewriter) = &mut rewriter {
            rewriter.write(&chunk[..read], &mut out);
            out.clear();
        }
    }
    let report = rewriter.map(|rewriter| rewriter.end(&mut out));
    Seen { report, bytes, stopped }
}

fn head_of(response: &Response) -> PageHead {
    let mut types = header::values(response, CONTENT_TYPE);
    let content_type = (types.len() == 1).then(|| types.remove(0));
    PageHead { content_type, policies: header::values(response, CONTENT_SECURITY_POLICY) }
}

/// What the origin's headers say, for people.
pub(super) fn describe(response: &Response) -> Value {
    let text = |name: HeaderName| {
        let values = header::values(response, name);
        (!values.is_empty()).then(|| values.join(", "))
    };
    let cache_control = text(fastly::http::header::CACHE_CONTROL);
    let lower = cache_control.clone().unwrap_or_default().to_ascii_lowercase();
    let is_private = ["no-store", "private"].iter().any(|word| lower.contains(word));
    let sets_cookie = response.contains_header(fastly::http::header::SET_COOKIE);
    let is_success = response.get_status() == StatusCode::OK;
    json!({
        "status": response.get_status().as_u16(),
        "content_type": text(CONTENT_TYPE),
        "csp": header::values(response, CONTENT_SECURITY_POLICY),
        "cache_control": cache_control,
        "cacheable": is_success && !is_private && !sets_cookie,
        "no_transform": lower.contains("no-transform"),
    })
}

/// Asks how the origin packs a page for browsers, without reading it.
pub(super) fn encoding(call: &Call<'_>, path: &str) -> Option<String> {
    let url = call.request.get_url().join(path).ok()?;
    let mut ask = Request::head(url).with_header(ACCEPT, "text/html");
    ask.set_header(ACCEPT_ENCODING, "gzip, br, zstd");
    for name in ["host", USER_AGENT.as_str()] {
        if let Some(value) = call.request.get_header(name) {
            ask.set_header(name, value);
        }
    }
    ask.set_pass(true);
    let found = origin::fetch(ask)?;
    let values = header::values(&found, CONTENT_ENCODING);
    Some(if values.is_empty() { "identity".to_owned() } else { values.join(", ") })
}
