//! The document that says what the API has.

use fastly::Response;
use fastly::http::StatusCode;
use fastly::http::header::{CACHE_CONTROL, CONTENT_TYPE};

const DOCUMENT: &str = include_str!("../../openapi.json");

/// It holds no secret, so anybody may read it.
pub(super) fn read() -> Response {
    Response::from_status(StatusCode::OK)
        .with_header(CONTENT_TYPE, "application/json")
        .with_header(CACHE_CONTROL, "no-cache")
        .with_body(DOCUMENT)
}
