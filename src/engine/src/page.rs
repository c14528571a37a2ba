//! The address of a page, and the rules that say on which pages an experiment runs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An address, taken apart. Fragments never reach a server and are dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    host: String,
    path: String,
    query: String,
}

/// The text is not an absolute http or https URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidUrl(String);

impl fmt::Display for InvalidUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not an absolute http or https URL", self.0)
    }
}

impl std::error::Error for InvalidUrl {}

impl Page {
    /// Takes an absolute URL apart.
    ///
    /// ```
    /// use edgewise_engine::Page;
    /// let page = Page::parse("https://Shop.example.com:8443/pricing?plan=team#faq").unwrap();
    /// assert_eq!((page.host(), page.path(), page.query()), ("shop.example.com", "/pricing", "plan=team"));
    /// assert!(Page::parse("/pricing").is_err());
    /// ```
    pub fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let invalid = || InvalidUrl(url.to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(invalid)?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(invalid());
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let host = authority.rsplit('@').next().unwrap_or_default();
        // An IPv6 address keeps its colons: only what follows the bracket is a port.
        let host = match host.rfind(']') {
            Some(bracket) => &host[..=bracket],
            None => host.split(':').next().unwrap_or_default(),
        };
        if host.is_empty() {
            return Err(invalid());
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }

    /// In lower case, without the port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// As it was sent (still percent-encoded), starting with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What followed the `?`, or nothing.
    pub fn query(&self) -> &str {
        &self.query
    }
}

/// How the path of a page is compared. Always case-sensitive; the query is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathRule {
    /// The whole path.
    Exact(String),
    /// How the path begins.
    Prefix(String),
    /// The whole path, where each `*` stands for any characters, also none and also `/`.
    Wildcard(String),
}

impl PathRule {
    pub(crate) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(wanted) => path == wanted,
            Self::Prefix(prefix) => path.starts_with(prefix.as_str()),
            Self::Wildcard(pattern) => wildcard_matches(pattern, path),
        }
    }
}

/// Pieces between stars are found from left to right, each as early as possible: time is bounded by
/// `pattern * path`, whatever the pattern.
fn wildcard_matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut path) = path.strip_prefix(head) else { return false };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*').filter(|piece| !piece.is_empty()) {
        match path.find(piece) {
            Some(at) => path = &path[at + piece.len()..],
            None => return false,
        }
    }
    path.ends_with(tail)
}

/// One rule: a host, or any host, and a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRule {
    /// In lower case; `*.example.com` means every subdomain, not `example.com` itself. None means any host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The path.
    #[serde(flatten)]
    pub path: PathRule,
}

impl PageRule {
    /// Whether the rule holds for the page.
    pub fn matches(&self, page: &Page) -> bool {
        let host = match self.host.as_deref() {
            None => true,
            Some(host) => match host.strip_prefix('*') {
                // What is left starts with the dot, so `notexample.com` does not slip in.
                Some(suffix) => {
                    page.host.len() > suffix.len() && page.host.ends_with(suffix)
                }
                None => page.host == host,
            },
        };
        host && self.path.matches(&page.path)
    }
}

/// Where an experiment runs: on pages that match one of `include` and none of `exclude`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRules {
    /// At least one.
    pub include: Vec<PageRule>,
    /// Wins over `include`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<PageRule>,
}

impl PageRules {
    /// Whether the experiment runs on the page.
    pub fn matches(&self, page: &Page) -> bool {
        self.include.iter().any(|rule| rule.matches(page))
            && !self.exclude.iter().any(|rule| rule.matches(page))
    }

    /// Whether the experiment may run on the path, on some host that the pattern `hosts` allows.
    pub(crate) fn may_match(&self, path: &str, hosts: Option<&str>) -> bool {
        let on_path = |rules: &'_ [PageRule]| -> Vec<Option<String>> {
            let rules = rules.iter().filter(|rule| rule.path.matches(path));
            rules.map(|rule| rule.host.clone()).collect()
        };
        let exclude = on_path(&self.exclude);
        on_path(&self.include).iter().any(|host| {
            // Two patterns have nothing in common, or one of them lies within the other.
            let host = host.as_deref();
            let common = if covers(hosts, host) { host } else { hosts };
            covers(host, common)
                && !exclude.iter().any(|excluded| covers(excluded.as_deref(), common))
        })
    }
}

/// Whether every host that `inner` allows is allowed by `outer` too.
pub(crate) fn covers(outer: Option<&str>, inner: Option<&str>) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => {
            outer == inner
                || outer.strip_prefix('*').is_some_and(|suffix| {
                    inner.len() > suffix.len() && inner.ends_with(suffix)
                })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &str, expected: bool) {
        assert_eq!(wildcard_matches(pattern, path), expected, "{pattern} on {path}");
    }

    #[test]
    fn wildcards() {
        check("/blog/*", "/blog/", true);
        check("/blog/*", "/blog", false);
        check("*", "/anything", true);
        check("/p/*/edit", "/p/12/edit", true);
        check("/p/*/edit", "/p/edit", false);
        check("/a*a", "/a", false);
        check("/a*b*c", "/axxbyyc", true);
        check("/a*b*c", "/axxcyyb", false);
        check("*.html", "/a/b.html", true);
        check("/exact", "/exact", true);
        check("/exact", "/exact/", false);
    }

    #[test]
    fn hosts() {
        let rule = |host: &str| PageRule {
            host: Some(host.to_owned()),
            path: PathRule::Prefix("/".to_owned()),
        };
        let page = |url: &str| Page::parse(url).unwrap();
        assert!(rule("*.example.com").matches(&page("https://a.example.com/")));
        assert!(!rule("*.example.com").matches(&page("https://example.com/")));
        assert!(!rule("*.example.com").matches(&page("https://notexample.com/")));
        assert!(rule("example.com").matches(&page("https://EXAMPLE.com:443/x")));
        assert_eq!(page("http://user@[::1]:80/").host(), "[::1]");
    }

    #[track_caller]
    fn may(include: &[&str], exclude: &[&str], hosts: &str, expected: bool) {
        let hosts = (!hosts.is_empty()).then_some(hosts);
        let rules = |hosts: &[&str]| {
            let rule = |host: &&str| PageRule {
                host: (!host.is_empty()).then(|| (*host).to_owned()),
                path: PathRule::Exact("/b".to_owned()),
            };
            hosts.iter().map(rule).collect()
        };
        let rules = PageRules { include: rules(include), exclude: rules(exclude) };
        assert_eq!(rules.may_match("/b", hosts), expected, "{rules:?} {hosts:?}");
        assert!(!rules.may_match("/c", hosts));
    }

    #[test]
    fn patterns_of_hosts_that_meet() {
        may(&[""], &[], "", true);
        may(&[""], &[], "a.com", true);
        may(&["a.com"], &[], "", true);
        may(&["a.com"], &[], "b.com", false);
        may(&["*.a.com"], &[], "x.a.com", true);
        may(&["x.a.com"], &[], "*.a.com", true);
        may(&["*.a.com"], &[], "*.x.a.com", true);
        may(&["*.a.com"], &[], "*.b.com", false);
        may(&["*.a.com"], &[], "a.com", false);
        may(&["", "b.com"], &["b.com"], "b.com", false);
        may(&[""], &["b.com"], "*.com", true);
        may(&["*.a.com"], &["*.a.com"], "", false);
        may(&["x.a.com"], &["*.a.com"], "", false);
        may(&["*.a.com"], &["x.a.com"], "", true);
    }
}
