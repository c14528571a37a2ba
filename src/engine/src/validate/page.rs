//! Where an experiment runs: the page rules of a draft.

use std::collections::BTreeMap;

use serde_json::Value;

use super::test::{read_pattern, read_test};
use crate::draft::{Fields, Place, as_list, as_text, wrong_kind};
use crate::forced::FORCED_PARAMETER;
use crate::page::{PageRule, PageRules, PathRule, TextTest};
use crate::problem::Problems;

/// The most parameters that one page rule asks for.
const MAX_PARAMETERS: usize = 20;

pub(super) fn read_pages(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<PageRules> {
    let hint = "Write {\"include\": [{\"exact\": \"/pricing\"}]}.";
    let value = fields.required("pages", hint, problems)?;
    let mut fields = Fields::of(
        value,
        &fields.place("pages"),
        "an object such as {\"include\": [{\"exact\": \"/\"}]}",
        problems,
    )?;
    let include = fields.required("include", hint, problems);
    let include_at = fields.place("include");
    let none = include.and_then(Value::as_array).is_some_and(Vec::is_empty);
    let include = include.map(|value| read_rules(value, &include_at, problems));
    if none {
        let message = "no page is included";
        problems.error(
            "no-pages",
            &include_at,
            message,
            "Name at least one, for example {\"exact\": \"/pricing\"}.",
        );
    }
    let exclude_at = fields.place("exclude");
    let exclude = fields.optional("exclude");
    let exclude =
        exclude.map(|value| read_rules(value, &exclude_at, problems)).unwrap_or_default();
    fields.finish(problems);
    Some(PageRules { include: include?, exclude })
}

fn read_rules(value: &Value, at: &Place, problems: &mut Problems) -> Vec<PageRule> {
    let items = as_list(value, at, problems).iter().enumerate();
    items.filter_map(|(index, item)| read_rule(item, &at.item(index), problems)).collect()
}

fn read_rule(value: &Value, at: &Place, problems: &mut Problems) -> Option<PageRule> {
    let mut fields =
        Fields::of(value, at, "an object such as {\"exact\": \"/pricing\"}", problems)?;
    let mut paths = Vec::new();
    let kinds: [(_, fn(String) -> _); 5] = [
        ("exact", PathRule::Exact),
        ("prefix", PathRule::Prefix),
        ("wildcard", PathRule::Wildcard),
        ("suffix", PathRule::Suffix),
        ("contains", PathRule::Contains),
    ];
    for (name, rule) in kinds {
        let Some(value) = fields.optional(name) else { continue };
        let place = fields.place(name);
        let path = as_text(value, &place, problems)?;
        check_path(name, path, &place, problems);
        paths.push(rule(path.to_owned()));
    }
    if let Some(value) = fields.optional("regex") {
        let place = fields.place("regex");
        let text = as_text(value, &place, problems)?;
        if !text.is_ascii() {
            note_unencoded(text, &place, problems);
        }
        paths.push(PathRule::Regex(read_pattern(text, &place, problems)?));
    }
    let query = fields.optional("query").map(|value| {
        let place = fields.place("query");
        read_query(value, &place, problems)
    });
    let host = fields.optional("host").and_then(|value| {
        let place = fields.place("host");
        let host = as_text(value, &place, problems)?;
        Some(read_host(host, &place, problems))
    });
    let at = fields.at().clone();
    fields.finish(problems);
    let path = match paths.len() {
        0 if query.is_some() => PathRule::Any,
        1 => paths.remove(0),
        count => {
            problems.error(
                "not-one-path",
                &at,
                match count {
                    0 => "this page rule names no path".to_owned(),
                    count => {
                        format!("a page rule names one path, and this names {count}")
                    }
                },
                "Write \"exact\", \"prefix\", \"wildcard\", \"suffix\", \"contains\" or \"regex\", and a rule of its own for each path.",
            );
            return None;
        }
    };
    Some(PageRule { host, path, query: query.unwrap_or(Some(BTreeMap::new()))? })
}

/// Notes what keeps `path`, the text of a rule called `name`, from ever being found, or makes it say nothing.
fn check_path(name: &str, path: &str, at: &Place, problems: &mut Problems) {
    let is_piece = matches!(name, "suffix" | "contains");
    if is_piece && path.is_empty() {
        problems.error(
            "empty-text",
            at,
            format!("{name:?} is empty, and every path has that"),
            "Write a piece of the path, or {\"prefix\": \"/\"} for all pages.",
        );
    } else if is_piece && path.contains(['?', '#']) {
        problems.error(
            "not-a-path",
            at,
            format!("{path:?} is not part of a path"),
            "Leave out the query and the fragment; \"query\" is a field of its own.",
        );
    }
    let starts_well = is_piece
        || path.starts_with('/')
        || (name == "wildcard" && path.starts_with('*'));
    if !starts_well || (!is_piece && path.contains(['?', '#'])) {
        problems.error(
            "not-a-path",
            at,
            format!("{path:?} is not a path"),
            "Start with \"/\" and leave out the host, the query and the fragment; the host and the query have fields of their own.",
        );
    }
    if !path.is_ascii() || path.contains(' ') {
        note_unencoded(path, at, problems);
    }
    if name != "wildcard" && path.contains('*') {
        problems.warning(
            "star-is-literal",
            at,
            format!("the \"*\" in {path:?} only matches a star"),
            "Write \"wildcard\" instead if it should match anything.",
        );
    }
}

fn note_unencoded(path: &str, at: &Place, problems: &mut Problems) {
    problems.error(
        "path-not-encoded",
        at,
        format!("{path:?} is not how a browser sends that path"),
        "Copy the path out of the address bar, where it reads like \"/caf%C3%A9\".",
    );
}

fn read_host(host: &str, at: &Place, problems: &mut Problems) -> String {
    let labels = host.strip_prefix("*.").unwrap_or(host);
    let valid = labels.split('.').all(|label| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    if !valid {
        problems.error(
            "not-a-host",
            at,
            format!("{host:?} is not a host"),
            "Write \"www.example.com\", or \"*.example.com\" for every subdomain, without a scheme or port.",
        );
    }
    host.to_ascii_lowercase()
}

/// What the parameters of the query have to be.
fn read_query(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<BTreeMap<String, TextTest>> {
    let Value::Object(object) = value else {
        wrong_kind(problems, at, value, "an object such as {\"plan\": \"team\"}");
        return None;
    };
    if object.is_empty() || object.len() > MAX_PARAMETERS {
        problems.error(
            "parameter-count",
            at,
            format!(
                "\"query\" names 1 to {MAX_PARAMETERS} parameters, and this names {}",
                object.len()
            ),
            "Name those that have to be there, for example {\"plan\": \"team\"}, or leave \"query\" out.",
        );
        return None;
    }
    let mut tests = BTreeMap::new();
    for (name, value) in object {
        let place = at.field(name);
        if name == FORCED_PARAMETER {
            problems.error(
                "our-parameter",
                &place,
                format!("{name:?} is taken out of each address before rules are asked"),
                "Name a parameter of your own.",
            );
        }
        // All of them are looked at, also where one is wrong.
        if let Some(test) = read_test(value, &place, problems) {
            tests.insert(name.clone(), test);
        }
    }
    (tests.len() == object.len()).then_some(tests)
}
