//! One change of a draft: a selector and one action.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::MAX_MARKUP;
use super::image::read_image;
use super::token::{check_target, read_tokens, refuse_tokens, without_tokens};
use crate::change::{Action, Change, ClassNames, Expect, Insertion, Target, Words};
use crate::draft::{Fields, Place, as_list, as_text, wrong_kind};
use crate::markup::{
    Unsafe, check_attribute, check_css, check_html, check_script, check_style,
};
use crate::problem::Problems;
use crate::selector::Selector;
use crate::token::Landing;

const CHANGE: &str = "an object such as {\"selector\": \"h1\", \"text\": \"Start free\"}";

/// Reads the value of one action; `None` when a problem was noted.
type ReadAction = fn(&Value, &Place, &mut Problems) -> Option<Action>;

const ACTIONS: [(&str, ReadAction); 16] = [
    ("text", |value, at, problems| {
        let text = as_text(value, at, problems)?;
        let good = within_limit(text, at, problems);
        (read_tokens(text, Landing::Text, at, problems) && good)
            .then(|| Action::Text(text.to_owned()))
    }),
    ("html", |value, at, problems| Some(Action::Html(read_html(value, at, problems)?))),
    ("attribute", read_attributes),
    ("class", read_classes),
    ("style", read_style),
    ("hide", |value, at, problems| {
        read_true(value, at, problems).then_some(Action::Hide(true))
    }),
    ("remove", |value, at, problems| {
        read_true(value, at, problems).then_some(Action::Remove(true))
    }),
    ("insert", read_insertion),
    ("replace", |value, at, problems| {
        Some(Action::Replace(read_html(value, at, problems)?))
    }),
    ("find", read_find),
    ("image", read_image),
    ("move", read_move),
    ("title", |value, at, problems| {
        let title = as_text(value, at, problems)?;
        let good = within_limit(title, at, problems);
        (read_tokens(title, Landing::Text, at, problems) && good)
            .then(|| Action::Title(title.to_owned()))
    }),
    ("meta", read_meta),
    ("css", read_css),
    ("script", read_script),
];

