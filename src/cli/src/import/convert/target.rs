//! Where and for whom an experience runs: locations and audiences, both of them rules in the form `OR`, `AND`, `OR_WHEN`.

use serde_json::{Value, json};

use super::rule::{self, Imported, Said};
use crate::import::draft::{group, is_too_large};
use crate::import::pattern::shown;
use crate::import::report::{Loss, Parts};
use crate::import::{id, list, text};

/// All rules of something: any of the alternatives, each of its clauses, any of a clause's rules.
struct Rules {
    alternatives: Vec<Vec<Vec<Said>>>,
}

/// Where and for whom.
#[derive(Debug, Default)]
pub(super) struct Target {
    include: Vec<Value>,
    exclude: Vec<Value>,
    conditions: Vec<Value>,
}

impl Target {
    /// The page rules, which name at least one page.
    pub(super) fn pages(&self) -> Value {
        let every = vec![json!({"prefix": "/"})];
        let include = if self.include.is_empty() { &every } else { &self.include };
        if self.exclude.is_empty() {
            return json!({ "include": include });
        }
        json!({ "include": include, "exclude": self.exclude })
    }

    /// The condition that visits have to meet, if there is one.
    pub(super) fn audience(&self, parts: &mut Parts) -> Option<Value> {
        if self.conditions.is_empty() {
            return None;
        }
        let audience = group("all", self.conditions.clone());
        if is_too_large(&audience) {
            let hint = "Split it into several experiments.";
            let loss = Loss::new(
                "it has more than 200 conditions, or they stand too deep",
                hint,
            );
            parts.lost("the audience", &loss);
            return None;
        }
        Some(audience)
    }
}

/// Reads what the experience and the lists of the file say.
pub(super) fn read(
    file: &Value,
    experience: &Value,
    imported: &Imported,
    parts: &mut Parts,
) -> Target {
    let mut target = Target::default();
    let options = experience.pointer("/settings/matching_options");
    let all = |kind: &str| options.and_then(|options| text(options, kind)) == Some("all");

    let mut locations = Vec::new();
    for (name, location) in named(file, "locations", "location", experience, parts) {
        let trigger = location.pointer("/trigger/type").and_then(Value::as_str);
        if let Some(trigger) = trigger.filter(|trigger| *trigger != "upon_run") {
            let reason = format!("it waits for {} in the browser", shown(trigger));
            let loss = Loss::new(reason, "The edge decides before the page is made.");
            parts.lost(format_args!("the trigger of {name}"), &loss);
        }
        let rules = location.get("rules").unwrap_or(&Value::Null);
        locations.extend(read_rules(rules, &name, imported, parts));
    }
    if let Some(area) = experience.get("site_area").filter(|area| area.is_object()) {
        locations.extend(read_rules(area, "the site area", imported, parts));
    }
    if all("locations") && locations.len() > 1 {
        let conditions = locations.iter().map(|one| one.condition(parts)).collect();
        target.conditions.push(group("all", conditions));
    } else {
        place(&locations, &mut target, parts);
    }

    let mut audiences = Vec::new();
    for (name, audience) in named(file, "audiences", "audience", experience, parts) {
        if text(audience, "type") == Some("permanent") {
            parts.note(format_args!(
                "{name} is only asked at the first visit in Convert, and at each one here; \"sticky\": true keeps who is in"
            ));
        }
        let rules = audience.get("rules").unwrap_or(&Value::Null);
        if let Some(rules) = read_rules(rules, &name, imported, parts) {
            audiences.push(rules.condition(parts));
        }
    }
    if !audiences.is_empty() {
        let kind = if all("audiences") { "all" } else { "any" };
        target.conditions.push(group(kind, audiences));
    }
    target
}

/// The entries of the file's list `kind` that the experience names, with the names for people.
fn named<'a>(
    file: &'a Value,
    kind: &str,
    word: &str,
    experience: &Value,
    parts: &mut Parts,
) -> Vec<(String, &'a Value)> {
    let mut found = Vec::new();
    for wanted in list(experience, kind).iter().filter_map(id).take(200) {
        let entry = list(file, kind)
            .iter()
            .find(|one| one.get("id").and_then(id).as_deref() == Some(wanted.as_str()));
        match entry {
            Some(entry) => {
                let name = text(entry, "name").or(text(entry, "key")).unwrap_or(&wanted);
                found.push((format!("{word} {}", shown(name)), entry));
            }
            None => {
                let loss =
                    Loss::new("the file does not hold it", "Export the project anew.");
                parts.lost(format_args!("{word} {}", shown(&wanted)), &loss);
            }
        }
    }
    found
}

