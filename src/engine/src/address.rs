//! Where a variant leads a visit, as people write it: the `to` of a redirect, the path of another page of the origin.
//!
//! An address is taken only in the spelling in which browsers send it back, so that what is compared at publish is what
//! will be asked for. Scheme and host are those that were written: nothing that a visitor sends can change them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::page::Page;
use crate::query::{as_sent, hex, merge, name, pairs};

/// The longest address, bytes.
pub const MAX_ADDRESS: usize = 2_048;

/// Everything below it is answered by Edgewise itself.
const OURS: &str = "/_edgewise";

/// Our own parameter, which never reaches a page.
const OUR_PARAMETER: &[u8] = b"_edgewise";

/// A path with what may follow it, on the host asked or on another one named outright.
///
/// ```
/// use edgewise_engine::Address;
/// let address = Address::parse("/landing-b?plan=team#top").unwrap();
/// assert_eq!(address.location("plan=solo&utm_source=mail"), "/landing-b?plan=team&utm_source=mail#top");
/// assert!(Address::parse("//evil.example").is_err());
/// assert_eq!(Address::parse("https://shop.example.com/b").unwrap().host(), Some("shop.example.com"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address {
    text: String,
    host: Option<String>,
    path: String,
    query: String,
    fragment: Option<String>,
}

/// Why a text is not a place to lead visitors to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAddress {
    text: String,
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    TooLong,
    NeitherPathNorHttps,
    TwoSlashes,
    NotEncoded,
    Dots,
    Authority,
    Ours,
    OurParameter,
    NotAPath,
}

impl Address {
    /// Reads `/path?query#fragment`, or the same after `https://host`.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let fault = |fault| Err(InvalidAddress { text: text.to_owned(), fault });
        if text.len() > MAX_ADDRESS {
            return fault(Fault::TooLong);
        }
        let (rest, fragment) = match text.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (text, None),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let as_sent = is_as_sent(rest, in_path)
            && is_as_sent(query, in_query)
            && is_as_sent(fragment.unwrap_or_default(), in_fragment);
        if !as_sent {
            return fault(Fault::NotEncoded);
        }
        let (host, path) = if let Some(rest) = rest.strip_prefix("https://") {
            let (host, path) = match rest.find('/') {
                Some(at) => rest.split_at(at),
                None => (rest, "/"),
            };
            if !is_host(host) {
                return fault(Fault::Authority);
            }
            (Some(host.to_ascii_lowercase()), path)
        } else if rest.starts_with("//") {
            return fault(Fault::TwoSlashes);
        } else if rest.starts_with('/') {
            (None, rest)
        } else {
            return fault(Fault::NeitherPathNorHttps);
        };
        if path.split('/').any(is_dots) {
            return fault(Fault::Dots);
        }
        let ours = path.strip_prefix(OURS);
        if ours.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return fault(Fault::Ours);
        }
        if pairs(query).any(|pair| name(pair) == OUR_PARAMETER) {
            return fault(Fault::OurParameter);
        }
        Ok(Self {
            text: text.to_owned(),
            host,
            path: path.to_owned(),
            query: query.to_owned(),
            fragment: fragment.map(str::to_owned),
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The other host, in lower case; none for the host that was asked.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Starting with `/`, percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it has parameters of its own, which tell it from its path alone.
    pub fn has_parameters(&self) -> bool {
        pairs(&self.query).next().is_some()
    }

    /// The address for a visitor whose own query is `query`. Its own parameters stand first and win over the
    /// visitor's of the same name; the visitor's others follow in their order and spelling.
    pub fn location(&self, query: &str) -> String {
        let mut location = self.path_and_query(query);
        if let Some(host) = &self.host {
            location = format!("https://{host}{location}");
        }
        if let Some(fragment) = &self.fragment {
            location.push('#');
            location.push_str(fragment);
        }
        location
    }

    /// Path and merged query of [`Self::location`].
    pub fn path_and_query(&self, query: &str) -> String {
        let query = merge(&self.query, query);
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}{separator}{}", self.path, as_sent(&query))
    }

    /// Whether the page is where the address leads: its path, on its host, and all of its parameters. What else is in
    /// the query makes no difference.
    pub fn is_at(&self, page: &Page) -> bool {
        self.path == page.path()
            && self.host.as_deref().is_none_or(|host| host == page.host())
            && pairs(&self.query).all(|own| pairs(page.query()).any(|pair| pair == own))
    }
}

