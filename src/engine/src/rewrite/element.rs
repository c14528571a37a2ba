//! One element: all the changes that matched it, applied in the plan's order as DOM calls would be, and the wait for
//! its end where a change needs to know it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use lol_html::html_content::{ContentType, Element};

use super::charset::ascii_html;
use super::nesting::{is_escapable_raw_text, is_raw_text, is_void};
use super::report::Skip;
use super::state::State;
use crate::change::{Action, ClassNames, Insertion};
use crate::plan::{Plan, Step};

/// What a page and its plan allow, fixed before the first byte.
pub(super) struct Rules {
    /// Inserted text keeps its characters; otherwise they are written as references.
    pub(super) charset_declared: bool,
    pub(super) style_attribute_allowed: bool,
}

/// The edits of one element, put together from its changes.
#[derive(Default)]
pub(super) struct Edits {
    /// HTML to go in front of the element.
    pub(super) before: String,
    /// HTML to go first into the element.
    pub(super) prepend: String,
    /// HTML to stand in place of what was inside.
    pub(super) inner: Option<String>,
    /// HTML to go last into the element.
    pub(super) append: String,
    /// HTML to go behind the element.
    pub(super) after: String,
    /// Take the element out.
    pub(super) remove: bool,
    /// Steps that count as applied only if the element's end is found.
    pub(super) waiting: Vec<usize>,
    /// Whether one of them, if only a probe, is about the whole content.
    pub(super) replaces: bool,
    /// Which experiments have which parts of the element; `style.color` is a part of `style`.
    owners: Vec<(String, usize)>,
}

impl Edits {
    /// Whether the element's end has to be found.
    pub(super) fn needs_end(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Notes that an experiment shows something in a part of the element.
    fn claim(&mut self, part: impl Into<String>, experiment: usize) {
        self.owners.push((part.into(), experiment));
    }

    /// Whether another experiment shows something there that would be lost.
    fn taken(&self, part: &str, experiment: usize) -> bool {
        let inside = |part: &str, whole: &str| {
            part.strip_prefix(whole)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.owners.iter().any(|(other, owner)| {
            *owner != experiment && (inside(other, part) || inside(part, other))
        })
    }
}

/// The element at hand, and what every change needs to know of it.
struct Target<'e, 'r, 't> {
    el: &'e mut Element<'r, 't>,
    name: String,
    /// It has content and an end.
    has_content: bool,
    rules: &'e Rules,
}

/// What a step came to at the element's start tag.
enum Outcome {
    Applied,
    /// Applied if the end is found.
    AtEnd,
    Skipped(Skip),
}

/// Applies to the start tag what belongs there and returns the rest.
pub(super) fn edit(
    el: &mut Element<'_, '_>,
    matched: &[usize],
    plan: &Plan<'_>,
    rules: &Rules,
    state: &mut State,
) -> Edits {
    let name = el.tag_name();
    let has_content = el.can_have_content() && !is_void(&name);
    let mut target = Target { el, name, has_content, rules };
    let mut edits = Edits::default();
    for &index in matched {
        let step = &plan.steps[index];
        state.counts[index].matched += 1;
        let outcome = if edits.remove {
            Outcome::Skipped(Skip::Removed)
        } else {
            target.apply(step, &mut edits)
        };
        match outcome {
            Outcome::Applied => state.applied(index),
            Outcome::AtEnd => edits.waiting.push(index),
            Outcome::Skipped(reason) => state.counts[index].skip(reason),
        }
    }
    edits
}

impl Target<'_, '_, '_> {
    fn apply(&mut self, step: &Step<'_>, edits: &mut Edits) -> Outcome {
        match &*step.action {
            Action::Text(text) => {
                // The parser drops a line break right after these start tags.
                let lost = text.starts_with('\n')
                    && matches!(self.name.as_str(), "pre" | "textarea" | "listing");
                let html =
                    format!("{}{}", if lost { "\n" } else { "" }, escape_text(text));
                self.set_content(&html, false, step, edits)
            }
            Action::Html(html) => self.set_content(html, true, step, edits),
            Action::Insert(insertion) => self.insert(insertion, step, edits),
            Action::Remove(_) => self.remove(step, edits),
            Action::Hide(_) => {
                if !step.probe {
                    edits.claim("hidden", step.experiment);
                    self.set("hidden", "");
                    if self.rules.style_attribute_allowed {
                        self.add_style("display", "none !important");
                    }
                }
                Outcome::Applied
            }
            Action::Attribute(attributes) => self.set_attributes(attributes, step, edits),
            Action::Class(classes) => {
                if !step.probe {
                    edits.claim("class", step.experiment);
                    self.set_classes(classes);
                }
                Outcome::Applied
            }
            Action::Style(style) => self.set_style(style, step, edits),
            // Not for an element; `state` places it.
            Action::Css(_) => Outcome::Skipped(Skip::NoPlace),
        }
    }

