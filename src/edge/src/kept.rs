//! What scripts of ours in visitors' pages tell about the changes that they keep there.

use std::io::Read as _;
use std::time::SystemTime;

use edgewise_engine::{MAX_KEPT, kept};
use fastly::http::header::ALLOW;
use fastly::http::{Method, StatusCode};
use fastly::{Request, Response};

use crate::{Context, header, log};

/// Answers what a script tells. Nobody waits for the answer, so it says nothing.
pub(crate) fn respond(mut request: Request, context: &mut Context) -> Response {
    if *request.get_method() != Method::POST {
        return Response::from_status(StatusCode::METHOD_NOT_ALLOWED)
            .with_header(ALLOW, "POST");
    }
    // Browsers say where a request comes from; other sites have nothing to tell.
    let site = header::text(&request, "sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return Response::from_status(StatusCode::FORBIDDEN);
    }
    let mut body = Vec::new();
    let limit = u64::try_from(MAX_KEPT).unwrap_or(u64::MAX) + 1;
    let read = request.take_body().take(limit).read_to_end(&mut body);
    if body.len() > MAX_KEPT {
        return Response::from_status(StatusCode::PAYLOAD_TOO_LARGE);
    }
    if let (Ok(_), Some(datafile)) = (read, context.datafile.current()) {
        let at = log::timestamp(SystemTime::now());
        for line in kept(&body, &datafile, &at) {
            log::line(&line);
        }
    }
    Response::from_status(StatusCode::NO_CONTENT)
}
