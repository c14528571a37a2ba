//! A draft read only as far as its experiments. What is in them stays the text that somebody wrote, so to look for one of
//! them, or to put another in its place, costs far less than to read them all.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::experiment::Status;

/// A draft by its parts. Of two fields with one name the last counts, as for every reader of JSON here.
#[derive(Debug, Clone, Default)]
pub struct Outline<'t> {
    /// All fields but the experiments and the revision.
    settings: Object<'t>,
    revision: Option<u64>,
    experiments: Vec<Part<'t>>,
    /// Where each key stands first.
    places: BTreeMap<String, usize>,
}

/// An experiment of a draft, as it is written there.
#[derive(Debug, Clone)]
pub struct Part<'t> {
    raw: &'t RawValue,
    fields: Object<'t>,
    key: Option<String>,
}

/// The fields of an object in their order, their values as they are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Object<'t>(Vec<(String, &'t str)>);

impl<'t> Outline<'t> {
    /// Reads a draft, JSON text. What its experiments hold is not looked at but for their keys.
    ///
    /// # Errors
    /// It is no JSON object, or its "experiments" are no list.
    ///
    /// ```
    /// use edgewise_engine::registry::Outline;
    /// let text = r#"{"revision": 3, "experiments": [{"key": "hero", "status": "paused"}]}"#;
    /// let draft = Outline::of(text).unwrap();
    /// let hero = draft.experiment("hero").unwrap();
    /// assert_eq!(hero.string("status").as_deref(), Some("paused"));
    /// assert_eq!(hero.text(), r#"{"key": "hero", "status": "paused"}"#);
    /// ```
    pub fn of(draft: &'t str) -> Result<Self, serde_json::Error> {
        // Some editors write a byte order mark, which JSON does not know.
        let mut settings: Object<'t> =
            serde_json::from_str(draft.trim_start_matches('\u{feff}'))?;
        let revision = settings.take("revision");
        let revision = revision.and_then(|text| serde_json::from_str(text).ok());
        let experiments: Vec<&'t RawValue> = match settings.take("experiments") {
            Some(list) => serde_json::from_str(list)?,
            None => Vec::new(),
        };
        let experiments: Vec<_> = experiments.into_iter().map(Part::of).collect();
        let keys = experiments.iter().map(Part::key).enumerate();
        // From the last on, so that of two the first is what stays.
        let places = keys.rev().filter_map(|(place, key)| Some((key?.to_owned(), place)));
        let places = places.collect();
        Ok(Self { settings, revision, experiments, places })
    }

    /// Which revision it says that it was made from.
    pub fn revision(&self) -> Option<u64> {
        self.revision
    }

    /// What stands in the list of experiments, in its order.
    pub fn experiments(&self) -> &[Part<'t>] {
        &self.experiments
    }

    /// The experiment with this key; of two the first.
    pub fn experiment(&self, key: &str) -> Option<&Part<'t>> {
        self.experiments.get(self.position(key)?)
    }

    /// Where the experiment with this key stands; of two the first.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.places.get(key).copied()
    }

    /// The draft as text with this experiment in the place of the one that has its key, or else as the last one; and that
    /// place. It says no revision.
    pub fn with(&self, experiment: &Value) -> (String, usize) {
        let key = experiment.get("key").and_then(Value::as_str);
        let place = key.and_then(|key| self.position(key));
        let place = place.unwrap_or(self.experiments.len());
        (self.with_text(place, Some(&indented(experiment))), place)
    }

    /// What holds for all experiments, and this one alone, as text.
    pub fn alone(&self, experiment: &Value) -> String {
        write(None, &self.settings, [indented(experiment).as_str()].into_iter())
    }

    /// The draft as text, which says that it was made from this revision, or from none.
    pub fn write(&self, revision: Option<u64>) -> String {
        write(revision, &self.settings, self.experiments.iter().map(Part::text))
    }

    /// The draft as text with other text in one place of its list, or with nothing in it.
    pub(super) fn with_text(&self, place: usize, experiment: Option<&str>) -> String {
        let (before, after) =
            self.experiments.split_at(place.min(self.experiments.len()));
        let before = before.iter().map(Part::text);
        let after = after.iter().skip(1).map(Part::text);
        write(None, &self.settings, before.chain(experiment).chain(after))
    }

    pub(super) fn settings(&self) -> &Object<'t> {
        &self.settings
    }
}

