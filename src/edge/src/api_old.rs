//! The API of the web app, `/_edgewise/api/v1/…`. Everything in it needs the access token.

use std::time::{Duration, SystemTime};

use edgewise_engine::forced::FORCED_PARAMETER;
use edgewise_engine::{ExperimentKey, Forced, InvalidVisit, VariantKey, decide_line};
use fastly::http::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, USER_AGENT, WWW_AUTHENTICATE,
};
use fastly::http::{Method, StatusCode};
use fastly::{Request, Response};
use serde::{Deserialize, Serialize};

use crate::access::{self, Denied};
use crate::visit::{SIGNING_KEY, seconds_since_1970};
use crate::{Context, header, log, origin, store};

/// How long a QA link works.
const QA_LINK_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The longest body that is read.
const MAX_BODY: usize = 4 * 1024;

/// The longest list of visits that is decided at once.
const MAX_VISITS: usize = 64 * 1024;

/// An error as RFC 9457 has it.
#[derive(Serialize)]
struct ProblemDetails<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let details = ProblemDetails {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
    };
    json(status, &details).with_set_header(CONTENT_TYPE, "application/problem+json")
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    Response::from_status(status)
        .with_header(CONTENT_TYPE, "application/json")
        .with_body(body)
}

/// Answers a request for `path`, which follows `/_edgewise/api/`.
pub(crate) fn respond(request: Request, path: &str, context: &mut Context) -> Response {
    let response = match access::check(&request) {
        Ok(()) => route(request, path, context),
        Err(Denied::Unauthorized) => problem(
            StatusCode::UNAUTHORIZED,
            "the access token is missing or not the right one; send it as a bearer token",
        )
        .with_header(WWW_AUTHENTICATE, "Bearer"),
        Err(Denied::NotSetUp) => problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "no access token is set up; put its SHA-256 into the secret store \"edgewise\" as \"access-token-hash\"",
        ),
    };
    if response.contains_header(CACHE_CONTROL) {
        response
    } else {
        response.with_header(CACHE_CONTROL, "no-store")
    }
}

fn route(request: Request, path: &str, context: &mut Context) -> Response {
    let method = request.get_method().clone();
    match (method, path) {
        (Method::GET, "v1/datafile") => datafile(&request, context),
        (Method::GET, "v1/page") => page(&request),
        (Method::POST, "v1/qa-links") => qa_link(request, context),
        (Method::POST, "v1/decisions") => decisions(request, context),
        (_, "v1/datafile" | "v1/page") => not_allowed("GET"),
        (_, "v1/qa-links" | "v1/decisions") => not_allowed("POST"),
        _ => problem(StatusCode::NOT_FOUND, "the API has nothing of that name"),
    }
}

fn not_allowed(methods: &str) -> Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, &format!("this takes {methods} only"))
        .with_header(ALLOW, methods)
}

/// The datafile that the edge serves from.
fn datafile(request: &Request, context: &mut Context) -> Response {
    let Some(datafile) = context.datafile.current() else {
        return problem(
            StatusCode::NOT_FOUND,
            "no datafile has been published, or it cannot be read; the log says why",
        );
    };
    let etag = format!("\"{}\"", datafile.revision());
    let response = if header::text(request, IF_NONE_MATCH) == Some(etag.as_str()) {
        Response::from_status(StatusCode::NOT_MODIFIED)
    } else {
        json(StatusCode::OK, &*datafile)
    };
    response.with_header(ETAG, etag).with_header(CACHE_CONTROL, "private, no-cache")
}

/// Whether the text is the path, perhaps with a query, of a page of the origin: it cannot name another host.
fn is_page_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.starts_with("/_edgewise")
        && path.len() <= 2048
        && !path.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'\\' | b'#'))
}

const BAD_PATH: &str = "\"path\" has to be the path of a page, starting with one \"/\"";

