//! Request → who asks, and for what.

use std::time::{SystemTime, UNIX_EPOCH};

use edgewise_engine::debug::{self, DEBUG_PARAMETER};
use edgewise_engine::forced::{FORCED_PARAMETER, split_parameter};
use edgewise_engine::{
    Datafile, Decision, Facts, Forced, Geo, History, Host, Moment, ORIGIN_HEADER, Page,
    Reach, Sticky, Visit, VisitorId, cookie, keep,
};
use fastly::device_detection;
use fastly::geo::geo_lookup;
use fastly::http::header::COOKIE;
use fastly::http::{HeaderValue, Method};
use fastly::{Request, Response};

use crate::header::{self, Names};
use crate::timing::Timing;
use crate::validators::{self, Held};
use crate::{origin, store};

/// The name of the secret that QA links are signed with.
pub(crate) const SIGNING_KEY: &str = "signing-key";

/// Who asks, and for what.
pub(crate) struct Arrival {
    pub(crate) visitor: VisitorId,
    /// Whether the visitor's id was made for this request.
    pub(crate) is_new: bool,
    pub(crate) page: Page,
    /// What the visitor's cookie remembers; nothing of somebody new.
    before: Option<History>,
    /// The same with this page.
    pub(crate) history: Option<History>,
    /// Variants set by hand.
    forced: Forced,
    /// The token of the variants that the visitor keeps, as it was sent.
    sticky_token: Option<String>,
    /// The token of a QA link that was just followed; to be kept in a cookie.
    pub(crate) new_token: Option<String>,
    /// The token of the variants that the visitor keeps from now on, if those are others.
    pub(crate) new_sticky: Option<String>,
    /// How many redirects of ours have just led here.
    pub(crate) redirects: u8,
    /// How far the request can be led.
    reach: Reach,
    pub(crate) at: SystemTime,
    /// Whether what is shown is seen by somebody, as far as the request tells.
    pub(crate) counts: bool,
    /// The tags of pages that we gave the visitor before.
    pub(crate) held: Held,
    /// For a visitor who has followed a debug link.
    pub(crate) timing: Option<Timing>,
}

impl Arrival {
    /// The cookie that counts one more redirect.
    pub(crate) fn count_redirect(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&cookie::set_redirects(self.redirects)).ok()
    }
}

/// What of a request is ours.
#[derive(Debug, Default)]
pub(crate) struct Ours {
    /// The `Cookie` lines, if a cookie of ours is among them.
    cookies: Vec<String>,
    link_token: Option<String>,
    debug_token: Option<String>,
    held: Held,
}

/// Takes what is ours out of a request, whatever it is for: the origin, and the cache in front of it, see the same request
/// from every visitor. The request has `names`.
pub(crate) fn take(request: &mut Request, names: &Names) -> Ours {
    if names.has(ORIGIN_HEADER) {
        request.remove_header(ORIGIN_HEADER);
    }
    let has_cookies = names.has(COOKIE.as_str());
    let has_conditions =
        validators::CONDITIONS.iter().any(|name| names.has(name.as_str()));
    Ours {
        cookies: if has_cookies { take_cookies(request) } else { Vec::new() },
        debug_token: take_parameter(request, DEBUG_PARAMETER),
        link_token: take_parameter(request, FORCED_PARAMETER),
        held: if has_conditions { validators::take(request) } else { Held::default() },
    }
}

impl Ours {
    /// Whether the visitor may have followed a debug link, and wants to be told what is done also where that is nothing.
    pub(crate) fn asks_for_timing(&self) -> bool {
        let lines = self.cookies.iter().map(String::as_str);
        self.debug_token.is_some() || cookie::debug_token(lines).is_some()
    }
}

/// Reads the visit to a page. None if there is no chance to be had for a new visitor's id.
pub(crate) fn read(
    request: &Request,
    page: Page,
    names: &Names,
    ours: Ours,
) -> Option<Arrival> {
    let lines = || ours.cookies.iter().map(String::as_str);
    let remembered = cookie::remembered(lines());
    let kept_token = cookie::forced_token(lines());
    let kept_debug_token = cookie::debug_token(lines());
    let sticky_token = cookie::sticky_token(lines()).map(str::to_owned);
    let redirects = cookie::redirects(lines());

    let at = SystemTime::now();
    let mut forced = Forced::default();
    let mut new_token = None;
    if let Some(token) = ours.link_token.as_deref().or(kept_token)
        && let Some(key) = store::secret(SIGNING_KEY)
        && let Ok(verified) = Forced::verify(&key, token, seconds_since_1970(at))
    {
        forced = verified;
        new_token = ours.link_token;
    }
    let mut timing = None;
    if let Some(token) = ours.debug_token.as_deref().or(kept_debug_token)
        && let Some(key) = store::secret(SIGNING_KEY)
        && debug::verify(&key, token, seconds_since_1970(at)).is_ok()
    {
        timing = Some(Timing::since(at, ours.debug_token));
    }
    let (visitor, before) = match remembered {
        Some((visitor, history)) => (visitor, Some(history)),
        None => (new_visitor()?, None),
    };
    Some(Arrival {
        visitor,
        is_new: before.is_none(),
        page,
        before,
        history: None,
        forced,
        sticky_token,
        new_token,
        new_sticky: None,
        redirects,
        reach: origin::reach(request),
        at,
        counts: *request.get_method() != Method::HEAD
            && !origin::is_prefetch(request, names),
        held: ours.held,
        timing,
    })
}

