//! GrowthBook's targeting conditions: attributes of a visitor, compared by operators in the manner of MongoDB.
//!
//! Negations are taken down to the single comparisons, because what is unknown is unequal there and keeps a condition
//! from holding here.

use serde_json::{Value, json};

use crate::import::draft::{fact, group, not, not_or_unknown};
use crate::import::pattern::{self, Searched, portable, shown};
use crate::import::place::{Fit, PathTest, Place, encode, no_query, take_apart};
use crate::import::report::Loss;

/// The deepest that conditions may stand in one another.
const MAX_DEPTH: usize = 12;

/// A condition as we say it, and how well each of its parts does.
#[derive(Debug, Default)]
pub(super) struct Fits(pub(super) Vec<Fit>);

impl Fits {
    fn push(&mut self, fit: Fit, negated: bool) {
        self.0.push(if negated { fit.flipped() } else { fit });
    }
}

/// Reads an object of attributes and connectives, all of which have to hold.
pub(super) fn read(condition: &Value, fits: &mut Fits) -> Result<Value, Loss> {
    object(condition, false, 0, fits)
}

fn too_deep() -> Loss {
    Loss::new("its conditions stand too deep", "Say the same with fewer brackets.")
}

fn odd(what: &str) -> Loss {
    Loss::new(
        format!("{} is not known here", shown(what)),
        "Write the condition in the draft.",
    )
}

/// All of `conditions`, or, negated, any of them; they have been negated one by one.
fn all(negated: bool, conditions: Vec<Value>) -> Value {
    group(if negated { "any" } else { "all" }, conditions)
}

fn object(
    condition: &Value,
    negated: bool,
    depth: usize,
    fits: &mut Fits,
) -> Result<Value, Loss> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let entries = condition.as_object().filter(|entries| !entries.is_empty());
    let entries = entries.ok_or_else(|| odd(&condition.to_string()))?;
    let mut read = Vec::new();
    for (name, value) in entries {
        let each = |negated: bool, fits: &mut Fits| {
            let items = value.as_array().filter(|items| !items.is_empty());
            let items = items.ok_or_else(|| odd(&format!("{name} without a list")))?;
            let one = |item| object(item, negated, depth + 1, fits);
            items.iter().map(one).collect::<Result<Vec<_>, Loss>>()
        };
        read.push(match name.as_str() {
            "$and" => all(negated, each(negated, fits)?),
            "$or" => all(!negated, each(negated, fits)?),
            "$nor" => all(negated, each(!negated, fits)?),
            "$not" => object(value, !negated, depth + 1, fits)?,
            _ => attribute(&Attribute::named(name)?, value, negated, depth + 1, fits)?,
        });
    }
    Ok(all(negated, read))
}

const PAGE_ONLY: &str = "GrowthBook remembers what brought the visitor, and the edge sees it in the first page's address only";

/// What is compared.
enum Attribute {
    /// A fact of ours; and why it is not quite theirs.
    Fact(&'static str, Fit),
    /// The whole address.
    Url,
    /// With its question mark.
    Query,
    /// Words that are read off the user agent.
    Browser,
    DeviceType,
}

impl Attribute {
    fn named(name: &str) -> Result<Self, Loss> {
        let tag = |name| Ok(Self::Fact(name, Fit::Narrower(PAGE_ONLY)));
        match name {
            "country" => Ok(Self::Fact("geo.country", Fit::Same)),
            "host" => Ok(Self::Fact("page.host", Fit::Same)),
            "path" => Ok(Self::Fact("page.path", Fit::Same)),
            "utmSource" => tag("query.utm_source"),
            "utmMedium" => tag("query.utm_medium"),
            "utmCampaign" => tag("query.utm_campaign"),
            "utmTerm" => tag("query.utm_term"),
            "utmContent" => tag("query.utm_content"),
            "url" => Ok(Self::Url),
            "query" => Ok(Self::Query),
            "browser" => Ok(Self::Browser),
            "deviceType" => Ok(Self::DeviceType),
            _ => Err(Loss::new(
                format!("only the site's own code knows the attribute {}", shown(name)),
                "Find a fact of the request that says the same, such as a cookie.",
            )),
        }
    }

