//! What a visit tells about itself, for conditions and for the copy of a change. Everything here was sent by a visitor, so
//! it is decoded once, bounded and cleaned at this door; what it may do in a page is decided where it lands (`token`).
//!
//! Nothing is read before it is asked for: a datafile whose experiments ask for nothing costs nothing.

mod bots;
mod decode;
mod device;
mod fact;
mod host;
mod source;

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use self::decode::{clean, percent_decoded, query_decoded};
use self::device::{Device, Hints};
pub use self::fact::{Fact, Named, NoFact};
pub(crate) use self::fact::{all_facts, facts_for_copy, nearest_fact};
pub use self::host::{Geo, Host};
use self::source::{Source, SourceKind};
use crate::comparison::Value;
use crate::cookie::{self, is_ours};
use crate::forced::FORCED_PARAMETER;
use crate::history::History;
use crate::language::{Language, accepted};
use crate::page::{InvalidUrl, Page};
use crate::time::{Moment, Zone};

/// The most characters of a fact that copy shows.
pub const MAX_FACT: usize = 200;

/// The longest text that is compared, bytes; what is longer is not known.
const MAX_TEXT: usize = 4_096;

/// The most parameters, and the most cookies, that are looked at; of what stands behind them nothing is known.
const MAX_PAIRS: usize = 1_000;

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
            Some(_) => Value::Unreadable,
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
    headers: Option<Vec<(Cow<'h, str>, Cow<'h, str>)>>,
    geo: OnceCell<Geo>,
    now: Option<Moment>,
    /// What the cookie said.
    before: Option<History>,
    query: OnceCell<Pairs>,
    cookies: OnceCell<Pairs>,
    path: OnceCell<Option<String>>,
    device: OnceCell<Device>,
    languages: OnceCell<Vec<Language>>,
    source: OnceCell<Option<Source>>,
    /// Headers that conditions asked for, whole, and the host of the referring page: several thousand may ask for one.
    asked: RefCell<BTreeMap<String, Option<String>>>,
    referrer_host: OnceCell<Option<Result<String, InvalidUrl>>>,
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
    pub fn with_headers<N, V>(mut self, headers: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<Cow<'h, str>>,
        V: Into<Cow<'h, str>>,
    {
        let lower = |(name, value): (N, V)| {
            let mut name = name.into();
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                name.to_mut().make_ascii_lowercase();
            }
            (name, value.into())
        };
        self.headers = Some(headers.into_iter().map(lower).collect());
        self
    }

    /// Where the visitor seems to be.
    #[must_use]
    pub fn with_geo(mut self, geo: impl Into<Geo>) -> Self {
        self.geo = OnceCell::from(geo.into());
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
            let source = self.own_source().map(|source| source.kind.letter());
            Some(History::with_page(self.before.as_ref(), self.now?, source))
        };
        self.history.get_or_init(with_page).as_ref()
    }

    /// The values of a header, whose name is in lower case; several as they came.
    fn headers(&self, name: &str) -> Vec<Cow<'_, str>> {
        match (&self.headers, self.host) {
            (Some(headers), _) => {
                let named = headers.iter().filter(|(header, _)| header == name);
                named.map(|(_, value)| Cow::Borrowed(&**value)).collect()
            }
            (None, Some(host)) => host.header(name).into_iter().map(Cow::Owned).collect(),
            (None, None) => Vec::new(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        match &self.headers {
            Some(headers) => {
                let (_, value) = headers.iter().find(|(header, _)| header == name)?;
                Some(Cow::Borrowed(&**value))
            }
            None => self.headers(name).into_iter().next(),
        }
    }

    fn whole_header(&self, name: &str) -> Value<'_> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains_key(name) {
            let values = self.headers(name);
            let whole = (!values.is_empty()).then(|| values.join(", "));
            asked.insert(name.to_owned(), whole);
        }
        match asked.get(name) {
            Some(Some(whole)) if whole.len() <= MAX_TEXT => {
                Value::Text(Cow::Owned(whole.clone()))
            }
            Some(Some(_)) => Value::Unreadable,
            Some(None) | None => Value::Absent,
        }
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
            let [user_agent, brands, full_versions, mobile, platform, version, form] = [
                "user-agent",
                "sec-ch-ua",
                "sec-ch-ua-full-version-list",
                "sec-ch-ua-mobile",
                "sec-ch-ua-platform",
                "sec-ch-ua-platform-version",
                "sec-ch-ua-form-factors",
            ]
            .map(|name| self.header(name));
            let user_agent = user_agent.as_deref();
            let mut device = Device::of(&Hints {
                user_agent,
                brands: brands.as_deref(),
                full_versions: full_versions.as_deref(),
                mobile: mobile.as_deref(),
                platform: platform.as_deref(),
                platform_version: version.as_deref(),
                form_factors: form.as_deref(),
            });
            if let (Some(host), Some(user_agent)) = (self.host, user_agent)
                && let Some(class) = host.device_class(user_agent)
            {
                device.class = Some(class);
            }
            device
        })
    }

    /// None where there is no referring page; and a host unless its address cannot be read.
    fn referrer_host(&self) -> Option<&Result<String, InvalidUrl>> {
        let read = || {
            let url = self.header("referer")?;
            Some(Page::parse(&url).map(|page| page.host().to_owned()))
        };
        self.referrer_host.get_or_init(read).as_ref()
    }

    fn languages(&self) -> &[Language] {
        let read = || self.header("accept-language").map(|header| accepted(&header));
        self.languages.get_or_init(|| read().unwrap_or_default())
    }

    /// What led to this page; none if another page of the site did.
    fn own_source(&self) -> Option<&Source> {
        let read = || {
            let page = self.page.as_ref()?;
            let query = self.query();
            let value = |name: &str| query.values.get(name)?.as_deref();
            Source::of(value, self.header("referer").as_deref(), page.host())
        };
        self.source.get_or_init(read).as_ref()
    }

    /// What led to this visit: what led to this page, or where that says nothing, what led to the visit's first page.
    fn source(&self) -> Option<SourceKind> {
        let own = self.own_source().map(|source| source.kind);
        let told = own.filter(|kind| *kind != SourceKind::Direct);
        let first = || self.history()?.source().and_then(SourceKind::of_letter);
        told.or_else(first).or(own)
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
            Named::DeviceOsVersion => self.device().os_version.as_deref()?,
            Named::DeviceBrowser => self.device().browser?,
            Named::DeviceBrowserVersion => self.device().browser_version.as_deref()?,
            Named::PagePath => self.path()?,
            Named::PageHost => self.page.as_ref()?.host(),
            Named::PageQuery => self.page.as_ref()?.query(),
            Named::Language => return Some(Value::Tags(self.languages().get(..1)?)),
            Named::Languages => {
                let languages = Some(self.languages());
                return languages.filter(|all| !all.is_empty()).map(Value::Tags);
            }
            Named::ReferrerUrl => return Some(self.whole_header("referer")),
            Named::ReferrerHost => match self.referrer_host() {
                Some(host) => host.as_deref().ok()?,
                None => return Some(Value::Absent),
            },
            Named::Source => self.source()?.as_str(),
            Named::SourceName => match self.own_source() {
                Some(source) => match &source.name {
                    Some(name) => name,
                    None => return Some(Value::Absent),
                },
                None => return None,
            },
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
        let readable = found.len() <= MAX_TEXT;
        Some(if readable { Value::Text(Cow::Borrowed(found)) } else { Value::Unreadable })
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
            Value::Tags(languages) => Some(languages.first()?.as_str().to_owned()),
            _ => None,
        }
    }
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
