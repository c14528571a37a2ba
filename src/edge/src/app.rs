//! Everything under `/_edgewise/`: the web app's embedded files, the preview frame, and the way to the API.

use fastly::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use fastly::http::{Method, StatusCode};
use fastly::{Request, Response};

use crate::{Context, api, header, kept};

/// One embedded file.
pub(crate) struct File {
    path: &'static str,
    mime: &'static str,
    etag: &'static str,
    plain: Option<&'static [u8]>,
    br: &'static [u8],
    gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

const ROOT: &str = "/_edgewise";

/// The app runs its own scripts and the engine, and nothing else.
const APP_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: https:; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/// A previewed page shows whatever it shows, but runs nothing and leads nowhere.
const FRAME_POLICY: &str = "default-src * data: blob: 'unsafe-inline'; script-src 'none'; object-src 'none'; \
    frame-src 'none'; connect-src 'none'; form-action 'none'; frame-ancestors 'self'";

/// The path below the app's root, if the request is for the app.
pub(crate) fn path(request: &Request) -> Option<String> {
    let rest = request.get_path().strip_prefix(ROOT)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
}

/// Whether the app and its API answer on the host that the visitor typed: on any, unless there is a host for them alone.
fn is_at_home(request: &Request, context: &Context) -> bool {
    let Some(home) = &context.options.admin_host else { return true };
    let host = header::text(request, "host").unwrap_or_default();
    // With or without the port, as it is written in the option.
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    host.eq_ignore_ascii_case(home) || name.eq_ignore_ascii_case(home)
}

/// Answers a request for the app or its API.
pub(crate) fn respond(request: Request, path: &str, context: &mut Context) -> Response {
    // Visitors' pages tell of changes that they keep on the site's own host.
    if path != "/kept" && !is_at_home(&request, context) {
        return secure(
            Response::from_status(StatusCode::NOT_FOUND)
                .with_header(CACHE_CONTROL, "no-store")
                .with_body_text_plain("Not found.\n"),
        );
    }
    let Some(path) = path.strip_prefix('/') else {
        return secure(
            Response::from_status(StatusCode::PERMANENT_REDIRECT)
                .with_header(LOCATION, "/_edgewise/"),
        );
    };
    if let Some(path) = path.strip_prefix("api/") {
        return secure(api::respond(request, path, context));
    }
    if path == "kept" {
        return secure(kept::respond(request, context));
    }
    if !matches!(*request.get_method(), Method::GET | Method::HEAD) {
        return secure(
            Response::from_status(StatusCode::METHOD_NOT_ALLOWED)
                .with_header("allow", "GET, HEAD"),
        );
    }
    if path == "frame" {
        return secure(frame());
    }
    // The app's own routes have no ending and are all the same page.
    let name = if path.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        path
    } else {
        "index.html"
    };
    match FILES.iter().find(|file| file.path == name) {
        Some(file) => secure(send(&request, file)),
        None if FILES.is_empty() => {
            secure(Response::from_status(StatusCode::NOT_FOUND).with_body_text_plain(
                "This build carries no web app. Run `cargo xtask build`.\n",
            ))
        }
        None => secure(
            Response::from_status(StatusCode::NOT_FOUND)
                .with_body_text_plain("Not found.\n"),
        ),
    }
}

fn send(request: &Request, file: &File) -> Response {
    // Other files carry a hash of their content in their name.
    let hashed = file.path.starts_with("assets/");
    let caching = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let response = Response::from_status(StatusCode::OK)
        .with_header(CACHE_CONTROL, caching)
        .with_header(ETAG, file.etag)
        .with_header(VARY, "Accept-Encoding")
        .with_header(CONTENT_SECURITY_POLICY, APP_POLICY)
        .with_header("cross-origin-opener-policy", "same-origin");
    if header::text(request, IF_NONE_MATCH).is_some_and(|etags| etags.contains(file.etag))
    {
        return response.with_status(StatusCode::NOT_MODIFIED);
    }
    let accepts = |encoding: &str| {
        request
            .get_header_all(ACCEPT_ENCODING)
            .filter_map(|value| value.to_str().ok())
            .any(|value| {
                value.split(',').any(|item| {
                    let mut parts = item.split(';').map(str::trim);
                    parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding))
                        && !parts.any(|weight| {
                            matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
                        })
                })
            })
    };
    let response = response.with_header(CONTENT_TYPE, file.mime);
    match file.plain {
        _ if accepts("br") => {
            response.with_header(CONTENT_ENCODING, "br").with_body(file.br)
        }
        Some(plain) if !accepts("gzip") => response.with_body(plain),
        _ => response.with_header(CONTENT_ENCODING, "gzip").with_body(file.gzip),
    }
}

/// An empty document for the app to show a page in.
fn frame() -> Response {
    Response::from_status(StatusCode::OK)
        .with_header(CACHE_CONTROL, "no-cache")
        .with_header(CONTENT_SECURITY_POLICY, FRAME_POLICY)
        .with_body_text_html("<!doctype html><title>Preview</title>")
}

/// What every answer under the app's root carries.
fn secure(response: Response) -> Response {
    response
        .with_header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with_header(REFERRER_POLICY, "no-referrer")
        .with_header("x-robots-tag", "noindex")
}
