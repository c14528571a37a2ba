//! What a visit tells about itself, for conditions and for the copy of a change. Everything here was sent by a visitor, so
//! it is decoded once, bounded and cleaned at this door; what it may do in a page is decided where it lands (`token`).
//!
//! Nothing is read before it is asked for: a datafile whose experiments ask for nothing costs nothing.

mod bots;
mod decode;
mod device;
mod fact;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use self::decode::{clean, percent_decoded, query_decoded};
use self::device::Device;
pub use self::fact::{Fact, Named, NoFact};
pub(crate) use self::fact::{all_facts, facts_for_copy};
use crate::comparison::Value;
use crate::cookie::{self, is_ours};
use crate::forced::FORCED_PARAMETER;
use crate::history::History;
use crate::page::Page;
use crate::time::{Moment, Zone};

/// The most characters of a fact that copy shows.
pub const MAX_FACT: usize = 200;

/// The longest text that is compared, bytes; what is longer is not known.
const MAX_TEXT: usize = 4_096;

/// The most parameters, and the most cookies, that are looked at; of what stands behind them nothing is known.
const MAX_PAIRS: usize = 1_000;

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
    /// What the clocks there show more than UTC, in minutes.
    pub utc_offset: Option<i32>,
}

impl Geo {
    /// The names of the fields that are texts.
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

/// What the host knows of a request beside its address. Each is asked for once at most, and only where something depends
/// on it.
pub trait Host {
    /// The values of the request header of that name, which is in lower case: one for each line, as they came.
    fn header(&self, name: &str) -> Vec<String>;

    /// Where the visitor seems to be.
    fn geo(&self) -> Geo {
        Geo::default()
    }

    /// What the host's own catalogue of devices says of a `User-Agent`, if it has one: `phone`, `tablet`, `desktop` ...
    fn device_class(&self, user_agent: &str) -> Option<&'static str> {
        let _ = user_agent;
        None
    }

    /// Whether the host has found out that a program asks.
    fn is_bot(&self) -> Option<bool> {
        None
    }
}

/// The first value of each name; none where it is no text. The names beyond [`MAX_PAIRS`] are not in it.
#[derive(Debug, Default)]
struct Pairs {
    values: BTreeMap<String, Option<String>>,
    cut: bool,
}

impl Pairs {
    fn read(pairs: impl Iterator<Item = (Option<String>, Option<String>)>) -> Self {
        let mut read = Self::default();
        for (count, (name, value)) in pairs.enumerate() {
            if count == MAX_PAIRS {
                read.cut = true;
                break;
            }
            if let Some(name) = name {
                read.values.entry(name).or_insert(value);
            }
        }
        read
    }

    fn value(&self, name: &str) -> Value<'_> {
        match self.values.get(name) {
            Some(Some(text)) if text.len() <= MAX_TEXT => {
                Value::Text(Cow::Borrowed(text))
            }
            Some(_) => Value::Unknown,
            None if self.cut => Value::Unknown,
            None => Value::Absent,
        }
    }
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
#[derive(Default)]
pub struct Facts<'h> {
    page: Option<Page>,
    host: Option<&'h dyn Host>,
    /// Names in lower case. Said outright; then the host is not asked for any.
    headers: Option<Vec<(String, String)>>,
    geo: OnceCell<Geo>,
    now: Option<Moment>,
    /// What the cookie said.
    before: Option<History>,
    query: OnceCell<Pairs>,
    cookies: OnceCell<Pairs>,
    path: OnceCell<Option<String>>,
    device: OnceCell<Device>,
    language: OnceCell<Option<String>>,
    history: OnceCell<Option<History>>,
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts").field("page", &self.page).finish_non_exhaustive()
    }
}

impl<'h> Facts<'h> {
    /// What the address tells.
    pub fn of_page(page: &Page) -> Self {
        Self { page: Some(page.clone()), ..Self::default() }
    }

