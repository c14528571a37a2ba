//! Changes to what a framework takes over: each in the form that the framework leaves alone, as far as there is one.

use std::collections::BTreeMap;

use super::edits::{Edits, Place as Part};
use super::element::{Outcome, Target, escape_text};
use super::fragment;
use super::guard::MARK;
use super::hydration::Cover;
use super::overlay::Overlay;
use super::report::{Grade, Skip};
use crate::change::{Action, Insertion, Target as Place};
use crate::html::{Namespace, Node, Origin, name};
use crate::plan::Step;

/// Attributes that frameworks are known to set back to what they were.
const SET_BACK: [&str; 4] = ["href", "src", "srcset", "style"];

/// Whether an element can have a shadow root that shows something in its place.
pub(super) fn may_host_overlay(node: Node, leaf: bool, origin: Origin) -> bool {
    origin == Origin::Tag
        && !leaf
        && node.namespace == Namespace::Html
        && node.tag != name::BODY
        && name::may_host_shadow(node.tag)
}

impl Target<'_, '_> {
    /// Does what a step asks for, and tells how that stays on the page.
    pub(super) fn apply_covered(
        &mut self,
        index: usize,
        step: &Step<'_>,
        cover: Cover,
        edits: &mut Edits,
    ) -> (Outcome, Grade) {
        match &*step.action {
            Action::Class(_) => (self.apply(step, edits), Grade::Safe),
            Action::Attribute(attributes) => {
                let known = |name: &String| SET_BACK.contains(&name.as_str());
                let at_risk = attributes.keys().any(known);
                self.keep_attributes(at_risk, index, step, cover, edits)
            }
            Action::Image(_) => self.keep_attributes(true, index, step, cover, edits),
            Action::Style(style) => self.keep_style(style, index, step, cover, edits),
            Action::Hide(_) => {
                let outcome = if cover.style {
                    self.rule(&["hidden".to_owned()], index, step, edits)
                } else {
                    self.apply(step, edits)
                };
                (outcome, Grade::Safe)
            }
            // What the framework holds is never taken out of its hands: it is hidden.
            Action::Remove(_) => (self.vanish(index, step, cover, edits), Grade::Safe),
            Action::Replace(html) => {
                let outcome =
                    match self.needs_script(cover, fragment::is_one_element(html)) {
                        Some(reason) => Outcome::Skipped(reason),
                        None => self.vanish(index, step, cover, edits),
                    };
                (outcome, Grade::Protected)
            }
            Action::Text(text) => {
                let html = escape_text(text);
                let overlay = |overlay: &mut Overlay| overlay.set_content(&html);
                self.show("content", overlay, true, index, step, cover, edits)
            }
            Action::Html(html) => {
                let overlay = |overlay: &mut Overlay| overlay.set_content(html);
                let one = fragment::is_one_element(html);
                self.show("content", overlay, one, index, step, cover, edits)
            }
            Action::Insert(insertion) => self.put(insertion, index, step, cover, edits),
            Action::Move(target) => {
                let beside = matches!(target, Place::Before(_) | Place::After(_));
                let outcome = self.scripted("place", beside, index, step, cover, edits);
                (outcome, Grade::Protected)
            }
            Action::Find(_) => (Outcome::Skipped(Skip::Hydrated), Grade::Impossible),
            Action::Title(_) | Action::Meta(_) | Action::Css(_) | Action::Script(_) => {
                (self.apply(step, edits), Grade::Direct)
            }
        }
    }

    /// The element gives another one, which a step moves, its place.
    pub(super) fn mark_place(&mut self, step: usize, of: &Step<'_>) {
        let beside =
            matches!(&*of.action, Action::Move(Place::Before(_) | Place::After(_)));
        if beside && !of.probe {
            self.mark(&format!("p{step}"));
        }
    }

    /// Lets a rule or the script find the element: frameworks leave an attribute that they do not know where it is.
    fn mark(&mut self, word: &str) {
        let mut words = self.tag.value(MARK).unwrap_or_default().into_owned();
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        self.tag.set(MARK, &words);
    }

    /// Why the script cannot do it. It puts whole elements there, and nothing into those that the page cannot do without.
    fn needs_script(&self, cover: Cover, can: bool) -> Option<Skip> {
        if self.is_html(&[name::HTML, name::HEAD, name::BODY, name::FRAMESET]) {
            Some(Skip::Needed)
        } else if !can {
            Some(Skip::Hydrated)
        } else {
            (!cover.script).then_some(Skip::Blocked)
        }
    }

    /// The script does it, in a part of the element.
    fn scripted(
        &mut self,
        part: &str,
        can: bool,
        index: usize,
        step: &Step<'_>,
        cover: Cover,
        edits: &mut Edits,
    ) -> Outcome {
        if let Some(reason) = self.needs_script(cover, can) {
            return Outcome::Skipped(reason);
        }
        if edits.taken(part, step.experiment) {
            return Outcome::Skipped(Skip::Taken);
        }
        if !step.probe {
            edits.claim(part, step.experiment);
            self.mark(&index.to_string());
        }
        Outcome::Applied
    }

