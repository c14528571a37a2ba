//! One element: all the changes that matched it, put together in the plan's order as DOM calls would be. What belongs
//! into its tag is done at once; what has to be written around or in it comes out as a list.

use std::collections::{BTreeMap, BTreeSet};

use super::edits::{Edits, Place};
use super::hydration::Cover;
use super::image;
use super::report::{Grade, Skip};
use super::state::Counts;
use super::tag::Tag;
use crate::change::{Action, ClassNames, Image, Insertion};
use crate::html::{Namespace, Node, name};
use crate::plan::{Plan, Step};

/// What a page and its plan allow, fixed before the first byte.
pub(super) struct Rules {
    pub(super) style_attribute_allowed: bool,
    /// Nothing passes without a look.
    pub(super) is_thorough: bool,
}

/// The element at hand, and what every change needs to know of it.
pub(super) struct Target<'e, 't> {
    pub(super) tag: &'e mut Tag<'t>,
    pub(super) node: Node,
    /// It has content and an end.
    pub(super) has_content: bool,
    /// The page has a tag for it.
    pub(super) has_tag: bool,
    pub(super) rules: &'e Rules,
}

/// What a step came to at the element's start tag.
pub(super) enum Outcome {
    Applied,
    /// The tag was that way already.
    NoEffect,
    Written(Place, String),
    /// Something is shown in the element's place.
    Overlaid,
    /// Words are looked for until the element ends.
    Finds,
    Skipped(Skip),
}

