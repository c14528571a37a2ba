//! Decisions → what to do to this page, in one list.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::assign::{Decision, Outcome};
use crate::change::{Action, Change, Expect};
use crate::destination::Canonical;
use crate::experiment::{Experiment, Rendering, Variant};
use crate::facts::Facts;
use crate::key::{ExperimentKey, VariantKey};
use crate::selector::Selector;

/// One change of a plan.
#[derive(Debug)]
pub(crate) struct Step<'d> {
    /// As people wrote it.
    pub(crate) change: &'d Change,
    /// What it does for this visit.
    pub(crate) action: Cow<'d, Action>,
    /// For which elements; the page's title and `<meta>` elements have a selector of ours.
    pub(crate) selector: Option<Cow<'d, Selector>>,
    /// For how many of them.
    pub(crate) expect: Expect,
    /// The variant that the change belongs to.
    pub(crate) owner: &'d Variant,
    /// Only looked for, never applied: what control shows is measured like what the others show.
    pub(crate) probe: bool,
    /// Which of the plan's experiments it serves.
    pub(crate) experiment: usize,
}

impl<'d> Step<'d> {
    fn new(change: &'d Change, owner: &'d Variant, experiment: usize) -> Self {
        let (selector, expect) = aim(change);
        let action = Cow::Borrowed(&change.action);
        Self { change, action, selector, expect, owner, probe: false, experiment }
    }
}

/// One experiment of a plan.
#[derive(Debug)]
pub(crate) struct Planned<'d> {
    pub(crate) experiment: &'d Experiment,
    pub(crate) variant: &'d Variant,
    pub(crate) forced: bool,
    pub(crate) steps: Range<usize>,
}

/// All edits for one page. Its order settles conflicts: experiments as in the datafile, changes as in the variant.
#[derive(Debug, Default)]
pub struct Plan<'d> {
    pub(crate) experiments: Vec<Planned<'d>>,
    pub(crate) steps: Vec<Step<'d>>,
    /// How many of the steps, at their end, are about what the page's head asks browsers to load early. They belong to
    /// changes of pictures, and no report lists them.
    pub(crate) preloads: usize,
}

impl<'d> Plan<'d> {
    /// What the decisions ask for. `facts` is called at most once, and only if the copy of a change has tokens in it.
    pub fn for_decisions(decisions: &[Decision<'d>], facts: &Facts<'_>) -> Self {
        let mut plan = Self::default();
        for decision in decisions {
            if let Outcome::Assigned { variant, forced, .. } = decision.outcome {
                plan.add(decision.experiment, variant, forced);
            }
        }
        plan.fill(facts)
    }

    /// These variants and nothing else, as a preview shows them, whatever the page and the visitor. As for a visitor,
    /// the first that leads to another page is the only one that may. `facts` is called at most once, and only if the
    /// copy of a change has tokens in it.
    pub fn for_variants(
        chosen: impl IntoIterator<Item = (&'d Experiment, &'d Variant)>,
        facts: &Facts<'_>,
    ) -> Self {
        let mut plan = Self::default();
        let mut led = false;
        for (experiment, variant) in chosen {
            if !(led && experiment.has_destinations()) {
                plan.add(experiment, variant, true);
                led |= variant.leads_to().is_some();
            }
        }
        plan.fill(facts)
    }

    /// With the edit that makes another page name the address under which it is shown. It is nobody's change: no report
    /// lists it. The variant's own changes come after it, and win.
    #[must_use]
    pub fn with_canonical(mut self, canonical: &'d Canonical) -> Self {
        let found = self.experiments.iter().position(|one| one.variant.page.is_some());
        let Some(experiment) = found else { return self };
        let Planned { variant: owner, ref steps, .. } = self.experiments[experiment];
        let at = steps.start;
        let change = canonical.change();
        self.steps.insert(at, Step::new(change, owner, experiment));
        for planned in self.experiments.iter_mut().filter(|one| one.steps.start >= at) {
            planned.steps = planned.steps.start + 1..planned.steps.end + 1;
        }
        self
    }

    fn add(&mut self, experiment: &'d Experiment, variant: &'d Variant, forced: bool) {
        let start = self.steps.len();
        let index = self.experiments.len();
        // Where a variant leaves the page as it is, the other variants' changes are looked for instead, so that both
        // sides of the comparison are filtered alike. Where a variant leads to another page, its changes are for that
        // one, and both sides count when they are answered.
        let probe = variant.changes.is_empty() && !experiment.has_destinations();
        let owners: Vec<&'d Variant> =
            if probe { experiment.variants.iter().collect() } else { vec![variant] };
        for owner in owners {
            for change in &owner.changes {
                self.steps.push(Step { probe, ..Step::new(change, owner, index) });
            }
        }
        let steps = start..self.steps.len();
        self.experiments.push(Planned { experiment, variant, forced, steps });
    }

    /// Puts what the visit tells in place of the tokens.
    fn fill(mut self, facts: &Facts<'_>) -> Self {
        let with_tokens = self.steps.iter_mut().filter(|step| step.change.has_tokens());
        with_tokens.for_each(|step| step.action = step.change.action_for(facts));
        let preloads: Vec<_> = self.steps.iter().filter_map(preload).collect();
        self.preloads = preloads.len();
        self.steps.extend(preloads);
        self
    }

    /// The variants shown, in the datafile's order.
    pub fn variants(&self) -> impl Iterator<Item = &'d Variant> {
        self.experiments.iter().map(|planned| planned.variant)
    }