    /// What the host tells when it is asked, of what is not said by the other methods.
    #[must_use]
    pub fn with_host(mut self, host: &'h dyn Host) -> Self {
        self.host = Some(host);
        self
    }

    /// What the request's headers tell: each with its name, in any case, and its value.
    #[must_use]
    pub fn with_headers<'a>(
        mut self,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let lower =
            |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.to_owned());
        self.headers = Some(headers.into_iter().map(lower).collect());
        self
    }

    /// Where the visitor seems to be.
    #[must_use]
    pub fn with_geo(mut self, geo: &Geo) -> Self {
        self.geo = OnceCell::from(geo.clone());
        self
    }

    /// When the page was asked for.
    #[must_use]
    pub fn at(mut self, now: Moment) -> Self {
        self.now = Some(now);
        self
    }

    /// What the visitor's cookie remembers; nothing for somebody new.
    #[must_use]
    pub fn with_history(mut self, before: Option<History>) -> Self {
        self.before = before;
        self
    }

    /// When the page was asked for, if that was said.
    pub fn now(&self) -> Option<Moment> {
        self.now
    }

    /// The history to be remembered, this page included; none where the time is not known.
    pub fn history(&self) -> Option<&History> {
        let with_page = || {
            let source = None;
            Some(History::with_page(self.before.as_ref(), self.now?, source))
        };
        self.history.get_or_init(with_page).as_ref()
    }

    /// The values of a header, whose name is in lower case; several as they came.
    fn headers(&self, name: &str) -> Vec<Cow<'_, str>> {
        match (&self.headers, self.host) {
            (Some(headers), _) => {
                let named = headers.iter().filter(|(header, _)| header == name);
                named.map(|(_, value)| Cow::Borrowed(value.as_str())).collect()
            }
            (None, Some(host)) => host.header(name).into_iter().map(Cow::Owned).collect(),
            (None, None) => Vec::new(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers(name).into_iter().next()
    }

    fn whole_header(&self, name: &str) -> Value<'_> {
        let mut values = self.headers(name).into_iter();
        let Some(mut whole) = values.next() else { return Value::Absent };
        for value in values {
            let whole = whole.to_mut();
            whole.push_str(", ");
            whole.push_str(&value);
        }
        if whole.len() <= MAX_TEXT { Value::Text(whole) } else { Value::Unknown }
    }

    pub(crate) fn geo(&self) -> &Geo {
        self.geo.get_or_init(|| self.host.map(Host::geo).unwrap_or_default())
    }

    fn query(&self) -> &Pairs {
        self.query.get_or_init(|| {
            let query = self.page.as_ref().map_or("", Page::query);
            let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let name = query_decoded(name).filter(|name| name != FORCED_PARAMETER);
                (name, query_decoded(value))
            });
            Pairs::read(pairs)
        })
    }

    fn cookies(&self) -> &Pairs {
        self.cookies.get_or_init(|| {
            let lines = self.headers("cookie");
            let pairs = cookie::pairs(lines.iter().map(AsRef::as_ref));
            let pairs = pairs.filter(|(name, _)| !is_ours(name)).map(|(name, value)| {
                // Most libraries write quotes and percent signs around what a cookie cannot carry.
                let bare = value
                    .strip_prefix('"')
                    .and_then(|rest| rest.strip_suffix('"'))
                    .unwrap_or(value);
                (Some(name.to_owned()), percent_decoded(bare))
            });
            Pairs::read(pairs)
        })
    }

    fn path(&self) -> Option<&str> {
        let decoded = || percent_decoded(self.page.as_ref()?.path());
        self.path.get_or_init(decoded).as_deref()
    }

    fn device(&self) -> &Device {
        self.device.get_or_init(|| {
            self.header("user-agent").map(|text| Device::of(&text)).unwrap_or_default()
        })
    }

    fn language(&self) -> Option<&str> {
        let first = || first_language(&self.header("accept-language")?);
        self.language.get_or_init(first).as_deref()
    }

    /// What the visit tells about a fact, for conditions. `zone` is the site's.
    pub(crate) fn known(&self, fact: &Fact, zone: &Zone) -> Value<'_> {
        match fact {
            Fact::Query(name) => self.query().value(name),
            Fact::Cookie(name) => self.cookies().value(name),
            Fact::Header(name) => self.whole_header(name),
            Fact::Named(named) => {
                self.known_by_name(*named, zone).unwrap_or(Value::Unknown)
            }
        }
    }

    fn known_by_name(&self, named: Named, zone: &Zone) -> Option<Value<'_>> {
        let number = |number: u32| Value::Number(number.into());
        let found = match named {
            Named::City => self.geo().city.as_deref()?,
            Named::Region => self.geo().region.as_deref()?,
            Named::Country => self.geo().country.as_deref()?,
            Named::CountryName => self.geo().country_name.as_deref()?,
            Named::Continent => self.geo().continent.as_deref()?,
            Named::DeviceClass => self.device().class?,
            Named::DeviceOs => self.device().os?,
            Named::DeviceOsVersion => return None,
            Named::DeviceBrowser => self.device().browser?,
            Named::DeviceBrowserVersion => return None,
            Named::PagePath => self.path()?,
            Named::PageHost => self.page.as_ref()?.host(),
            Named::PageQuery => self.page.as_ref()?.query(),
            Named::Language => self.language()?,
            Named::Languages => return Some(Value::Tags(vec![self.language()?])),
            Named::ReferrerUrl => return Some(self.whole_header("referer")),
            Named::ReferrerHost => match self.header("referer") {
                None => return Some(Value::Absent),
                Some(url) => {
                    let host = Page::parse(&url).ok()?.host().to_owned();
                    return Some(Value::Text(Cow::Owned(host)));
                }
            },
            Named::Source => return None,
            Named::SourceName => return None,
            Named::VisitorType => {
                if self.visits() == 1 {
                    "new"
                } else {
                    "returning"
                }
            }
            Named::VisitorVisits => return Some(number(self.visits())),
            Named::VisitorDays => {
                return self.history()?.days(self.now?).map(number);
            }
            Named::Now => return self.now.map(Value::Moment),
            Named::SiteWeekday => zone.local(self.now?).weekday.as_str(),
            Named::SiteHour => return Some(number(zone.local(self.now?).hour.into())),
            Named::VisitorWeekday => {
                self.visitor_zone()?.local(self.now?).weekday.as_str()
            }
            Named::VisitorHour => {
                let hour = self.visitor_zone()?.local(self.now?).hour;
                return Some(number(hour.into()));
            }
        };
        (found.len() <= MAX_TEXT).then_some(Value::Text(Cow::Borrowed(found)))
    }

    /// Whether a program asks, not a person. A request without a `User-Agent` is no browser's; where nobody said which
    /// headers there are, nothing speaks against a person.
    pub(crate) fn is_bot(&self) -> bool {
        if let Some(found) = self.host.and_then(Host::is_bot) {
            return found;
        }
        match self.header("user-agent") {
            Some(user_agent) => bots::is_bot(&user_agent),
            None => self.host.is_some() && self.headers.is_none(),
        }
    }

    fn visitor_zone(&self) -> Option<Zone> {
        Zone::fixed(self.geo().utc_offset?)
    }

    /// How many visits there have been, this one included.
    fn visits(&self) -> u32 {
        let known = self.history().or(self.before.as_ref());
        known.map_or(1, History::visits)
    }

    /// What copy may show of a fact.
    pub(crate) fn value(&self, fact: &Fact) -> Option<String> {
        match self.known(fact, &Zone::default()) {
            Value::Text(text) => clean(&text),
            _ => None,
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
    fn check(facts: &Facts<'_>, name: &str, expected: Option<&str>) {
        let fact = Fact::parse(name).unwrap();
        assert_eq!(facts.value(&fact).as_deref(), expected, "{name}");
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
        assert!(!facts.query().values.contains_key(FORCED_PARAMETER));
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
        assert_eq!(facts.cookies().values.len(), 3);
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
}
