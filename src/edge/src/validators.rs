//! The validators of rewritten pages: a visitor who comes back may be told that nothing has changed, but only for the
//! same visitor, the same variants and the same datafile. How they are written and read: the engine's `entity_tag`.

use edgewise_engine::VisitorId;
use edgewise_engine::entity_tag::{self, PageTag, Validator};
use fastly::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY, ETAG,
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use fastly::http::{HeaderName, HeaderValue, StatusCode};
use fastly::{Request, Response, compute_runtime};

use crate::header::{self, Names};

/// The tags of ours that a request holds; taken out of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held(Vec<PageTag>);

/// A tag that holds for what the visitor would get now. The origin has been asked whether its page has changed.
#[derive(Debug)]
pub(crate) struct Current(PageTag);

/// Which build this is: another may do the same change in other words.
pub(crate) fn build() -> (&'static str, u64) {
    (env!("CARGO_PKG_VERSION"), compute_runtime::service_version())
}

/// What decides the bytes of a page besides the origin's own, as text for a tag; `plan` is the plan's fingerprint.
pub(crate) fn fingerprint(plan: &[u8], visitor: &VisitorId, revision: u64) -> String {
    let (package, service) = build();
    entity_tag::fingerprint(&[
        package.as_bytes(),
        service.to_string().as_bytes(),
        &revision.to_le_bytes(),
        plan,
        visitor.as_str().as_bytes(),
    ])
}

/// The conditions in which our tags may be.
pub(crate) const CONDITIONS: [HeaderName; 3] = [IF_NONE_MATCH, IF_RANGE, IF_MATCH];

/// Takes our tags out of a request's conditions, whatever it is for: the origin would not know them. What is left asks
/// for the same as before, as our tags are never those of anything that the origin has.
pub(crate) fn take(request: &mut Request) -> Held {
    let mut held = Held::default();
    if let Some(sorted) = sort(request, &IF_NONE_MATCH) {
        held.0 = sorted.ours;
        if sorted.others.is_empty() {
            request.remove_header(IF_NONE_MATCH);
            // It would have been passed over (RFC 9110, section 13.1.3).
            request.remove_header(IF_MODIFIED_SINCE);
        } else {
            set(request, IF_NONE_MATCH, &sorted.others);
        }
    }
    if sort(request, &IF_RANGE).is_some() {
        // A part of what the origin has would be put to a part of what we made of it.
        request.remove_header(IF_RANGE);
        request.remove_header(RANGE);
    }
    if let Some(sorted) = sort(request, &IF_MATCH) {
        // Without a condition it would be done; our tags are weak, so it must not be (section 13.1.1).
        let others = sorted.others.as_str();
        set(request, IF_MATCH, if others.is_empty() { "W/\"\"" } else { others });
    }
    held
}

fn set(request: &mut Request, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        request.set_header(name, value);
    }
}

/// The tags of a header, if there are any of ours in it.
fn sort(request: &Request, name: &HeaderName) -> Option<entity_tag::Sorted> {
    let lines: Vec<_> = request.get_header_all(name).map(HeaderValue::as_bytes).collect();
    entity_tag::sort(&lines)
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

    /// The one that stands for the page whose tag is `now`.
    pub(crate) fn of(&self, now: &PageTag) -> Option<&PageTag> {
        self.0.iter().find(|tag| tag.is_same_as(now))
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
            StatusCode::OK => {
                let names = Names::of(response.get_header_names());
                tag(response, &names, || self.0.fingerprint.clone())
                    .is_some_and(|tag| tag.is_same_as(&self.0))
            }
            _ => false,
        }
    }

    /// For the answer that says so.
    pub(crate) fn tag(&self) -> &PageTag {
        &self.0
    }
}

/// The tag for a page that is about to be rewritten, from what its headers say while they are still the origin's, of which it
/// has `names`. None if nobody may keep the page, or if it holds what is to be used once.
pub(crate) fn tag(
    response: &Response,
    names: &Names,
    fingerprint: impl FnOnce() -> String,
) -> Option<PageTag> {
    let caching =
        header::values_of(response, names, CACHE_CONTROL).join(",").to_ascii_lowercase();
    let policies = [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY];
    let mut policies =
        policies.into_iter().flat_map(|name| header::values_of(response, names, name));
    if caching.contains("no-store") || policies.any(|one| one.contains("'nonce-")) {
        return None;
    }
    let tags = header::values_of(response, names, ETAG);
    let dates = header::values_of(response, names, LAST_MODIFIED);
    let origin = Validator::of(&tags, &dates)?;
    Some(PageTag { fingerprint: fingerprint(), origin })
}
