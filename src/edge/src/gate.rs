//! May this response be rewritten?

use edgewise_engine::PageHead;
use fastly::Response;
use fastly::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use fastly::http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::log::Passed;

/// Why a response goes to the visitor as it came.
pub(crate) enum PassThrough {
    /// It is not a page that can be rewritten; with what was found instead.
    Because(Passed, String),
    /// It is only the head of one that would be.
    Head,
}

/// Only a complete, readable HTML page may.
pub(crate) fn check(response: &Response) -> Result<PageHead, PassThrough> {
    // The origin may say anything, at any length.
    let because = |why, found: &str| {
        Err(PassThrough::Because(why, found.chars().take(200).collect()))
    };
    let status = response.get_status();
    if status != StatusCode::OK {
        return because(Passed::Status, status.as_str());
    }
    let values = |name: HeaderName| {
        let values = response.get_header_all(name).map(HeaderValue::as_bytes);
        values
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect::<Vec<_>>()
    };
    let content_types = values(CONTENT_TYPE);
    let [content_type] = content_types.as_slice() else {
        return because(Passed::NotHtml, &content_types.join(", "));
    };
    let head = PageHead {
        content_type: Some(content_type.clone()),
        policies: values(CONTENT_SECURITY_POLICY),
    };
    if !head.is_html() {
        return because(Passed::NotHtml, content_type);
    }
    if !head.is_rewritable() {
        return because(Passed::Charset, content_type);
    }
    if response.contains_header(CONTENT_ENCODING) {
        return because(Passed::Packed, &values(CONTENT_ENCODING).join(", "));
    }
    let caching = values(CACHE_CONTROL).join(", ").to_ascii_lowercase();
    if caching.contains("no-transform") {
        return because(Passed::NoTransform, &caching);
    }
    match response.get_backend_request().map(|request| request.get_method().clone()) {
        Some(Method::HEAD) => Err(PassThrough::Head),
        _ => Ok(head),
    }
}
