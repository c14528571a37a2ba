//! Body → rewriter → client.

use std::io::{Read as _, Write as _};

use edgewise_engine::entity_tag::PageTag;
use edgewise_engine::{PageHead, Plan, Policies, Repeating, Repeats, Report, cookie};
use fastly::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY,
    CONTENT_TYPE, ETAG, SET_COOKIE, VARY,
};
use fastly::http::{HeaderValue, StatusCode};
use fastly::{Body, Response, compute_runtime};

use crate::budget::Budget;
use crate::finished::Keeping;
use crate::header::{self, Names};
use crate::log::{self, Passed, Reason};
use crate::origin;
use crate::route::Again;
use crate::unpack::Source;
use crate::visit::Arrival;

/// How much is read at a time. A slow origin's bytes are handed on as they come, in smaller pieces.
const CHUNK: usize = 32 * 1024;

/// A page with experiments for this visit.
#[derive(Clone, Copy)]
pub(crate) struct OfExperiments<'p> {
    pub(crate) plan: &'p Plan<'p>,
    pub(crate) visitor: &'p Arrival,
    pub(crate) revision: u64,
    pub(crate) budget: &'p Budget,
    pub(crate) again: &'p Again,
}

/// What became of the page.
pub(crate) enum Sent<'d> {
    /// The client has it to the end.
    Whole(Report<'d>),
    /// It went out as it came.
    AsItCame,
    /// It did not arrive, or the origin's body could not be read.
    Not,
}

/// Headers that describe the origin's bytes, which are not the bytes that go out.
const DESCRIBES_BYTES: [&str; 13] = [
    "content-length",
    "content-encoding",
    "etag",
    "last-modified",
    "accept-ranges",
    "content-md5",
    "digest",
    "repr-digest",
    "content-digest",
    "signature",
    "signature-input",
    "trailer",
    "x-compress-hint",
];

/// Headers for caches, which must not store a page made for one visitor.
const FOR_SHARED_CACHES: [&str; 5] =
    ["age", "expires", "surrogate-control", "surrogate-key", "cdn-cache-control"];

/// Makes the origin's headers, which are these `names`, true of a page made for one visitor. The only place that does.
pub(crate) fn headers(response: &mut Response, names: &Names) {
    header::remove_all(response, names, DESCRIBES_BYTES);
    keep_from_caches(response, names);
    if !is_local() {
        // Fastly packs the page again on its way out; the local runtime would send the hint to the browser.
        response.set_header("x-compress-hint", "on");
        let varies = response.get_header_all(VARY).any(|value| {
            value
                .to_str()
                .is_ok_and(|value| value.to_ascii_lowercase().contains("accept-encoding"))
        });
        if !varies {
            response.append_header(VARY, "Accept-Encoding");
        }
    }
    header::strip_hop_by_hop(response, names);
}

/// Writes the policies that changed.
fn set_policies(response: &mut Response, policies: &Policies) {
    let both = [
        (CONTENT_SECURITY_POLICY, &policies.enforced),
        (CONTENT_SECURITY_POLICY_REPORT_ONLY, &policies.report_only),
    ];
    for (name, lines) in both {
        let came: Vec<_> = response.get_header_all(&name).cloned().collect();
        response.remove_header(&name);
        for (line, came) in lines.iter().zip(came) {
            let same = String::from_utf8_lossy(came.as_bytes()) == *line;
            let changed =
                if same { None } else { HeaderValue::from_bytes(line.as_bytes()).ok() };
            response.append_header(&name, changed.unwrap_or(came));
        }
    }
}

/// Keeps the page out of caches that others are served from.
pub(crate) fn keep_private(response: &mut Response) {
    let names = Names::of(response.get_header_names());
    keep_from_caches(response, &names);
}

