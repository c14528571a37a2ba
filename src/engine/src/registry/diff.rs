//! What is different between two drafts, in words for people.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The most lines; what is more is counted.
const MAX_LINES: usize = 200;

/// The most characters of a value in a line.
const MAX_VALUE: usize = 60;

/// How far below a field the difference is looked for; below that, the whole is said to be another.
const MAX_DEPTH: usize = 4;

/// What is different between two drafts, a line each: first what holds for all, then the experiments in the order of the
/// draft after, then those that are gone. At most some 200 lines.
///
/// ```
/// use edgewise_engine::registry::diff;
/// let draft = |weight| serde_json::json!({"experiments": [{"key": "hero", "variants": [{"key": "b", "weight": weight}]}]});
/// assert_eq!(diff(&draft(5000), &draft(3000)), [r#""hero": weight of "b" from 5000 to 3000"#]);
/// ```
pub fn diff(before: &Value, after: &Value) -> Vec<String> {
    let mut lines = Lines::default();
    let is_setting = |name: &str| !matches!(name, "experiments" | "revision");
    for name in fields(before, after).filter(|name| is_setting(name)) {
        lines.compare(&Place::top(name), before.get(name), after.get(name), 0);
    }
    let (old, new) = (keyed(before, "experiments"), keyed(after, "experiments"));
    for (key, experiment) in &new.in_order {
        match old.by_key.get(key) {
            Some(before) => lines.compare_experiments(key, before, experiment),
            None => lines.add(|| format!("{} is new", quote(key))),
        }
    }
    lines.note_gone(&old, &new, |key| format!("{} is gone", quote(key)));
    if old.order_differs(&new) {
        lines.add(|| "the experiments are in another order".to_owned());
    }
    lines.finish()
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    more: usize,
}

/// What a value is called in a line: `"hero": NAME of "b"`.
struct Place<'p> {
    experiment: Option<&'p str>,
    /// `change 2` or nothing.
    part: String,
    field: String,
    variant: Option<&'p str>,
}

impl<'p> Place<'p> {
    fn top(field: &str) -> Self {
        let field = shorten(field);
        Self { experiment: None, part: String::new(), field, variant: None }
    }

    fn of(experiment: &'p str, variant: Option<&'p str>, part: &str) -> Self {
        let part = part.to_owned();
        Self { experiment: Some(experiment), part, field: String::new(), variant }
    }

    fn field(&self, name: &str) -> Self {
        let name = shorten(name);
        let field =
            if self.field.is_empty() { name } else { format!("{}.{name}", self.field) };
        Self { part: self.part.clone(), field, ..*self }
    }

    fn item(&self, index: usize) -> Self {
        let field = format!("{}[{index}]", self.field);
        Self { part: self.part.clone(), field, ..*self }
    }

    fn words(&self) -> String {
        let of = self.variant.map(|key| format!(" of {}", quote(key)));
        let of = of.unwrap_or_default();
        let inner = match (self.part.is_empty(), self.field.is_empty()) {
            (true, _) => format!("{}{of}", self.field),
            (false, true) => format!("{}{of}", self.part),
            (false, false) => format!("{}{of}: {}", self.part, self.field),
        };
        match self.experiment {
            Some(experiment) => format!("{}: {inner}", quote(experiment)),
            None => inner,
        }
    }
}

impl Lines {
    /// Words are only made for lines that are kept.
    fn add(&mut self, line: impl FnOnce() -> String) {
        if self.lines.len() < MAX_LINES {
            self.lines.push(line());
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            self.lines.push(format!("and {} more", self.more));
        }
        self.lines
    }

    fn compare_experiments(&mut self, key: &str, before: &Value, after: &Value) {
        if before == after {
            return;
        }
        for name in fields(before, after) {
            let (old, new) = (before.get(name), after.get(name));
            match name {
                "status" if old != new => {
                    let (old, new) = (text(old), text(new));
                    self.add(|| format!("{} {}", quote(key), turn(old, new)));
                }
                "variants" => self.compare_variants(key, before, after),
                _ => self.compare(&Place::of(key, None, "").field(name), old, new, 0),
            }
        }
    }