impl Arrival {
    /// Tells a visitor who has followed a debug link what was decided.
    pub(crate) fn tell(&self, response: &mut Response) {
        if let Some(timing) = &self.timing {
            timing.tell(response);
        }
    }

    /// Takes over the id that another tool gave the visitor, if the datafile says so and there is none of ours yet.
    pub(crate) fn adopt(&mut self, request: &Request, datafile: &Datafile) {
        let Some(name) = &datafile.settings().visitor_cookie else { return };
        if self.before.is_some() {
            return;
        }
        let lines = header::cookies(request);
        if let Some(visitor) = cookie::adopted(name, lines.iter().map(String::as_str)) {
            self.visitor = visitor;
            self.is_new = false;
        }
    }

    /// The visit, as the engine sees it.
    pub(crate) fn visit<'h>(&self, host: &'h Asked<'_>) -> Visit<'h> {
        let sticky = self.sticky_token.as_deref().and_then(|token| {
            Sticky::verify(&store::secret(SIGNING_KEY)?, &self.visitor, token)
        });
        Visit {
            page: self.page.clone(),
            facts: Facts::of_page(&self.page)
                .with_host(host)
                .with_history(self.before.clone())
                .at(moment(self.at)),
            forced: self.forced.clone(),
            sticky: sticky.unwrap_or_default(),
            reach: self.reach,
        }
    }

    /// Notes what is to be remembered of the visit.
    pub(crate) fn remember(
        &mut self,
        visit: &Visit<'_>,
        datafile: &Datafile,
        decisions: &[Decision<'_>],
    ) {
        self.history = visit.facts.history().cloned();
        let sticky = keep(datafile, decisions, &visit.sticky);
        self.new_sticky = sticky.and_then(|sticky| {
            let key = store::secret(SIGNING_KEY)?;
            Some(sticky.sign(&key, &self.visitor))
        });
    }
}

/// A request that can be asked for facts. It has been read, so nothing of ours is in it any more.
pub(crate) struct Asked<'r> {
    pub(crate) request: &'r Request,
    /// The headers that came.
    pub(crate) names: &'r Names,
}

impl Host for Asked<'_> {
    fn header(&self, name: &str) -> Vec<String> {
        match name {
            _ if !self.names.has(name) => Vec::new(),
            "cookie" => header::cookies(self.request),
            _ => header::texts(self.request, name),
        }
    }

    fn geo(&self) -> Geo {
        geo(self.request).unwrap_or_default()
    }

    fn device_class(&self, user_agent: &str) -> Option<&'static str> {
        let device = device_detection::lookup(user_agent)?;
        let is = |found: Option<bool>| found == Some(true);
        if is(device.is_tablet()) {
            Some("tablet")
        } else if is(device.is_mobile()) {
            Some("phone")
        } else {
            is(device.is_desktop()).then_some("desktop")
        }
    }

    fn is_bot(&self) -> Option<bool> {
        // Only where Fastly's bot management is on; and what it does not find may be one all the same.
        (self.request.get_bot_analyzed() && self.request.get_bot_detected())
            .then_some(true)
    }
}

pub(crate) fn moment(at: SystemTime) -> Moment {
    Moment::from_unix(i64::try_from(seconds_since_1970(at)).unwrap_or(i64::MAX))
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
        utc_offset: found.utc_offset().map(|offset| offset.whole_minutes().into()),
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

/// Takes the token of one of our links out of the address.
fn take_parameter(request: &mut Request, name: &str) -> Option<String> {
    let query = request.get_query_str()?;
    // The query of nearly every request is left exactly as it was sent.
    if !query.contains(name) {
        return None;
    }
    let (token, rest) = split_parameter(query, name);
    let token = token.map(str::to_owned);
    if rest.is_empty() {
        request.remove_query();
    } else {
        request.set_query_str(rest);
    }
    token
}

/// Takes our cookies out; every other byte of the `Cookie` lines is kept. Gives the lines as they were if there were any
/// of ours.
fn take_cookies(request: &mut Request) -> Vec<String> {
    let ours = |line: &HeaderValue| cookie::may_hold_ours(line.as_bytes());
    if !request.get_header_all("cookie").any(ours) {
        return Vec::new();
    }
    let texts = header::cookies(request);
    let lines: Vec<_> = request.get_header_all("cookie").cloned().collect();
    request.remove_header("cookie");
    for line in lines {
        if let Some(rest) = without_ours(line.as_bytes())
            && let Ok(rest) = HeaderValue::from_bytes(&rest)
        {
            request.append_header("cookie", rest);
        }
    }
    texts
}

/// A `Cookie` line without our cookies; none if nothing is left. What is no text is not ours, and stays.
fn without_ours(line: &[u8]) -> Option<Vec<u8>> {
    if let Ok(text) = str::from_utf8(line) {
        return cookie::without_ours(text).map(String::into_bytes);
    }
    let ours = |pair: &[u8]| {
        str::from_utf8(pair).is_ok_and(|text| cookie::without_ours(text).is_none())
    };
    let pairs = line.split(|byte| *byte == b';');
    let rest: Vec<_> = pairs.filter(|pair| !ours(pair)).collect();
    Some(rest.join(&b';').trim_ascii().to_vec())
}
