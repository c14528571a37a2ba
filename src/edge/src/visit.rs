//! Request → who asks, and for what.

use std::time::{SystemTime, UNIX_EPOCH};

use edgewise_engine::forced::{FORCED_PARAMETER, split_query};
use edgewise_engine::{
    Facts, Forced, Geo, ORIGIN_HEADER, Page, Visit, VisitorId, cookie,
};
use fastly::Request;
use fastly::geo::geo_lookup;
use fastly::http::{HeaderValue, Method};

use crate::{origin, store};

/// The name of the secret that QA links are signed with.
pub(crate) const SIGNING_KEY: &str = "signing-key";

/// Who asks, and for what.
pub(crate) struct Arrival {
    pub(crate) visitor: VisitorId,
    pub(crate) visit: Visit,
    /// The token of a QA link that was just followed; to be kept in a cookie.
    pub(crate) new_token: Option<String>,
    /// How many redirects of ours have just led here.
    pub(crate) redirects: u8,
    /// Whether what is shown is seen by somebody, as far as the request tells.
    pub(crate) counts: bool,
}

impl Arrival {
    /// The cookie that counts one more redirect.
    pub(crate) fn count_redirect(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&cookie::set_redirects(self.redirects)).ok()
    }
}

/// Reads the visit, and takes what is ours out of the request: the origin, and the cache in front of it, see the same
/// request from every visitor. None if the address cannot be read; then there is nothing for us to do.
pub(crate) fn read(request: &mut Request) -> Option<Arrival> {
    let cookies: Vec<String> = request
        .get_header_all("cookie")
        .filter_map(|line| line.to_str().ok().map(str::to_owned))
        .collect();
    let lines = || cookies.iter().map(String::as_str);
    let visitor = cookie::visitor(lines());
    let kept_token = cookie::forced_token(lines());
    let redirects = cookie::redirects(lines());
    let link_token = take_link_token(request);
    take_cookies(request);
    request.remove_header(ORIGIN_HEADER);

    let page = Page::parse(request.get_url_str()).ok()?;
    let mut forced = Forced::default();
    let mut new_token = None;
    if let Some(token) = link_token.as_deref().or(kept_token)
        && let Some(key) = store::secret(SIGNING_KEY)
        && let Ok(verified) =
            Forced::verify(&key, token, seconds_since_1970(SystemTime::now()))
    {
        forced = verified;
        new_token = link_token;
    }
    let visitor = match visitor {
        Some(visitor) => visitor,
        None => new_visitor()?,
    };
    let visit = Visit { page, forced, reach: origin::reach(request) };
    let counts = *request.get_method() != Method::HEAD && !origin::is_prefetch(request);
    Some(Arrival { visitor, visit, new_token, redirects, counts })
}

/// What the visit tells, for copy that asks for it. The request has been read, so nothing of ours is in it any more.
pub(crate) fn facts(request: &Request, page: &Page) -> Facts {
    let headers = request.get_headers().filter_map(|(name, value)| {
        // Cookies may hold more than ASCII.
        Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
    });
    Facts::of_page(page).with_headers(headers).with_geo(&geo(request).unwrap_or_default())
}

/// Where the connection comes from, as far as Fastly knows.
fn geo(request: &Request) -> Option<Geo> {
    let found = geo_lookup(request.get_client_ip_addr()?)?;
    // This is how the database says that it does not know.
    let known = |text: &str| (!text.contains('?')).then(|| text.to_owned());
    Some(Geo {
        city: known(found.city()),
        country: known(found.country_code()),
        country_name: known(found.country_name()),
        region: found.region().and_then(known),
        continent: known(found.continent().as_code()),
    })
}

fn new_visitor() -> Option<VisitorId> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).ok()?;
    Some(VisitorId::from_random(bits))
}

pub(crate) fn seconds_since_1970(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Takes the token of a QA link out of the address.
fn take_link_token(request: &mut Request) -> Option<String> {
    let query = request.get_query_str()?;
    // The query of nearly every request is left exactly as it was sent.
    if !query.contains(FORCED_PARAMETER) {
        return None;
    }
    let (token, rest) = split_query(query);
    let token = token.map(str::to_owned);
    if rest.is_empty() {
        request.remove_query();
    } else {
        request.set_query_str(rest);
    }
    token
}

/// Takes our cookies out; every other byte of the `Cookie` lines is kept.
fn take_cookies(request: &mut Request) {
    let lines: Vec<_> = request.get_header_all("cookie").cloned().collect();
    let ours = |line: &[u8]| line.windows(8).any(|window| window == b"edgewise");
    if !lines.iter().any(|line| ours(line.as_bytes())) {
        return;
    }
    request.remove_header("cookie");
    for line in lines {
        match line.to_str() {
            Ok(text) => {
                if let Some(rest) = cookie::without_ours(text) {
                    request.append_header("cookie", rest);
                }
            }
            Err(_) => request.append_header("cookie", line),
        }
    }
}
