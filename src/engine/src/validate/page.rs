//! Where an experiment runs: the page rules of a draft.

use serde_json::Value;

use crate::draft::{Fields, Place, as_list, as_text};
use crate::page::{PageRule, PageRules, PathRule};
use crate::problem::Problems;

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
    let kinds: [(_, fn(String) -> _); 3] = [
        ("exact", PathRule::Exact),
        ("prefix", PathRule::Prefix),
        ("wildcard", PathRule::Wildcard),
    ];
    for (name, rule) in kinds {
        let Some(value) = fields.optional(name) else { continue };
        let place = fields.place(name);
        let path = as_text(value, &place, problems)?;
        let starts_well =
            path.starts_with('/') || (name == "wildcard" && path.starts_with('*'));
        if !starts_well || path.contains(['?', '#']) {
            problems.error(
                "not-a-path",
                &place,
                format!("{path:?} is not a path"),
                "Start with \"/\" and leave out the host, the query and the fragment; the host has a field of its own.",
            );
        }
        if !path.is_ascii() || path.contains(' ') {
            problems.error(
                "path-not-encoded",
                &place,
                format!("{path:?} is not how a browser sends that path"),
                "Copy the path out of the address bar, where it reads like \"/caf%C3%A9\".",
            );
        }
        if name != "wildcard" && path.contains('*') {
            problems.warning(
                "star-is-literal",
                &place,
                format!("the \"*\" in {path:?} only matches a star"),
                "Write \"wildcard\" instead if it should match anything.",
            );
        }
        paths.push(rule(path.to_owned()));
    }
    let host = fields.optional("host").and_then(|value| {
        let place = fields.place("host");
        let host = as_text(value, &place, problems)?;
        let labels = host.strip_prefix("*.").unwrap_or(host);
        let valid = labels.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
        if !valid {
            problems.error(
                "not-a-host",
                &place,
                format!("{host:?} is not a host"),
                "Write \"www.example.com\", or \"*.example.com\" for every subdomain, without a scheme or port.",
            );
        }
        Some(host.to_ascii_lowercase())
    });
    let at = fields.at().clone();
    fields.finish(problems);
    if paths.len() != 1 {
        problems.error(
            "not-one-path",
            &at,
            match paths.len() {
                0 => "this page rule names no path".to_owned(),
                count => format!("a page rule names one path, and this names {count}"),
            },
            "Write \"exact\", \"prefix\" or \"wildcard\", and a rule of its own for each path.",
        );
        return None;
    }
    Some(PageRule { host, path: paths.remove(0) })
}
