//! One rule of a location or an audience.

use serde_json::{Value, json};

use super::address;
use crate::import::draft::{fact, fact_ignoring_case, group, not, not_or_unknown};
use crate::import::pattern::{portable, shown};
use crate::import::place::{Fit, Place, escape};
use crate::import::report::Loss;
use crate::import::{id, text};

/// What a rule says, as we say it.
#[derive(Debug)]
pub(super) enum Said {
    /// About the page, and whether it is meant the other way round.
    Place(Place, bool),
    /// About anything else.
    Fact(Value, Fit),
}

impl Said {
    /// As a condition, with its fit.
    pub(super) fn condition(&self) -> (Value, Fit) {
        match self {
            Self::Place(place, false) => (place.condition(), place.fit),
            Self::Place(place, true) => (not(&place.condition()), place.fit.flipped()),
            Self::Fact(condition, fit) => (condition.clone(), *fit),
        }
    }
}

/// The keys of the experiments that were imported so far, by the ids of their experiences.
pub(super) type Imported = std::collections::BTreeMap<String, String>;

/// A rule as it stands in the file.
pub(super) struct Rule<'a> {
    kind: &'a str,
    pub(super) how: &'a str,
    pub(super) negated: bool,
    value: &'a Value,
    key: Option<&'a str>,
}

impl Rule<'_> {
    /// The value as a text.
    pub(super) fn text(&self) -> Result<String, Loss> {
        let text = match self.value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        if text.is_empty() {
            return Err(Loss::new(
                "it has no value",
                "Say in the draft what it is to compare with.",
            ));
        }
        Ok(text)
    }

    fn number(&self) -> Result<f64, Loss> {
        let parsed = self.value.as_str().and_then(|text| text.trim().parse().ok());
        let number =
            self.value.as_f64().or(parsed).filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| {
            Loss::new("its value is no number", "Write the number in the draft.")
        })
    }

    pub(super) fn odd_match(&self) -> Loss {
        Loss::new(
            format!("it compares by {}, which is not known here", shown(self.how)),
            "Write the condition in the draft.",
        )
    }
}

fn cannot(reason: &str) -> Loss {
    Loss::new(reason, "Find another way to say whom it is for, or do without.")
}

/// Reads one rule.
pub(super) fn read(rule: &Value, imported: &Imported) -> Result<Said, Loss> {
    let matching = rule.get("matching").unwrap_or(&Value::Null);
    let rule = Rule {
        kind: text(rule, "rule_type").unwrap_or_default(),
        how: text(matching, "match_type").unwrap_or_default(),
        negated: matching.get("negated").and_then(Value::as_bool).unwrap_or(false),
        value: rule.get("value").unwrap_or(&Value::Null),
        key: text(rule, "key"),
    };
    let fact = |condition| Ok(Said::Fact(condition, Fit::Same));
    match rule.kind {
        "url" => Ok(Said::Place(address::url(&rule)?, rule.negated)),
        "url_with_query" => address::url_with_query(&rule),
        "query_string" => address::query_string(&rule),
        "country" => fact(known("geo.country", &rule, str::to_ascii_uppercase)?),
        "region" if rule.text()?.len() <= 3 => {
            fact(known("geo.region", &rule, str::to_ascii_uppercase)?)
        }
        "region" => Err(Loss::new(
            "it names a region, and the edge knows the codes of ISO 3166-2",
            "Write {\"fact\": \"geo.region\", \"is\": \"CA\"} with the region's code.",
        )),
        "city" => fact(words("geo.city", &rule)?),
        "language" => {
            let wanted = rule.text()?;
            let tag = wanted.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if rule.how == "equals" && tag {
                let pattern = format!("(?i)^{}(-|$)", escape(&wanted));
                return fact(turned(&rule, self::fact("language", "matches", pattern)));
            }
            Err(rule.odd_match())
        }
        "browser_name" => fact(browser(&rule)?),
        "os" => fact(system(&rule)?),
        "is_mobile" => fact(device("phone", &rule)?),
        "is_tablet" => fact(device("tablet", &rule)?),
        "is_desktop" => fact(device("desktop", &rule)?),
        "visitor_type" if ["new", "returning"].contains(&rule.text()?.as_str()) => {
            fact(known("visitor.type", &rule, str::to_ascii_lowercase)?)
        }
        "visits_count" => fact(number("visitor.visits", &rule)?),
        "local_time_hour_of_day" => fact(number("visitor.hour", &rule)?),
        "user_agent" => fact(words("header.user-agent", &rule)?),
        "cookie" => cookie(&rule),
        "campaign" => tagged("query.utm_campaign", &rule),
        "medium" => tagged("query.utm_medium", &rule),
        "keyword" => tagged("query.utm_term", &rule),
        "source_name" => tagged("query.utm_source", &rule),
        "bucketed_into_experience" => {
            let key = id(rule.value).and_then(|id| imported.get(&id));
            let Some(key) = key else {
                return Err(Loss::new(
                    "it asks for an experience that stands below or was not imported",
                    "Put that experiment first, and write {\"in_experiment\": \"its-key\"}.",
                ));
            };
            fact(turned(&rule, json!({ "in_experiment": key })))
        }
        kind => Err(cannot(unknown(kind))),
    }
}

