//! Finished variants of pages that all may keep, in the platform's cache: `cache-variants` turns it on. Whoever gets the
//! same variants of the same revision gets the same bytes, without a request to the origin, with their own cookie and tag,
//! and counts like the first. Whoever has just this page from before is told so.

use std::io::Write as _;
use std::time::Duration;

use edgewise_engine::Plan;
use edgewise_engine::entity_tag::{PageTag, Validator};
use fastly::cache::core::{self, CacheKey};
use fastly::http::header::{
    AGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY,
    CONTENT_SECURITY_POLICY_REPORT_ONLY, ETAG, HOST, SET_COOKIE, VARY,
};
use fastly::http::{HeaderValue, Method};
use fastly::{Body, Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::log::{self, Reason};
use crate::options::Options;
use crate::visit::Arrival;
use crate::{header, stream, validators};

/// The longest page that is kept, bytes: until its end it is in memory as well.
const MAX_PAGE: usize = 1024 * 1024;

/// The cache, as far as this sandbox knows of it.
#[derive(Default)]
pub(crate) struct Cache {
    /// It has failed, and is not tried again.
    is_off: bool,
}

/// Where a finished page would be.
pub(crate) struct Wanted {
    key: CacheKey,
    /// The plan's fingerprint.
    plan: [u8; 16],
    at_most: Duration,
    surrogate_keys: Vec<String>,
    page: String,
}

/// A page on its way to a visitor that will be kept if it comes to its end.
pub(crate) struct Keeping {
    wanted: Wanted,
    fresh_for: Duration,
    label: Label,
    body: Vec<u8>,
    /// It cannot be kept after all.
    is_over: bool,
}

/// What is kept beside the page.
#[derive(Default, Serialize, Deserialize)]
struct Label {
    headers: Vec<(String, String)>,
    /// The origin's, if the page has a tag. The tags themselves are each visitor's own.
    #[serde(default)]
    validator: Option<Validator>,
    /// The log lines of the first visitor.
    exposures: Vec<Value>,
}

/// A finished page.
pub(crate) struct Found {
    label: Label,
    plan: [u8; 16],
    body: Body,
}

impl Cache {
    /// Where the page would be, if it may be shared: it hangs on nothing but its address and the variants.
    pub(crate) fn wants(
        &self,
        request: &Request,
        options: &Options,
        plan: &Plan<'_>,
        visitor: &Arrival,
        revision: u64,
    ) -> Option<Wanted> {
        let seconds = options.cache_variants.filter(|seconds| *seconds > 0)?;
        let shared = !self.is_off
            && *request.get_method() == Method::GET
            && !request.contains_header(AUTHORIZATION)
            && visitor.new_token.is_none();
        let variants = shared.then(|| plan.variants_for_all()).flatten()?;
        let experiments: Vec<_> = variants.iter().map(|(key, _)| *key).collect();
        let surrogate_keys =
            ["edgewise".to_owned(), format!("edgewise-revision-{revision}")];
        let of = experiments.iter().map(|key| format!("edgewise-experiment-{key}"));
        // No part can run into the next: JSON keeps them apart.
        let host = header::text(request, HOST).unwrap_or_default();
        let query = request.get_query_str();
        let path = request.get_path();
        let plan = plan.fingerprint();
        let build = validators::build();
        let name =
            serde_json::to_vec(&(2, host, path, query, build, revision, plan)).ok()?;
        let digest = Sha256::digest(&name);
        Some(Wanted {
            key: CacheKey::copy_from_slice(&digest),
            plan,
            at_most: Duration::from_secs(seconds.into()),
            surrogate_keys: surrogate_keys.into_iter().chain(of).collect(),
            page: path.to_owned(),
        })
    }

    /// The finished page.
    pub(crate) fn find(&mut self, wanted: &Wanted) -> Option<Found> {
        let found = match core::lookup(wanted.key.clone()).execute() {
            Ok(found) => found.filter(core::Found::is_usable)?,
            Err(error) => return self.give_up(&wanted.page, &error.to_string()),
        };
        let label = serde_json::from_slice(&found.user_metadata()).ok()?;
        let body = found.to_stream().ok()?;
        Some(Found { label, plan: wanted.plan, body })
    }

    /// Keeps a page that has come to its end; `exposures` are the log lines of its visitor.
    pub(crate) fn keep(&mut self, kept: Keeping, exposures: Vec<Value>) {
        if kept.is_over || self.is_off {
            return;
        }
        let Keeping { wanted, fresh_for, label, body, .. } = kept;
        let label = Label { exposures, ..label };
        let Ok(label) = serde_json::to_vec(&label) else { return };
        let surrogate_keys = wanted.surrogate_keys.iter().map(String::as_str);
        let inserted = core::insert(wanted.key, fresh_for)
            .surrogate_keys(surrogate_keys)
            .user_metadata(label.into())
            .known_length(body.len() as u64)
            .execute();
        let done = inserted.map_err(|error| error.to_string()).and_then(|mut page| {
            let written = page.write_all(&body).and_then(|()| page.finish());
            written.map_err(|error| error.to_string())
        });
        if let Err(error) = done {
            self.give_up::<()>(&wanted.page, &error);
        }
    }

    /// Pages are made anew for every visitor from here on, as without the cache.
    fn give_up<T>(&mut self, page: &str, error: &str) -> Option<T> {
        self.is_off = true;
        log::fault(Reason::CacheFailed, page, error);
        None
    }
}

impl Wanted {
    /// The page is to be kept, if the origin lets everybody keep it.
    pub(crate) fn from(self, response: &Response) -> Option<Keeping> {
        let fresh_for = fresh_for(response)?.min(self.at_most);
        Some(Keeping {
            wanted: self,
            fresh_for,
            label: Label::default(),
            body: Vec::new(),
            is_over: false,
        })
    }
}

impl Keeping {
    /// Takes down the headers as they go out, but for the visitor's cookies, and what of the page's tag is the origin's.
    /// What is no text cannot be kept.
    pub(crate) fn take_headers(&mut self, response: &Response, tag: Option<&PageTag>) {
        self.label.validator = tag.map(|tag| tag.origin.clone());
        for (name, value) in
            response.get_headers().filter(|(name, _)| *name != SET_COOKIE)
        {
            match value.to_str() {
                Ok(value) => {
                    let header = (name.as_str().to_owned(), value.to_owned());
                    self.label.headers.push(header);
                }
                Err(_) => self.is_over = true,
            }
        }
    }

    /// Takes down the next bytes as they go out.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        if self.body.len() + bytes.len() > MAX_PAGE {
            self.give_up();
        }
        if !self.is_over {
            self.body.extend_from_slice(bytes);
        }
    }

    /// It is not what others should get.
    pub(crate) fn give_up(&mut self) {
        self.is_over = true;
        self.body = Vec::new();
    }
}

