//! Where a visit comes from: by the page's query, else by the `Referer`.
//!
//! 1. A query that somebody tagged is a **campaign**: `utm_source`, `utm_medium` or `utm_campaign`, or the number of a click
//!    that was paid for (`gclid`, `msclkid`, `li_fat_id` ...). Its name is `utm_source`, else who sold the click.
//!    Whether the medium is `email`, `organic` or `social` does not matter: a tag is a campaign of whoever wrote it. One
//!    exception: assistants tag their links themselves, so `utm_source=chatgpt.com` without a campaign is **ai**.
//! 2. Some numbers are put on every link, whether paid for or not, so they only tell the place: `fbclid` and `igsh` are
//!    **social**, `srsltid` (free product listings) is **search**.
//! 3. A referrer on `data/sources.tsv` is **search**, **social**, **ai**, or a **referral** with a name of its own (as
//!    webmail is). Any other one is a referral, named by its host; none is **direct**.
//! 4. A referrer of the same site says nothing: the visit began before.
//!
//! Sites are the same if they share a host, or the part of it that somebody registers. That part is guessed: two labels, or
//! three where the last two look like `co.uk` or belong to a known place of many sites. The whole Public Suffix List would
//! be larger than the engine's other lists together.

use std::borrow::Cow;

use super::decode::clean;
use crate::lines::{Lines, count, first_bytes};

const TEXT: &str = include_str!("../../data/sources.tsv");
const COUNT: usize = count(TEXT);
/// Host, reach, kind and name.
static PLACES: Lines<COUNT> = Lines::of(TEXT);

/// The most bytes of a referrer that are read: its host stands in them.
const MAX_READ: usize = 2_048;

/// The most bytes of a host (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;

/// What sort of place a visit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SourceKind {
    /// A link that somebody tagged or paid for.
    Campaign,
    /// A search engine, unpaid.
    Search,
    /// A social network, unpaid.
    Social,
    /// An assistant that answers in words.
    Ai,
    /// Another site.
    Referral,
    /// Nothing is said: typed, bookmarked, or hidden by the page before.
    Direct,
}

impl SourceKind {
    /// All kinds.
    pub(crate) const ALL: [Self; 6] = [
        Self::Campaign,
        Self::Search,
        Self::Social,
        Self::Ai,
        Self::Referral,
        Self::Direct,
    ];

    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Search => "search",
            Self::Social => "social",
            Self::Ai => "ai",
            Self::Referral => "referral",
            Self::Direct => "direct",
        }
    }

    /// A letter for it, for our cookie.
    pub(crate) fn letter(self) -> char {
        match self {
            Self::Campaign => 'c',
            Self::Search => 's',
            Self::Social => 'o',
            Self::Ai => 'a',
            Self::Referral => 'r',
            Self::Direct => 'd',
        }
    }

    /// The kind that a letter is for.
    pub(crate) fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.letter() == letter)
    }

    /// The kind that a word is for.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where a visit comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The sort of place.
    pub(crate) kind: SourceKind,
    /// The place: `Google`, the campaign's `utm_source`, or the host of a site without `www.`. At most 253 characters.
    pub(crate) name: Option<Cow<'static, str>>,
}

/// Parameters that a click was paid for with, and to whom.
const PAID: &[(&str, &str)] = &[
    ("gclid", "Google"),
    ("gbraid", "Google"),
    ("wbraid", "Google"),
    ("gad_campaignid", "Google"),
    ("gad_source", "Google"),
    ("dclid", "Google"),
    ("msclkid", "Bing"),
    ("yclid", "Yandex"),
    ("ttclid", "TikTok"),
    ("li_fat_id", "LinkedIn"),
    ("twclid", "X"),
    ("rdt_cid", "Reddit"),
    ("epik", "Pinterest"),
    ("ScCid", "Snapchat"),
    ("tblci", "Taboola"),
    ("dicbo", "Outbrain"),
    ("irclickid", "Impact"),
    ("cjevent", "CJ"),
    ("awc", "Awin"),
    ("mc_cid", "Mailchimp"),
    ("_kx", "Klaviyo"),
    ("_hsenc", "HubSpot"),
];