pub(super) fn read_change(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<Change> {
    let mut fields = Fields::of(value, at, CHANGE, problems)?;
    let selector = fields.optional("selector");
    let expect_at = fields.place("expect");
    let expect = fields
        .optional("expect")
        .map_or(Some(Expect::All), |value| read_expect(value, &expect_at, problems));
    let mut actions = Vec::new();
    for (name, read) in ACTIONS {
        if let Some(value) = fields.optional(name) {
            actions.push((name, read(value, &fields.place(name), problems)));
        }
    }
    let selector_at = fields.place("selector");
    let all_known = fields.finish(problems);
    // These are about the whole page.
    let whole = match actions.as_slice() {
        [(name @ ("css" | "script" | "title" | "meta"), _)] => Some(*name),
        _ => None,
    };
    let selector = match selector {
        // Without an action nobody knows whether one is needed.
        None if whole.is_some() || actions.is_empty() => Some(None),
        None => {
            let hint = "Write which element to change, for example \"h1\".";
            let message = "\"selector\" is missing";
            problems.error("missing-field", &selector_at, message, hint);
            None
        }
        Some(_) if whole == Some("css") => {
            let message = "\"css\" is for the whole page and has no selector";
            let hint = "Write the selector inside the CSS.";
            problems.error("css-has-selector", &selector_at, message, hint);
            None
        }
        Some(_) if whole.is_some() => {
            let name = whole.unwrap_or_default();
            let message = format!("{name:?} is for the whole page and has no selector");
            let hint = "Leave out \"selector\".";
            problems.error("page-has-selector", &selector_at, message, hint);
            None
        }
        Some(value) => read_selector(value, &selector_at, problems).map(Some),
    };
    // A misspelt action was reported as such.
    if actions.is_empty() && !all_known {
        return None;
    }
    if actions.len() != 1 {
        let found =
            actions.iter().map(|(name, _)| format!("{name:?}")).collect::<Vec<_>>();
        problems.error(
            "not-one-action",
            at,
            match found.as_slice() {
                [] => "this change does nothing".to_owned(),
                found => format!(
                    "a change has one action, and this has {}",
                    found.join(" and ")
                ),
            },
            format!(
                "Write one of {}; use another change for another action.",
                ACTIONS.map(|(name, _)| name).join(", ")
            ),
        );
        return None;
    }
    let (_, action) = actions.remove(0);
    // What is wrong with a token was noted where it stands.
    let change = Change::new(selector?, expect?, action?).ok()?;
    check_target(&change, &selector_at, problems);
    Some(change)
}

fn read_selector(value: &Value, at: &Place, problems: &mut Problems) -> Option<Selector> {
    let text = as_text(value, at, problems)?;
    if !refuse_tokens(text, "a selector", at, problems) {
        return None;
    }
    match Selector::parse(text) {
        Ok(selector) => Some(selector),
        Err(error) => {
            problems.error("not-a-selector", at, error.to_string(), error.hint());
            None
        }
    }
}

fn read_expect(value: &Value, at: &Place, problems: &mut Problems) -> Option<Expect> {
    let word = as_text(value, at, problems)?;
    let found = Expect::ALL.into_iter().find(|expect| expect.as_str() == word);
    if found.is_none() {
        problems.error(
            "not-an-expectation",
            at,
            format!("{word:?} is not a number of elements that a change can expect"),
            "Write \"one\" for the first that matches, \"all\", or \"at-least-one\".",
        );
    }
    found
}

pub(super) fn note(found: Option<Unsafe>, at: &Place, problems: &mut Problems) -> bool {
    let safe = found.is_none();
    if let Some(Unsafe { code, message, hint }) = found {
        problems.error(code, at, message, hint);
    }
    safe
}

fn read_true(value: &Value, at: &Place, problems: &mut Problems) -> bool {
    let yes = value == &Value::Bool(true);
    if !yes {
        wrong_kind(problems, at, value, "true");
    }
    yes
}

pub(super) fn within_limit(text: &str, at: &Place, problems: &mut Problems) -> bool {
    let within = text.len() <= MAX_MARKUP;
    if !within {
        problems.error(
            "too-long",
            at,
            format!("this is {} bytes long, and {MAX_MARKUP} is the most", text.len()),
            "Put images and styles into files of their own and link to them.",
        );
    }
    within
}

fn read_html(value: &Value, at: &Place, problems: &mut Problems) -> Option<String> {
    let html = as_text(value, at, problems)?;
    let good = within_limit(html, at, problems)
        // A token that has no end hides the end of the markup too.
        && without_tokens(html)
            .is_none_or(|sample| note(check_html(&sample), at, problems));
    (read_tokens(html, Landing::Html, at, problems) && good).then(|| html.to_owned())
}

fn read_css(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let css = as_text(value, at, problems)?;
    let good = refuse_tokens(css, "a style sheet", at, problems)
        && within_limit(css, at, problems)
        && note(check_css(css), at, problems);
    good.then(|| Action::Css(css.to_owned()))
}

fn read_script(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let code = as_text(value, at, problems)?;
    let good = refuse_tokens(code, "a script", at, problems)
        && within_limit(code, at, problems)
        && note(check_script(code), at, problems);
    good.then(|| Action::Script(code.to_owned()))
}

fn read_find(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let what = "an object such as {\"text\": \"trial\", \"with\": \"demo\"}";
    let mut fields = Fields::of(value, at, what, problems)?;
    let text = fields.text("text", "Write the words to look for.", problems);
    let with = fields.required(
        "with",
        "Write what is to stand there; \"\" for nothing.",
        problems,
    );
    let with = with.and_then(|value| as_text(value, &fields.place("with"), problems));
    let known = fields.finish(problems);
    let (text, with) = (text?, with?);
    let good = within_limit(text, at, problems)
        && within_limit(with, at, problems)
        && refuse_tokens(text, "a text to look for", &at.field("text"), problems);
    (read_tokens(with, Landing::Text, &at.field("with"), problems) && good && known)
        .then(|| Action::Find(Words { text: text.to_owned(), with: with.to_owned() }))
}

fn read_move(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let what = "an object such as {\"before\": \"h1\"}";
    let mut fields = Fields::of(value, at, what, problems)?;
    let places: [(_, fn(Selector) -> _); 4] = [
        ("before", Target::Before),
        ("prepend", Target::Prepend),
        ("append", Target::Append),
        ("after", Target::After),
    ];
    let mut found = Vec::new();
    for (name, place) in places {
        if let Some(value) = fields.optional(name) {
            found.push(read_selector(value, &fields.place(name), problems).map(place));
        }
    }
    if !fields.finish(problems) && found.is_empty() {
        return None;
    }
    if found.len() != 1 {
        problems.error(
            "not-one-place",
            at,
            format!("an element is moved to one place, and this has {}", found.len()),
            "Write one of \"before\", \"prepend\", \"append\" and \"after\", with the selector of the element that is there.",
        );
        return None;
    }
    found.remove(0).map(Action::Move)
}

fn read_meta(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let found =
        entries(value, at, "an object such as {\"description\": \"…\"}", problems)?;
    if found.len() != 1 {
        problems.error(
            "not-one-meta",
            at,
            format!(
                "a change sets one of the page's meta elements, and this has {}",
                found.len()
            ),
            "Use another change for another one.",
        );
        return None;
    }
    let mut meta = BTreeMap::new();
    for (name, value) in found {
        let place = at.field(name);
        let named =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.');
        if name.is_empty() || !name.bytes().all(named) {
            problems.error(
                "not-a-meta",
                &place,
                format!("{name:?} is not the name of a meta element"),
                "Use letters, digits, \"-\", \"_\", \":\" and \".\", as in \"og:title\".",
            );
            return None;
        }
        let content = as_text(value, &place, problems)?;
        let good = within_limit(content, &place, problems);
        if read_tokens(content, Landing::Meta(name), &place, problems) && good {
            meta.insert(name.clone(), content.to_owned());
        }
    }
    (!meta.is_empty()).then_some(Action::Meta(meta))
}

/// The entries of an object that must have at least one.
fn entries<'a>(
    value: &'a Value,
    at: &Place,
    what: &str,
    problems: &mut Problems,
) -> Option<&'a Map<String, Value>> {
    match value {
        Value::Object(entries) if !entries.is_empty() => Some(entries),
        Value::Object(_) => {
            problems.error(
                "empty",
                at,
                format!("expected {what}, found an empty object"),
                "Write at least one entry.",
            );
            None
        }
        _ => {
            wrong_kind(problems, at, value, what);
            None
        }
    }
}

