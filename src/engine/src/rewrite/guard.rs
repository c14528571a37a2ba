//! What a page needs in its head so that changes stay where a framework takes it over: rules for elements that are marked,
//! and the script that makes changes again.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::fragment;
use super::hydration::Cover;
use super::script::Script;
use crate::change::{Action, Insertion, Target};
use crate::html::name;
use crate::plan::{Plan, Step};
use crate::selector::Selector;

/// The attribute by which rules and the script find elements: numbers of steps, and of steps whose place it is with a
/// "p" in front.
pub(super) const MARK: &str = "data-edgewise";

/// The address on the site that the script tells what became of the changes.
pub const KEPT_PATH: &str = "/_edgewise/kept";

/// The script; `heal.js` says what it does and what it is told.
pub(super) const SCRIPT: &str = include_str!("heal.min.js");

/// The rules for the elements of a step, if it is one for rules.
pub(super) fn rules(index: usize, step: &Step<'_>, css: &mut String) {
    let mut declarations = String::new();
    match &*step.action {
        Action::Replace(html) if !fragment::is_one_element(html) => return,
        Action::Hide(_) | Action::Remove(_) | Action::Replace(_) => {
            declarations.push_str("display:none!important");
        }
        Action::Style(style) => {
            for (name, value) in style {
                let _ = write!(declarations, "{name}:{}!important;", unimportant(value));
            }
        }
        _ => return,
    }
    let _ = write!(css, "[{MARK}~=\"{index}\"]{{{declarations}}}");
}

/// A value without the word that gives it weight.
fn unimportant(value: &str) -> &str {
    match value.rsplit_once('!') {
        Some((front, word)) if word.trim().eq_ignore_ascii_case("important") => {
            front.trim_end()
        }
        _ => value.trim_end(),
    }
}

/// Whether a shadow root shows it, on elements that can have one.
pub(super) fn is_overlaid(action: &Action) -> bool {
    matches!(
        action,
        Action::Text(_)
            | Action::Html(_)
            | Action::Insert(Insertion::Prepend(_) | Insertion::Append(_))
    )
}

/// What the script is told of a step, if it may have to do it.
pub(super) fn task(plan: &Plan<'_>, index: usize, cover: Cover) -> Option<Value> {
    let step = &plan.steps[index];
    let hosts = |selector: &Selector| {
        let host = |name: &str| name::may_host_shadow(name::tag(name.as_bytes()));
        selector.is_only_for(|name| host(name) && name != "body")
    };
    let overlaid = step.selector.as_deref().is_some_and(hosts);
    let at = |word: &str| format!("[{MARK}~=\"{word}\"]");
    let mut task = Map::new();
    let mut set = |name: &str, value: Value| task.insert(name.to_owned(), value);
    match &*step.action {
        Action::Text(text) if !overlaid => set("text", json!(text)),
        Action::Html(html) if !overlaid && fragment::is_one_element(html) => {
            set("text", json!(fragment::words(html)));
            set("html", json!(html))
        }
        Action::Insert(Insertion::Prepend(html) | Insertion::Append(html))
            if overlaid || !fragment::is_one_element(html) =>
        {
            return None;
        }
        Action::Insert(insertion) => {
            let (place, html) = match insertion {
                Insertion::Before(html) => ("before", html),
                Insertion::Prepend(html) => ("prepend", html),
                Insertion::Append(html) => ("append", html),
                Insertion::After(html) => ("after", html),
            };
            if !fragment::is_one_element(html) {
                return None;
            }
            set("insert", json!({ place: html }))
        }
        Action::Replace(html) if fragment::is_one_element(html) => {
            set("style", json!({ "display": "none" }));
            set("insert", json!({ "after": html }))
        }
        Action::Attribute(attributes) if cover.sets_back => {
            set("attribute", json!(attributes))
        }
        Action::Image(image) if cover.sets_back => {
            let mut all = Map::new();
            all.insert("src".to_owned(), json!(image.src));
            all.insert("srcset".to_owned(), json!(image.srcset));
            all.insert("sizes".to_owned(), json!(image.sizes));
            if let Some(alt) = &image.alt {
                all.insert("alt".to_owned(), json!(alt));
            }
            set("attribute", Value::Object(all))
        }
        Action::Style(style) if cover.sets_back && !cover.style => {
            let plain = style.iter().map(|(name, value)| (name, unimportant(value)));
            set("style", plain.collect())
        }
        Action::Move(target @ (Target::Before(_) | Target::After(_))) => {
            let place =
                if matches!(target, Target::Before(_)) { "before" } else { "after" };
            set("move", json!({ place: at(&format!("p{index}")) }))
        }
        _ => return None,
    };
    set("change", json!(change_name(plan, step)));
    set("selector", json!(at(&index.to_string())));
    Some(Value::Object(task))
}

/// The name of a change in what the script tells: its experiment, its variant and its place among the variant's changes.
fn change_name(plan: &Plan<'_>, step: &Step<'_>) -> String {
    let experiment = plan.experiments[step.experiment].experiment;
    let place = step.owner.changes.iter().position(|one| std::ptr::eq(one, step.change));
    let number = place.map_or(0, |place| place + 1);
    format!("{}/{}/{number}", experiment.key.as_str(), step.owner.key.as_str())
}

/// The script as an element of the page, to do those tasks.
pub(super) fn script_element(script: &Script, tasks: &[Value]) -> String {
    // Browsers take no nonce from an element that has tags in its attributes.
    let tasks = Value::from(tasks).to_string().replace('<', "\\u003c");
    script.element(&[("data-changes", &tasks), ("data-report", KEPT_PATH)])
}