/// Parameters that stand on every link of a place.
const UNPAID: &[(&str, SourceKind, &str)] = &[
    ("fbclid", SourceKind::Social, "Facebook"),
    ("igsh", SourceKind::Social, "Instagram"),
    ("igshid", SourceKind::Social, "Instagram"),
    ("srsltid", SourceKind::Search, "Google"),
];

/// What assistants write as `utm_source`.
const ASSISTANTS: &[(&str, &str)] = &[
    ("chatgpt", "ChatGPT"),
    ("chatgpt.com", "ChatGPT"),
    ("openai", "ChatGPT"),
    ("openai.com", "ChatGPT"),
    ("perplexity", "Perplexity"),
    ("perplexity.ai", "Perplexity"),
    ("claude", "Claude"),
    ("claude.ai", "Claude"),
    ("gemini", "Gemini"),
    ("gemini.google.com", "Gemini"),
    ("copilot", "Copilot"),
    ("copilot.com", "Copilot"),
    ("copilot.microsoft.com", "Copilot"),
    ("deepseek", "DeepSeek"),
    ("grok", "Grok"),
    ("grok.com", "Grok"),
    ("mistral", "Mistral"),
    ("you.com", "You.com"),
];

impl Source {
    /// Where a visit comes from. `query` gives the first value of a parameter of the page's query, decoded; `referrer` is
    /// the `Referer` header as it was sent, and `page_host` the page's host, in small letters. None if the visitor comes
    /// from the same site: then it is what the visit's first page said.
    pub(crate) fn of<'q>(
        query: impl Fn(&str) -> Option<&'q str>,
        referrer: Option<&str>,
        page_host: &str,
    ) -> Option<Self> {
        let by_query = Self::tagged(&query);
        if by_query.is_some() {
            return by_query;
        }
        let referred = Self::referred(referrer.unwrap_or_default(), page_host);
        let unpaid = UNPAID.iter().find(|(name, ..)| filled(&query, name).is_some());
        match (unpaid, referred) {
            // Instagram's links carry Facebook's parameter.
            (Some((_, kind, _)), Some(place)) if place.kind == *kind => Some(place),
            (Some((_, kind, name)), _) => Some(Self::named(*kind, name)),
            (None, referred) => referred,
        }
    }

    fn named(kind: SourceKind, name: &'static str) -> Self {
        Self { kind, name: Some(Cow::Borrowed(name)) }
    }

    fn tagged<'q>(query: &impl Fn(&str) -> Option<&'q str>) -> Option<Self> {
        let tag = |name| filled(query, name);
        let (source, medium) = (tag("utm_source"), tag("utm_medium"));
        let campaign = tag("utm_campaign");
        let paid = PAID.iter().find(|(name, _)| tag(name).is_some());
        if let (Some(source), None, None) = (source, campaign, paid) {
            let told = |(name, _): &&(&str, &str)| source.eq_ignore_ascii_case(name);
            if let Some((_, name)) = ASSISTANTS.iter().find(told) {
                return Some(Self::named(SourceKind::Ai, name));
            }
        }
        let name = match (source, paid) {
            (Some(source), _) => clean(source).map(Cow::Owned),
            (None, Some((_, seller))) => Some(Cow::Borrowed(*seller)),
            (None, None) => None,
        };
        let is_tagged = source.or(medium).or(campaign).is_some() || paid.is_some();
        is_tagged.then_some(Self { kind: SourceKind::Campaign, name })
    }

    fn referred(referrer: &str, page_host: &str) -> Option<Self> {
        let direct = Self { kind: SourceKind::Direct, name: None };
        let referrer = first_bytes(referrer, MAX_READ).trim_ascii();
        if let Some(app) = referrer.strip_prefix("android-app://") {
            let app = app.split(['/', '?', '#']).next().unwrap_or_default();
            let line = find(&b"android-app://".iter().chain(app.as_bytes()));
            let place = line.and_then(|line| Place::of(line).map(Place::source));
            return Some(place.or_else(|| Self::site(app)).unwrap_or(direct));
        }
        let Some(host) = host(referrer) else { return Some(direct) };
        if is_same_site(&host, page_host) {
            return None;
        }
        let place = place(&host).map(Place::source);
        Some(place.or_else(|| Self::site(&host)).unwrap_or(direct))
    }

    /// Another site, named by its host.
    fn site(host: &str) -> Option<Self> {
        let host = host.strip_prefix("www.").unwrap_or(host);
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let fits = (1..=MAX_HOST).contains(&host.len()) && host.bytes().all(fits);
        let name = Some(Cow::Owned(host.to_owned()));
        fits.then_some(Self { kind: SourceKind::Referral, name })
    }
}

