//! What a visit tells about itself, for the copy of a change. Everything here was sent by a visitor, so it is decoded once,
//! bounded and cleaned at this door; what it may do in a page is decided where it lands (`token`).

#[allow(dead_code, reason = "asked for by the facts of a visit")]
mod bots;
mod decode;
#[allow(dead_code, reason = "the same")]
mod device;
#[allow(dead_code, reason = "asked for by the facts of a visit")]
mod language;
#[allow(dead_code, reason = "the same")]
mod lines;
#[allow(dead_code, reason = "the same")]
mod source;

use std::collections::BTreeMap;

use serde::Deserialize;

use self::decode::{clean, percent_decoded, query_decoded};
use self::device::{Device, Hints};
use crate::cookie::{self, FORCED_COOKIE, VISITOR_COOKIE};
use crate::forced::FORCED_PARAMETER;
use crate::page::Page;

/// The most characters of a fact that are kept.
pub const MAX_FACT: usize = 200;

/// Where a visitor seems to be, by the address of the connection. Codes and names as the host gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Geo {
    /// City or town.
    pub city: Option<String>,
    /// Two letters, ISO 3166-1.
    pub country: Option<String>,
    /// The country's name in English.
    pub country_name: Option<String>,
    /// The subdivision part of ISO 3166-2, as `CA` for California.
    pub region: Option<String>,
    /// Two letters: `AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`.
    pub continent: Option<String>,
}

impl Geo {
    /// The names of the fields.
    pub const FIELDS: [&str; 5] =
        ["city", "country", "country_name", "region", "continent"];

    /// The field of that name, to be set.
    ///
    /// ```
    /// use edgewise_engine::Geo;
    /// let mut geo = Geo::default();
    /// *geo.field_mut("city").unwrap() = Some("Berlin".to_owned());
    /// assert_eq!(geo.city.as_deref(), Some("Berlin"));
    /// assert!(geo.field_mut("town").is_none());
    /// ```
    pub fn field_mut(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "city" => Some(&mut self.city),
            "country" => Some(&mut self.country),
            "country_name" => Some(&mut self.country_name),
            "region" => Some(&mut self.region),
            "continent" => Some(&mut self.continent),
            _ => None,
        }
    }
}

/// One fact, named in copy as `query.utm_campaign` or `geo.city`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    Query(String),
    Cookie(String),
    City,
    Country,
    CountryName,
    Region,
    Continent,
    DeviceClass,
    DeviceOs,
    DeviceBrowser,
    PagePath,
    PageHost,
    Language,
}

/// Why a name is not one of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFact {
    /// Nothing is called so.
    Unknown,
    /// It is Edgewise's own, and not for copy.
    Ours,
}

/// How the facts are called, for people.
pub(crate) const FACTS: &str = "query.NAME, cookie.NAME, geo.city, geo.region, geo.country, geo.country_name, \
     geo.continent, device.class, device.os, device.browser, page.path, page.host and language";

impl Fact {
    /// Reads a fact's name.
    pub(crate) fn parse(text: &str) -> Result<Self, NoFact> {
        let named = |name: &str| {
            let fits =
                |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
            (!name.is_empty() && name.bytes().all(fits))
                .then(|| name.to_owned())
                .ok_or(NoFact::Unknown)
        };
        if let Some(name) = text.strip_prefix("query.") {
            return if is_our_parameter(name) {
                Err(NoFact::Ours)
            } else {
                Ok(Self::Query(named(name)?))
            };
        }
        if let Some(name) = text.strip_prefix("cookie.") {
            return if is_our_cookie(name) {
                Err(NoFact::Ours)
            } else {
                Ok(Self::Cookie(named(name)?))
            };
        }
        Ok(match text {
            "geo.city" => Self::City,
            "geo.country" => Self::Country,
            "geo.country_name" => Self::CountryName,
            "geo.region" => Self::Region,
            "geo.continent" => Self::Continent,
            "device.class" => Self::DeviceClass,
            "device.os" => Self::DeviceOs,
            "device.browser" => Self::DeviceBrowser,
            "page.path" => Self::PagePath,
            "page.host" => Self::PageHost,
            "language" => Self::Language,
            _ => return Err(NoFact::Unknown),
        })
    }