    fn fit(&self) -> Fit {
        match self {
            Self::Fact(_, fit) => *fit,
            _ => Fit::Same,
        }
    }
}

/// What stands beside an attribute: a value, or operators that all have to hold.
fn attribute(
    attribute: &Attribute,
    test: &Value,
    negated: bool,
    depth: usize,
    fits: &mut Fits,
) -> Result<Value, Loss> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let Value::Object(operators) = test else {
        return compare(attribute, "$eq", test, negated, fits);
    };
    let mut read = Vec::new();
    for (operator, value) in operators {
        read.push(match operator.as_str() {
            "$not" => self::attribute(attribute, value, !negated, depth + 1, fits)?,
            "$ne" => compare(attribute, "$eq", value, !negated, fits)?,
            "$nin" => compare(attribute, "$in", value, !negated, fits)?,
            "$nini" => compare(attribute, "$ini", value, !negated, fits)?,
            operator => compare(attribute, operator, value, negated, fits)?,
        });
    }
    if read.is_empty() {
        return Err(odd("{}"));
    }
    Ok(all(negated, read))
}

fn compare(
    attribute: &Attribute,
    operator: &str,
    value: &Value,
    negated: bool,
    fits: &mut Fits,
) -> Result<Value, Loss> {
    fits.push(attribute.fit(), negated);
    let texts = || -> Result<Vec<&str>, Loss> {
        let one = std::slice::from_ref(value);
        let values = value.as_array().map_or(one, Vec::as_slice);
        let texts: Option<Vec<_>> = values.iter().map(Value::as_str).collect();
        texts.filter(|texts| !texts.is_empty()).ok_or_else(|| odd(&value.to_string()))
    };
    let text = || value.as_str().ok_or_else(|| odd(&value.to_string()));
    match (attribute, operator) {
        (Attribute::Fact("page.path", _), _) if value.to_string().contains('%') => {
            Err(Loss::new(
                "it compares an encoded path, and conditions here see it decoded",
                "Write a page rule, which is compared with the path as it is sent.",
            ))
        }
        (Attribute::Fact(name, _), _) => {
            let condition = match operator {
                "$exists" => {
                    let there = value.as_bool().ok_or_else(|| odd(&value.to_string()))?;
                    return Ok(fact(name, "exists", there != negated));
                }
                "$eq" => fact(name, "is", text()?),
                "$in" => fact(name, "one_of", texts()?),
                "$ini" => {
                    json!({"fact": name, "one_of": texts()?, "ignore_case": true})
                }
                "$regex" => fact(name, "matches", portable(text()?)?),
                "$regexi" => fact(name, "matches", format!("(?i){}", portable(text()?)?)),
                _ => return Err(odd(operator)),
            };
            let condition = exact_case(condition);
            Ok(if negated { not_or_unknown(name, &condition) } else { condition })
        }
        (Attribute::Browser, "$eq" | "$in") => {
            let any: Result<Vec<_>, _> = texts()?.into_iter().map(browser).collect();
            Ok(turned(group("any", any?), negated))
        }
        (Attribute::DeviceType, "$eq" | "$in") => {
            let any: Result<Vec<_>, _> = texts()?.into_iter().map(device_type).collect();
            Ok(turned(group("any", any?), negated))
        }
        (Attribute::Url, "$eq" | "$in") => {
            let any: Result<Vec<_>, _> = texts()?.into_iter().map(address).collect();
            Ok(turned(group("any", any?), negated))
        }
        (Attribute::Url, "$regex") => {
            let place = pattern::read(text()?, Searched::AddressWithQuery)?;
            fits.push(place.fit, negated);
            Ok(turned(place.condition(), negated))
        }
        (Attribute::Query, "$regex") => {
            let pattern = portable(text()?)?;
            let pattern = match pattern.strip_prefix("^\\?") {
                Some(rest) => format!("^{rest}"),
                None if pattern.contains("\\?") || pattern.starts_with('^') => {
                    return Err(odd(&pattern));
                }
                None => pattern,
            };
            let condition = exact_case(fact("page.query", "matches", pattern));
            Ok(if negated { not_or_unknown("page.query", &condition) } else { condition })
        }
        _ => Err(odd(operator)),
    }
}