/// Whether browsers send the text as it is written (URL Standard, percent-encode sets).
fn is_as_sent(text: &str, allowed: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes.get(at + 1..at + 3).and_then(hex).is_some(),
        byte => allowed(*byte),
    })
}

/// RFC 3986, section 3.3.
fn in_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte)
}

/// Section 3.4, and brackets, which are common in names; without the quote, which browsers encode.
fn in_query(byte: u8) -> bool {
    (in_path(byte) && byte != b'\'') || b"?[]|".contains(&byte)
}

fn in_fragment(byte: u8) -> bool {
    in_path(byte) || byte == b'?'
}

/// Whether browsers would take the part of a path for a way up or for nothing.
fn is_dots(part: &str) -> bool {
    let dots = part.replace("%2e", ".").replace("%2E", ".");
    dots == "." || dots == ".."
}

/// Whether the text is a host's name, without a scheme, a user or a port.
pub(crate) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

impl TryFrom<String> for Address {
    type Error = InvalidAddress;
    fn try_from(text: String) -> Result<Self, InvalidAddress> {
        Self::parse(&text)
    }
}

/// The path of a page of the origin, perhaps with a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OriginPath(Address);

impl OriginPath {
    /// Reads `/path?query`.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let not_a_path =
            || InvalidAddress { text: text.to_owned(), fault: Fault::NotAPath };
        let address = Address::parse(text).map_err(|error| match error.fault {
            Fault::NeitherPathNorHttps | Fault::TwoSlashes | Fault::Authority => {
                not_a_path()
            }
            _ => error,
        })?;
        if address.host.is_some() || address.fragment.is_some() {
            return Err(not_a_path());
        }
        Ok(Self(address))
    }

    /// As an address on the host that was asked.
    pub fn address(&self) -> &Address {
        &self.0
    }
}

impl From<OriginPath> for String {
    fn from(path: OriginPath) -> Self {
        path.0.text
    }
}

impl TryFrom<String> for OriginPath {
    type Error = InvalidAddress;
    fn try_from(text: String) -> Result<Self, InvalidAddress> {
        Self::parse(&text)
    }
}

impl InvalidAddress {
    /// For programs.
    pub(crate) fn code(&self) -> &'static str {
        match self.fault {
            Fault::TooLong => "too-long",
            Fault::NotEncoded => "address-not-encoded",
            Fault::Dots => "address-has-dots",
            Fault::Ours | Fault::OurParameter => "address-is-ours",
            Fault::NotAPath => "not-a-path",
            Fault::NeitherPathNorHttps | Fault::TwoSlashes | Fault::Authority => {
                "not-an-address"
            }
        }
    }

    /// What to do instead.
    pub fn hint(&self) -> &'static str {
        match self.fault {
            Fault::TooLong => "Leave out the parameters that the page can do without.",
            Fault::NeitherPathNorHttps => {
                "Write \"/landing-b\" for a page of the same host, or \"https://shop.example.com/b\" for one of another."
            }
            Fault::TwoSlashes => {
                "Start with one \"/\", or with \"https://\" if another host is meant."
            }
            Fault::NotEncoded => {
                "Copy it out of the address bar, where it reads like \"/caf%C3%A9?q=a%20b\"."
            }
            Fault::Dots => "Write the path that the browser ends up with.",
            Fault::Authority => {
                "Write \"https://\", the host's name alone, and the path: \"https://shop.example.com/b\"."
            }
            Fault::Ours => {
                "Lead to a page of the website; Edgewise answers that path itself."
            }
            Fault::OurParameter => {
                "Leave it out: Edgewise takes it out of every address, for its QA links."
            }
            Fault::NotAPath => {
                "Write a path of the website such as \"/landing-b\", without a host and a fragment; to lead to another host, write a \"redirect\"."
            }
        }
    }
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match self.fault {
            Fault::TooLong => write!(
                f,
                "this is {} bytes long, and {MAX_ADDRESS} is the most",
                text.len()
            ),
            Fault::NeitherPathNorHttps => {
                write!(f, "{text:?} is neither a path nor an https address")
            }
            Fault::TwoSlashes => {
                write!(f, "{text:?} starts with two slashes, which would name a host")
            }
            Fault::NotEncoded => {
                write!(f, "{text:?} is not how a browser sends that address")
            }
            Fault::Dots => write!(f, "{text:?} has \".\" or \"..\" in its path"),
            Fault::Authority => {
                write!(f, "{text:?} names something other than a host after \"https://\"")
            }
            Fault::Ours => write!(f, "{text:?} leads to Edgewise itself"),
            Fault::OurParameter => {
                write!(f, "{text:?} has the parameter \"_edgewise\"")
            }
            Fault::NotAPath => write!(f, "{text:?} is not a path of the website"),
        }
    }
}