    /// Inserted HTML in the characters that the page's encoding is sure to carry.
    fn portable(&self, html: &str) -> String {
        if self.rules.charset_declared { html.to_owned() } else { ascii_html(html) }
    }

    fn refuses_content(&self, html: bool) -> Option<Skip> {
        if !self.has_content {
            return Some(Skip::NoContent);
        }
        let raw = is_raw_text(&self.name) || (html && is_escapable_raw_text(&self.name));
        raw.then_some(Skip::RawText)
    }

    fn set_content(
        &mut self,
        content: &str,
        html: bool,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        if let Some(reason) = self.refuses_content(html) {
            return Outcome::Skipped(reason);
        }
        if matches!(self.name.as_str(), "html" | "head") {
            return Outcome::Skipped(Skip::Needed);
        }
        if edits.taken("content", step.experiment) {
            return Outcome::Skipped(Skip::Taken);
        }
        edits.replaces = true;
        if !step.probe {
            edits.claim("content", step.experiment);
            edits.inner = Some(self.portable(content));
            edits.prepend.clear();
            edits.append.clear();
        }
        Outcome::AtEnd
    }

    fn insert(
        &mut self,
        insertion: &Insertion,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        let inside = matches!(insertion, Insertion::Prepend(_) | Insertion::Append(_));
        if let Some(reason) = inside.then(|| self.refuses_content(true)).flatten() {
            return Outcome::Skipped(reason);
        }
        if self.breaks_head(insertion) {
            return Outcome::Skipped(Skip::Needed);
        }
        if inside && !step.probe {
            edits.claim("content.inserted", step.experiment);
        }
        let (Insertion::Before(html)
        | Insertion::Prepend(html)
        | Insertion::Append(html)
        | Insertion::After(html)) = insertion;
        let html = if step.probe { String::new() } else { self.portable(html) };
        match insertion {
            Insertion::Before(_) => {
                edits.before.push_str(&html);
                Outcome::Applied
            }
            Insertion::Prepend(_) => match &mut edits.inner {
                Some(inner) => {
                    inner.insert_str(0, &html);
                    Outcome::AtEnd
                }
                None => {
                    edits.prepend.insert_str(0, &html);
                    Outcome::Applied
                }
            },
            Insertion::Append(_) => {
                edits.inner.as_mut().unwrap_or(&mut edits.append).push_str(&html);
                Outcome::AtEnd
            }
            Insertion::After(_) => {
                edits.after.insert_str(0, &html);
                if self.has_content { Outcome::AtEnd } else { Outcome::Applied }
            }
        }
    }

    /// What stands before the head's first tag makes the parser start the body, and the head's elements land in it.
    fn breaks_head(&self, insertion: &Insertion) -> bool {
        match insertion {
            Insertion::Before(_) => matches!(self.name.as_str(), "html" | "head"),
            Insertion::Prepend(_) => self.name == "html",
            Insertion::Append(_) | Insertion::After(_) => false,
        }
    }

    fn remove(&mut self, step: &Step<'_>, edits: &mut Edits) -> Outcome {
        if matches!(self.name.as_str(), "html" | "head" | "body") {
            return Outcome::Skipped(Skip::Needed);
        }
        // What an earlier experiment shows may not be taken away.
        if edits.owners.iter().any(|(_, owner)| *owner != step.experiment) {
            return Outcome::Skipped(Skip::Taken);
        }
        edits.replaces = true;
        edits.remove = !step.probe;
        if self.has_content {
            return Outcome::AtEnd;
        }
        if !step.probe {
            self.el.remove();
        }
        Outcome::Applied
    }

