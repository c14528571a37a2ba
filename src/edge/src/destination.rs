//! Leading a visit to another page than the one asked for: by a redirect, or by asking the origin for another one.

use edgewise_engine::{Canonical, Decision, Destination, without_canonical};
use fastly::http::HeaderValue;
use fastly::http::header::{CACHE_CONTROL, LINK, LOCATION, SET_COOKIE};
use fastly::{Request, Response};

use crate::log::{self, Reason};
use crate::route::Again;
use crate::visit::Arrival;
use crate::{gate, origin, stream};

/// After so many redirects in a row the page asked for is shown. Ours alone never lead in a circle, but the site's own
/// may lead back to where ours begin.
const MAX_IN_A_ROW: u8 = 4;

/// The redirect that was decided on, if one was. What cannot be done is taken out of the decisions.
pub(crate) fn redirect(
    decisions: &mut Vec<Decision<'_>>,
    visit: &Arrival,
) -> Option<Response> {
    let is_redirect = |one: &Decision<'_>| {
        matches!(one.destination, Some(Destination::Redirect { .. }))
    };
    let at = decisions.iter().position(is_redirect)?;
    let Some(Destination::Redirect { status, location }) = &decisions[at].destination
    else {
        return None;
    };
    let in_a_row = visit.redirects < MAX_IN_A_ROW;
    let Some(location) = HeaderValue::from_str(location).ok().filter(|_| in_a_row) else {
        let page = visit.page.path();
        let detail = format!("{} redirects in a row", visit.redirects);
        log::fault(Reason::RedirectLoop, page, &detail);
        decisions.remove(at);
        return None;
    };
    let mut response = Response::from_status(u16::from(*status))
        .with_header(LOCATION, location)
        .with_header(CACHE_CONTROL, "private, no-store");
    for value in stream::cookies(visit).chain(visit.count_redirect()) {
        response.append_header(SET_COOKIE, value);
    }
    Some(response)
}

/// The other page that was decided on, if one was and the origin has it. If not, the decision is taken back: the page
/// asked for goes out in its place.
pub(crate) fn fetch_page(
    request: &Request,
    decisions: &mut Vec<Decision<'_>>,
) -> Option<(Response, Again)> {
    let other = |one: &Decision<'_>| one.destination.as_ref()?.page().map(str::to_owned);
    let at = decisions.iter().position(|one| other(one).is_some())?;
    let other = other(&decisions[at])?;
    let (path, query) = other.split_once('?').unwrap_or((&other, ""));
    let mut ask = request.clone_without_body();
    ask.set_path(path);
    if query.is_empty() {
        ask.remove_query();
    } else {
        ask.set_query_str(query);
    }
    origin::tell(&mut ask, decisions);
    let found = origin::fetch_page(ask);
    let wrong = match found.as_ref().map(|(page, _)| gate::page_type(page)) {
        Some(Ok(_)) => return found,
        Some(Err((_, wrong))) => Some(wrong),
        // That was logged.
        None => None,
    };
    if let Some(wrong) = wrong {
        let detail = format!("{path}: {wrong}");
        log::fault(Reason::OtherPageMissing, request.get_path(), &detail);
    }
    decisions.remove(at);
    None
}

/// Tells search engines at which address the page is at home, instead of what the origin said.
pub(crate) fn name_canonical(response: &mut Response, canonical: &Canonical) {
    let lines: Vec<_> = response.get_header_all(LINK).cloned().collect();
    response.remove_header(LINK);
    for line in lines {
        match line.to_str() {
            Ok(text) => {
                if let Some(rest) = without_canonical(text) {
                    response.append_header(LINK, rest);
                }
            }
            Err(_) => response.append_header(LINK, line),
        }
    }
    if let Ok(link) = HeaderValue::from_str(&canonical.link()) {
        response.append_header(LINK, link);
    }
}