    fn compare_variants(&mut self, experiment: &str, before: &Value, after: &Value) {
        let (old, new) = (keyed(before, "variants"), keyed(after, "variants"));
        let named = |key: &str| format!("{}: variant {}", quote(experiment), quote(key));
        for (key, variant) in &new.in_order {
            let Some(before) = old.by_key.get(key) else {
                self.add(|| format!("{} is new", named(key)));
                continue;
            };
            for name in fields(before, variant) {
                let (old, new) = (before.get(name), variant.get(name));
                if name == "changes" {
                    self.compare_changes(experiment, key, items(old), items(new));
                } else {
                    let place = Place::of(experiment, Some(key), "").field(name);
                    self.compare(&place, old, new, 0);
                }
            }
        }
        self.note_gone(&old, &new, |key| format!("{} is gone", named(key)));
        if old.order_differs(&new) {
            self.add(|| {
                format!("{}: the variants are in another order", quote(experiment))
            });
        }
    }

    /// Changes have no names. Those at the beginning and the end that are as they were are taken for the same ones.
    fn compare_changes(
        &mut self,
        experiment: &str,
        variant: &str,
        old: &[Value],
        new: &[Value],
    ) {
        let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let (old, new) = (&old[same..], &new[same..]);
        let tail = old.iter().rev().zip(new.iter().rev());
        let tail = tail.take_while(|(old, new)| old == new).count();
        let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
        let place = |index: usize| {
            let part = format!("change {}", same + index + 1);
            Place::of(experiment, Some(variant), &part)
        };
        for (index, (old, new)) in old.iter().zip(new).enumerate() {
            let place = place(index);
            for name in fields(old, new) {
                self.compare(&place.field(name), old.get(name), new.get(name), 0);
            }
        }
        for index in old.len()..new.len() {
            self.add(|| format!("{} is new", place(index).words()));
        }
        for index in new.len()..old.len() {
            self.add(|| format!("{} is gone", place(index).words()));
        }
    }

    fn compare(
        &mut self,
        place: &Place<'_>,
        old: Option<&Value>,
        new: Option<&Value>,
        depth: usize,
    ) {
        let (old, new) = match (old, new) {
            (None, None) => return,
            (None, Some(new)) => {
                return self.add(|| format!("{} {} is new", place.words(), show(new)));
            }
            (Some(old), None) => {
                return self.add(|| format!("{} {} is gone", place.words(), show(old)));
            }
            (Some(old), Some(new)) if old == new => return,
            (Some(old), Some(new)) => (old, new),
        };
        match (old, new) {
            (Value::Object(_), Value::Object(_)) if depth < MAX_DEPTH => {
                for name in fields(old, new) {
                    let (old, new) = (old.get(name), new.get(name));
                    self.compare(&place.field(name), old, new, depth + 1);
                }
            }
            (Value::Array(old), Value::Array(new))
                if depth < MAX_DEPTH && old.len() == new.len() =>
            {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.compare(&place.item(index), Some(old), Some(new), depth + 1);
                }
            }
            _ => self
                .add(|| format!("{} from {} to {}", place.words(), show(old), show(new))),
        }
    }

    fn note_gone(
        &mut self,
        old: &Keyed<'_>,
        new: &Keyed<'_>,
        line: impl Fn(&str) -> String,
    ) {
        for (key, _) in &old.in_order {
            if !new.by_key.contains_key(key) {
                self.add(|| line(key));
            }
        }
    }
}

/// The objects of a list that have a key. Of two with one key the first counts; no draft with such is ever published.
struct Keyed<'v> {
    in_order: Vec<(&'v str, &'v Value)>,
    by_key: BTreeMap<&'v str, &'v Value>,
}

fn keyed<'v>(value: &'v Value, field: &str) -> Keyed<'v> {
    let (mut in_order, mut by_key) = (Vec::new(), BTreeMap::new());
    for item in items(value.get(field)) {
        let Some(key) = item.get("key").and_then(Value::as_str) else { continue };
        if !by_key.contains_key(key) {
            by_key.insert(key, item);
            in_order.push((key, item));
        }
    }
    Keyed { in_order, by_key }
}

