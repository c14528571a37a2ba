//! What is different between two drafts of which only the outlines are known. What is written alike is not read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::diff::{diff, quote, shorten};
use super::outline::{Outline, Part};

/// The longest texts of an experiment or a setting, before and after together, that are read where there is not all the time
/// in the world, bytes.
const MAX_READ: usize = 512 * 1024;

/// What is different between two drafts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// A line each, as [`diff`] has them.
    pub(super) lines: Vec<String>,
    /// The keys of the experiments that are different, new or gone, in order.
    pub(super) experiments: Vec<String>,
}

/// Compares two drafts. Before each thing that is written otherwise `may_tell` is asked: once it says no, it is only told
/// that the thing is different, though it may be the same with other blanks.
pub(super) fn compare(
    before: &Outline<'_>,
    after: &Outline<'_>,
    may_tell: Option<&dyn Fn() -> bool>,
) -> Compared {
    let may_read = |before: &str, after: &str| {
        may_tell
            .is_none_or(|may_tell| before.len() + after.len() <= MAX_READ && may_tell())
    };
    let mut unread = Vec::new();

    let (mut old, mut new) = (Map::new(), Map::new());
    let settings = before.settings().iter().chain(after.settings().iter());
    let names: BTreeSet<&str> = settings.map(|(name, _)| name).collect();
    for name in names {
        let (was, is) = (before.settings().get(name), after.settings().get(name));
        if was == is {
            continue;
        }
        if may_read(was.unwrap_or_default(), is.unwrap_or_default()) {
            was.map(|text| old.insert(name.to_owned(), parse(text)));
            is.map(|text| new.insert(name.to_owned(), parse(text)));
        } else {
            unread.push(format!("{} is different", shorten(name)));
        }
    }

    let mut different = BTreeSet::new();
    // Those that are to be compared.
    let (mut all_old, mut all_new) = (BTreeMap::new(), BTreeMap::new());
    for (key, is) in firsts(after) {
        let Some(was) = before.experiment(key) else {
            different.insert(key.to_owned());
            continue;
        };
        if was.text() == is.text() {
            continue;
        }
        if !may_read(was.text(), is.text()) {
            unread.push(format!("{} is different", quote(key)));
            different.insert(key.to_owned());
            continue;
        }
        let (was, is) = (parse(was.text()), parse(is.text()));
        if was != is {
            different.insert(key.to_owned());
            all_old.insert(key, was);
            all_new.insert(key, is);
        }
    }
    for (key, _) in firsts(before) {
        if after.experiment(key).is_none() {
            different.insert(key.to_owned());
        }
    }
    old.insert("experiments".to_owned(), listed(before, all_old));
    new.insert("experiments".to_owned(), listed(after, all_new));
    let mut lines = diff(&Value::from(old), &Value::from(new));
    lines.extend(unread);
    Compared { lines, experiments: different.into_iter().collect() }
}

/// The experiments that have a key; of two with one key the first.
fn firsts<'o, 't>(
    draft: &'o Outline<'t>,
) -> impl Iterator<Item = (&'o str, &'o Part<'t>)> {
    let all = draft.experiments().iter().enumerate();
    all.filter_map(|(place, one)| {
        let key = one.key()?;
        (draft.position(key) == Some(place)).then_some((key, one))
    })
}

