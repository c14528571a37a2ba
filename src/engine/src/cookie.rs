//! Our cookies, both directions. Several `Cookie` lines are one list, as HTTP/2 clients send them.

use crate::history::History;
use crate::key::VisitorId;

/// Names the visitor: `2.<visitor id>.<history>`, or `1.<visitor id>`; the first part is the version of the rest.
pub const VISITOR_COOKIE: &str = "edgewise";

/// Keeps the token of a QA link for the browser's session.
pub const FORCED_COOKIE: &str = "edgewise_qa";

/// Keeps variants that were shown once, for experiments that ask for it.
pub const STICKY_COOKIE: &str = "edgewise_sticky";

/// Counts the redirects that a browser has just been sent, one after the other.
pub const REDIRECTS_COOKIE: &str = "edgewise_redirects";

/// Keeps the token of a debug link for the browser's session.
pub const DEBUG_COOKIE: &str = "edgewise-debug";

/// How long a redirect is remembered: each step of a loop takes less, and somebody who clicks takes more.
const REDIRECT_AGE_SECONDS: u32 = 10;

/// About 13 months, the longest that browsers keep a cookie.
const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// Whether a cookie of that name is one of Edgewise's.
pub(crate) fn is_ours(name: &str) -> bool {
    [VISITOR_COOKIE, FORCED_COOKIE, STICKY_COOKIE, REDIRECTS_COOKIE, DEBUG_COOKIE]
        .contains(&name)
}

pub(crate) fn pairs<'a>(
    lines: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    lines
        .into_iter()
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// The visitor whom the `Cookie` lines name, with what is remembered. A value that we did not write is no visitor.
///
/// ```
/// use edgewise_engine::cookie::remembered;
/// let (visitor, history) = remembered(["theme=dark", "edgewise=2.alice.fu1.3.hlcqo.s"]).unwrap();
/// assert_eq!((visitor.as_str(), history.visits()), ("alice", 3));
/// assert!(remembered(["edgewise=3.alice"]).is_none());
/// ```
pub fn remembered<'a>(
    lines: impl IntoIterator<Item = &'a str>,
) -> Option<(VisitorId, History)> {
    pairs(lines).filter(|(name, _)| *name == VISITOR_COOKIE).find_map(|(_, value)| {
        let (id, history) = match value.split_once('.')? {
            ("1", id) => (id, None),
            ("2", rest) => {
                let (id, history) = rest.split_once('.').unwrap_or((rest, ""));
                (id, History::read(history))
            }
            _ => return None,
        };
        let visitor = VisitorId::new(id).ok()?;
        Some((visitor, history.unwrap_or_else(History::unknown)))
    })
}

/// The visitor whom the `Cookie` lines name.
///
/// ```
/// use edgewise_engine::cookie::visitor;
/// assert_eq!(visitor(["theme=dark", "edgewise=1.alice"]).unwrap().as_str(), "alice");
/// ```
pub fn visitor<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<VisitorId> {
    remembered(lines).map(|(visitor, _)| visitor)
}

/// The visitor whom another tool's cookie names, so that experiments can move over without moving visitors. A value that
/// could not be an id of ours is none.
///
/// ```
/// use edgewise_engine::cookie::adopted;
/// let visitor = adopted("gbuuid", ["gbuuid=1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"]);
/// assert_eq!(visitor.unwrap().as_str(), "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed");
/// ```
pub fn adopted<'a>(
    cookie: &str,
    lines: impl IntoIterator<Item = &'a str>,
) -> Option<VisitorId> {
    pairs(lines)
        .filter(|(name, _)| *name == cookie)
        .find_map(|(_, value)| VisitorId::new(value).ok())
}

/// The signed variants that are to be kept.
pub fn sticky_token<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    pairs(lines).find(|(name, _)| *name == STICKY_COOKIE).map(|(_, value)| value)
}

/// The token that a QA link left behind.
pub fn forced_token<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    pairs(lines).find(|(name, _)| *name == FORCED_COOKIE).map(|(_, value)| value)
}

/// The token that a debug link left behind.
pub fn debug_token<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    pairs(lines).find(|(name, _)| *name == DEBUG_COOKIE).map(|(_, value)| value)
}

/// How many redirects the browser has been sent in a row. What we did not write counts as none.
///
/// ```
/// use edgewise_engine::cookie::redirects;
/// assert_eq!(redirects(["a=1; edgewise_redirects=3"]), 3);
/// assert_eq!(redirects(["edgewise_redirects=many"]), 0);
/// ```
pub fn redirects<'a>(lines: impl IntoIterator<Item = &'a str>) -> u8 {
    let found = pairs(lines).find(|(name, _)| *name == REDIRECTS_COOKIE);
    found.and_then(|(_, value)| value.parse().ok()).unwrap_or_default()
}

/// The `Set-Cookie` value that names the visitor. No script needs it, so none may read it.
pub fn set_visitor(visitor: &VisitorId, history: Option<&History>) -> String {
    let history = history.map_or_else(|| History::unknown().write(), History::write);
    format!(
        "{VISITOR_COOKIE}=2.{visitor}.{history}; Path=/; Max-Age={MAX_AGE_SECONDS}; Secure; HttpOnly; SameSite=Lax"
    )
}

/// The `Set-Cookie` value that keeps a QA link's token until the browser is closed.
pub fn set_forced(token: &str) -> String {
    format!("{FORCED_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The `Set-Cookie` value that keeps a debug link's token until the browser is closed.
pub fn set_debug(token: &str) -> String {
    format!("{DEBUG_COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The `Set-Cookie` value that keeps variants.
pub fn set_sticky(token: &str) -> String {
    format!(
        "{STICKY_COOKIE}={token}; Path=/; Max-Age={MAX_AGE_SECONDS}; Secure; HttpOnly; SameSite=Lax"
    )
}

/// The `Set-Cookie` value that counts one more redirect than `so_far`.
pub fn set_redirects(so_far: u8) -> String {
    let count = so_far.saturating_add(1);
    format!(
        "{REDIRECTS_COOKIE}={count}; Path=/; Max-Age={REDIRECT_AGE_SECONDS}; Secure; HttpOnly; SameSite=Lax"
    )
}

/// Whether one of our cookies may be in a `Cookie` line, which may be anything. Nearly no other line seems to have one.
pub fn may_hold_ours(line: &[u8]) -> bool {
    memchr::memmem::find(line, VISITOR_COOKIE.as_bytes()).is_some()
}

/// A `Cookie` line without our cookies, for the origin; none if nothing is left. Every other byte is kept.
///
/// ```
/// use edgewise_engine::cookie::without_ours;
/// assert_eq!(without_ours("a=1; edgewise=1.x; b=2").as_deref(), Some("a=1; b=2"));
/// assert_eq!(without_ours("edgewise=1.x"), None);
/// ```
pub fn without_ours(line: &str) -> Option<String> {
    let ours = |pair: &&str| is_ours(pair.split('=').next().unwrap_or_default().trim());
    if !line.split(';').any(|pair| ours(&pair)) {
        return Some(line.to_owned());
    }
    let rest: Vec<_> = line.split(';').filter(|pair| !ours(pair)).collect();
    let rest = rest.join(";");
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}