/// The same for a response that has `names`.
fn keep_from_caches(response: &mut Response, names: &Names) {
    header::remove_all(response, names, FOR_SHARED_CACHES);
    let said = header::values_of(response, names, CACHE_CONTROL).join(", ");
    let said = said.to_ascii_lowercase();
    let store = if said.contains("no-store") { "no-store" } else { "no-cache" };
    let transform = if said.contains("no-transform") { ", no-transform" } else { "" };
    response.set_header(CACHE_CONTROL, format!("private, {store}{transform}"));
}

/// Gives the visitor their cookie with an answer that is otherwise the origin's.
pub(crate) fn for_one_visitor(response: &mut Response, visitor: &Arrival) {
    keep_private(response);
    give_cookies(response, visitor);
}

/// Makes an answer with the headers of a page our "not modified" for who holds its tag, and sends it. What it says of
/// policies is left out: the browser keeps those that came with the page. Nobody is counted: who saw the page counted
/// when it was sent; the browser shows it once more.
pub(crate) fn send_not_modified(
    mut response: Response,
    held: &PageTag,
    visitor: &Arrival,
) {
    drop(response.take_body());
    response.set_status(StatusCode::NOT_MODIFIED);
    response.remove_header(CONTENT_TYPE);
    let names = Names::of(response.get_header_names());
    headers(&mut response, &names);
    response.remove_header("x-compress-hint");
    for name in [CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY] {
        response.remove_header(name);
    }
    response.set_header(ETAG, held.write());
    for_one_visitor(&mut response, visitor);
    visitor.tell(&mut response);
    origin::send(response);
}

fn give_cookies(response: &mut Response, visitor: &Arrival) {
    for value in cookies(visitor) {
        response.append_header(SET_COOKIE, value);
    }
}

/// Whether this is the local runtime.
fn is_local() -> bool {
    compute_runtime::hostname() == "localhost"
}

/// Sends a page that could not be unpacked as the origin packs it.
fn send_packed(again: &Again, visitor: &Arrival) {
    let Some(mut packed) = origin::fetch_packed(again) else {
        return origin::unreachable().send_to_client();
    };
    keep_private(&mut packed);
    visitor.tell(&mut packed);
    origin::send(packed);
}

