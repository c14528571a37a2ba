//! The validators of rewritten pages: a visitor who comes back may be told that nothing has changed, but only for the
//! same visitor, the same variants and the same datafile.
//!
//! Our entity tag is `W/"edgewise.FINGERPRINT.ORIGIN"`. The fingerprint is of everything but the origin's page that
//! decides the bytes; ORIGIN is the page's own validator, for the origin to compare. The origin never sees a tag of ours.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use edgewise_engine::{Plan, VisitorId};
use fastly::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY,
    CONTENT_TYPE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use fastly::http::{HeaderName, HeaderValue, StatusCode};
use fastly::{Request, Response, compute_runtime};
use sha2::{Digest, Sha256};

use crate::{gate, stream};

/// What every tag of ours begins with, behind its quote.
const OURS: &str = "edgewise.";

/// The longest validator of an origin that is carried in a tag of ours, bytes. Others get none.
const MAX_CARRIED: usize = 256;

/// The most tags of ours that are looked at in one request. Browsers send one.
const MAX_TAGS: usize = 8;

/// The origin's own validator of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Validator {
    /// An entity tag, with its quotes.
    Tag(String),
    /// A date as the origin wrote it.
    Date(String),
}

/// A tag that we gave with a page.
#[derive(Debug, Clone)]
struct Tag {
    fingerprint: String,
    origin: Validator,
}

/// The tags of ours that a request holds; taken out of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held(Vec<Tag>);

/// A tag that holds for what the visitor would get now. The origin has been asked whether its page has changed.
#[derive(Debug)]
pub(crate) struct Current(Tag);

impl Tag {
    fn write(&self) -> String {
        let (kind, value) = match &self.origin {
            Validator::Tag(tag) => ('e', tag),
            Validator::Date(date) => ('d', date),
        };
        let value = BASE64_URL_SAFE_NO_PAD.encode(value);
        format!("W/\"{OURS}{}.{kind}{value}\"", self.fingerprint)
    }

    /// Reads what `write` wrote, with or without `W/`.
    fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix("W/").unwrap_or(text);
        let inner = text.strip_prefix('"')?.strip_suffix('"')?;
        let (fingerprint, origin) = inner.strip_prefix(OURS)?.split_once('.')?;
        // Some proxies write how they packed the page behind its tag.
        let origin = ["-gzip", "-br", "-zstd", "-df"]
            .iter()
            .find_map(|packed| origin.strip_suffix(packed))
            .unwrap_or(origin);
        let value =
            String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(origin.get(1..)?).ok()?)
                .ok()?;
        let origin = match origin.as_bytes().first()? {
            b'e' if is_tag(&value) => Validator::Tag(value),
            b'd' if is_date(&value) => Validator::Date(value),
            _ => return None,
        };
        Some(Self { fingerprint: fingerprint.to_owned(), origin })
    }
}

/// Whether it is an entity tag as RFC 9110, section 8.8.3 has it, of ASCII and not too long.
fn is_tag(text: &str) -> bool {
    let inner = text
        .strip_prefix("W/")
        .unwrap_or(text)
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    text.len() <= MAX_CARRIED
        && inner
            .is_some_and(|inner| inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
}

/// Whether it may be a date of HTTP.
fn is_date(text: &str) -> bool {
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b',' | b':' | b'-');
    (8..=40).contains(&text.len()) && text.bytes().all(allowed)
}

/// What decides the bytes of a page besides the origin's own, as text for a tag.
pub(crate) fn fingerprint(plan: &Plan<'_>, visitor: &VisitorId, revision: u64) -> String {
    let mut hash = Sha256::new();
    let mut feed = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    // Another build may do the same change in other words.
    feed(env!("CARGO_PKG_VERSION").as_bytes());
    feed(compute_runtime::service_version().to_string().as_bytes());
    feed(&revision.to_le_bytes());
    feed(&plan.fingerprint());
    feed(visitor.as_str().as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
}

/// Takes our tags out of a request's conditions, whatever it is for: the origin would not know them. What is left asks
/// for the same as before, as our tags are never those of anything that the origin has.
pub(crate) fn take(request: &mut Request) -> Held {
    let mut held = Held::default();
    if let Some(rest) = take_from(request, &IF_NONE_MATCH, &mut held) {
        if rest.is_empty() {
            request.remove_header(IF_NONE_MATCH);
            // It would have been passed over (RFC 9110, section 13.1.3).
            request.remove_header(IF_MODIFIED_SINCE);
        } else {
            set(request, IF_NONE_MATCH, &rest);
        }
    }
    if take_from(request, &IF_RANGE, &mut Held::default()).is_some() {
        // A part of what the origin has would be put to a part of what we made of it.
        request.remove_header(IF_RANGE);
        request.remove_header(RANGE);
    }
    if let Some(rest) = take_from(request, &IF_MATCH, &mut Held::default()) {
        // Without a condition it would be done; our tags are weak, so it must not be (section 13.1.1).
        set(request, IF_MATCH, if rest.is_empty() { "W/\"\"" } else { &rest });
    }
    held
}

fn set(request: &mut Request, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        request.set_header(name, value);
    }
}