/// All experiments in their order. Of those that are not to be compared there is no more than the key.
fn listed(draft: &Outline<'_>, mut compared: BTreeMap<&str, Value>) -> Value {
    firsts(draft)
        .map(|(key, _)| compared.remove(key).unwrap_or_else(|| json!({ "key": key })))
        .collect()
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    fn outline(text: &str) -> Outline<'_> {
        Outline::of(text).expect("a draft")
    }

    /// What is different, found by reading both.
    fn read_whole(before: &Value, after: &Value) -> Compared {
        let keys = |draft: &Value| -> BTreeSet<String> {
            let all = draft["experiments"].as_array().into_iter().flatten();
            all.filter_map(|one| Some(one.get("key")?.as_str()?.to_owned())).collect()
        };
        let first = |draft: &Value, key: &str| {
            let all = draft["experiments"].as_array()?;
            all.iter()
                .find(|one| one.get("key").and_then(Value::as_str) == Some(key))
                .cloned()
        };
        let experiments = keys(before).union(&keys(after)).cloned().collect::<Vec<_>>();
        let differs = |key: &String| first(before, key) != first(after, key);
        Compared {
            lines: diff(before, after),
            experiments: experiments.into_iter().filter(differs).collect(),
        }
    }

    fn drafts() -> impl Strategy<Value = Value> {
        let experiment = ("[abc]", 0..3_u8, prop::option::of("[xy]{1,2}")).prop_map(
            |(key, weight, text)| {
                let changes =
                    text.map(|text| json!([{ "selector": "h1", "text": text }]));
                json!({
                    "key": key, "status": if weight == 2 { "paused" } else { "running" },
                    "variants": [{ "key": "b", "weight": weight, "changes": changes }],
                })
            },
        );
        let other = prop_oneof![Just(json!(7)), Just(json!({})), Just(json!({"key": 3}))];
        let one = prop_oneof![6 => experiment, 1 => other];
        let settings = (0..2_u8, prop::option::of(0..2_u8));
        (prop::collection::vec(one, 0..4), settings).prop_map(|(all, (zone, bots))| {
            let mut draft = json!({ "experiments": all, "time_zone": zone });
            if let Some(bots) = bots {
                draft["bots"] = json!([bots]);
            }
            draft
        })
    }

    proptest! {
        #[test]
        fn it_is_as_if_both_were_read(before in drafts(), after in drafts(), is_wide: bool) {
            let was = before.to_string();
            let is = if is_wide { format!("{after:#}") } else { after.to_string() };
            let found = compare(&outline(&was), &outline(&is), None);
            prop_assert_eq!(found, read_whole(&before, &after));
        }
    }

    #[test]
    fn where_time_is_over_it_says_no_more_than_that_something_is_different() {
        let draft = |weight: u8, zone: &str| {
            let one = |key: &str| json!({ "key": key, "weight": weight });
            let all = ["a", "b", "c"].map(one);
            json!({ "time_zone": zone, "experiments": all }).to_string()
        };
        let (before, after) = (draft(1, "UTC"), draft(2, "CET"));
        let (before, after) = (outline(&before), outline(&after));
        let left = Cell::new(2_u8);
        let may_tell = || left.replace(left.get().saturating_sub(1)) > 0;
        let told = compare(&before, &after, Some(&may_tell));
        let lines = [
            "time_zone from \"UTC\" to \"CET\"",
            "\"a\": weight from 1 to 2",
            "\"b\" is different",
            "\"c\" is different",
        ];
        assert_eq!(told.lines, lines);
        assert_eq!(told.experiments, ["a", "b", "c"]);
        let told = compare(&before, &after, Some(&|| false));
        assert_eq!(told.lines[..2], ["time_zone is different", "\"a\" is different"]);
        assert_eq!(compare(&after, &after, Some(&|| false)), Compared::default());
    }

    #[test]
    fn what_is_long_is_read_only_where_there_is_time() {
        let draft = |letter: &str| {
            let one = json!({ "key": "a", "name": letter.repeat(MAX_READ / 2) });
            json!({ "experiments": [one] }).to_string()
        };
        let (before, after) = (draft("x"), draft("y"));
        let (before, after) = (outline(&before), outline(&after));
        let told = compare(&before, &after, Some(&|| true));
        assert_eq!(told.lines, ["\"a\" is different"]);
        let told = compare(&before, &after, None);
        assert!(told.lines[0].starts_with("\"a\": name from \"xxx"), "{:?}", told.lines);
    }
}