impl std::error::Error for InvalidAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(to: &str, query: &str, location: &str) {
        let address = Address::parse(to).unwrap();
        assert_eq!(address.location(query), location);
    }

    #[test]
    fn parameters_are_kept_and_merged() {
        check("/b", "", "/b");
        check("/b", "utm_source=mail&gclid=x%2By", "/b?utm_source=mail&gclid=x%2By");
        check("/b?x=1", "utm_source=mail", "/b?x=1&utm_source=mail");
        check("/b?x=1", "x=2&y=3&x=4", "/b?x=1&y=3");
        check("/b?x=1#top", "%78=2&+=%20&é", "/b?x=1&+=%20&%C3%A9#top");
        check("/b?a%5B%5D=1", "a[]=2&b[]=3&b[]=4", "/b?a%5B%5D=1&b[]=3&b[]=4");
        check("/b?x", "x=2&&y", "/b?x&&y");
        check("/b?", "a=1", "/b?a=1");
        check(
            "/b",
            "to=https://evil.example/&a=\"<\r\n",
            "/b?to=https://evil.example/&a=%22%3C%0D%0A",
        );
        check("https://Shop.Example.com?x=1", "y=2", "https://shop.example.com/?x=1&y=2");
        check("https://shop.example.com/b#c", "", "https://shop.example.com/b#c");
    }

    #[track_caller]
    fn at(to: &str, url: &str, expected: bool) {
        let address = Address::parse(to).unwrap();
        assert_eq!(address.is_at(&Page::parse(url).unwrap()), expected, "{to} {url}");
    }

    #[test]
    fn who_is_there_is_known() {
        at("/b", "https://example.com/b", true);
        at("/b", "https://example.com/b?utm=1", true);
        at("/b", "https://example.com/b/", false);
        at("/b?x=1", "https://example.com/b?y=2&x=1", true);
        at("/b?x=1", "https://example.com/b?x=2", false);
        at("/b?x=1&y=2", "https://example.com/b?x=1", false);
        at("https://shop.example.com/b", "https://shop.example.com/b", true);
        at("https://shop.example.com/b", "https://example.com/b", false);
    }

    #[test]
    fn no_text_leads_astray() {
        for text in [
            "",
            "b",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil",
            "/b\r\nSet-Cookie: a=1",
            "/\tb",
            "javascript:alert(1)",
            "http://example.com/",
            "https:/evil.example",
            "https:evil.example",
            "https://",
            "https:///b",
            "https://user@example.com/",
            "https://example.com:8443/",
            "https://[::1]/",
            "https://example.com\\@evil.example/",
            "https://exa mple.com/",
            "https://example..com/",
            "/a/../b",
            "/a/%2E%2e/b",
            "/.",
            "/a/.",
            "/café",
            "/a b",
            "/a%zz",
            "/a\"b",
            "/a?b='c'",
            "/_edgewise",
            "/_edgewise/",
            "/b?_edgewise=x",
            "/b?%5Fedgewise=x",
            "?x=1",
            "#top",
            "/a<b",
        ] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
        assert!(Address::parse("/_edgewise-b").is_ok());
        assert!(Address::parse(&"/".repeat(MAX_ADDRESS + 1)).is_err());
        assert!(OriginPath::parse("/b?x=1").is_ok());
        assert!(OriginPath::parse("/b#c").is_err());
        assert!(OriginPath::parse("https://example.com/b").is_err());
    }
}