/// The header without our tags, if there are any in it.
fn take_from(request: &Request, name: &HeaderName, held: &mut Held) -> Option<String> {
    let ours = |value: &HeaderValue| {
        value.as_bytes().windows(OURS.len()).any(|window| window == OURS.as_bytes())
    };
    if !request.get_header_all(name).any(ours) {
        return None;
    }
    let lines = request.get_header_all(name).map(HeaderValue::as_bytes);
    let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
    let mut rest = Vec::new();
    for one in lines.iter().flat_map(|line| tags(line)) {
        if one.contains(OURS) {
            if held.0.len() < MAX_TAGS {
                held.0.extend(Tag::read(one));
            }
        } else {
            rest.push(one);
        }
    }
    Some(rest.join(", "))
}

/// The tags of a list. Commas may stand in a tag, but not its quote.
fn tags(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let parts = line.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

impl Held {
    /// Asks the origin whether its page has changed, if one of the tags holds for what the visitor would get now.
    pub(crate) fn ask(
        &self,
        fingerprint: &str,
        request: &mut Request,
    ) -> Option<Current> {
        let tag = self.0.iter().find(|tag| tag.fingerprint == fingerprint)?;
        let (name, value) = match &tag.origin {
            Validator::Tag(value) => (IF_NONE_MATCH, value),
            Validator::Date(value) => (IF_MODIFIED_SINCE, value),
        };
        request.set_header(name, HeaderValue::from_str(value).ok()?);
        Some(Current(tag.clone()))
    }

    /// Whether there is nothing to ask.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Current {
    /// Whether the answer says that the visitor has the page: outright, or as a cache does that answers with the same page
    /// once more.
    pub(crate) fn is_confirmed_by(&self, response: &Response) -> bool {
        match response.get_status() {
            StatusCode::NOT_MODIFIED => true,
            StatusCode::OK => tag(response, || self.0.fingerprint.clone())
                .is_some_and(|tag| tag == self.0.write()),
            _ => false,
        }
    }

    /// Makes the answer our "not modified". What it says of policies is left out: the browser keeps those that came with
    /// the page.
    pub(crate) fn confirm(&self, response: &mut Response) {
        drop(response.take_body());
        response.set_status(StatusCode::NOT_MODIFIED);
        response.remove_header(CONTENT_TYPE);
        stream::headers(response);
        response.remove_header("x-compress-hint");
        for name in [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY] {
            response.remove_header(name);
        }
        response.set_header(ETAG, self.0.write());
    }
}

/// The tag for a page that is about to be rewritten, from what its headers say while they are still the origin's. None
/// if nobody may keep the page, or if it holds what is to be used once.
pub(crate) fn tag(
    response: &Response,
    fingerprint: impl FnOnce() -> String,
) -> Option<HeaderValue> {
    let caching = gate::values(response, CACHE_CONTROL).join(",").to_ascii_lowercase();
    let policies = [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY];
    let mut policies = policies.into_iter().flat_map(|name| gate::values(response, name));
    if caching.contains("no-store") || policies.any(|one| one.contains("'nonce-")) {
        return None;
    }
    let tags = gate::values(response, ETAG);
    let dates = gate::values(response, LAST_MODIFIED);
    let origin = match (tags.as_slice(), dates.as_slice()) {
        ([tag], _) if is_tag(tag) => Validator::Tag(tag.clone()),
        ([], [date]) if is_date(date) => Validator::Date(date.clone()),
        _ => return None,
    };
    let tag = Tag { fingerprint: fingerprint(), origin };
    HeaderValue::from_str(&tag.write()).ok()
}
