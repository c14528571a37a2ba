//! The customer's site: sending to it, and the hygiene of headers in both directions.

use edgewise_engine::{Decision, ORIGIN_HEADER, Reach, told_to_origin};
use fastly::http::header::{
    ACCEPT, ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, RANGE, UPGRADE,
};
use fastly::http::{FramingHeadersMode, Method, StatusCode};
use fastly::{Request, Response};

use crate::header::{self, Names};
use crate::log::{self, Reason};
use crate::route::{self, Again, BACKEND};

/// Whether the browser wants to leave HTTP, as for a WebSocket.
pub(crate) fn is_upgrade(request: &Request, names: &Names) -> bool {
    names.has(UPGRADE.as_str())
        && header::text(request, UPGRADE)
            .is_some_and(|to| to.eq_ignore_ascii_case("websocket"))
}

/// Lets the browser and the origin talk directly. Where the service has not been granted that, it is told so.
pub(crate) fn hand_off(request: Request) {
    let page = request.get_path().to_owned();
    if let Err(error) = request.handoff_websocket(BACKEND) {
        Response::from_status(StatusCode::NOT_IMPLEMENTED)
            .with_header("cache-control", "no-store")
            .send_to_client();
        log::fault(Reason::OriginUnreachable, &page, &format!("websocket: {error}"));
    }
}

/// Whether the browser is about to show the answer as a page. Anything else is not looked at, however it is labelled.
pub(crate) fn wants_page(request: &Request) -> bool {
    if !matches!(*request.get_method(), Method::GET | Method::HEAD) {
        return false;
    }
    let accepts_html = header::text(request, ACCEPT).is_none_or(|accept| {
        let accept = accept.to_ascii_lowercase();
        accept.contains("text/html") || accept.trim() == "*/*"
    });
    match header::text(request, "sec-fetch-dest") {
        Some("document" | "iframe" | "frame" | "embed" | "object") | None => accepts_html,
        // Sites that swap pages by script fetch them as HTML.
        Some("empty") => header::text(request, ACCEPT)
            .is_some_and(|accept| accept.contains("text/html")),
        Some(_) => false,
    }
}

/// How far a request for a page can be led. A script or a picture of an old browser may look like one that takes
/// anything; a page in its place would break it, where a page that is only rewritten does no harm.
pub(crate) fn reach(request: &Request) -> Reach {
    let accepts_html = header::text(request, ACCEPT)
        .is_some_and(|accept| accept.to_ascii_lowercase().contains("text/html"));
    match header::text(request, "sec-fetch-mode") {
        Some("navigate") => Reach::Anywhere,
        None if accepts_html => Reach::Anywhere,
        Some(_) if accepts_html => Reach::SameHost,
        _ => Reach::Here,
    }
}

/// Whether a browser asks ahead, for a page that perhaps nobody will see.
pub(crate) fn is_prefetch(request: &Request, names: &Names) -> bool {
    ["sec-purpose", "purpose", "x-moz"].into_iter().any(|name| {
        let value = names.has(name).then(|| header::text(request, name)).flatten();
        value.is_some_and(|value| value.to_ascii_lowercase().contains("prefetch"))
    })
}

/// Whether the method asks for a tunnel, or for the request to be shown to whoever sent it. Neither is for a website.
pub(crate) fn is_refused(request: &Request) -> bool {
    matches!(*request.get_method(), Method::CONNECT | Method::TRACE)
}

/// The answer to such a method.
pub(crate) fn refuse() -> Response {
    Response::from_status(StatusCode::METHOD_NOT_ALLOWED)
        .with_header("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
        .with_header("cache-control", "no-store")
}

/// Sends the request on and the answer back, both as they are.
pub(crate) fn pass(request: Request) {
    pass_with(request, |_| ());
}

/// The same, with a last word on the answer's headers.
pub(crate) fn pass_with(request: Request, touch: impl FnOnce(&mut Response)) {
    let again = Again::of(&request);
    match fetch_away(request, &again) {
        Some(mut response) => {
            touch(&mut response);
            send_as(response, again.is_head());
        }
        None => unreachable().send_to_client(),
    }
}

/// Tells the origin which variants it is to render. Nobody else may: what visitors send under that name is thrown away.
pub(crate) fn tell(request: &mut Request, decisions: &[Decision<'_>]) {
    request.remove_header(ORIGIN_HEADER);
    if let Some(told) = told_to_origin(decisions) {
        request.set_header(ORIGIN_HEADER, told);
        // A cache that does not know of the header would give one variant to all.
        request.set_pass(true);
    }
}

/// Asks for a page that is to be rewritten, whole and packed with nothing that cannot be unpacked; and what it takes to ask
/// for it once more.
pub(crate) fn fetch_page(mut request: Request) -> Option<(Response, Again)> {
    ask_for_page(&mut request);
    let again = Again::of_page(&request);
    Some((fetch_away(request, &again)?, again))
}

/// Makes the request ask for the whole page, whatever the visitor has of it.
pub(crate) fn ask_for_page(request: &mut Request) {
    take_conditions(request);
    request.set_header(ACCEPT_ENCODING, "gzip");
    request.set_auto_decompress_gzip(true);
}

fn take_conditions(request: &mut Request) {
    let names = Names::of(request.get_header_names());
    let conditions = [
        RANGE,
        IF_RANGE,
        IF_NONE_MATCH,
        IF_MODIFIED_SINCE,
        IF_MATCH,
        IF_UNMODIFIED_SINCE,
    ];
    for name in conditions.into_iter().filter(|name| names.has(name.as_str())) {
        request.remove_header(name);
    }
}

/// Sends a request. That there is no answer is logged.
pub(crate) fn fetch(request: Request) -> Option<Response> {
    let page = request.get_path().to_owned();
    answered(&page, route::send(request))
}

/// The same of a request that the answer need not know of.
pub(crate) fn fetch_away(request: Request, again: &Again) -> Option<Response> {
    let page = request.get_path().to_owned();
    answered(&page, route::send_away(request, again))
}

fn answered(page: &str, sent: Result<Response, String>) -> Option<Response> {
    sent.map_err(|why| log::fault(Reason::OriginUnreachable, page, &why)).ok()
}

/// Asks again for a page whose body could not be unpacked, and leaves it packed.
pub(crate) fn fetch_packed(again: &Again) -> Option<Response> {
    let mut request = again.request();
    take_conditions(&mut request);
    request.set_header(ACCEPT_ENCODING, "gzip");
    request.set_auto_decompress_gzip(false);
    fetch(request)
}

/// Sends an answer of the origin as it is.
pub(crate) fn send(response: Response) {
    send_as(response, false);
}

/// The same, perhaps to a request for no more than the head.
pub(crate) fn send_as(mut response: Response, head: bool) {
    let names = Names::of(response.get_header_names());
    header::strip_hop_by_hop(&mut response, &names);
    if head {
        // There is no body to take the length from; what the origin said holds.
        response.set_framing_headers_mode(FramingHeadersMode::ManuallyFromHeaders);
    }
    response.send_to_client();
}

/// The short page for an origin that gives none.
pub(crate) fn unreachable() -> Response {
    Response::from_status(StatusCode::BAD_GATEWAY)
        .with_header("cache-control", "no-store")
        .with_body_text_plain("The site did not answer. Please try again in a moment.\n")
}
