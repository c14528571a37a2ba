//! May this response be rewritten?

use edgewise_engine::PageHead;
use fastly::Response;
use fastly::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use fastly::http::{Method, StatusCode};

/// Why a response goes to the visitor as it came.
pub(crate) enum PassThrough {
    /// It is not a page that can be rewritten.
    Ordinary,
    /// It is only the head of one that would be.
    Head,
}

/// Only a complete, readable HTML page may.
pub(crate) fn check(response: &Response) -> Result<PageHead, PassThrough> {
    let mut content_types = response.get_header_all(CONTENT_TYPE);
    let (Some(content_type), None) = (content_types.next(), content_types.next()) else {
        return Err(PassThrough::Ordinary);
    };
    let Ok(content_type) = content_type.to_str() else {
        return Err(PassThrough::Ordinary);
    };
    let head = PageHead {
        content_type: Some(content_type.to_owned()),
        policies: response
            .get_header_all(CONTENT_SECURITY_POLICY)
            .filter_map(|policy| policy.to_str().ok().map(str::to_owned))
            .collect(),
    };
    let no_transform = response.get_header_all(CACHE_CONTROL).any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.to_ascii_lowercase().contains("no-transform"))
    });
    let whole = response.get_status() == StatusCode::OK;
    let readable = !response.contains_header(CONTENT_ENCODING);
    if !whole || !readable || no_transform || !head.is_rewritable() {
        return Err(PassThrough::Ordinary);
    }
    match response.get_backend_request().map(|request| request.get_method().clone()) {
        Some(Method::HEAD) => Err(PassThrough::Head),
        _ => Ok(head),
    }
}
