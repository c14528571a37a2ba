//! The names of facts, in copy and in conditions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cookie::is_ours;
use crate::distance::nearest;
use crate::forced::FORCED_PARAMETER;
use crate::page::Case;

/// The longest name of a parameter, cookie or header, bytes.
const MAX_NAME: usize = 100;

/// One fact, named as `query.utm_campaign` or `geo.city`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Fact {
    /// The first value of a query parameter.
    Query(String),
    /// The first value of a cookie.
    Cookie(String),
    /// The values of a request header, whose name is in lower case.
    Header(String),
    /// One of those that have a name of their own.
    Named(Named),
}

macro_rules! named_facts {
    ($($(#[$doc:meta])* $variant:ident $name:literal $case:ident $use:ident),* $(,)?) => {
        /// The facts that have a name of their own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Named {
            $($(#[$doc])* $variant),*
        }

        impl Named {
            /// All of them, in the order in which people are told.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As people write it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }

            fn case(self) -> Case {
                match self {
                    $(Self::$variant => Case::$case),*
                }
            }

            /// Whether copy may show it, or conditions only ask for it.
            fn is_for_copy(self) -> bool {
                match self {
                    $(Self::$variant => Use::$use == Use::Copy),*
                }
            }
        }
    };
}

/// What a fact is for.
#[derive(PartialEq, Eq)]
enum Use {
    /// Copy and conditions.
    Copy,
    /// Conditions only: it is none of the page's business, or means nothing to a reader.
    Conditions,
}

named_facts! {
    /// City or town, by the address of the connection.
    City "geo.city" Ignored Copy,
    /// The subdivision part of ISO 3166-2.
    Region "geo.region" Ignored Copy,
    /// ISO 3166-1, two letters.
    Country "geo.country" Ignored Copy,
    /// In English.
    CountryName "geo.country_name" Ignored Copy,
    /// Two letters.
    Continent "geo.continent" Ignored Copy,
    /// `phone`, `tablet`, `desktop` ...
    DeviceClass "device.class" Ignored Copy,
    /// The system.
    DeviceOs "device.os" Ignored Copy,
    /// Its version.
    DeviceOsVersion "device.os_version" Ignored Conditions,
    /// The browser.
    DeviceBrowser "device.browser" Ignored Copy,
    /// Its version.
    DeviceBrowserVersion "device.browser_version" Ignored Conditions,
    /// Decoded.
    PagePath "page.path" Kept Copy,
    /// In lower case.
    PageHost "page.host" Ignored Copy,
    /// As it was sent.
    PageQuery "page.query" Kept Conditions,
    /// The language that is wanted most.
    Language "language" Ignored Copy,
    /// Every language that is accepted.
    Languages "languages" Ignored Conditions,
    /// The address of the page that led here.
    ReferrerUrl "referrer.url" Kept Conditions,
    /// Its host, in lower case.
    ReferrerHost "referrer.host" Ignored Conditions,
    /// What kind of place led here: `campaign`, `search`, `social`, `ai`, `referral` or `direct`.
    Source "source" Ignored Conditions,
    /// Which search engine, network or assistant.
    SourceName "source.name" Ignored Conditions,
    /// `new` or `returning`.
    VisitorType "visitor.type" Ignored Conditions,
    /// How many visits there have been, this one included.
    VisitorVisits "visitor.visits" Kept Conditions,
    /// Whole days since the first visit.
    VisitorDays "visitor.days" Kept Conditions,
    /// `monday` to `sunday`, where the visitor is.
    VisitorWeekday "visitor.weekday" Ignored Conditions,
    /// 0 to 23, where the visitor is.
    VisitorHour "visitor.hour" Kept Conditions,
    /// `monday` to `sunday`, in the site's time zone.
    SiteWeekday "site.weekday" Ignored Conditions,
    /// 0 to 23, in the site's time zone.
    SiteHour "site.hour" Kept Conditions,
    /// The time of the request.
    Now "now" Kept Conditions,
}

impl Named {
    /// Every value it can have, if those are few.
    pub(crate) fn vocabulary(self) -> Option<&'static [&'static str]> {
        const WEEKDAYS: &[&str] = &[
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        Some(match self {
            Self::DeviceClass => {
                &["phone", "tablet", "desktop", "tv", "console", "other"]
            }
            Self::Source => &["campaign", "search", "social", "ai", "referral", "direct"],
            Self::Continent => &["AF", "AN", "AS", "EU", "NA", "OC", "SA"],
            Self::VisitorType => &["new", "returning"],
            Self::SiteWeekday | Self::VisitorWeekday => WEEKDAYS,
            _ => return None,
        })
    }
}

/// Why a name is not one of a fact that may be used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoFact {
    /// Nothing is called so.
    Unknown,
    /// It is Edgewise's own, or a secret between visitor and site.
    Ours,
    /// Copy cannot show it.
    NotForCopy,
}

/// Headers that nobody needs a condition on: they have facts of their own, or hold secrets.
const CLOSED_HEADERS: [&str; 4] =
    ["cookie", "authorization", "proxy-authorization", "edgewise"];

impl Fact {
    /// Reads a fact's name.
    pub fn parse(text: &str) -> Result<Self, NoFact> {
        let named = |name: &str| {
            let fits =
                |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
            ((1..=MAX_NAME).contains(&name.len()) && name.bytes().all(fits))
                .then(|| name.to_owned())
                .ok_or(NoFact::Unknown)
        };
        let closed = |ours: bool| if ours { Err(NoFact::Ours) } else { Ok(()) };
        if let Some(name) = text.strip_prefix("query.") {
            closed(name == FORCED_PARAMETER)?;
            return Ok(Self::Query(named(name)?));
        }
        if let Some(name) = text.strip_prefix("cookie.") {
            closed(is_ours(name))?;
            return Ok(Self::Cookie(named(name)?));
        }
        if let Some(name) = text.strip_prefix("header.") {
            let name = named(name)?.to_ascii_lowercase();
            closed(CLOSED_HEADERS.contains(&name.as_str()))?;
            return Ok(Self::Header(name));
        }
        let found = Named::ALL.iter().find(|named| named.as_str() == text);
        found.copied().map(Self::Named).ok_or(NoFact::Unknown)
    }

    /// Reads the name of a fact that copy may show.
    pub(crate) fn parse_for_copy(text: &str) -> Result<Self, NoFact> {
        let fact = Self::parse(text)?;
        let shown = match &fact {
            Self::Query(_) | Self::Cookie(_) => true,
            Self::Header(_) => false,
            Self::Named(named) => named.is_for_copy(),
        };
        if shown { Ok(fact) } else { Err(NoFact::NotForCopy) }
    }

    /// Whether every visit tells it.
    pub(crate) fn is_always_known(&self) -> bool {
        *self == Self::Named(Named::PageHost)
    }

    /// Whether conditions on it tell upper and lower case apart, if they do not say so themselves.
    pub(crate) fn case(&self) -> Case {
        match self {
            Self::Query(_) | Self::Cookie(_) | Self::Header(_) => Case::Kept,
            Self::Named(named) => named.case(),
        }
    }

    /// Whether it is told by our cookie, which then has to be there before the condition holds.
    pub(crate) fn is_of_visitor(&self) -> bool {
        use Named::{VisitorDays, VisitorType, VisitorVisits};
        matches!(self, Self::Named(VisitorType | VisitorVisits | VisitorDays))
    }
}

/// How the facts that copy may show are called, for people.
pub(crate) fn facts_for_copy() -> String {
    let named = Named::ALL.iter().filter(|named| named.is_for_copy());
    list(["query.NAME", "cookie.NAME"], named)
}

/// How all of them are called, for people.
pub(crate) fn all_facts() -> String {
    list(["query.NAME", "cookie.NAME", "header.NAME"], Named::ALL.iter())
}

/// The fact that `text` was perhaps to name.
pub(crate) fn nearest_fact(text: &str) -> Option<String> {
    let text: String = text.chars().take(MAX_NAME).collect();
    let text = text.to_lowercase().replace([' ', '-'], "_");
    let is_part = |name: &&str| name.split('.').any(|part| part == text);
    let names = || Named::ALL.iter().map(|named| named.as_str());
    if let Some(name) = nearest(&text, names()).or_else(|| names().find(is_part)) {
        return Some(name.to_owned());
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if text.starts_with("utm_") && text.bytes().all(plain) {
        return Some(format!("query.{text}"));
    }
    (text == "user_agent").then(|| "header.user-agent".to_owned())
}

fn list<'a, const N: usize>(
    first: [&'static str; N],
    named: impl Iterator<Item = &'a Named>,
) -> String {
    let mut names: Vec<_> =
        first.into_iter().chain(named.map(|named| named.as_str())).collect();
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(name) => write!(f, "query.{name}"),
            Self::Cookie(name) => write!(f, "cookie.{name}"),
            Self::Header(name) => write!(f, "header.{name}"),
            Self::Named(named) => f.write_str(named.as_str()),
        }
    }
}

impl From<Fact> for String {
    fn from(fact: Fact) -> Self {
        fact.to_string()
    }
}

impl TryFrom<String> for Fact {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|_| format!("{text:?} is not a fact"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in ["cookie.edgewise", "cookie.edgewise_qa", "query._edgewise"] {
            assert_eq!(Fact::parse(name), Err(NoFact::Ours), "{name}");
        }
        assert_eq!(Fact::parse("header.Cookie"), Err(NoFact::Ours));
        let long = format!("query.{}", "a".repeat(101));
        for name in ["", "query", "query.", "query.a b", "geo.town", "Geo.city", &long] {
            assert_eq!(Fact::parse(name), Err(NoFact::Unknown), "{name}");
        }
        for name in all_facts().split([',', ' ']).filter(|word| word.len() > 3) {
            let lower = |name: &str| name.to_ascii_lowercase();
            let fact = Fact::parse(name).unwrap();
            assert_eq!(lower(&fact.to_string()), lower(name));
        }
        for name in facts_for_copy().split([',', ' ']).filter(|word| word.len() > 3) {
            assert!(Fact::parse_for_copy(name).is_ok(), "{name}");
        }
        assert_eq!(Fact::parse_for_copy("header.x"), Err(NoFact::NotForCopy));
        assert_eq!(Fact::parse_for_copy("source"), Err(NoFact::NotForCopy));
    }
}