    /// Whether every visit tells it.
    pub(crate) fn is_always_known(&self) -> bool {
        *self == Self::PageHost
    }
}

fn is_our_cookie(name: &str) -> bool {
    name == VISITOR_COOKIE || name == FORCED_COOKIE
}

fn is_our_parameter(name: &str) -> bool {
    name == FORCED_PARAMETER
}

/// The facts of one visit. What is unknown, blank or not UTF-8 is not there.
///
/// ```
/// use edgewise_engine::{Facts, Geo, Page};
/// let page = Page::parse("https://example.com/pricing?utm_campaign=spring-sale").unwrap();
/// let headers = [("cookie", "plan=team"), ("accept-language", "de-CH, de;q=0.9")];
/// let geo = Geo { city: Some("Bern".to_owned()), ..Geo::default() };
/// let facts = Facts::of_page(&page).with_headers(headers).with_geo(&geo);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Facts {
    host: Option<String>,
    path: Option<String>,
    /// The first value of each name; none where it is no text.
    query: BTreeMap<String, Option<String>>,
    /// The same.
    cookies: BTreeMap<String, Option<String>>,
    geo: Geo,
    device: Device,
    language: Option<String>,
}

impl Facts {
    /// What the address tells.
    pub fn of_page(page: &Page) -> Self {
        let mut query = BTreeMap::new();
        for pair in page.query().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = query_decoded(name) else { continue };
            if !is_our_parameter(&name) {
                let value = || query_decoded(value).and_then(|value| clean(&value));
                query.entry(name).or_insert_with(value);
            }
        }
        Self {
            host: clean(page.host()),
            path: percent_decoded(page.path()).and_then(|path| clean(&path)),
            query,
            ..Self::default()
        }
    }

    /// What the request's headers tell: each with its name, in any case, and its value. Others than `Cookie`,
    /// `Accept-Language` and `User-Agent` tell nothing.
    #[must_use]
    pub fn with_headers<'a>(
        mut self,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("cookie") {
                self.add_cookies(value);
            } else if name.eq_ignore_ascii_case("accept-language") {
                self.language = self.language.or_else(|| first_language(value));
            } else if name.eq_ignore_ascii_case("user-agent") {
                let hints = Hints { user_agent: Some(value), ..Hints::default() };
                self.device = Device::of(&hints);
            }
        }
        self
    }

    /// Where the visitor seems to be.
    #[must_use]
    pub fn with_geo(mut self, geo: &Geo) -> Self {
        let clean = |field: &Option<String>| field.as_deref().and_then(clean);
        self.geo = Geo {
            city: clean(&geo.city),
            country: clean(&geo.country),
            country_name: clean(&geo.country_name),
            region: clean(&geo.region),
            continent: clean(&geo.continent),
        };
        self
    }

    fn add_cookies(&mut self, line: &str) {
        for (name, value) in cookie::pairs([line]) {
            if is_our_cookie(name) {
                continue;
            }
            // Most libraries write quotes and percent signs around what a cookie cannot carry.
            let bare = value
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
                .unwrap_or(value);
            let value = || percent_decoded(bare).and_then(|value| clean(&value));
            self.cookies.entry(name.to_owned()).or_insert_with(value);
        }
    }

    /// What the visit tells about a fact.
    pub(crate) fn value(&self, fact: &Fact) -> Option<&str> {
        match fact {
            Fact::Query(name) => self.query.get(name)?.as_deref(),
            Fact::Cookie(name) => self.cookies.get(name)?.as_deref(),
            Fact::City => self.geo.city.as_deref(),
            Fact::Country => self.geo.country.as_deref(),
            Fact::CountryName => self.geo.country_name.as_deref(),
            Fact::Region => self.geo.region.as_deref(),
            Fact::Continent => self.geo.continent.as_deref(),
            Fact::DeviceClass => self.device.class,
            Fact::DeviceOs => self.device.os,
            Fact::DeviceBrowser => self.device.browser,
            Fact::PagePath => self.path.as_deref(),
            Fact::PageHost => self.host.as_deref(),
            Fact::Language => self.language.as_deref(),
        }
    }
}