impl Found {
    /// Sends it to another visitor, and counts them like the first; but who has it from before is told so, as they would be
    /// if the origin were asked.
    pub(crate) fn send(self, visitor: &Arrival, revision: u64) {
        let mut response = Response::new();
        for (name, value) in &self.label.headers {
            response.append_header(name.as_str(), value.as_str());
        }
        if let Some(origin) = self.label.validator {
            let fingerprint =
                validators::fingerprint(&self.plan, &visitor.visitor, revision);
            let tag = PageTag { fingerprint, origin };
            if let Some(held) = visitor.held.of(&tag) {
                return stream::send_not_modified(response, held, visitor);
            }
            response.set_header(ETAG, tag.write());
        }
        response.set_body(self.body);
        for value in stream::cookies(visitor) {
            response.append_header(SET_COOKIE, value);
        }
        visitor.tell(&mut response);
        response.send_to_client();
        log::exposures_again(self.label.exposures, visitor);
    }
}

/// How long all may keep the origin's answer; none if not everybody may.
fn fresh_for(response: &Response) -> Option<Duration> {
    let text = |name| header::values(response, name).join(", ").to_ascii_lowercase();
    let encoding_only = text(VARY).split(',').all(|name| {
        let name = name.trim();
        name.is_empty() || name == "accept-encoding"
    });
    let policies =
        [text(CONTENT_SECURITY_POLICY), text(CONTENT_SECURITY_POLICY_REPORT_ONLY)];
    let has_nonce = policies.iter().any(|policy| policy.contains("'nonce-"));
    if !encoding_only || has_nonce || response.contains_header(SET_COOKIE) {
        return None;
    }
    let age = response.get_header(AGE).map_or(Some(0), seconds_in)?;
    let caching = text(CACHE_CONTROL);
    let seconds = lifetime(&caching)?.checked_sub(age).filter(|left| *left > 0)?;
    Some(Duration::from_secs(seconds))
}

fn seconds_in(value: &HeaderValue) -> Option<u64> {
    value.to_str().ok()?.trim().parse().ok()
}

/// The lifetime that a `Cache-Control`, in lower case, gives in caches that everybody shares. None if it gives none, or
/// says anything against it, or is not to be understood.
fn lifetime(caching: &str) -> Option<u64> {
    let (mut shared, mut own) = (None, None);
    for directive in caching.split(',').map(str::trim) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        let seconds = || value.trim().trim_matches('"').parse::<u64>().ok();
        match name.trim() {
            // Also with the names of headers behind it.
            "private" | "no-store" | "no-cache" => return None,
            "s-maxage" => shared = Some(seconds()?),
            "max-age" => own = Some(seconds()?),
            _ => {}
        }
    }
    shared.or(own)
}