fn turned(condition: Value, negated: bool) -> Value {
    if negated { not(&condition) } else { condition }
}

/// Unlike some of ours, all of GrowthBook's comparisons tell capitals from small letters unless they say so.
fn exact_case(mut condition: Value) -> Value {
    let regex = condition.get("matches").is_some();
    if let Some(fields) = condition.as_object_mut().filter(|_| !regex) {
        fields.entry("ignore_case").or_insert(json!(false));
    }
    condition
}

fn agent_has(sign: &str) -> Value {
    exact_case(fact("header.user-agent", "contains", sign))
}

/// The word that GrowthBook reads off the user agent: the first of these signs decides.
fn browser(word: &str) -> Result<Value, Loss> {
    let signs = [
        ("edge", "Edg"),
        ("chrome", "Chrome"),
        ("firefox", "Firefox"),
        ("safari", "Safari"),
    ];
    let place = signs.iter().position(|(known, _)| *known == word);
    if place.is_none() && word != "unknown" {
        return Err(odd(word));
    }
    let before = &signs[..place.unwrap_or(signs.len())];
    let mut all: Vec<_> = before.iter().map(|(_, sign)| not(&agent_has(sign))).collect();
    all.extend(place.map(|place| agent_has(signs[place].1)));
    Ok(group("all", all))
}

fn device_type(word: &str) -> Result<Value, Loss> {
    match word {
        "mobile" => Ok(agent_has("Mobi")),
        "desktop" => Ok(not(&agent_has("Mobi"))),
        _ => Err(odd(word)),
    }
}

/// One whole address.
fn address(text: &str) -> Result<Value, Loss> {
    let written = take_apart(text)?;
    let (Some(host), false) = (written.host, written.fragment) else {
        return Err(odd(text));
    };
    let path = if written.path.is_empty() { "/" } else { written.path };
    let place = Place::new(vec![host], PathTest::Is(encode(path)));
    let query = match written.query {
        Some(query) if !query.is_empty() => exact_case(fact("page.query", "is", query)),
        _ => no_query(),
    };
    Ok(group("all", vec![place.condition(), query]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(condition: &Value, expected: &Value) {
        let mut fits = Fits::default();
        assert_eq!(read(condition, &mut fits).unwrap(), *expected, "{condition}");
    }

    #[test]
    fn conditions() {
        check(
            &json!({"country": "DE", "$or": [{"path": {"$regex": "^/a"}}, {"browser": "edge"}]}),
            &json!({"all": [
                {"any": [
                    {"fact": "page.path", "matches": "^/a"},
                    {"fact": "header.user-agent", "contains": "Edg", "ignore_case": false},
                ]},
                {"fact": "geo.country", "is": "DE", "ignore_case": false},
            ]}),
        );
        check(
            &json!({"$not": {"$or": [{"country": {"$in": ["US", "CA"]}}, {"deviceType": "mobile"}]}}),
            &json!({"all": [
                {"any": [
                    {"fact": "geo.country", "exists": false},
                    {"not": {"fact": "geo.country", "one_of": ["US", "CA"], "ignore_case": false}},
                ]},
                {"not": {"fact": "header.user-agent", "contains": "Mobi", "ignore_case": false}},
            ]}),
        );
        check(
            &json!({"country": {"$not": {"$exists": true}}}),
            &json!({"fact": "geo.country", "exists": false}),
        );
        check(
            &json!({"query": {"$regex": "^\\?a=1"}}),
            &json!({"fact": "page.query", "matches": "^a=1"}),
        );
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let mut deep = json!({"country": "DE"});
        for _ in 0..20 {
            deep = json!({"$not": deep});
        }
        for odd in [
            deep,
            json!({}),
            json!([]),
            json!({"$or": []}),
            json!({"$or": {"country": "DE"}}),
            json!({"company": "acme"}),
            json!({"country": {"$gt": 3}}),
            json!({"country": {}}),
            json!({"country": 3}),
            json!({"country": {"$in": []}}),
            json!({"browser": "netscape"}),
            json!({"url": {"$regexi": "a"}}),
            json!({"query": {"$regex": "^a"}}),
        ] {
            assert!(read(&odd, &mut Fits::default()).is_err(), "{odd}");
        }
    }
}