impl Keyed<'_> {
    /// Whether those that both have stand in another order.
    fn order_differs(&self, other: &Keyed<'_>) -> bool {
        let common = |these: &Self, those: &Keyed<'_>| -> Vec<String> {
            let keys = these.in_order.iter().map(|(key, _)| *key);
            keys.filter(|key| those.by_key.contains_key(key)).map(str::to_owned).collect()
        };
        let here = common(self, other);
        let there = other.in_order.iter().map(|(key, _)| *key);
        !there
            .filter(|key| self.by_key.contains_key(key))
            .eq(here.iter().map(String::as_str))
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The names of the fields of either.
fn fields<'v>(before: &'v Value, after: &'v Value) -> impl Iterator<Item = &'v str> {
    let names = |value: &'v Value| value.as_object().into_iter().flat_map(Map::keys);
    let all: BTreeSet<_> =
        names(before).chain(names(after)).map(String::as_str).collect();
    all.into_iter()
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// What another status means.
fn turn(old: &str, new: &str) -> String {
    match (old, new) {
        ("paused", "running") => "runs again".to_owned(),
        (_, "running") => "starts running".to_owned(),
        (_, "paused") => "is paused".to_owned(),
        (_, "stopped") => "is stopped".to_owned(),
        (_, "draft") => "is a draft again".to_owned(),
        _ => format!("has the status {} in place of {}", quote(new), quote(old)),
    }
}

pub(super) fn quote(key: &str) -> String {
    format!("{:?}", shorten(key))
}

/// A value as JSON, on one line and no longer than people read.
fn show(value: &Value) -> String {
    match value {
        Value::String(text) => quote(text),
        other => shorten(&other.to_string()),
    }
}

pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(before: &Value, after: &Value, lines: &[&str]) {
        assert_eq!(diff(before, after), lines);
    }

    fn hero(experiment: &Value) -> Value {
        let mut hero = json!({"key": "hero"});
        let (Some(hero_fields), Some(more)) =
            (hero.as_object_mut(), experiment.as_object())
        else {
            panic!("objects")
        };
        hero_fields.extend(more.clone());
        json!({"experiments": [hero]})
    }

    #[test]
    fn experiments_come_run_and_go() {
        let none = json!({"experiments": []});
        let with = |status: &str| hero(&json!({"status": status}));
        check(&none, &with("draft"), &["\"hero\" is new"]);
        check(&with("draft"), &none, &["\"hero\" is gone"]);
        check(&with("draft"), &with("running"), &["\"hero\" starts running"]);
        check(&with("running"), &with("paused"), &["\"hero\" is paused"]);
        check(&with("paused"), &with("running"), &["\"hero\" runs again"]);
        check(&with("running"), &with("stopped"), &["\"hero\" is stopped"]);
    }

    #[test]
    fn variants_and_their_changes() {
        let with = |weight: u32, changes: Value| {
            hero(
                &json!({"variants": [{"key": "b", "weight": weight, "changes": changes}]}),
            )
        };
        let buy = json!({"selector": "a", "text": "Buy"});
        let title = json!({"selector": "h1", "text": "Hi"});
        let get_it = json!({"selector": "a", "text": "Get it"});
        check(
            &with(5_000, json!([title, buy])),
            &with(3_000, json!([title, get_it])),
            &[
                "\"hero\": change 2 of \"b\": text from \"Buy\" to \"Get it\"",
                "\"hero\": weight of \"b\" from 5000 to 3000",
            ],
        );
        check(
            &with(1, json!([buy])),
            &with(1, json!([title, buy])),
            &["\"hero\": change 1 of \"b\" is new"],
        );
        check(
            &with(1, json!([title, buy])),
            &with(1, json!([title])),
            &["\"hero\": change 2 of \"b\" is gone"],
        );
        check(
            &with(1, json!([buy])),
            &with(1, json!([{"selector": "a", "hide": true}])),
            &[
                "\"hero\": change 1 of \"b\": hide true is new",
                "\"hero\": change 1 of \"b\": text \"Buy\" is gone",
            ],
        );
    }

    #[test]
    fn everything_else_is_named_by_its_place() {
        check(
            &json!({"time_zone": "UTC", "revision": 3, "experiments": [{"key": "a"}, {"key": "b", "pages": {"include": [{"exact": "/"}]}}]}),
            &json!({"bots": "exclude", "time_zone": "Europe/Berlin", "experiments": [{"key": "b", "pages": {"include": [{"exact": "/home"}]}}, {"key": "a"}]}),
            &[
                "bots \"exclude\" is new",
                "time_zone from \"UTC\" to \"Europe/Berlin\"",
                "\"b\": pages.include[0].exact from \"/\" to \"/home\"",
                "the experiments are in another order",
            ],
        );
    }

    #[test]
    fn a_line_and_a_list_stay_short() {
        let long = "x\n".repeat(10_000);
        let lines = diff(&json!({}), &hero(&json!({"key": long})));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].len() < 200 && !lines[0].contains('\n'), "{lines:?}");
        let many: Vec<_> = (0..1_000).map(|n| json!({"key": n.to_string()})).collect();
        let lines = diff(&json!({}), &json!({ "experiments": many }));
        assert_eq!(lines.len(), MAX_LINES + 1);
        assert_eq!(lines[MAX_LINES], "and 800 more");
    }
}