/// The origin's page, untouched, for the app to preview. It is data: no browser shows it as a page.
fn page(request: &Request) -> Response {
    #[derive(Deserialize)]
    struct Query {
        path: String,
    }
    let Some(path) = request
        .get_query::<Query>()
        .ok()
        .map(|query| query.path)
        .filter(|path| is_page_path(path))
    else {
        return problem(StatusCode::BAD_REQUEST, BAD_PATH);
    };
    let Ok(url) = request.get_url().join(&path) else {
        return problem(StatusCode::BAD_REQUEST, BAD_PATH);
    };
    let mut ask = Request::get(url).with_header(ACCEPT, "text/html");
    for name in ["host", USER_AGENT.as_str(), "accept-language"] {
        if let Some(value) = request.get_header(name) {
            ask.set_header(name, value);
        }
    }
    let Some(mut found) = origin::fetch_page(ask) else {
        return problem(StatusCode::BAD_GATEWAY, "the site did not answer");
    };
    let mut response = Response::from_status(StatusCode::OK)
        .with_header(CONTENT_TYPE, "application/octet-stream")
        .with_header("x-edgewise-status", found.get_status().as_u16().to_string());
    for (name, copy) in [
        (CONTENT_TYPE, "x-edgewise-content-type"),
        (CONTENT_SECURITY_POLICY, "x-edgewise-csp"),
    ] {
        for value in found.get_header_all(name) {
            response.append_header(copy, value);
        }
    }
    response.set_body(found.take_body());
    response
}

/// What visitors would see, and why: visits as lines of JSON in, decisions as lines of JSON out. A line that is not a visit
/// is answered by what is wrong with it.
fn decisions(mut request: Request, context: &mut Context) -> Response {
    #[derive(Serialize)]
    struct Refused {
        line: usize,
        error: String,
    }
    let body = request.get_body_prefix_mut(MAX_VISITS + 1).take();
    if body.len() > MAX_VISITS {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 64 KiB");
    }
    let Some(datafile) = context.datafile.current() else {
        return problem(
            StatusCode::NOT_FOUND,
            "no datafile has been published, or it cannot be read",
        );
    };
    let mut answer = Vec::new();
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
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
    context.datafile.log_unreadable();
    Response::from_status(StatusCode::OK)
        .with_header(CONTENT_TYPE, "application/x-ndjson")
        .with_body(answer)
}

#[derive(Deserialize)]
struct QaLinkRequest {
    experiment: ExperimentKey,
    variant: VariantKey,
    path: String,
}

#[derive(Serialize)]
struct QaLink {
    url: String,
    expires_at: String,
}

/// A signed link that forces a variant.
fn qa_link(mut request: Request, context: &mut Context) -> Response {
    let body = request.get_body_prefix_mut(MAX_BODY + 1).take();
    if body.len() > MAX_BODY {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 4 KiB");
    }
    let wanted: QaLinkRequest = match serde_json::from_slice(&body) {
        Ok(wanted) => wanted,
        Err(error) => {
            return problem(StatusCode::BAD_REQUEST, &format!("the body: {error}"));
        }
    };
    if !is_page_path(&wanted.path) {
        return problem(StatusCode::BAD_REQUEST, BAD_PATH);
    }
    let Some(datafile) = context.datafile.current() else {
        return problem(
            StatusCode::NOT_FOUND,
            "no datafile has been published, or it cannot be read",
        );
    };
    let known = datafile
        .experiment(wanted.experiment.as_str())
        .is_some_and(|experiment| experiment.variant(wanted.variant.as_str()).is_some());
    if !known {
        let detail = format!(
            "there is no variant {:?} of {:?}",
            wanted.variant.as_str(),
            wanted.experiment.as_str()
        );
        return problem(StatusCode::NOT_FOUND, &detail);
    }
    let Some(key) = store::secret(SIGNING_KEY) else {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "no signing key is set up; put one into the secret store \"edgewise\" as \"signing-key\"",
        );
    };
    let expires_at = SystemTime::now() + QA_LINK_LIFETIME;
    let token = Forced::one(wanted.experiment, wanted.variant)
        .sign(&key, seconds_since_1970(expires_at));
    let separator = if wanted.path.contains('?') { '&' } else { '?' };
    let link = QaLink {
        url: format!("{}{separator}{FORCED_PARAMETER}={token}", wanted.path),
        expires_at: log::timestamp(expires_at),
    };
    json(StatusCode::CREATED, &link)
}
