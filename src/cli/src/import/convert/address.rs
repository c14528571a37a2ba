//! Rules about the address of the page.

use super::rule::{Rule, Said, turned};
use crate::import::draft::{fact, fact_ignoring_case, group, not_or_unknown};
use crate::import::pattern::{self, Searched, portable, shown};
use crate::import::place::{
    Fit, PathTest, Place, encode, is_of_the_path, no_query, not_an_address, take_apart,
};
use crate::import::report::Loss;

const PATH_ONLY: &str = "it is looked for in the path only, not in the host";

/// The address without its query, in small letters.
pub(super) fn url(rule: &Rule<'_>) -> Result<Place, Loss> {
    let value = rule.text()?;
    if rule.how == "regexMatches" {
        return Ok(pattern::read(&value, Searched::Address)?.ignoring_case());
    }
    if value.contains(['?', '#']) {
        return Err(Loss::new(
            "it has a query or fragment, which this kind of rule never sees",
            "Write a page rule with \"query\".",
        ));
    }
    let place = match rule.how {
        "matches" | "equals" => {
            let written = take_apart(&value)?;
            let path = if written.path.is_empty() { "/" } else { written.path };
            Place::new(written.host.into_iter().collect(), PathTest::Is(encode(path)))
        }
        "startsWith" => {
            let written = take_apart(&value)?;
            let path = match written.path {
                "" => PathTest::Any,
                path => PathTest::Starts(encode(path)),
            };
            Place::new(written.host.into_iter().collect(), path)
        }
        "endsWith" => {
            let (first, _) =
                value.trim_start_matches('/').split_once('/').unwrap_or(("", ""));
            if first.contains('.') || value.contains("//") {
                return Err(not_an_address());
            }
            Place::new(Vec::new(), PathTest::Ends(encode(&value)))
        }
        "contains" => contained(&value)?,
        _ => return Err(rule.odd_match()),
    };
    Ok(place.ignoring_case())
}

/// What is looked for anywhere in an address without query.
fn contained(value: &str) -> Result<Place, Loss> {
    let first = value.split('/').next().unwrap_or_default();
    if value.contains("//") || (value.contains('/') && first.contains('.')) {
        let written = take_apart(value)?;
        let Some(host) = written.host else { return Err(not_an_address()) };
        let path = match written.path {
            "" => PathTest::Any,
            path => PathTest::Starts(encode(path)),
        };
        // Without a scheme it is also found at the end of a longer host.
        let below = (!value.contains("//")).then(|| format!("*.{host}"));
        return Ok(Place::new(std::iter::once(host).chain(below).collect(), path));
    }
    let mut place = Place::new(Vec::new(), PathTest::Contains(encode(value)));
    if !is_of_the_path(value) {
        place.fit = Fit::Narrower(PATH_ONLY);
    }
    Ok(place)
}

pub(super) fn url_with_query(rule: &Rule<'_>) -> Result<Said, Loss> {
    let value = rule.text()?;
    let written = match rule.how {
        "matches" | "equals" | "startsWith" => take_apart(&value)?,
        "contains" if !value.contains(['?', '/', '#']) && value.contains('=') => {
            return query(
                rule,
                "contains",
                &value,
                Fit::Narrower("it is looked for in the query only"),
            );
        }
        "contains" if !value.contains(['?', '#']) => {
            let mut place = contained(&value)?.ignoring_case();
            if place.hosts.is_empty() {
                place.fit = Fit::Narrower(
                    "it is looked for in the path only, not in host and query",
                );
            }
            return Ok(Said::Place(place, rule.negated));
        }
        "contains" if value.starts_with('?') && !value.contains('#') => {
            return query(rule, "starts", &value[1..], Fit::Same);
        }
        _ => {
            return Err(Loss::new(
                format!("{} cannot be split into host, path and query", shown(&value)),
                "Write a page rule with \"query\".",
            ));
        }
    };
    if written.fragment {
        return Err(not_an_address());
    }
    let exact = rule.how != "startsWith";
    let path = match written.path {
        "" if exact || written.query.is_some() => PathTest::Is("/".to_owned()),
        "" => PathTest::Any,
        path if exact || written.query.is_some() => PathTest::Is(encode(path)),
        path => PathTest::Starts(encode(path)),
    };
    let place = Place::new(written.host.into_iter().collect(), path).ignoring_case();
    let mut all = vec![place.condition()];
    match written.query {
        Some(query) if !query.is_empty() => {
            let operator = if exact { "is" } else { "starts" };
            all.push(fact_ignoring_case("page.query", operator, query));
        }
        None if exact => all.push(no_query()),
        Some(_) | None => {}
    }
    if all.len() == 1 {
        return Ok(Said::Place(place, rule.negated));
    }
    Ok(Said::Fact(turned(rule, group("all", all)), Fit::Same))
}

pub(super) fn query_string(rule: &Rule<'_>) -> Result<Said, Loss> {
    let value = rule.text()?;
    let value = value.strip_prefix('?').unwrap_or(&value);
    match rule.how {
        "matches" | "equals" => query(rule, "is", value, Fit::Same),
        "startsWith" => query(rule, "starts", value, Fit::Same),
        "endsWith" => query(rule, "ends", value, Fit::Same),
        "contains" => query(rule, "contains", value, Fit::Same),
        "regexMatches" => {
            let pattern = format!("(?i){}", portable(value)?);
            let condition = fact("page.query", "matches", pattern);
            let condition = if rule.negated {
                not_or_unknown("page.query", &condition)
            } else {
                condition
            };
            Ok(Said::Fact(condition, Fit::Same))
        }
        _ => Err(rule.odd_match()),
    }
}

fn query(rule: &Rule<'_>, operator: &str, value: &str, fit: Fit) -> Result<Said, Loss> {
    if value.is_empty() {
        return Err(Loss::new(
            "it has no value",
            "Say in the draft what it is to compare with.",
        ));
    }
    let condition = fact_ignoring_case("page.query", operator, value);
    Ok(if rule.negated {
        Said::Fact(not_or_unknown("page.query", &condition), fit.flipped())
    } else {
        Said::Fact(condition, fit)
    })
}
