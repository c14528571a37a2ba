//! Decisions in bulk: a visit as a line of JSON in, its decisions as a line of JSON out. The same in every build, so that
//! a list of visits can be replayed wherever the engine runs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::assign::{Decision, Visit, assign};
use crate::cookie;
use crate::datafile::Datafile;
use crate::facts::{Facts, Geo};
use crate::key::{ExperimentKey, InvalidKey, VariantKey, VisitorId};
use crate::page::{InvalidUrl, Page};
use crate::time::Moment;

/// A visit, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    visitor: Option<String>,
    url: String,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    geo: Geo,
    at: Option<Moment>,
    #[serde(default)]
    explain: bool,
}

/// Each name with one value, or with several.
#[derive(Default)]
struct Headers(Vec<(String, String)>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> serde::de::Visitor<'de> for Read {
            type Value = Headers;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the headers' names and values")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Headers, A::Error> {
                let mut headers = Vec::new();
                while let Some((name, values)) = map.next_entry::<String, Values>()? {
                    match values {
                        Values::One(value) => headers.push((name, value)),
                        Values::Several(values) => headers.extend(
                            values.into_iter().map(|value| (name.clone(), value)),
                        ),
                    }
                }
                Ok(Headers(headers))
            }
        }
        deserializer.deserialize_map(Read)
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
    let line: Line = serde_json::from_slice(line).map_err(InvalidVisit::Shape)?;
    let page = Page::parse(&line.url).map_err(InvalidVisit::Url)?;
    let headers =
        || line.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let lines = headers().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let remembered = cookie::remembered(lines.map(|(_, value)| value));
    let (visitor, history) = match (line.visitor, remembered) {
        (Some(visitor), remembered) => {
            let visitor = VisitorId::new(visitor).map_err(InvalidVisit::Visitor)?;
            (visitor, remembered.map(|(_, history)| history))
        }
        (None, Some((visitor, history))) => (visitor, Some(history)),
        (None, None) => return Err(InvalidVisit::NoVisitor),
    };
    let mut facts = Facts::of_page(&page)
        .with_headers(headers())
        .with_geo(&line.geo)
        .with_history(history);
    if let Some(at) = line.at {
        facts = facts.at(at);
    }
    let visit = Visit { facts, ..Visit::to(page) };
    let brief = |decision: &Decision<'_>| {
        let explain = line.explain.then(|| decision.explain());
        (decision.reason(), explain)
    };
    let decisions = assign(datafile, &visitor, &visit);
    let decisions = decisions.iter().map(|decision| {
        let (reason, explain) = brief(decision);
        Brief {
            experiment: &decision.experiment.key,
            variant: decision.variant().map(|variant| &variant.key),
            bucket: decision.bucket.number(),
            reason,
            explain,
        }
    });
    let decided = Decided { visitor: &visitor, decisions: decisions.collect() };
    Ok(serde_json::to_string(&decided).expect("decisions have only JSON types"))
}