/// Why Edgewise has nothing like it.
fn unknown(kind: &str) -> &'static str {
    match kind {
        "js_condition" => {
            "it is code that runs in the browser, after the page has been made"
        }
        "weather_condition" => "Edgewise knows no weather",
        "goal_triggered" | "bucketed_into_segment" => {
            "Edgewise keeps no record of what a visitor did before"
        }
        "days_since_last_visit" => {
            "Edgewise counts the days since the first visit, not the last"
        }
        "avg_time_page" | "pages_visited_count" | "visit_duration" => {
            "Edgewise does not follow a visitor from page to page"
        }
        "browser_version" => "Convert's version numbers are cut off elsewhere than ours",
        "visitor_id" => "a visitor's id says nothing here",
        kind if kind.starts_with("page_tag_") => {
            "it is set by code on the page, and the edge decides before"
        }
        kind if kind.starts_with("generic_") || kind == "visitor_data_exists" => {
            "only the site's own code knows the value"
        }
        kind if kind.starts_with("project_time_") || kind.starts_with("local_time_") => {
            "Convert's clock has another time zone, or numbers its days otherwise"
        }
        "" => "it has no type",
        _ => "it is not known here",
    }
}

pub(super) fn turned(rule: &Rule<'_>, condition: Value) -> Value {
    if rule.negated { not(&condition) } else { condition }
}

/// A fact with few values: equal to one of them.
fn known(name: &str, rule: &Rule<'_>, spell: fn(&str) -> String) -> Result<Value, Loss> {
    let value = rule.text()?;
    let condition = match rule.how {
        "equals" | "matches" => fact(name, "is", spell(&value)),
        "isIn" => {
            let values: Vec<_> = value.split('|').map(|one| spell(one.trim())).collect();
            fact(name, "one_of", values)
        }
        _ => return Err(rule.odd_match()),
    };
    Ok(turned(rule, condition))
}

/// A fact with any text as its value, compared as Convert does: capitals and small letters are alike.
fn compared(name: &str, rule: &Rule<'_>) -> Result<Value, Loss> {
    let value = rule.text()?;
    Ok(match rule.how {
        "matches" | "equals" => fact_ignoring_case(name, "is", &value),
        "contains" => fact_ignoring_case(name, "contains", &value),
        "startsWith" => fact_ignoring_case(name, "starts", &value),
        "endsWith" => fact_ignoring_case(name, "ends", &value),
        "regexMatches" => fact(name, "matches", format!("(?i){}", portable(&value)?)),
        "isIn" => {
            let values: Vec<_> = value.split('|').map(str::trim).collect();
            json!({ "fact": name, "one_of": values, "ignore_case": true })
        }
        _ => return Err(rule.odd_match()),
    })
}

