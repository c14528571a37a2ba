//! May this response be rewritten?

use edgewise_engine::PageHead;
use fastly::Response;
use fastly::http::StatusCode;
use fastly::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};

use crate::header::{self, Names};
use crate::log::Passed;
use crate::route::Again;
use crate::unpack;

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

/// The content type of a whole HTML page; or why it is none, with what was found instead.
pub(crate) fn page_type(response: &Response) -> Result<String, (Passed, String)> {
    let status = response.get_status();
    if status != StatusCode::OK {
        return Err((Passed::Status, status.as_str().to_owned()));
    }
    let mut found = header::values(response, CONTENT_TYPE);
    let head = PageHead { content_type: found.first().cloned(), policies: Vec::new() };
    if found.len() == 1 && head.is_html() {
        Ok(found.remove(0))
    } else {
        Err((Passed::NotHtml, shorten(&found.join(", "))))
    }
}

/// Whether it is a page, a part of one, or says that a page is what it was: with an experiment on it, no cache may give
/// to others what one visitor got.
pub(crate) fn is_of_page(response: &Response) -> bool {
    match response.get_status() {
        StatusCode::NOT_MODIFIED => true,
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
            let mut types = response.get_header_all(CONTENT_TYPE);
            types.any(|value| {
                let kind = value.as_bytes().trim_ascii_start();
                kind.get(..9).is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/html"))
            })
        }
        _ => false,
    }
}

/// Only a complete, readable HTML page may. The response has `names`.
pub(crate) fn check(
    response: &Response,
    names: &Names,
    asked: &Again,
) -> Result<PageHead, PassThrough> {
    let because = |why, found: &str| Err(PassThrough::Because(why, shorten(found)));
    let content_type =
        page_type(response).map_err(|(why, found)| PassThrough::Because(why, found))?;
    let head = PageHead {
        content_type: Some(content_type.clone()),
        policies: header::values_of(response, names, CONTENT_SECURITY_POLICY),
    };
    if !head.is_rewritable() {
        return because(Passed::Charset, &content_type);
    }
    if unpack::packing(response, names).is_none() {
        return because(
            Passed::Packed,
            &header::values(response, CONTENT_ENCODING).join(", "),
        );
    }
    let caching =
        header::values_of(response, names, CACHE_CONTROL).join(", ").to_ascii_lowercase();
    if caching.contains("no-transform") {
        return because(Passed::NoTransform, &caching);
    }
    if asked.is_head() { Err(PassThrough::Head) } else { Ok(head) }
}