impl<'t> Part<'t> {
    fn of(raw: &'t RawValue) -> Self {
        // What is no object has no fields.
        let fields: Object<'t> = serde_json::from_str(raw.get()).unwrap_or_default();
        let mut part = Self { raw, fields, key: None };
        part.key = part.string("key");
        part
    }

    /// As it is written.
    pub fn text(&self) -> &'t str {
        self.raw.get()
    }

    /// The same, to be written out as it is.
    pub fn raw(&self) -> &'t RawValue {
        self.raw
    }

    /// Its key, if it has one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// A field that is a text.
    pub fn string(&self, field: &str) -> Option<String> {
        serde_json::from_str(self.fields.get(field)?).ok()
    }

    /// How many items a field has that is a list; otherwise 0.
    pub fn count(&self, field: &str) -> usize {
        let list = self.fields.get(field).map(serde_json::from_str::<Vec<IgnoredAny>>);
        list.and_then(Result::ok).map_or(0, |list| list.len())
    }

    /// Where it is in its life: a draft unless it says otherwise.
    pub fn status(&self) -> Status {
        let text = self.string("status");
        let status =
            Status::ALL.into_iter().find(|one| Some(one.as_str()) == text.as_deref());
        status.unwrap_or(Status::Draft)
    }

    /// All of it.
    ///
    /// # Errors
    /// It nests too deep, or has a number or a text that is none.
    pub fn value(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(self.text())
    }

    /// The same text but for one field.
    pub(super) fn with_status(&self, status: Status) -> String {
        let status = format!("{:?}", status.as_str());
        let mut fields = self.fields.clone();
        fields.set("status", &status);
        let mut text = String::with_capacity(self.text().len() + 32);
        text.push('{');
        for (index, (name, value)) in fields.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            text.extend([comma, "\n      ", &quoted(name), ": ", value]);
        }
        text.push_str("\n    }");
        text
    }
}

impl<'t> Object<'t> {
    /// The fields in their order.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &'t str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'t str> {
        self.iter().rfind(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn take(&mut self, name: &str) -> Option<&'t str> {
        let value = self.get(name);
        self.0.retain(|(known, _)| known != name);
        value
    }