    /// Its experiments with the variants shown, if a page that it makes is the same for everybody who is shown these. None
    /// if a variant was set by hand, its copy holds facts, it leads elsewhere, or the site renders it.
    pub fn variants_for_all(&self) -> Option<Vec<(&'d ExperimentKey, &'d VariantKey)>> {
        let own = self.experiments.iter().any(|planned| {
            planned.forced
                || planned.experiment.has_destinations()
                || planned.experiment.rendering == Rendering::Origin
        });
        if own || self.steps.iter().any(|step| step.change.has_tokens()) {
            return None;
        }
        let shown = self.experiments.iter();
        Some(shown.map(|one| (&one.experiment.key, &one.variant.key)).collect())
    }

    /// Whether an experiment takes part that leads some of its visitors to another page.
    pub fn has_destinations(&self) -> bool {
        self.experiments.iter().any(|planned| planned.experiment.has_destinations())
    }

    /// What two plans have in common only if they do the same to the same page: 128 bits of a SHA-256 over every
    /// experiment, its variant, and each step with the values of its tokens.
    pub fn fingerprint(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        let mut feed = |bytes: &[u8]| {
            // With its length, so that no two lists of texts are the same bytes.
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        feed(b"plan 1");
        for one in &self.experiments {
            feed(one.experiment.key.as_str().as_bytes());
            feed(one.variant.key.as_str().as_bytes());
            feed(&[one.experiment.rendering as u8, u8::from(one.forced)]);
        }
        for step in &self.steps {
            let experiment = step.experiment as u64;
            feed(&experiment.to_le_bytes());
            feed(step.owner.key.as_str().as_bytes());
            feed(&[u8::from(step.probe), u8::from(step.selector.is_some())]);
            // What is in a datafile can be written.
            feed(&serde_json::to_vec(step.change).unwrap_or_default());
            if let Cow::Owned(action) = &step.action {
                feed(&serde_json::to_vec(action).unwrap_or_default());
            }
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash.finalize()[..16]);
        fingerprint
    }

    /// Whether the page can go out without being looked at.
    pub fn is_empty(&self) -> bool {
        self.experiments.is_empty()
    }
}

/// The early loading of a picture that is shown no more.
fn preload<'d>(step: &Step<'d>) -> Option<Step<'d>> {
    let Action::Image(image) = &*step.action else { return None };
    let was = image.was.as_deref().filter(|_| !step.probe)?;
    let mut quoted = String::new();
    for c in was.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\{:x} ", u32::from(c))),
            c => quoted.push(c),
        }
    }
    let css =
        format!("head > link[rel~=\"preload\" i][as=\"image\" i][href=\"{quoted}\"]");
    let attributes = BTreeMap::from([
        ("href".to_owned(), Some(image.src.clone())),
        ("imagesrcset".to_owned(), image.srcset.clone()),
        ("imagesizes".to_owned(), image.sizes.clone()),
    ]);
    Some(Step {
        change: step.change,
        action: Cow::Owned(Action::Attribute(attributes)),
        selector: Some(Cow::Owned(Selector::parse(&css).ok()?)),
        expect: Expect::All,
        owner: step.owner,
        probe: false,
        experiment: step.experiment,
    })
}

/// Which elements a change is for, and how many of them.
fn aim(change: &Change) -> (Option<Cow<'_, Selector>>, Expect) {
    let own = |css: &str| Selector::parse(css).ok().map(Cow::Owned);
    match &change.action {
        Action::Title(_) => (own("title"), Expect::One),
        Action::Meta(meta) => {
            let name = meta.keys().next().map_or("", String::as_str);
            let css = format!("meta[name=\"{name}\" i], meta[property=\"{name}\" i]");
            (own(&css), Expect::One)
        }
        Action::Move(_) => (change.selector.as_ref().map(Cow::Borrowed), Expect::One),
        _ => (change.selector.as_ref().map(Cow::Borrowed), change.expect),
    }
}