/// Sends the page through the rewriter. The first bytes are read before anything is promised, so a body that cannot be
/// unpacked, or an encoding that only its first bytes show, still ends as the origin's own answer.
pub(crate) fn send<'d>(
    mut response: Response,
    names: &Names,
    page: &OfExperiments<'d>,
    head: PageHead,
    tag: Option<PageTag>,
    mut kept: Option<&mut Keeping>,
    repeats: &mut Repeats,
) -> Sent<'d> {
    let OfExperiments { plan, visitor, budget, again, .. } = *page;
    let report_only =
        header::values_of(&response, names, CONTENT_SECURITY_POLICY_REPORT_ONLY);
    let policies = head.policies_for(plan, &report_only);
    let mut rewriter = repeats.begin(plan, head, &visitor.page, budget);
    let page = visitor.page.path();
    let mut body = Source::of(&mut response, names);
    let mut chunk = vec![0; CHUNK];
    let first = match body.read(&mut chunk) {
        Ok(length) => length,
        Err(error) => {
            send_packed(again, visitor);
            log::fault(Reason::BodyUnreadable, page, &error.to_string());
            return Sent::Not;
        }
    };
    let mut out = Vec::with_capacity(CHUNK);
    write(&mut rewriter, budget, &chunk[..first], &mut out);
    if let Some(passed @ edgewise_engine::Passed::CharsetUnsupported) = rewriter.passed()
    {
        // Only a byte order mark tells this early.
        if let Some(rest) = body.take_rest() {
            let mut whole = Body::from(&chunk[..first]);
            whole.append(rest);
            response.set_body(whole);
            keep_private(&mut response);
            visitor.tell(&mut response);
            origin::send(response);
        } else {
            send_packed(again, visitor);
        }
        log::passed(Passed::Charset, page, passed.as_str());
        return Sent::AsItCame;
    }

    if !plan.has_destinations() {
        give_cookies(&mut response, visitor);
    }
    if let Some(policies) = &policies {
        set_policies(&mut response, policies);
    }
    headers(&mut response, names);
    // A browser that keeps the page keeps its policies, which are true of this answer only if they were changed for it.
    let tag = tag.filter(|_| policies.is_none());
    if let Some(kept) = &mut kept {
        kept.take_headers(&response, tag.as_ref());
    }
    if let Some(tag) = tag {
        response.set_header(ETAG, tag.write());
    }
    visitor.tell(&mut response);
    let mut client = response.stream_to_client();
    let mut length = first;
    while length > 0 {
        if client.write_all(&out).and_then(|()| client.flush()).is_err() {
            // The client is gone.
            return Sent::Not;
        }
        if let Some(kept) = &mut kept {
            kept.take(&out);
            if rewriter.passed().is_some() {
                kept.give_up();
            }
        }
        out.clear();
        if rewriter.is_finished() && !budget.is_left() {
            if let Some(kept) = &mut kept {
                kept.give_up();
            }
            // Whatever is still to come goes on without being read. The host traps if the client is gone by now, so this is
            // not done for every page whose last change is made.
            if let Some(rest) = body.take_rest() {
                client.append(rest);
                break;
            }
            // What is unpacked here cannot go on unread. Better broken off by us, and logged, than by the platform.
            if budget.is_overdrawn() {
                let _ = client.abandon();
                log_passed(edgewise_engine::Passed::Stopped, budget, page);
                return Sent::Not;
            }
        }
        length = match body.read(&mut chunk) {
            Ok(length) => length,
            Err(error) => {
                // The client has to see that the page is not whole.
                let _ = client.abandon();
                log::fault(Reason::BodyUnreadable, page, &error.to_string());
                return Sent::Not;
            }
        };
        write(&mut rewriter, budget, &chunk[..length], &mut out);
    }
    let passed = rewriter.passed();
    let report = rewriter.end(&mut out);
    if let Some(kept) = kept {
        kept.take(&out);
        if passed.is_some() {
            kept.give_up();
        }
    }
    let sent = client.write_all(&out).and_then(|()| client.finish());
    if let Some(passed) = passed {
        log_passed(passed, budget, page);
    }
    sent.map_or(Sent::Not, |()| Sent::Whole(report))
}

/// Gives the rewriter the next bytes, as far as the budget goes; the others, and all that follow, go on as they are.
fn write(
    rewriter: &mut Repeating<'_, '_>,
    budget: &Budget,
    bytes: &[u8],
    out: &mut Vec<u8>,
) {
    if !rewriter.is_finished() && !budget.is_left() {
        rewriter.stop(out);
    }
    let finished = rewriter.is_finished();
    let admitted = if finished { bytes.len() } else { budget.admit(bytes.len()) };
    let (looked_at, beyond) = bytes.split_at(admitted);
    rewriter.write(looked_at, out);
    if !beyond.is_empty() {
        budget.end();
        rewriter.stop(out);
        rewriter.write(beyond, out);
    }
}

/// Logs why the rest of a page went on as it was.
fn log_passed(passed: edgewise_engine::Passed, budget: &Budget, page: &str) {
    match budget.spent() {
        Some((over, read)) if passed == edgewise_engine::Passed::Stopped => {
            let detail = format!("{over} is used up after {read} bytes of the page");
            log::fault(Reason::OverBudget, page, &detail);
        }
        _ => log::fault(Reason::RewritePassed, page, passed.as_str()),
    }
}

/// The visitor's cookie, made or refreshed, the variants to be kept, and the token of a QA link that was just followed.
pub(crate) fn cookies(visitor: &Arrival) -> impl Iterator<Item = HeaderValue> {
    let forced = visitor.new_token.as_deref().map(cookie::set_forced);
    let sticky = visitor.new_sticky.as_deref().map(cookie::set_sticky);
    let named = cookie::set_visitor(&visitor.visitor, visitor.history.as_ref());
    let values = [Some(named), sticky, forced];
    values.into_iter().flatten().filter_map(|value| HeaderValue::from_str(&value).ok())
}
