//! `edgewise pull`: the draft that is live, to work on. It names its revision, so that `edgewise publish` knows what it was
//! made from.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use crate::args::Pull;
use crate::{Outcome, output};

/// The fields of a draft in the order in which people read and write them; the others follow by name.
const FIRST: &[&str] = &[
    "revision",
    "time_zone",
    "visitor_cookie",
    "consent",
    "signals",
    "bots",
    "redirect_hosts",
    "holdouts",
    "layers",
    "experiments",
    "key",
    "name",
    "status",
    "hypothesis",
    "we_believe",
    "will_cause",
    "because",
    "imported_from",
    "seed",
    "hash",
    "pages",
    "include",
    "exclude",
    "rendering",
    "audience",
    "fact",
    "coverage",
    "schedule",
    "start",
    "end",
    "ramp",
    "at",
    "layer",
    "sticky",
    "weight",
    "share",
    "selector",
];

/// Those that are long, at the end.
const LAST: &[&str] = &["variants", "changes"];

/// Values no longer than this stay on their line.
const MAX_LINE: usize = 100;

pub(crate) fn run(args: &Pull) -> Result<Outcome> {
    let place = args.at.open(None)?;
    // The number first: if somebody publishes in between, the draft is newer than it says, and is not published over.
    let live = place.live()?;
    let Some(draft) = place.draft()?.filter(|_| live.revision > 0) else {
        output::talk(&format!("nothing is live {}", place.whereabouts()));
        return Ok(Outcome::Problems);
    };
    let mut draft: Value =
        serde_json::from_str(&draft).context("read the draft that is live")?;
    if let Some(fields) = draft.as_object_mut() {
        fields.insert("revision".to_owned(), live.revision.into());
    }
    let mut text = String::new();
    write(&draft, 0, &mut text);
    text.push('\n');
    output::data(text.as_bytes())?;
    Ok(Outcome::Done)
}

/// Writes JSON for people: fields in their order, short values on one line.
fn write(value: &Value, depth: usize, text: &mut String) {
    let start = text.len();
    write_line(value, text);
    let is_long = text.len() - start + 2 * depth > MAX_LINE;
    if depth > 0 && !is_long {
        return;
    }
    let inside = "  ".repeat(depth + 1);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            text.truncate(start);
            text.push('{');
            for (index, (name, field)) in in_order(fields).into_iter().enumerate() {
                text.push_str(if index == 0 { "\n" } else { ",\n" });
                text.push_str(&format!("{inside}{}: ", Value::from(name.as_str())));
                write(field, depth + 1, text);
            }
            text.push_str(&format!("\n{}}}", "  ".repeat(depth)));
        }
        Value::Array(items) if !items.is_empty() => {
            text.truncate(start);
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "\n" } else { ",\n" });
                text.push_str(&inside);
                write(item, depth + 1, text);
            }
            text.push_str(&format!("\n{}]", "  ".repeat(depth)));
        }
        _ => {}
    }
}

/// Writes JSON on one line.
fn write_line(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            text.push_str("{ ");
            for (index, (name, field)) in in_order(fields).into_iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                text.push_str(&format!("{}: ", Value::from(name.as_str())));
                write_line(field, text);
            }
            text.push_str(" }");
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_line(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn in_order(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let place = |name: &str| {
        let at = |list: &[&str]| list.iter().position(|one| *one == name);
        let last = || at(LAST).map(|place| FIRST.len() + 1 + place);
        at(FIRST).or_else(last).unwrap_or(FIRST.len())
    };
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, _)| (place(name), *name));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value) -> String {
        let mut text = String::new();
        write(value, 0, &mut text);
        text
    }

    #[test]
    fn what_people_look_for_comes_first() {
        let draft = serde_json::json!({
            "experiments": [{
                "variants": [
                    { "weight": 5000, "name": "Control", "key": "control" },
                    { "weight": 5000, "name": "B", "key": "b", "changes": [
                        { "text": "A headline that is as long as it takes to need a line", "selector": "h1" },
                    ] },
                ],
                "odd \"name\"": [],
                "pages": { "include": [{ "exact": "/" }] },
                "key": "hero",
            }],
            "time_zone": "Europe/Berlin",
            "revision": 3,
        });
        let text = written(&draft);
        assert_eq!(
            text,
            r#"{
  "revision": 3,
  "time_zone": "Europe/Berlin",
  "experiments": [
    {
      "key": "hero",
      "pages": { "include": [{ "exact": "/" }] },
      "odd \"name\"": [],
      "variants": [
        { "key": "control", "name": "Control", "weight": 5000 },
        {
          "key": "b",
          "name": "B",
          "weight": 5000,
          "changes": [{ "selector": "h1", "text": "A headline that is as long as it takes to need a line" }]
        }
      ]
    }
  ]
}"#
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), draft);
    }

    #[test]
    fn nothing_is_lost() {
        let demo = include_str!("../../../demo/draft.json");
        let demo: Value = serde_json::from_str(demo).unwrap();
        let text = written(&demo);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), demo);
        assert_eq!(written(&serde_json::from_str(&text).unwrap()), text);
    }
}