/// Reads a set of rules; `None` if one of them cannot be said, which is noted.
fn read_rules(
    rules: &Value,
    name: &str,
    imported: &Imported,
    parts: &mut Parts,
) -> Option<Rules> {
    let mut good = true;
    let mut alternatives = Vec::new();
    for alternative in list(rules, "OR") {
        let mut clauses = Vec::new();
        for clause in list(alternative, "AND") {
            let mut any = Vec::new();
            for one in list(clause, "OR_WHEN") {
                match rule::read(one, imported) {
                    Ok(said) => any.push(said),
                    Err(loss) => {
                        good = false;
                        let kind = text(one, "rule_type").unwrap_or("unknown");
                        parts.lost(format_args!("rule {} of {name}", shown(kind)), &loss);
                    }
                }
            }
            good &= !list(clause, "OR_WHEN").is_empty();
            clauses.push(any);
        }
        good &= !clauses.is_empty();
        alternatives.push(clauses);
    }
    if alternatives.is_empty() {
        let loss = Loss::new("it has no rules", "Say in the draft where and for whom.");
        parts.lost(name, &loss);
        return None;
    }
    if !good {
        return None;
    }
    Some(Rules { alternatives })
}

impl Rules {
    fn condition(&self, parts: &mut Parts) -> Value {
        let any = self.alternatives.iter().map(|clauses| {
            let all = clauses.iter().map(|clause| any_of(clause, parts)).collect();
            group("all", all)
        });
        group("any", any.collect())
    }

    /// The rules, if any of them is enough and each is about where a page is.
    fn only_places(&self) -> Option<Vec<&Said>> {
        let mut places = Vec::new();
        for clauses in &self.alternatives {
            let [clause] = clauses.as_slice() else { return None };
            if !clause.iter().all(|said| matches!(said, Said::Place(_, false))) {
                return None;
            }
            places.extend(clause);
        }
        Some(places)
    }
}

fn any_of(clause: &[Said], parts: &mut Parts) -> Value {
    let any = clause.iter().map(|said| {
        let (condition, fit) = said.condition();
        parts.tell(fit);
        condition
    });
    group("any", any.collect())
}

/// Locations of which any is enough, as page rules where they can be, as conditions where not.
fn place(locations: &[Rules], target: &mut Target, parts: &mut Parts) {
    if locations.is_empty() {
        return;
    }
    let places: Option<Vec<_>> = locations.iter().map(Rules::only_places).collect();
    if let Some(places) = places {
        for said in places.into_iter().flatten() {
            include(said, target, parts);
        }
        return;
    }
    // One alternative: a clause about places is what is included, what is negated is excluded, and the rest is asked.
    if let [Rules { alternatives }] = locations
        && let [clauses] = alternatives.as_slice()
    {
        let mut open = true;
        for clause in clauses {
            let positive =
                clause.iter().all(|said| matches!(said, Said::Place(_, false)));
            match clause.as_slice() {
                [Said::Place(place, true)] => match place.page_rules() {
                    Ok(rules) => {
                        parts.tell(place.fit.flipped());
                        target.exclude.extend(rules);
                    }
                    Err(loss) => parts.lost("a page that is excluded", &loss),
                },
                _ if positive && open => {
                    open = false;
                    for said in clause {
                        include(said, target, parts);
                    }
                }
                _ => target.conditions.push(any_of(clause, parts)),
            }
        }
        return;
    }
    let conditions: Vec<_> = locations.iter().map(|one| one.condition(parts)).collect();
    target.conditions.push(group("any", conditions));
}

fn include(said: &Said, target: &mut Target, parts: &mut Parts) {
    let Said::Place(place, _) = said else { return };
    match place.page_rules() {
        Ok(rules) => {
            parts.tell(place.fit);
            target.include.extend(rules);
        }
        Err(loss) => parts.lost("a page", &loss),
    }
}
