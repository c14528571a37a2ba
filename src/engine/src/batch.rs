//! Decisions in bulk: a visit as a line of JSON in, its decisions as a line of JSON out. The same in every build, so that
//! a list of visits can be replayed wherever the engine runs.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess};
use serde::{Deserialize, Serialize};

use crate::assign::{Visit, assign};
use crate::cookie;
use crate::datafile::Datafile;
use crate::destination::Reach;
use crate::facts::{Facts, Geo};
use crate::forced::Forced;
use crate::key::{ExperimentKey, InvalidKey, VariantKey, VisitorId};
use crate::page::{InvalidUrl, Page};
use crate::sticky::Sticky;
use crate::time::Moment;

/// A visit, as it is written. Texts without escapes are not copied.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    visitor: Option<String>,
    #[serde(borrow)]
    url: Cow<'l, str>,
    #[serde(default, borrow)]
    headers: Headers<'l>,
    #[serde(default)]
    geo: Geo,
    at: Option<Moment>,
    #[serde(default)]
    explain: bool,
}

/// Each name with one value, or with several.
#[derive(Default)]
struct Headers<'l>(Vec<(Text<'l>, Text<'l>)>);

/// A text of the line. (Of serde's own, a `Cow` in another type is always copied.)
#[derive(Clone, Deserialize)]
#[serde(transparent)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

impl<'l> From<Text<'l>> for Cow<'l, str> {
    fn from(text: Text<'l>) -> Self {
        text.0
    }
}

impl<'de: 'l, 'l> Deserialize<'de> for Headers<'l> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadHeaders)
    }
}

struct ReadHeaders;

impl<'l> de::Visitor<'l> for ReadHeaders {
    type Value = Headers<'l>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the headers' names and values")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<Headers<'l>, A::Error> {
        let mut headers = Vec::with_capacity(8);
        while let Some(name) = map.next_key()? {
            map.next_value_seed(Values { name, headers: &mut headers })?;
        }
        Ok(Headers(headers))
    }
}

/// The values of one header: a text, or a list of texts.
struct Values<'l, 'h> {
    name: Text<'l>,
    headers: &'h mut Vec<(Text<'l>, Text<'l>)>,
}

impl<'l> DeserializeSeed<'l> for Values<'l, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'l> de::Visitor<'l> for Values<'l, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a header's value, or a list of them")
    }

    fn visit_borrowed_str<E>(self, value: &'l str) -> Result<(), E> {
        self.headers.push((self.name, Text(Cow::Borrowed(value))));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.headers.push((self.name, Text(Cow::Owned(value.to_owned()))));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'l>>(self, mut values: A) -> Result<(), A::Error> {
        while let Some(value) = values.next_element()? {
            self.headers.push((self.name.clone(), value));
        }
        Ok(())
    }
}

/// What comes out.
#[derive(Serialize)]
struct Decided<'a> {
    visitor: &'a VisitorId,
    decisions: Vec<Brief<'a>>,
}

#[derive(Serialize)]
struct Brief<'a> {
    experiment: &'a ExperimentKey,
    variant: Option<&'a VariantKey>,
    bucket: u16,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<String>,
}

/// Why a line is not a visit.
#[derive(Debug)]
#[non_exhaustive]
pub enum InvalidVisit {
    /// Not JSON, or not of a visit's shape.
    Shape(serde_json::Error),
    /// It names nobody.
    NoVisitor,
    /// Its visitor is none.
    Visitor(InvalidKey),
    /// Its address is none.
    Url(InvalidUrl),
}

impl fmt::Display for InvalidVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(error) => write!(f, "this is not a visit: {error}"),
            Self::NoVisitor => f.write_str(
                "who is the visitor? write \"visitor\", or a cookie header that names one",
            ),
            Self::Visitor(error) => error.fmt(f),
            Self::Url(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InvalidVisit {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Shape(error) => Some(error),
            Self::NoVisitor => None,
            Self::Visitor(error) => Some(error),
            Self::Url(error) => Some(error),
        }
    }
}

/// Decides a visit, written as `{"visitor": …, "url": …, "headers": {…}, "geo": {…}, "at": …}` in JSON, of which only `url`
/// and a visitor (said outright, or by the cookie) have to be there. `headers` has a text or a list of texts for each name;
/// `at` is RFC 3339. With `"explain": true`, each decision has its sentence.
///
/// ```
/// use edgewise_engine::{Datafile, decide_line};
/// let datafile = br#"{"schema_version": 1, "hash_version": 1, "revision": 7, "experiments": []}"#;
/// let datafile = Datafile::from_json(datafile).unwrap();
/// let line = decide_line(&datafile, br#"{"visitor": "ada", "url": "https://example.com/"}"#).unwrap();
/// assert_eq!(line, r#"{"visitor":"ada","decisions":[]}"#);
/// ```
pub fn decide_line(datafile: &Datafile, line: &[u8]) -> Result<String, InvalidVisit> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(InvalidVisit::Shape)?;
    let page = Page::parse(&line.url).map_err(InvalidVisit::Url)?;
    let headers = line.headers.0;
    let cookies =
        headers.iter().filter(|(name, _)| name.0.eq_ignore_ascii_case("cookie"));
    let remembered = cookie::remembered(cookies.map(|(_, value)| &*value.0));
    let (visitor, history) = match (line.visitor, remembered) {
        (Some(visitor), remembered) => {
            let visitor = VisitorId::new(visitor).map_err(InvalidVisit::Visitor)?;
            (visitor, remembered.map(|(_, history)| history))
        }
        (None, Some((visitor, history))) => (visitor, Some(history)),
        (None, None) => return Err(InvalidVisit::NoVisitor),
    };
    let mut facts = Facts::of_page(&page)
        .with_headers(headers)
        .with_geo(line.geo)
        .with_history(history);
    if let Some(at) = line.at {
        facts = facts.at(at);
    }
    let visit = Visit {
        page,
        facts,
        forced: Forced::default(),
        sticky: Sticky::default(),
        reach: Reach::Anywhere,
    };
    let decisions = assign(datafile, &visitor, &visit);
    let decisions = decisions.iter().map(|decision| Brief {
        experiment: &decision.experiment.key,
        variant: decision.variant().map(|variant| &variant.key),
        bucket: decision.bucket.number(),
        reason: decision.reason(),
        explain: line.explain.then(|| decision.explain()),
    });
    let decided = Decided { visitor: &visitor, decisions: decisions.collect() };
    Ok(serde_json::to_string(&decided).expect("decisions have only JSON types"))
}