/// Applies to the start tag what belongs there and returns the rest.
pub(super) fn edit(
    mut target: Target<'_, '_>,
    matched: &[usize],
    plan: &Plan<'_>,
    cover_of: impl Fn(&Step<'_>) -> Option<Cover>,
    counts: &mut Counts,
) -> Edits {
    let mut edits = Edits::default();
    for &index in matched {
        if let Some(step) = index.checked_sub(plan.steps.len()) {
            match cover_of(&plan.steps[step]) {
                Some(_) => target.mark_place(step, &plan.steps[step]),
                None => edits.place_moved(step, &plan.steps[step]),
            }
            continue;
        }
        let step = &plan.steps[index];
        counts.matched(index);
        let (outcome, grade) = if edits.removed {
            (Outcome::Skipped(Skip::Removed), Grade::Direct)
        } else if let Some(cover) = cover_of(step) {
            target.apply_covered(index, step, cover, &mut edits)
        } else {
            (target.apply(step, &mut edits), Grade::Direct)
        };
        match &outcome {
            Outcome::Skipped(Skip::Hydrated) => counts.graded(index, Grade::Impossible),
            Outcome::Skipped(_) => {}
            _ => counts.graded(index, grade),
        }
        match outcome {
            Outcome::Applied => counts.applied(index),
            Outcome::NoEffect => counts.no_effect(index),
            Outcome::Written(place, html) => edits.add(index, place, html, step.probe),
            Outcome::Overlaid => edits.overlay.add(index),
            Outcome::Finds => edits.finds.push(index),
            Outcome::Skipped(reason) => counts.skip(index, reason),
        }
    }
    edits.lay_over();
    for step in std::mem::take(&mut edits.overruled) {
        counts.skip(step, Skip::Removed);
    }
    edits
}

impl Target<'_, '_> {
    pub(super) fn is_html(&self, tags: &[name::Tag]) -> bool {
        self.node.namespace == Namespace::Html && tags.contains(&self.node.tag)
    }

    pub(super) fn apply(&mut self, step: &Step<'_>, edits: &mut Edits) -> Outcome {
        match &*step.action {
            Action::Text(text) => self.set_content(escape_text(text), false, step, edits),
            Action::Html(html) => self.set_content(html.clone(), true, step, edits),
            Action::Insert(insertion) => self.insert(insertion, step, edits),
            Action::Remove(_) => self.take_out(String::new(), step, edits),
            Action::Replace(html) => self.take_out(html.clone(), step, edits),
            Action::Move(_) => match self.take_out(String::new(), step, edits) {
                Outcome::Written(_, html) => Outcome::Written(Place::Moved, html),
                other => other,
            },
            Action::Find(_) => match self.refuses_content(true) {
                Some(reason) => Outcome::Skipped(reason),
                None if edits.taken("content", step.experiment) => {
                    Outcome::Skipped(Skip::Taken)
                }
                None => Outcome::Finds,
            },
            Action::Title(title) => {
                self.set_content(escape_text(title), false, step, edits)
            }
            Action::Meta(meta) => self.in_tag(step, edits, "content", |target| {
                for content in meta.values() {
                    target.tag.set("content", content);
                }
            }),
            Action::Image(image) => self.show_image(image, step, edits),
            Action::Hide(_) => self.hide(step, edits),
            Action::Attribute(attributes) => self.set_attributes(attributes, step, edits),
            Action::Class(classes) => {
                self.in_tag(step, edits, "class", |target| target.set_classes(classes))
            }
            Action::Style(style) => self.set_style(style, step, edits),
            // Not for an element; the walk places it.
            Action::Css(_) | Action::Script(_) => Outcome::Skipped(Skip::NoPlace),
        }
    }

    /// Does something to the tag, if it is not only looked for.
    pub(super) fn in_tag(
        &mut self,
        step: &Step<'_>,
        edits: &mut Edits,
        part: &str,
        change: impl FnOnce(&mut Self),
    ) -> Outcome {
        if step.probe {
            return Outcome::Applied;
        }
        edits.claim(part, step.experiment);
        let before = self.tag.version();
        change(self);
        if self.tag.version() == before { Outcome::NoEffect } else { Outcome::Applied }
    }

    pub(super) fn refuses_content(&self, html: bool) -> Option<Skip> {
        // What a template's tags enclose is no content of its own.
        if !self.has_content || self.is_html(&[name::TEMPLATE]) {
            return Some(Skip::NoContent);
        }
        let is_html = self.node.namespace == Namespace::Html;
        let raw = is_html
            && (name::is_raw_text(self.node.tag)
                || (html && name::is_escapable_raw_text(self.node.tag)));
        raw.then_some(Skip::RawText)
    }

    fn set_content(
        &mut self,
        content: String,
        html: bool,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        if let Some(reason) = self.refuses_content(html) {
            return Outcome::Skipped(reason);
        }
        if self.is_html(&[name::HTML, name::HEAD, name::FRAMESET]) {
            return Outcome::Skipped(Skip::Needed);
        }
        if edits.taken("content", step.experiment) {
            return Outcome::Skipped(Skip::Taken);
        }
        if !step.probe {
            edits.claim("content", step.experiment);
        }
        // The parser drops a line break right after these start tags.
        let lost = content.starts_with('\n')
            && self.node.namespace == Namespace::Html
            && name::drops_line_break(self.node.tag);
        let content = if lost { format!("\n{content}") } else { content };
        Outcome::Written(Place::Content, content)
    }

    fn insert(
        &mut self,
        insertion: &Insertion,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        let (place, html) = match insertion {
            Insertion::Before(html) => (Place::Before, html),
            Insertion::Prepend(html) => (Place::First, html),
            Insertion::Append(html) => (Place::Last, html),
            Insertion::After(html) => (Place::Behind, html),
        };
        let inside = matches!(place, Place::First | Place::Last);
        if let Some(reason) = inside.then(|| self.refuses_content(true)).flatten() {
            return Outcome::Skipped(reason);
        }
        // What stands before the head's first tag makes the parser start the body, and the head's elements land in it.
        let breaks_head = match place {
            Place::Before => self.is_html(&[name::HTML, name::HEAD, name::BODY]),
            Place::Behind => self.is_html(&[name::HTML, name::BODY]),
            Place::First | Place::Last => self.is_html(&[name::HTML, name::FRAMESET]),
            _ => false,
        };
        if breaks_head {
            return Outcome::Skipped(Skip::Needed);
        }
        if inside && !step.probe {
            edits.claim("content.inserted", step.experiment);
        }
        Outcome::Written(place, html.clone())
    }

    /// Puts HTML, or nothing, in place of the element.
    pub(super) fn take_out(
        &mut self,
        html: String,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        if self.is_html(&[name::HTML, name::HEAD, name::BODY, name::FRAMESET]) {
            return Outcome::Skipped(Skip::Needed);
        }
        // What an earlier experiment shows may not be taken away.
        if edits.owners.iter().any(|(_, owner)| *owner != step.experiment) {
            return Outcome::Skipped(Skip::Taken);
        }
        Outcome::Written(Place::Whole, html)
    }

    fn show_image(
        &mut self,
        image: &Image,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        if !self.is_html(&[name::IMG]) {
            return Outcome::Skipped(Skip::NotAnImage);
        }
        if image::parts(image).any(|part| edits.taken(part, step.experiment)) {
            return Outcome::Skipped(Skip::Taken);
        }
        if !step.probe {
            image::parts(image).for_each(|part| edits.claim(part, step.experiment));
        }
        self.in_tag(step, edits, "src", |target| image::show(target.tag, image))
    }

    pub(super) fn hide(&mut self, step: &Step<'_>, edits: &mut Edits) -> Outcome {
        self.in_tag(step, edits, "hidden", |target| {
            target.tag.set("hidden", "");
            if target.rules.style_attribute_allowed {
                target.add_style("display", "none !important");
            }
        })
    }

    pub(super) fn set_attributes(
        &mut self,
        attributes: &BTreeMap<String, Option<String>>,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        let free: Vec<_> = attributes
            .iter()
            .filter(|(name, _)| {
                let hidden = *name == "style" && edits.taken("hidden", step.experiment);
                !hidden && !edits.taken(name, step.experiment)
            })
            .collect();
        if free.is_empty() {
            return Outcome::Skipped(Skip::Taken);
        }
        if step.probe {
            return Outcome::Applied;
        }
        let before = self.tag.version();
        for (name, value) in free {
            edits.claim(name.as_str(), step.experiment);
            match value {
                Some(value) => self.tag.set(name, value),
                None => self.tag.remove(name),
            }
            // The old file's checksum would keep the new one from loading.
            let source = matches!(name.as_str(), "href" | "src");
            if source
                && !attributes.contains_key("integrity")
                && self.tag.version() != before
            {
                self.tag.remove("integrity");
            }
        }
        if self.tag.version() == before { Outcome::NoEffect } else { Outcome::Applied }
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

    /// A later declaration wins over an earlier one, so the element's own are kept as they are.
    fn add_style(&mut self, name: &str, value: &str) {
        let mut source = self.tag.source("style").unwrap_or_default().to_vec();
        source.truncate(source.trim_ascii_end().len());
        // A ";" may also be the end of a reference such as "&quot;". One too many does no harm.
        let separator = match source.last() {
            None => "",
            Some(b';') if !source.contains(&b'&') => " ",
            Some(_) => "; ",
        };
        let declaration = format!("{separator}{name}: {}", value.replace('&', "&amp;"));
        source.extend_from_slice(&self.tag.charset().encode_html(&declaration));
        self.tag.set_source("style", source);
    }

    fn set_classes(&mut self, ClassNames { add, remove }: &ClassNames) {
        let old = self.tag.value("class").unwrap_or_default().into_owned();
        // As the DOM has it: each name once, with one space between them.
        let gone: BTreeSet<&str> = remove.iter().map(String::as_str).collect();
        let kept = old.split_ascii_whitespace().filter(|name| !gone.contains(name));
        let mut seen = BTreeSet::new();
        let names: Vec<&str> = kept
            .chain(add.iter().map(String::as_str))
            .filter(|name| seen.insert(*name))
            .collect();
        if !names.is_empty() || self.tag.source("class").is_some() {
            self.tag.set("class", &names.join(" "));
        }
    }
}

/// `text` as HTML that shows it.
pub(super) fn escape_text(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\r' => html.push_str("&#13;"),
            _ => html.push(c),
        }
        html
    })
}
