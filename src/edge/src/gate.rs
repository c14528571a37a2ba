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

/// The origin may say anything, at any length.
fn shorten(found: &str) -> String {
    found.chars().take(200).collect()
}

/// All lines of a header.
pub(crate) fn values(response: &Response, name: HeaderName) -> Vec<String> {
    let values = response.get_header_all(name).map(HeaderValue::as_bytes);
    values.map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

/// The content type of a whole HTML page; or why it is none, with what was found instead.
pub(crate) fn page_type(response: &Response) -> Result<String, (Passed, String)> {
    let status = response.get_status();
    if status != StatusCode::OK {
        return Err((Passed::Status, status.as_str().to_owned()));
    }
    let mut found = values(response, CONTENT_TYPE);
    let head = PageHead { content_type: found.first().cloned(), policies: Vec::new() };
    if found.len() == 1 && head.is_html() {
        Ok(found.remove(0))
    } else {
        Err((Passed::NotHtml, shorten(&found.join(", "))))
    }
}

/// Only a complete, readable HTML page may.
pub(crate) fn check(response: &Response) -> Result<PageHead, PassThrough> {
    let because = |why, found: &str| Err(PassThrough::Because(why, shorten(found)));
    let content_type =
        page_type(response).map_err(|(why, found)| PassThrough::Because(why, found))?;
    let head = PageHead {
        content_type: Some(content_type.clone()),
        policies: values(response, CONTENT_SECURITY_POLICY),
    };
    if !head.is_rewritable() {
        return because(Passed::Charset, &content_type);
    }
    if response.contains_header(CONTENT_ENCODING) {
        return because(Passed::Packed, &values(response, CONTENT_ENCODING).join(", "));
    }
    let caching = values(response, CACHE_CONTROL).join(", ").to_ascii_lowercase();
    if caching.contains("no-transform") {
        return because(Passed::NoTransform, &caching);
    }
    match response.get_backend_request().map(|request| request.get_method().clone()) {
        Some(Method::HEAD) => Err(PassThrough::Head),
        _ => Ok(head),
    }
}