    fn set(&mut self, name: &str, value: &'t str) {
        match self.0.iter_mut().rfind(|(known, _)| known == name) {
            Some((_, before)) => *before = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(
                self,
                mut map: M,
            ) -> Result<Self::Value, M::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<_, &RawValue>()? {
                    fields.push((name, value.get()));
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

fn write<'t>(
    revision: Option<u64>,
    settings: &Object<'_>,
    experiments: impl Iterator<Item = &'t str>,
) -> String {
    let mut text = String::from("{\n  ");
    if let Some(revision) = revision {
        text += &format!("\"revision\": {revision},\n  ");
    }
    for (name, value) in settings.iter() {
        text.extend([&quoted(name), ": ", value, ",\n  "]);
    }
    text += "\"experiments\": [";
    let mut is_empty = true;
    for experiment in experiments {
        text.extend([if is_empty { "\n    " } else { ",\n    " }, experiment]);
        is_empty = false;
    }
    text += if is_empty { "]\n}\n" } else { "\n  ]\n}\n" };
    text
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

/// As it stands in the list of experiments: no text of JSON goes beyond its line.
fn indented(experiment: &Value) -> String {
    // The alternate form of a JSON value is indented.
    format!("{experiment:#}").replace('\n', "\n    ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DRAFT: &str = "\u{feff} {\"time_zone\": \"UTC\", \"revision\": 4, \"experiments\": [\n {\"status\":\"running\",\"key\":\"a\", \"variants\": [1, {\"x\": []}] }, 7, {\"key\": \"b\"}, {\"key\": \"a\"}], \"bots\": [ ]}";

    fn draft() -> Outline<'static> {
        Outline::of(DRAFT).unwrap()
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn it_says_where_everything_stands() {
        let draft = draft();
        let keys: Vec<_> = draft.experiments().iter().map(Part::key).collect();
        assert_eq!(keys, [Some("a"), None, Some("b"), Some("a")]);
        assert_eq!((draft.revision(), draft.position("a")), (Some(4), Some(0)));
        let a = draft.experiment("a").unwrap();
        assert_eq!(
            (a.status(), a.count("variants"), a.count("key")),
            (Status::Running, 2, 0)
        );
        assert_eq!(draft.experiment("b").unwrap().status(), Status::Draft);
        assert!(draft.experiment("c").is_none());
        assert_eq!(a.value().unwrap()["variants"], json!([1, {"x": []}]));
    }

    #[test]
    fn what_is_written_is_the_same_but_for_what_changes() {
        let draft = draft();
        let mut all = value(DRAFT.trim_start_matches('\u{feff}'));
        assert_eq!(value(&draft.write(Some(4))), all);
        all.as_object_mut().unwrap().remove("revision");
        assert_eq!(value(&draft.write(None)), all);
        let b = json!({"key": "b", "text": "a\nb"});
        let (text, place) = draft.with(&b);
        all["experiments"][2] = b.clone();
        assert_eq!((value(&text), place), (all.clone(), 2));
        assert_eq!(value(&draft.alone(&b))["experiments"], json!([b]));
        let c = json!({"key": "c"});
        let (text, place) = draft.with(&c);
        assert_eq!((&value(&text)["experiments"][4], place), (&c, 4));
        let without = value(&draft.with_text(0, None));
        assert_eq!(without["experiments"].as_array().unwrap().len(), 3);
        let paused = draft.experiment("a").unwrap().with_status(Status::Paused);
        let wanted = json!({"status": "paused", "key": "a", "variants": [1, {"x": []}]});
        assert_eq!(value(&paused), wanted);
        let paused = draft.experiment("b").unwrap().with_status(Status::Paused);
        assert_eq!(value(&paused), json!({"key": "b", "status": "paused"}));
    }

    #[test]
    fn it_reads_as_it_was_written() {
        let text =
            Outline::of(r#"{"experiments": []}"#).unwrap().with(&json!({"key": "a"})).0;
        assert_eq!(
            text,
            "{\n  \"experiments\": [\n    {\n      \"key\": \"a\"\n    }\n  ]\n}\n"
        );
        let again = Outline::of(&text).unwrap();
        assert_eq!(again.write(None), text);
        let paused = again.experiments()[0].with_status(Status::Paused);
        assert_eq!(
            again.with_text(0, Some(&paused)),
            "{\n  \"experiments\": [\n    {\n      \"key\": \"a\",\n      \"status\": \"paused\"\n    }\n  ]\n}\n"
        );
        assert_eq!(again.with_text(0, None), "{\n  \"experiments\": []\n}\n");
    }

    #[test]
    fn of_two_fields_with_one_name_the_last_counts() {
        let text = r#"{"experiments": 1, "a": 1, "experiments": [{"key": "x", "key": "y"}], "a": 2}"#;
        let draft = Outline::of(text).unwrap();
        assert_eq!(value(&draft.write(None)), value(text));
        assert_eq!(draft.position("y"), Some(0));
        let paused = draft.experiments()[0].with_status(Status::Paused);
        assert_eq!(value(&paused), json!({"key": "y", "status": "paused"}));
    }

    #[test]
    fn what_is_no_draft_has_no_outline() {
        for text in ["", "[]", "{", r#"{"experiments": {}}"#, r#"{"experiments": [}"#] {
            assert!(Outline::of(text).is_err(), "{text}");
        }
        // Not so deep that it could not be told.
        let deep = format!(
            "{{\"experiments\": [{}]}}",
            "[".repeat(100_000) + &"]".repeat(100_000)
        );
        let draft = Outline::of(&deep).unwrap();
        assert!(draft.experiments()[0].key().is_none());
        assert!(draft.experiments()[0].value().is_err());
    }
}