fn read_attributes(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let mut attributes = BTreeMap::new();
    for (name, value) in
        entries(value, at, "an object such as {\"href\": \"/signup\"}", problems)?
    {
        let place = at.field(name);
        let lower = name.to_ascii_lowercase();
        let valid = !lower.is_empty()
            && lower.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.')
            });
        if !valid {
            let message = format!("{name:?} is not the name of an attribute");
            problems.error(
                "not-an-attribute",
                &place,
                message,
                "Use letters, digits, \"-\" and \"_\".",
            );
            continue;
        }
        // What is only taken away does no harm.
        if value.is_null() {
            attributes.insert(lower, None);
            continue;
        }
        let Some(value) = as_text(value, &place, problems) else { continue };
        let good = without_tokens(value).is_none_or(|sample| {
            note(check_attribute(&lower, &sample), &place, problems)
        });
        if read_tokens(value, Landing::Attribute(&lower), &place, problems) && good {
            attributes.insert(lower, Some(value.to_owned()));
        }
    }
    Some(Action::Attribute(attributes))
}

fn read_classes(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let mut fields =
        Fields::of(value, at, "an object such as {\"add\": [\"big\"]}", problems)?;
    let mut names = |name: &'static str| {
        let Some(value) = fields.optional(name) else { return Vec::new() };
        let place = fields.place(name);
        let mut names = Vec::new();
        for (index, item) in as_list(value, &place, problems).iter().enumerate() {
            let place = place.item(index);
            let Some(class) = as_text(item, &place, problems) else { continue };
            if !refuse_tokens(class, "a class", &place, problems) {
                continue;
            }
            if class.is_empty() || class.contains(char::is_whitespace) {
                let message = format!("{class:?} is not one class");
                problems.error(
                    "not-a-class",
                    &place,
                    message,
                    "Write each class as a text of its own, without spaces.",
                );
            }
            names.push(class.to_owned());
        }
        names
    };
    let (add, remove) = (names("add"), names("remove"));
    fields.finish(problems);
    if add.is_empty() && remove.is_empty() {
        problems.error(
            "empty",
            at,
            "no class is added or removed",
            "Write {\"add\": [\"big\"]}.",
        );
    }
    Some(Action::Class(ClassNames { add, remove }))
}

fn read_style(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let mut style = BTreeMap::new();
    for (name, value) in
        entries(value, at, "an object such as {\"color\": \"green\"}", problems)?
    {
        let place = at.field(name);
        let Some(value) = as_text(value, &place, problems) else { continue };
        let good = refuse_tokens(value, "a style", &place, problems);
        if good && note(check_style(name, value), &place, problems) {
            style.insert(name.clone(), value.trim().to_owned());
        }
    }
    Some(Action::Style(style))
}

fn read_insertion(value: &Value, at: &Place, problems: &mut Problems) -> Option<Action> {
    let mut fields = Fields::of(
        value,
        at,
        "an object such as {\"before\": \"<p>New</p>\"}",
        problems,
    )?;
    let places: [(_, fn(String) -> _); 4] = [
        ("before", Insertion::Before),
        ("prepend", Insertion::Prepend),
        ("append", Insertion::Append),
        ("after", Insertion::After),
    ];
    let mut found = Vec::new();
    for (name, place) in places {
        if let Some(value) = fields.optional(name) {
            found.push(read_html(value, &fields.place(name), problems).map(place));
        }
    }
    // A misspelt place was reported as such.
    if !fields.finish(problems) && found.is_empty() {
        return None;
    }
    if found.len() != 1 {
        problems.error(
            "not-one-place",
            at,
            format!("an insertion has one place, and this has {}", found.len()),
            "Write one of \"before\", \"prepend\", \"append\" and \"after\".",
        );
        return None;
    }
    found.remove(0).map(Action::Insert)
}
