//! The plan's steps while the page passes: their selectors, which of them still look for elements, and which cannot be
//! sure of what they found because the parser moved elements about.

use super::element::escape_text;
use super::report::Skip;
use super::state::Counts;
use super::watch::Load;
use crate::change::{Action, Expect, Insertion};
use crate::plan::Plan;
use crate::selector::{ElementView, Frame, Matcher};

/// What makes it unsure which selectors match an element in the browser's tree.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each may hold or not, with any other")]
pub(super) struct Doubts {
    /// An element around it was moved.
    pub(super) moved: bool,
    /// Something was put between it and its siblings.
    pub(super) siblings_moved: bool,
    /// The page has no tag for it.
    pub(super) no_tag: bool,
    /// It is a copy of a formatting element.
    pub(super) is_copy: bool,
    /// It is of SVG or `MathML`.
    pub(super) is_foreign: bool,
}

/// See the module.
pub(super) struct Steps<'p> {
    plan: &'p Plan<'p>,
    matcher: Matcher,
    /// The step of each of the matcher's selectors.
    step_of: Vec<usize>,
    done: Vec<bool>,
    looking: usize,
    /// Steps that matched an element of which the parser may make copies.
    formatting: Vec<bool>,
    /// Steps about the page's title and `<meta>` elements, as long as the head is open; then those whose element was made.
    in_head: Vec<usize>,
    made: Vec<usize>,
    quirks: bool,
}

impl<'p> Steps<'p> {
    pub(super) fn new(plan: &'p Plan<'p>) -> Self {
        let number = plan.steps.len();
        let selectors = || {
            let steps = plan.steps.iter().enumerate();
            let own = steps
                .clone()
                .filter_map(|(index, step)| Some((index, step.selector.as_deref()?)));
            let targets = steps.filter_map(move |(index, step)| match &*step.action {
                Action::Move(target) => Some((index + number, target.selector())),
                _ => None,
            });
            own.chain(targets)
        };
        let step_of: Vec<_> = selectors().map(|(index, _)| index).collect();
        let mut done = vec![true; 2 * number];
        for &step in &step_of {
            done[step] = false;
        }
        Self {
            plan,
            matcher: Matcher::new(selectors().map(|(_, selector)| selector)),
            looking: step_of.len(),
            step_of,
            done,
            formatting: vec![false; plan.steps.len()],
            in_head: (0..number)
                .filter(|step| head_element(&plan.steps[*step].action).is_some())
                .collect(),
            made: Vec::new(),
            quirks: false,
        }
    }

    /// The head ends: the steps whose element it does not have, and the element. The page may have it elsewhere, which
    /// is looked out for.
    /// None instead of the element where an earlier experiment has it; nothing where a later step of the same one has.
    pub(super) fn take_missing(
        &mut self,
        plan: &Plan<'_>,
    ) -> Vec<(usize, Option<String>)> {
        // What is loaded early is named there.
        for step in plan.steps.len() - plan.preloads..plan.steps.len() {
            if !std::mem::replace(&mut self.done[step], true) {
                self.looking -= 1;
            }
        }
        let mut missing = std::mem::take(&mut self.in_head);
        missing.retain(|step| !self.done[*step]);
        self.made.extend(&missing);
        let same =
            |a: usize, b: usize| match (&*plan.steps[a].action, &*plan.steps[b].action) {
                (Action::Title(_), Action::Title(_)) => true,
                (Action::Meta(a), Action::Meta(b)) => a.keys().eq(b.keys()),
                _ => false,
            };
        let experiment = |step: usize| plan.steps[step].experiment;
        let element = |step: usize| {
            let others = missing.iter().filter(|other| same(step, **other));
            let mut others = others.filter(|other| !plan.steps[**other].probe);
            if others.clone().any(|other| experiment(*other) < experiment(step)) {
                return None;
            }
            if others.any(|other| *other > step && experiment(*other) == experiment(step))
            {
                return Some(String::new());
            }
            head_element(&plan.steps[step].action)
        };
        missing.iter().map(|step| (*step, element(*step))).collect()
    }

    /// How many selectors there are.
    pub(super) fn count(&self) -> usize {
        self.step_of.len()
    }

    /// Whether none looks for elements any more.
    pub(super) fn all_done(&self) -> bool {
        self.looking == 0
    }

    /// Whether one looks for elements that does such things.
    pub(super) fn look_for(&self, does: impl Fn(&Action) -> bool) -> bool {
        let steps = self.plan.steps.iter().zip(&self.done);
        steps.into_iter().any(|(step, done)| !done && does(&step.action))
    }

    /// Classes and ids are compared as in pages for browsers of old.
    pub(super) fn set_quirks(&mut self) {
        if !self.quirks {
            self.quirks = true;
            self.matcher.set_quirks();
        }
    }

    /// What the selectors are about, if elements that they do not name may pass.
    pub(super) fn passing(&self) -> Option<&Matcher> {
        self.matcher.may_pass().then_some(&self.matcher)
    }

    /// Enters an element; adds the numbers of the selectors that match it.
    pub(super) fn enter(
        &self,
        parent: &mut Frame,
        element: &impl ElementView,
        matched: &mut Vec<usize>,
    ) -> Frame {
        self.matcher.enter(parent, element, matched)
    }