    fn set_attributes(
        &mut self,
        attributes: &BTreeMap<String, Option<String>>,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        let mut free = false;
        for (name, value) in attributes {
            let hidden = name == "style" && edits.taken("hidden", step.experiment);
            if hidden || edits.taken(name, step.experiment) {
                continue;
            }
            free = true;
            if step.probe {
                continue;
            }
            edits.claim(name.as_str(), step.experiment);
            match value {
                Some(value) => self.set(name, value),
                None => self.el.remove_attribute(name),
            }
        }
        if free { Outcome::Applied } else { Outcome::Skipped(Skip::Taken) }
    }

    fn set_style(
        &mut self,
        style: &BTreeMap<String, String>,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        if !self.rules.style_attribute_allowed {
            return Outcome::Skipped(Skip::Blocked);
        }
        let mut free = false;
        for (name, value) in style {
            let part = format!("style.{name}");
            if edits.taken(&part, step.experiment) {
                continue;
            }
            free = true;
            if !step.probe {
                edits.claim(part, step.experiment);
                self.add_style(name, value);
            }
        }
        if free { Outcome::Applied } else { Outcome::Skipped(Skip::Taken) }
    }

    /// Sets an attribute to a literal value.
    fn set(&mut self, name: &str, value: &str) {
        // The rewriter escapes the quote; a literal & has to be a reference.
        self.set_raw(name, &value.replace('&', "&amp;"));
    }

    /// Sets an attribute to source text, in which references count.
    fn set_raw(&mut self, name: &str, source: &str) {
        let source = self.portable(source);
        // Names were checked at publish; one that is refused all the same leaves the attribute as it was.
        let _ = self.el.set_attribute(name, &source);
    }

    /// A later declaration wins over an earlier one, so the element's own are kept as they are.
    fn add_style(&mut self, name: &str, value: &str) {
        let old = self.el.get_attribute("style").unwrap_or_default();
        let old = old.trim_end();
        // A ";" may also be the end of a reference such as "&quot;". One too many does no harm.
        let separator = match old.chars().last() {
            None => "",
            Some(';') if !old.contains('&') => " ",
            Some(_) => "; ",
        };
        let source = format!("{old}{separator}{name}: {}", value.replace('&', "&amp;"));
        self.set_raw("style", &source);
    }

    fn set_classes(&mut self, ClassNames { add, remove }: &ClassNames) {
        let old = self.el.get_attribute("class").unwrap_or_default();
        let mut names: Vec<&str> = old.split_ascii_whitespace().collect();
        let before = names.len();
        let add: Vec<_> = add.iter().map(|name| name.replace('&', "&amp;")).collect();
        let remove: Vec<_> =
            remove.iter().map(|name| name.replace('&', "&amp;")).collect();
        names.retain(|name| !remove.iter().any(|gone| gone == name));
        let removed = names.len() != before;
        let missing: Vec<_> =
            add.iter().filter(|name| !names.contains(&name.as_str())).collect();
        if removed || !missing.is_empty() {
            names.extend(missing.into_iter().map(String::as_str));
            let source = names.join(" ");
            self.set_raw("class", &source);
        }
    }
}

/// `text` as HTML that shows it.
fn escape_text(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            _ => html.push(c),
        }
        html
    })
}

/// A style element for the page.
pub(super) fn style_element(css: &str, nonce: Option<&str>) -> String {
    let mut html = String::from("<style");
    if let Some(nonce) = nonce {
        let _ = write!(html, " nonce=\"{nonce}\"");
    }
    let _ = write!(html, ">{css}</style>");
    html
}

/// Adds HTML at a place of an element or a tag, if there is any.
pub(super) fn insert_html(html: &str, place: impl FnOnce(&str, ContentType)) {
    if !html.is_empty() {
        place(html, ContentType::Html);
    }
}
