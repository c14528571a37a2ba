//! Pages of the site, looked at before anything is published. The address can be one of this site's own pages only: what
//! is fetched always comes from the service's one origin.

use edgewise_engine::{PageHead, Probe, Selector};
use fastly::Response;
use fastly::http::StatusCode;
use fastly::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde_json::{Value, json};

use super::call::{Answer, Call, json};
use super::looking;
use super::problem::Problem;
use crate::header;

/// The longest path of a page, bytes.
const MAX_PATH: usize = 2048;
/// The longest selector, bytes.
const MAX_SELECTOR: usize = 512;
/// The most pages that are looked at for one answer.
const MAX_PAGES: usize = 20;
/// The most selectors that are looked for.
const MAX_SELECTORS: usize = 200;

/// Whether the text is the path, perhaps with a query, of a page of the origin: it cannot name another host.
pub(super) fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.starts_with("/_edgewise")
        && path.len() <= MAX_PATH
        && !path.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'\\' | b'#'))
}

pub(super) fn bad_path(pointer: &str) -> Problem {
    let message = "it is not the path of a page";
    Problem::field(
        pointer,
        message,
        "Write a path of this site, beginning with one \"/\".",
    )
}

/// The origin's page, untouched, for the app to preview. It is data: no browser shows it as a page.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let path = call.query("path")?.filter(|path| is_path(path));
    let path = path.ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-query",
            "\"path\" has to be the path of a page, starting with one \"/\"",
            "Add ?path= and the path, percent-encoded.",
        )
    })?;
    let mut found = looking::fetch(call, &path)?;
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
    Ok(response)
}

/// The path of a page that is named by its path or by its whole address.
fn path_of(
    call: &Call<'_>,
    path: Option<&str>,
    url: Option<&str>,
) -> Result<String, Problem> {
    let hint = "Send the path of a page, or its whole address, and not both.";
    match (path, url) {
        (Some(path), None) if is_path(path) => Ok(path.to_owned()),
        (Some(_), None) => Err(bad_path("/path")),
        (None, Some(url)) => {
            let rest = ["https://", "http://"].iter().find_map(|it| url.strip_prefix(it));
            let own = header::text(&call.request, "host").unwrap_or_default();
            let elsewhere = || {
                let message = format!("it is no page of {own:?}");
                Problem::field(
                    "/url",
                    message,
                    "Only pages of this site can be looked at.",
                )
            };
            let rest = rest.ok_or_else(elsewhere)?;
            let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
            let (host, path) = rest.split_at(end);
            // A name and password in front of the host make it another text, and so another host.
            if own.is_empty() || !host.eq_ignore_ascii_case(own) {
                return Err(elsewhere());
            }
            let path = path.split('#').next().unwrap_or_default();
            let path = match path {
                "" => "/".to_owned(),
                query if query.starts_with('?') => format!("/{query}"),
                path => path.to_owned(),
            };
            Some(path).filter(|path| is_path(path)).ok_or_else(|| bad_path("/url"))
        }
        _ => Err(Problem::field(
            "/path",
            "\"path\" is missing, or \"url\" is there too",
            hint,
        )),
    }
}

/// What there is to know about a page before it is changed.
pub(super) fn inspect(call: &mut Call<'_>) -> Answer {
    let fields = call.fields(&["path", "url"])?;
    let path = path_of(call, fields.text("path")?, fields.text("url")?)?;
    let everything = Selector::parse("*").ok();
    let probe = Probe::new(everything);
    let plan = probe.plan();
    let mut found = looking::fetch(call, &path)?;
    let mut answer = looking::describe(&found);
    let is_html =
        PageHead { content_type: header_of(&found), policies: Vec::new() }.is_html();
    let seen = looking::look(&mut found, &plan, &call.budget);
    answer["path"] = path.as_str().into();
    answer["html"] = is_html.into();
    answer["encoding"] = looking::encoding(call, &path).into();
    answer["bytes"] = seen.bytes.into();
    answer["stopped"] = seen.stopped.into();
    let passed = seen.report.as_ref().and_then(|report| report.passed);
    answer["rewritable"] =
        (seen.report.is_some() && passed.is_none() && answer["no_transform"] != true)
            .into();
    answer["framework"] = json!(seen.report.as_ref().and_then(|report| report.framework));
    let elements = seen.report.as_ref().map(Probe::counts);
    answer["elements"] = json!(elements.and_then(|counts| counts.first().copied()));
    Ok(json(StatusCode::OK, &answer))
}

fn header_of(response: &Response) -> Option<String> {
    header::values(response, CONTENT_TYPE).into_iter().next()
}

/// How often each selector matches on each page. Pages for which no time is left are listed as such.
pub(super) fn count(call: &mut Call<'_>) -> Answer {
    let fields = call.fields(&["paths", "selectors"])?;
    let paths = fields.texts("paths", MAX_PAGES)?;
    if let Some(index) = paths.iter().position(|path| !is_path(path)) {
        return Err(bad_path(&format!("/paths/{index}")));
    }
    let mut errors = Vec::new();
    let mut selectors = Vec::new();
    for (index, text) in fields.texts("selectors", MAX_SELECTORS)?.into_iter().enumerate()
    {
        match read_selector(text) {
            Ok(selector) => selectors.push(selector),
            Err((message, hint)) => errors.push(json!({
                "pointer": format!("/selectors/{index}"), "code": "invalid-selector",
                "message": message, "hint": hint, "severity": "error",
            })),
        }
    }
    if !errors.is_empty() {
        let count = errors.len();
        let s = if count == 1 { "" } else { "s" };
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-selector",
            format!("{count} selector{s} cannot be read"),
            "Mend them; each comes with a hint of its own.",
        )
        .with_errors(errors));
    }
    let probe = Probe::new(selectors);
    let plan = probe.plan();
    let budget = &call.budget;
    let pages: Vec<Value> = paths
        .into_iter()
        .map(|path| {
            if budget.is_spent() {
                return json!({ "path": path, "stopped": "not-looked-at" });
            }
            let Ok(mut found) = looking::fetch(call, path) else {
                return json!({ "path": path, "stopped": "site-unreachable" });
            };
            let status = found.get_status().as_u16();
            let seen = looking::look(&mut found, &plan, budget);
            let counts = seen.report.as_ref().map(Probe::counts);
            let no_page = counts.is_none().then_some("not-a-page");
            json!({
                "path": path, "status": status, "bytes": seen.bytes, "counts": counts,
                "stopped": seen.stopped.or(no_page),
            })
        })
        .collect();
    Ok(json(StatusCode::OK, &json!({ "pages": pages })))
}

fn read_selector(text: &str) -> Result<Selector, (String, String)> {
    if text.len() > MAX_SELECTOR {
        let message = format!("the selector has more than {MAX_SELECTOR} bytes");
        return Err((message, "Give the element an id or a class.".to_owned()));
    }
    Selector::parse(text).map_err(|error| (error.to_string(), error.hint().clone()))
}