/// A parameter that is not left empty.
fn filled<'q>(query: &impl Fn(&str) -> Option<&'q str>, name: &str) -> Option<&'q str> {
    query(name).filter(|value| !value.trim().is_empty())
}

/// The host of an address of the web, in small letters, without a dot at its end.
fn host(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    (1..=MAX_HOST).contains(&host.len()).then(|| host.to_ascii_lowercase())
}

/// A line of the list.
#[derive(Clone, Copy)]
struct Place {
    /// Whether hosts below it are the same place.
    is_deep: bool,
    kind: SourceKind,
    name: &'static str,
}

impl Place {
    fn of(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t').skip(1);
        let is_deep = columns.next()? == "below";
        Some(Self {
            is_deep,
            kind: SourceKind::parse(columns.next()?)?,
            name: columns.next()?,
        })
    }

    fn source(self) -> Source {
        Source::named(self.kind, self.name)
    }
}

/// The place a host belongs to: by the longest end of it that is listed.
fn place(host: &str) -> Option<Place> {
    let bare =
        ["www.", "m.", "mobile."].iter().find_map(|front| host.strip_prefix(front));
    let bare = bare.unwrap_or(host);
    let mut end = host;
    loop {
        let listed = find(&end.as_bytes().iter()).or_else(|| {
            let (label, rest) = end.split_once('.')?;
            is_public(rest).then(|| find(&label.as_bytes().iter().chain(b".*")))?
        });
        let listed = listed.and_then(Place::of);
        if let Some(place) =
            listed.filter(|place| place.is_deep || end.len() >= bare.len())
        {
            return Some(place);
        }
        end = end.split_once('.')?.1;
    }
}

/// The line with that host.
fn find<'a>(host: &(impl Iterator<Item = &'a u8> + Clone)) -> Option<&'static str> {
    let (mut low, mut high) = (0, COUNT);
    while low < high {
        let middle = low.midpoint(high);
        let line = PLACES.line(middle);
        let listed = line.split('\t').next().unwrap_or_default();
        match listed.as_bytes().iter().cmp(host.clone()) {
            std::cmp::Ordering::Equal => return Some(line),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

/// Labels below which countries let register, as the `co` of `co.uk`.
const SECOND_LEVEL: &[&str] = &[
    "ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "gv", "ltd", "me", "mil", "ne",
    "net", "nom", "or", "org", "plc", "sch",
];

/// Where many sites of different owners stand side by side.
const SHARED: &[&str] = &[
    "azurewebsites.net",
    "blogspot.com",
    "cloudfront.net",
    "edgecompute.app",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "myshopify.com",
    "netlify.app",
    "onrender.com",
    "pages.dev",
    "squarespace.com",
    "tumblr.com",
    "vercel.app",
    "web.app",
    "webflow.io",
    "wixsite.com",
    "wordpress.com",
    "workers.dev",
];

/// Whether anybody may register below it, by its looks: `de`, `co.uk`.
fn is_public(end: &str) -> bool {
    match end.split_once('.') {
        None => !end.is_empty(),
        Some((second, country)) => country.len() == 2 && SECOND_LEVEL.contains(&second),
    }
}

/// Whether two hosts, in small letters, belong to one site.
fn is_same_site(one: &str, other: &str) -> bool {
    one == other
        || matches!((site_of(one), site_of(other)), (Some(one), Some(other)) if one == other)
}

/// The part of a host that somebody registered; none of a number (RFC 3986, section 3.2.2) or a single label.
fn site_of(host: &str) -> Option<&str> {
    let mut labels = host.rmatch_indices('.').map(|(at, _)| at);
    let last = labels.next()?;
    if host[last + 1..].bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let two = labels.next().map_or(0, |at| at + 1);
    if !is_public(&host[two..]) && !SHARED.contains(&&host[two..]) {
        return Some(&host[two..]);
    }
    let three = labels.next().map_or(0, |at| at + 1);
    (three < two).then(|| &host[three..])
}

#[cfg(test)]
mod tests;
