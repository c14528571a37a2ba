//! Where another tool's rule about an address holds: hosts and a test of the path, written as page rules or as a
//! condition of an audience.
//!
//! The scheme is not looked at: the edge serves one site. Ports are not either, and a rule that names one is refused.

use serde_json::{Map, Value, json};

use super::draft::{fact, fact_ignoring_case, group};
use super::report::Loss;

/// The longest regex of a page rule, bytes.
const MAX_REGEX: usize = 500;

/// How a path is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PathTest {
    Any,
    Is(String),
    Starts(String),
    Ends(String),
    Contains(String),
    Matches(String),
}

/// How well our rule says what the other tool's says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Same,
    /// It holds for fewer visits.
    Narrower(&'static str),
    /// It holds for more.
    Wider(&'static str),
}

impl Fit {
    /// The fit of the rule's opposite.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Same => Self::Same,
            Self::Narrower(why) => Self::Wider(why),
            Self::Wider(why) => Self::Narrower(why),
        }
    }
}

/// Where a rule holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// As in a page rule; none means any host.
    pub(super) hosts: Vec<String>,
    pub(super) path: PathTest,
    pub(super) ignore_case: bool,
    /// Parameters that the address must have, each with the test of its value.
    pub(super) query: Map<String, Value>,
    /// Whether it only holds for addresses without a query.
    pub(super) no_query: bool,
    pub(super) fit: Fit,
}

impl Place {
    pub(super) fn new(hosts: Vec<String>, path: PathTest) -> Self {
        let (query, fit) = (Map::new(), Fit::Same);
        Self { hosts, path, ignore_case: false, query, no_query: false, fit }
    }

    /// The same whatever the case, as Convert and GrowthBook's simple patterns have it.
    pub(super) fn ignoring_case(self) -> Self {
        Self { ignore_case: true, ..self }
    }

    /// The page rules that together say it, one a host. `no_query` is the caller's.
    pub(super) fn page_rules(&self) -> Result<Vec<Value>, Loss> {
        let (kind, text) = self.path_rule();
        if kind == "regex" && text.len() > MAX_REGEX {
            return Err(Loss::new(
                format!("the pattern is longer than {MAX_REGEX} bytes"),
                "Write several shorter page rules.",
            ));
        }
        if matches!(kind, "exact" | "prefix") && !text.starts_with('/') {
            return Err(not_an_address());
        }
        let rule = |host: Option<&String>| {
            let mut rule = Map::new();
            if let Some(host) = host {
                rule.insert("host".to_owned(), json!(host));
            }
            if self.path != PathTest::Any || self.query.is_empty() {
                rule.insert(kind.to_owned(), json!(text));
            }
            if !self.query.is_empty() {
                rule.insert("query".to_owned(), json!(self.query));
            }
            Value::Object(rule)
        };
        if self.hosts.is_empty() {
            return Ok(vec![rule(None)]);
        }
        Ok(self.hosts.iter().map(|host| rule(Some(host))).collect())
    }

    /// The one field of a page rule that is about the path.
    fn path_rule(&self) -> (&'static str, String) {
        let fold = |text: &str| self.ignore_case && has_letters(text);
        let regex = |before: &str, text: &str, after: &str| {
            ("regex", format!("(?i){before}{}{after}", escape(text)))
        };
        match &self.path {
            PathTest::Any => ("prefix", "/".to_owned()),
            PathTest::Is(path) if fold(path) => regex("^", path, "$"),
            PathTest::Is(path) => ("exact", path.clone()),
            PathTest::Starts(path) if fold(path) => regex("^", path, ""),
            PathTest::Starts(path) => ("prefix", path.clone()),
            PathTest::Ends(path) if fold(path) => regex("", path, "$"),
            PathTest::Ends(path) => ("suffix", path.clone()),
            PathTest::Contains(path) if fold(path) => regex("", path, ""),
            PathTest::Contains(path) => ("contains", path.clone()),
            PathTest::Matches(pattern) if fold(pattern) => {
                ("regex", format!("(?i){pattern}"))
            }
            PathTest::Matches(pattern) => ("regex", pattern.clone()),
        }
    }

    /// The condition that says it.
    pub(super) fn condition(&self) -> Value {
        let hosts = self.hosts.iter().map(|host| match host.strip_prefix('*') {
            Some(end) => fact("page.host", "ends", end),
            None => fact("page.host", "is", host.as_str()),
        });
        let hosts: Vec<_> = hosts.collect();
        let mut all = Vec::new();
        if !hosts.is_empty() {
            all.push(group("any", hosts));
        }
        let path = match &self.path {
            PathTest::Any => None,
            PathTest::Is(path) => Some(("is", path)),
            PathTest::Starts(path) => Some(("starts", path)),
            PathTest::Ends(path) => Some(("ends", path)),
            PathTest::Contains(path) => Some(("contains", path)),
            PathTest::Matches(pattern) => Some(("matches", pattern)),
        };
        all.extend(path.map(|(operator, text)| match operator {
            "matches" if self.ignore_case => {
                fact("page.path", operator, format!("(?i){text}"))
            }
            // Unlike page rules, conditions see the path decoded.
            _ => {
                let text = decode(text).unwrap_or_else(|_| text.clone());
                if self.ignore_case && has_letters(&text) {
                    fact_ignoring_case("page.path", operator, &text)
                } else {
                    fact("page.path", operator, text)
                }
            }
        }));
        for (name, test) in &self.query {
            let mut condition = match test {
                Value::Object(test) => test.clone(),
                text => Map::from_iter([("is".to_owned(), text.clone())]),
            };
            condition.insert("fact".to_owned(), json!(format!("query.{name}")));
            all.push(Value::Object(condition));
        }
        if self.no_query {
            all.push(no_query());
        }
        if all.is_empty() {
            all.push(fact("page.path", "starts", "/"));
        }
        group("all", all)
    }
}