    /// A rule of the style sheet in the head does it, in these parts of the element.
    fn rule(
        &mut self,
        parts: &[String],
        index: usize,
        step: &Step<'_>,
        edits: &mut Edits,
    ) -> Outcome {
        if parts.iter().any(|part| edits.taken(part, step.experiment)) {
            return Outcome::Skipped(Skip::Taken);
        }
        if !step.probe {
            for part in parts {
                edits.claim(part.as_str(), step.experiment);
            }
            self.mark(&index.to_string());
        }
        Outcome::Applied
    }

    /// Hides the element for good.
    fn vanish(
        &mut self,
        index: usize,
        step: &Step<'_>,
        cover: Cover,
        edits: &mut Edits,
    ) -> Outcome {
        // What cannot be taken out cannot be hidden in its stead.
        if let Outcome::Skipped(reason) = self.take_out(String::new(), step, edits) {
            return Outcome::Skipped(reason);
        }
        let outcome = if cover.style {
            self.rule(&[], index, step, edits)
        } else {
            if !step.probe && matches!(*step.action, Action::Replace(_)) {
                self.mark(&index.to_string());
            }
            self.hide(step, edits)
        };
        edits.removed |= !step.probe && matches!(outcome, Outcome::Applied);
        outcome
    }

    fn keep_style(
        &mut self,
        style: &BTreeMap<String, String>,
        index: usize,
        step: &Step<'_>,
        cover: Cover,
        edits: &mut Edits,
    ) -> (Outcome, Grade) {
        if cover.style {
            let parts: Vec<_> =
                style.keys().map(|name| format!("style.{name}")).collect();
            return (self.rule(&parts, index, step, edits), Grade::Safe);
        }
        if !cover.sets_back {
            return (self.apply(step, edits), Grade::Safe);
        }
        if !cover.script {
            return (Outcome::Skipped(Skip::Blocked), Grade::Safe);
        }
        let outcome = self.apply(step, edits);
        if !step.probe && !matches!(outcome, Outcome::Skipped(_)) {
            self.mark(&index.to_string());
        }
        (outcome, Grade::Protected)
    }

    fn keep_attributes(
        &mut self,
        at_risk: bool,
        index: usize,
        step: &Step<'_>,
        cover: Cover,
        edits: &mut Edits,
    ) -> (Outcome, Grade) {
        if !cover.sets_back {
            return (self.apply(step, edits), Grade::Safe);
        }
        if !cover.script {
            let outcome = if at_risk {
                Outcome::Skipped(Skip::Blocked)
            } else {
                self.apply(step, edits)
            };
            return (outcome, Grade::Safe);
        }
        let outcome = self.apply(step, edits);
        if !step.probe && !matches!(outcome, Outcome::Skipped(_)) {
            self.mark(&index.to_string());
        }
        (outcome, Grade::Protected)
    }

    /// Shows something in the element: on a shadow root where it can have one, else by the script if that can.
    #[allow(
        clippy::too_many_arguments,
        reason = "what two kinds of changes have in common"
    )]
    fn show(
        &mut self,
        part: &str,
        overlay: impl FnOnce(&mut Overlay),
        script_can: bool,
        index: usize,
        step: &Step<'_>,
        cover: Cover,
        edits: &mut Edits,
    ) -> (Outcome, Grade) {
        if let Some(reason) = self.refuses_content(true) {
            return (Outcome::Skipped(reason), Grade::Direct);
        }
        let origin = if self.has_tag { Origin::Tag } else { Origin::Implied };
        if !may_host_overlay(self.node, !self.has_content, origin) {
            let outcome = self.scripted(part, script_can, index, step, cover, edits);
            return (outcome, Grade::Protected);
        }
        // What is put beside the content may stand beside what another experiment put there.
        if part == "content" && edits.taken(part, step.experiment) {
            return (Outcome::Skipped(Skip::Taken), Grade::Direct);
        }
        if step.probe {
            let mut alone = Overlay::default();
            overlay(&mut alone);
            alone.add(index);
            let html = alone.into_html().map(|(_, html)| html).unwrap_or_default();
            return (Outcome::Written(Part::Shadow, html), Grade::Safe);
        }
        edits.claim(part, step.experiment);
        overlay(&mut edits.overlay);
        (Outcome::Overlaid, Grade::Safe)
    }

    fn put(
        &mut self,
        insertion: &Insertion,
        index: usize,
        step: &Step<'_>,
        cover: Cover,
        edits: &mut Edits,
    ) -> (Outcome, Grade) {
        let part = "content.inserted";
        match insertion {
            Insertion::Prepend(html) => {
                let one = fragment::is_one_element(html);
                let overlay = |overlay: &mut Overlay| overlay.prepend(html);
                self.show(part, overlay, one, index, step, cover, edits)
            }
            Insertion::Append(html) => {
                let one = fragment::is_one_element(html);
                let overlay = |overlay: &mut Overlay| overlay.append(html);
                self.show(part, overlay, one, index, step, cover, edits)
            }
            Insertion::Before(html) | Insertion::After(html) => {
                let one = fragment::is_one_element(html);
                let outcome = self.scripted("beside", one, index, step, cover, edits);
                (outcome, Grade::Protected)
            }
        }
    }
}
