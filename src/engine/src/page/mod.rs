//! The address of a page, and the rules that say on which pages an experiment runs.

mod literal;
mod path;
mod pattern;
mod rule;
mod searches;
mod test;
mod weight;

use std::cell::OnceCell;
use std::fmt;

pub(crate) use self::literal::Head;
pub use self::path::PathRule;
pub use self::pattern::{InvalidPattern, MAX_PATTERN, MAX_SEARCHED, Pattern};
pub(crate) use self::rule::covers;
pub use self::rule::{PageRule, PageRules, Verdict};
pub(crate) use self::searches::Searches;
pub use self::test::{Case, TextTest};
use crate::query::Parameters;

/// An address, taken apart. Fragments never reach a server and are dropped.
#[derive(Debug, Clone)]
pub struct Page {
    host: String,
    path: String,
    query: String,
    /// What the query says, read when a rule first asks.
    parameters: OnceCell<Parameters>,
}

impl PartialEq for Page {
    fn eq(&self, other: &Self) -> bool {
        (&self.host, &self.path, &self.query) == (&other.host, &other.path, &other.query)
    }
}

impl Eq for Page {}

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
            parameters: OnceCell::new(),
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

    /// The parameters of the query. It is taken apart once, however many rules ask.
    pub(crate) fn parameters(&self) -> &Parameters {
        self.parameters.get_or_init(|| Parameters::of(&self.query))
    }
}
