//! Which scripts of other origins may use the API: none, unless the config store names their origin. They have to bring a
//! token like everybody; browsers send no cookies along.

use fastly::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use fastly::http::{Method, StatusCode};
use fastly::{Request, Response};

use super::routes_to;
use crate::header;
use crate::options::Options;

/// The origin that asks, if it may.
pub(super) fn origin(request: &Request, options: &Options) -> Option<String> {
    let origin = header::text(request, ORIGIN)?;
    options.api_origins.iter().find(|one| *one == origin).cloned()
}

/// The answer to a browser that asks whether a script may ask; none if this is no such question.
pub(super) fn preflight(
    request: &Request,
    path: &str,
    origin: Option<&str>,
) -> Option<Response> {
    origin?;
    let asks = *request.get_method() == Method::OPTIONS
        && request.contains_header(ACCESS_CONTROL_REQUEST_METHOD);
    let methods: Vec<_> = routes_to(path).iter().map(|(route, _)| route.method).collect();
    (asks && !methods.is_empty()).then(|| {
        Response::from_status(StatusCode::NO_CONTENT)
            .with_header(ACCESS_CONTROL_ALLOW_METHODS, methods.join(", "))
            .with_header(
                ACCESS_CONTROL_ALLOW_HEADERS,
                "authorization, content-type, if-match, if-none-match, idempotency-key",
            )
            .with_header(ACCESS_CONTROL_MAX_AGE, "600")
    })
}

/// Lets the origin read the answer.
pub(super) fn open(response: &mut Response, origin: Option<&str>, options: &Options) {
    if !options.api_origins.is_empty() {
        response.append_header(VARY, "Origin");
    }
    let policy = if origin.is_some() { "cross-origin" } else { "same-origin" };
    response.set_header("cross-origin-resource-policy", policy);
    if let Some(origin) = origin {
        response.set_header(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.set_header(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            "etag, retry-after, x-request-id, x-edgewise-status, x-edgewise-content-type, x-edgewise-csp",
        );
    }
}