/// The tag that an `Accept-Language` header begins with; `*` is none. 35 characters hold every tag that RFC 5646
/// (section 4.4.1) asks for.
fn first_language(header: &str) -> Option<String> {
    let tag = header.split([',', ';']).next().unwrap_or_default().trim();
    let fits = (1..=35).contains(&tag.len())
        && tag.starts_with(|c: char| c.is_ascii_alphabetic())
        && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fits.then(|| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(facts: &Facts, name: &str, expected: Option<&str>) {
        let fact = Fact::parse(name).unwrap();
        assert_eq!(facts.value(&fact), expected, "{name}");
    }

    #[test]
    fn of_an_address() {
        let page = Page::parse(
            "https://Shop.example.com/caf%C3%A9?a=one&a=two&b=spring+sale%21&c=&c=late&d&%65=named&f=%FF&g=%2&_edgewise=t",
        );
        let facts = Facts::of_page(&page.unwrap());
        check(&facts, "query.a", Some("one"));
        check(&facts, "query.b", Some("spring sale!"));
        check(&facts, "query.c", None);
        check(&facts, "query.d", None);
        check(&facts, "query.e", Some("named"));
        check(&facts, "query.f", None);
        check(&facts, "query.g", Some("%2"));
        check(&facts, "query.A", None);
        check(&facts, "page.path", Some("/café"));
        check(&facts, "page.host", Some("shop.example.com"));
        assert!(!facts.query.contains_key(FORCED_PARAMETER));
    }

    #[test]
    fn of_headers() {
        let headers = [
            ("Cookie", "plan=team; edgewise=1.alice; plan=other"),
            ("cookie", "city=\"K%C3%B6ln\"; odd=%ff; edgewise_qa=t"),
            ("Accept-Language", " de-CH;q=1, de"),
            ("accept-language", "fr"),
            ("X-Other", "plan=x"),
        ];
        let facts = Facts::default().with_headers(headers);
        check(&facts, "cookie.plan", Some("team"));
        check(&facts, "cookie.city", Some("Köln"));
        check(&facts, "cookie.odd", None);
        check(&facts, "language", Some("de-CH"));
        check(&facts, "device.class", None);
        assert_eq!(facts.cookies.len(), 3);
        check(
            &Facts::default().with_headers([("accept-language", "*")]),
            "language",
            None,
        );
        check(
            &Facts::default().with_headers([("accept-language", "<b>")]),
            "language",
            None,
        );
    }

    #[test]
    fn names() {
        assert_eq!(Fact::parse("cookie.edgewise"), Err(NoFact::Ours));
        assert_eq!(Fact::parse("cookie.edgewise_qa"), Err(NoFact::Ours));
        assert_eq!(Fact::parse("query._edgewise"), Err(NoFact::Ours));
        for name in ["", "query", "query.", "query.a b", "geo.town", "Geo.city", "geo"] {
            assert_eq!(Fact::parse(name), Err(NoFact::Unknown), "{name}");
        }
        for name in FACTS.split([',', ' ']).filter(|name| !matches!(*name, "" | "and")) {
            assert!(Fact::parse(name).is_ok(), "{name}");
        }
        for name in Geo::FIELDS {
            assert!(Geo::default().field_mut(name).is_some());
            assert!(Fact::parse(&format!("geo.{name}")).is_ok());
        }
    }
}