fn words(name: &str, rule: &Rule<'_>) -> Result<Value, Loss> {
    Ok(turned(rule, compared(name, rule)?))
}

/// Convert keeps what brought the visitor for the whole visit; the edge sees it in the address of the first page only.
fn tagged(name: &str, rule: &Rule<'_>) -> Result<Said, Loss> {
    const WHY: &str = "Convert remembers what brought the visitor, and the edge sees it in the first page's address only";
    let condition = compared(name, rule)?;
    Ok(if rule.negated {
        Said::Fact(not_or_unknown(name, &condition), Fit::Wider(WHY))
    } else {
        Said::Fact(condition, Fit::Narrower(WHY))
    })
}

fn cookie(rule: &Rule<'_>) -> Result<Said, Loss> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let Some(key) = rule.key.filter(|key| key.len() <= 100 && key.bytes().all(token))
    else {
        return Err(Loss::new(
            "it names no cookie",
            "Write {\"fact\": \"cookie.NAME\", …} in the draft.",
        ));
    };
    let name = format!("cookie.{key}");
    let exists = |there: bool| Said::Fact(fact(&name, "exists", there), Fit::Same);
    match rule.how {
        "exists" => Ok(exists(!rule.negated)),
        "doesNotExist" => Ok(exists(rule.negated)),
        _ => {
            let condition = compared(&name, rule)?;
            let negated = rule.negated;
            let condition =
                if negated { not_or_unknown(&name, &condition) } else { condition };
            Ok(Said::Fact(condition, Fit::Same))
        }
    }
}

/// Less and at most are no opposites of more and at least there: a number is never less than itself, negated or not, and
/// always at most itself.
fn number(name: &str, rule: &Rule<'_>) -> Result<Value, Loss> {
    let value = whole(rule.number()?);
    Ok(match (rule.how, rule.negated) {
        ("equalsNumber" | "equals", _) => {
            turned(rule, fact(name, "between", vec![value.clone(), value]))
        }
        ("less", false) => fact(name, "less", value),
        ("less", true) => fact(name, "more", value),
        ("lessEqual", false) => fact(name, "at_most", value),
        ("lessEqual", true) => fact(name, "at_least", value),
        _ => return Err(rule.odd_match()),
    })
}

/// Without the fraction that says nothing.
fn whole(number: f64) -> Value {
    let text = number.to_string();
    text.parse::<i64>().map_or_else(|_| json!(number), |whole| json!(whole))
}

fn device(class: &str, rule: &Rule<'_>) -> Result<Value, Loss> {
    let wanted = match rule.value {
        Value::Bool(wanted) => *wanted,
        Value::String(text) if text == "true" => true,
        Value::String(text) if text == "false" => false,
        _ => {
            return Err(Loss::new(
                "its value is neither true nor false",
                "Write the condition in the draft.",
            ));
        }
    };
    let condition = fact("device.class", "is", class);
    Ok(if wanted == rule.negated { not(&condition) } else { condition })
}

fn browser(rule: &Rule<'_>) -> Result<Value, Loss> {
    let name = match rule.text()?.as_str() {
        "chrome" => "Chrome",
        "firefox" => "Firefox",
        "microsoft_edge" => "Edge",
        "opera" => "Opera",
        "safari" => "Safari",
        _ => return Err(cannot("Edgewise does not know that browser")),
    };
    Ok(turned(rule, fact("device.browser", "is", name)))
}

fn system(rule: &Rule<'_>) -> Result<Value, Loss> {
    let (name, class) = match rule.text()?.as_str() {
        "android" => ("Android", None),
        "iphone" => ("iOS", Some("phone")),
        "ipad" => ("iOS", Some("tablet")),
        "windows" => ("Windows", None),
        "macos" => ("macOS", None),
        "linux" => ("Linux", None),
        _ => return Err(cannot("Edgewise does not know that system")),
    };
    let mut all = vec![fact("device.os", "is", name)];
    all.extend(class.map(|class| fact("device.class", "is", class)));
    Ok(turned(rule, group("all", all)))
}