/// Holds where the address has no query.
pub(super) fn no_query() -> Value {
    fact("page.query", "exists", false)
}

pub(super) fn has_letters(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A text as a regex that matches it and nothing else.
pub(super) fn escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\.+*?()|[]{}^$#&-~".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// A path as browsers send it.
pub(super) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>`{}".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A part of an address as people read it.
pub(super) fn decode(text: &str) -> Result<String, Loss> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits: Vec<u8> = rest.by_ref().take(2).collect();
                let digits = std::str::from_utf8(&digits).unwrap_or_default();
                u8::from_str_radix(digits, 16)
                    .ok()
                    .filter(|_| digits.len() == 2 && !digits.starts_with('+'))
                    .ok_or_else(not_an_address)?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| not_an_address())
}

/// An address that people wrote down.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written<'a> {
    /// In lower case.
    pub(super) host: Option<String>,
    /// From the first `/`; empty if there is none.
    pub(super) path: &'a str,
    /// What follows `?`.
    pub(super) query: Option<&'a str>,
    /// Whether a fragment follows.
    pub(super) fragment: bool,
}

/// Takes `https://host/path?query#fragment` apart; scheme and host may be missing.
pub(super) fn take_apart(address: &str) -> Result<Written<'_>, Loss> {
    let address = address.trim();
    let (address, fragment) = match address.split_once('#') {
        Some((address, _)) => (address, true),
        None => (address, false),
    };
    let (rest, query) = match address.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (address, None),
    };
    let lower = rest.get(..8).unwrap_or(rest).to_ascii_lowercase();
    let scheme = ["https://", "http://", "//"];
    let scheme = scheme.into_iter().find(|scheme| lower.starts_with(scheme));
    let rest = &rest[scheme.map_or(0, str::len)..];
    let split = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(split);
    if host.is_empty() && scheme.is_none() && !path.is_empty() {
        return Ok(Written { host: None, path, query, fragment });
    }
    let host = read_host(host)?;
    Ok(Written { host: Some(host), path, query, fragment })
}

/// A host in lower case, without the port that https has anyway.
pub(super) fn read_host(host: &str) -> Result<String, Loss> {
    let host = host.strip_suffix(":443").unwrap_or(host).to_ascii_lowercase();
    if host.contains(':') {
        return Err(Loss::new(
            "it names a port, and Edgewise does not look at ports",
            "Name the host alone.",
        ));
    }
    let labels = host.strip_prefix("*.").unwrap_or(&host);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !labels.split('.').all(is_label) {
        return Err(not_an_address());
    }
    Ok(host)
}

pub(super) fn not_an_address() -> Loss {
    Loss::new(
        "it is not an address that Edgewise can read",
        "Write a page rule such as {\"host\": \"www.example.com\", \"prefix\": \"/shop\"}.",
    )
}

/// Whether a text that is looked for in a whole address can only be found in its path: it starts with a slash, and what
/// stands before the next one is no host.
pub(super) fn is_of_the_path(text: &str) -> bool {
    text.strip_prefix('/')
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(segment, _)| !segment.is_empty() && !segment.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let full = take_apart("HTTPS://Shop.Example.com/a/b?x=1#top").unwrap();
        assert_eq!(full.host.as_deref(), Some("shop.example.com"));
        assert_eq!((full.path, full.query, full.fragment), ("/a/b", Some("x=1"), true));
        assert_eq!(take_apart("/a").unwrap().host, None);
        assert_eq!(take_apart("example.com").unwrap().path, "");
        assert!(take_apart("https://a.com:8443/").is_err());
        assert!(take_apart("https://a.com:443/").is_ok());
        for odd in ["", "https://", "a b/c", "https:///x", "ü.de/", "https://é"] {
            assert!(take_apart(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn rules_and_conditions() {
        let hosts = vec!["a.com".to_owned(), "*.a.com".to_owned()];
        let place =
            Place::new(hosts, PathTest::Starts("/x.y".to_owned())).ignoring_case();
        assert_eq!(
            Value::from(place.page_rules().unwrap()),
            json!([
                {"host": "a.com", "regex": "(?i)^/x\\.y"},
                {"host": "*.a.com", "regex": "(?i)^/x\\.y"},
            ])
        );
        assert_eq!(
            place.condition(),
            json!({"all": [
                {"any": [{"fact": "page.host", "is": "a.com"}, {"fact": "page.host", "ends": ".a.com"}]},
                {"fact": "page.path", "starts": "/x.y", "ignore_case": true},
            ]})
        );
        let place = Place::new(Vec::new(), PathTest::Is("/%C3%A9".to_owned()));
        assert_eq!(place.condition(), json!({"fact": "page.path", "is": "/é"}));
        let place = Place::new(Vec::new(), PathTest::Is("/1".to_owned())).ignoring_case();
        assert_eq!(Value::from(place.page_rules().unwrap()), json!([{"exact": "/1"}]));
    }

    #[test]
    fn what_is_of_the_path() {
        assert!(is_of_the_path("/blog/"));
        assert!(!is_of_the_path("/blog"));
        assert!(!is_of_the_path("//blog/"));
        assert!(!is_of_the_path("/shop.example.com/"));
        assert!(!is_of_the_path("blog/"));
    }
}
