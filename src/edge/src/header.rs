//! The values of a request's headers, in which anybody may have written anything: what is not UTF-8 is not there. And the
//! headers that end with a connection, in both directions.

use std::str;

use fastly::convert::ToHeaderName;
use fastly::http::header::{CONNECTION, HOST};
use fastly::http::{HeaderName, HeaderValue};
use fastly::{Request, Response};

/// Whether a header, its name in lower case, is about one connection and not about the message (RFC 9110, sections 7.6.1 and
/// 11.7). `Proxy-Status` is for everybody.
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authentication-info"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// What no sender can declare to concern the connection only: leaving it out would change what the origin answers, or
/// whom it takes the visitor for.
const END_TO_END: [&str; 9] = [
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "fastly-client-ip",
    "forwarded",
    "x-forwarded-for",
];

/// The names of a message's headers, read at once: to ask the platform for one that is not there takes as long as for one
/// that is.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<HeaderName>);

impl Names {
    pub(crate) fn of<'m>(names: impl Iterator<Item = &'m HeaderName>) -> Self {
        Self(names.cloned().collect())
    }

    /// Whether there was a header of that name, which is in lower case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|one| one.as_str() == name)
    }

    fn hop_by_hop(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(HeaderName::as_str).filter(|name| is_hop_by_hop(name))
    }
}

/// The first value of a header, if it is text.
pub(crate) fn text(request: &Request, name: impl ToHeaderName) -> Option<&str> {
    str::from_utf8(request.get_header(name)?.as_bytes()).ok()
}

/// The values of a header that are text, one for each line.
pub(crate) fn texts(request: &Request, name: &str) -> Vec<String> {
    let values = request.get_header_all(name);
    let texts = values.filter_map(|value| str::from_utf8(value.as_bytes()).ok());
    texts.map(str::to_owned).collect()
}

/// The `Cookie` lines. One cookie that is no text takes no other with it.
pub(crate) fn cookies(request: &Request) -> Vec<String> {
    let lines = request.get_header_all("cookie");
    let readable = |line: &[u8]| match str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let pairs = line.split(|byte| *byte == b';');
            let texts: Vec<_> =
                pairs.filter_map(|one| str::from_utf8(one).ok()).collect();
            texts.join(";")
        }
    };
    lines.map(|line| readable(line.as_bytes())).collect()
}

/// All lines of a header of a response that has `names`.
pub(crate) fn values_of(
    response: &Response,
    names: &Names,
    name: HeaderName,
) -> Vec<String> {
    if names.has(name.as_str()) { values(response, name) } else { Vec::new() }
}

/// All lines of a header.
pub(crate) fn values(response: &Response, name: HeaderName) -> Vec<String> {
    let values = response.get_header_all(name).map(HeaderValue::as_bytes);
    values.map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

/// The headers that a message's `Connection` lines name.
fn named<'v>(lines: impl Iterator<Item = &'v HeaderValue>) -> Vec<String> {
    lines
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| {
            !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        .collect()
}

/// Removes the headers of these names from a response that has `names`.
pub(crate) fn remove_all<'n>(
    response: &mut Response,
    names: &Names,
    these: impl IntoIterator<Item = &'n str>,
) {
    for name in these.into_iter().filter(|name| names.has(name)) {
        response.remove_header(name);
    }
}

/// Removes what concerned the connection to the origin only, from a response that has `names`: also where no `Connection`
/// line speaks of it (RFC 9110, section 7.6.1).
pub(crate) fn strip_hop_by_hop(response: &mut Response, names: &Names) {
    if names.has(CONNECTION.as_str()) {
        let named = named(response.get_header_all(CONNECTION));
        remove_all(response, names, named.iter().map(String::as_str));
    }
    for name in names.hop_by_hop() {
        response.remove_header(name);
    }
}

/// The same for a request and the connection from the browser.
pub(crate) fn strip_hop_by_hop_of(request: &mut Request, names: &Names) {
    let mut named = if names.has(CONNECTION.as_str()) {
        named(request.get_header_all(CONNECTION))
    } else {
        Vec::new()
    };
    named.retain(|name| name != HOST.as_str() && !END_TO_END.contains(&name.as_str()));
    // How the body is framed, the platform knows.
    let own = names.hop_by_hop().filter(|name| *name != "transfer-encoding");
    let named = named.iter().map(String::as_str).filter(|name| names.has(name));
    for name in own.chain(named) {
        request.remove_header(name);
    }
}