    /// Turns the numbers of selectors into the steps to be taken, without those that cannot be.
    pub(super) fn choose(
        &mut self,
        matched: &mut Vec<usize>,
        doubts: Doubts,
        load: &mut Load,
        counts: &mut Counts,
    ) {
        let Doubts { moved, siblings_moved, no_tag, is_copy, is_foreign } = doubts;
        matched.retain_mut(|selector| {
            let number = *selector;
            let step = self.step_of[number];
            *selector = step;
            if self.done[step] {
                return false;
            }
            let action = self.plan.steps.get(step).map(|step| &*step.action);
            if is_foreign && matches!(action, Some(Action::Title(_))) {
                // That of a picture is no title of the page.
                return false;
            }
            if self.made.contains(&step) {
                counts.doubt(step);
                return false;
            }
            // The element that gives a moved one its place is not what the change is for.
            let counted = step < self.plan.steps.len();
            let unsure = no_tag
                || (moved && self.matcher.depends_on_others(number))
                || (siblings_moved && self.matcher.depends_on_siblings(number));
            // What was done to the tag was copied with it.
            if counted && is_copy && self.formatting[step] && self.is_in_tag(step) {
                counts.matched(step);
                counts.applied(step);
                return false;
            }
            if unsure && counted {
                counts.matched(step);
                counts.skip(step, Skip::Rearranged);
            }
            let (parts, html) = action.map_or((1, 0), weight);
            let too_much = !unsure && !load.takes(parts, html);
            if too_much && counted {
                counts.matched(step);
                counts.skip(step, Skip::TooMuch);
            }
            if !counted || self.plan.steps[step].expect == Expect::One {
                self.done[step] = true;
                self.looking -= 1;
            }
            !unsure && !too_much
        });
    }

    /// These steps matched an element of which the parser may make copies.
    pub(super) fn note_formatting(&mut self, steps: &[usize]) {
        for &step in steps {
            if let Some(known) = self.formatting.get_mut(step) {
                *known = true;
            }
        }
    }

    /// Whether the step changes nothing but an element's tag.
    fn is_in_tag(&self, step: usize) -> bool {
        matches!(
            *self.plan.steps[step].action,
            Action::Attribute(_) | Action::Class(_) | Action::Style(_) | Action::Hide(_)
        )
    }

    fn doubt(&self, counts: &mut Counts, is: impl Fn(&Self, usize) -> bool) {
        for number in 0..self.step_of.len() {
            if is(self, number) {
                counts.doubt(self.step_of[number] % self.plan.steps.len());
            }
        }
    }

    /// An element was copied: what was done around or in it was not.
    pub(super) fn doubt_copies(&self, counts: &mut Counts) {
        self.doubt(counts, |steps, number| {
            let step = steps.step_of[number];
            let in_tag = step < steps.plan.steps.len() && steps.is_in_tag(step);
            steps.formatting.get(step) == Some(&true)
                && (!in_tag || steps.matcher.depends_on_others(number))
        });
    }

    /// Elements have other ancestors now.
    pub(super) fn doubt_complex(&self, counts: &mut Counts) {
        self.doubt(counts, |steps, number| steps.matcher.depends_on_others(number));
    }

    /// Elements were moved in or around which these steps, as bits by the number modulo 64, wrote something.
    pub(super) fn doubt_touched(&self, touched: u64, counts: &mut Counts) {
        self.doubt(counts, |steps, number| {
            touched >> (steps.step_of[number] % 64) & 1 == 1
        });
    }

    /// The head gets another element behind those that were made in it, and behind what these steps, as bits by the
    /// number modulo 64, wrote.
    pub(super) fn doubt_made(&self, touched: u64, counts: &mut Counts) {
        for &step in &self.made {
            counts.doubt(step);
        }
        self.doubt_touched(touched, counts);
    }

    /// Elements have other siblings now.
    pub(super) fn doubt_siblings(&self, counts: &mut Counts) {
        self.doubt(counts, |steps, number| steps.matcher.depends_on_siblings(number));
    }

    /// Anything may have changed.
    pub(super) fn doubt_all(&self, counts: &mut Counts) {
        self.doubt(counts, |_, _| true);
    }
}

/// The element that a page without it gets.
fn head_element(action: &Action) -> Option<String> {
    match action {
        Action::Title(title) => Some(format!("<title>{}</title>", escape_text(title))),
        Action::Meta(meta) => {
            let (name, content) = meta.first_key_value()?;
            let kind = if name.contains(':') { "property" } else { "name" };
            let content = escape_text(content).replace('"', "&quot;");
            Some(format!("<meta {kind}=\"{name}\" content=\"{content}\">"))
        }
        _ => None,
    }
}

/// How many parts of a tag an action changes, and how many bytes of HTML it has.
fn weight(action: &Action) -> (usize, usize) {
    match action {
        Action::Attribute(attributes) => (attributes.len(), 0),
        Action::Style(style) => (4 * style.len(), 0),
        Action::Class(classes) => (4 + (classes.add.len() + classes.remove.len()) / 8, 0),
        Action::Text(html)
        | Action::Html(html)
        | Action::Replace(html)
        | Action::Insert(
            Insertion::Before(html)
            | Insertion::Prepend(html)
            | Insertion::Append(html)
            | Insertion::After(html),
        ) => (1, html.len()),
        _ => (1, 0),
    }
}
