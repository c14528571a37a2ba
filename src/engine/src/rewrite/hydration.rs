//! Whether a framework takes the page over, told by its bytes while they pass, and what that means for each experiment.

use super::addition::style_element;
use super::csp::{Policy, Says, Standing};
use super::guard;
use super::report::Framework;
use super::script::Script;
use crate::change::Action;
use crate::experiment::Rendering;
use crate::html::{StartTag, name};
use crate::plan::{Plan, Step};

/// How many tags of the body are looked at: frameworks mark the element that holds everything, or what is first in it.
const MAX_LOOKED_AT: usize = 24;

/// How many bytes of a comment are kept to see whether it is a mark.
const MAX_COMMENT: usize = 10;

/// What can be had to keep a change where a framework takes the page over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover {
    /// Rules in a style sheet; without, the tag's own attributes have to do.
    pub(super) style: bool,
    /// The script.
    pub(super) script: bool,
    /// The framework is known, or may be one, to set attributes back.
    pub(super) sets_back: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Hydration {
    framework: Option<Framework>,
    /// How many more tags of the body are looked at for marks.
    looking: usize,
    /// How the comment at hand begins.
    comment: Vec<u8>,
    /// For each experiment of the plan, what it can have; none as long as nothing takes its changes over.
    covers: Vec<Option<Cover>>,
    /// How rules stand with the page's policies.
    style: Standing,
    /// The style sheet can be put where it belongs.
    takes_rules: bool,
    script: Script,
    /// Some experiment is known to need the script, so that its hash is in the policies that ask for it.
    needs_script: Need,
}

/// Whether experiments whose pages are known to be taken over need the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    No,
    /// Only to be looked for.
    Probe,
    Yes,
}

impl Hydration {
    /// In front of the page.
    pub(super) fn of(plan: &Plan<'_>) -> Self {
        let is_auto = |step: &Step<'_>| {
            let whole = matches!(
                *step.action,
                Action::Css(_) | Action::Script(_) | Action::Title(_) | Action::Meta(_)
            );
            !whole && rendering(plan, step.experiment) == Rendering::Auto
        };
        let looks = plan.steps.iter().any(is_auto);
        Self {
            framework: None,
            looking: if looks { MAX_LOOKED_AT } else { 0 },
            comment: Vec::new(),
            covers: vec![None; plan.experiments.len()],
            style: Standing::default(),
            takes_rules: true,
            script: Script::new(guard::SCRIPT),
            needs_script: need_of(plan, |rendering| rendering == Rendering::Hydrated),
        }
    }

    /// Another policy applies to the page; the hash that it needs for the script, if that will be written.
    pub(super) fn meet(&mut self, policy: Policy<'_>) -> Option<String> {
        self.style.meet_for_style(policy);
        if self.script.meet(policy) != Says::RunsByHash {
            return None;
        }
        if self.needs_script == Need::No {
            // Whether it will be written is not known when a hash would have to be.
            self.script.block();
        }
        let live = self.needs_script == Need::Yes && !self.script.is_blocked();
        live.then(|| self.script.hash().to_owned())
    }

    /// What takes the page over, as far as is known.
    pub(super) fn framework(&self) -> Option<Framework> {
        let covered = self.covers.iter().any(Option::is_some);
        self.framework.or_else(|| covered.then_some(Framework::Unknown))
    }

    fn is_to_be_covered(&self, plan: &Plan<'_>, experiment: usize) -> bool {
        self.covers[experiment].is_none()
            && match rendering(plan, experiment) {
                Rendering::Static | Rendering::Origin => false,
                Rendering::Auto => self.framework.is_some(),
                Rendering::Hydrated => true,
            }
    }

    /// Whether marks are looked for.
    pub(super) fn is_looking(&self) -> bool {
        self.looking > 0
    }

    /// Looks at a tag for a mark. Whether there is one.
    pub(super) fn look_at(&mut self, tag: &StartTag<'_>, in_body: bool) -> bool {
        if in_body {
            self.looking -= 1;
        }
        self.found(mark_of(tag))
    }

    /// Looks at the next piece of a comment for a mark. Whether there is one, which ends here.
    pub(super) fn look_at_comment(&mut self, piece: &[u8]) -> bool {
        if piece.starts_with(b"<!") {
            self.comment.clear();
        }
        if self.comment.len() < MAX_COMMENT {
            self.comment.extend_from_slice(&piece[..piece.len().min(MAX_COMMENT)]);
        }
        let found = match self.comment.as_slice() {
            // Vue and Svelte alike.
            b"<!--[-->" | b"<!--[!-->" => Some(Framework::Unknown),
            b"<!--$-->" | b"<!--$?-->" | b"<!--$!-->" => Some(Framework::React),
            _ => None,
        };
        self.found(found)
    }

    /// No style sheet can be put where the covers are to be written.
    pub(super) fn refuse_rules(&mut self) {
        self.takes_rules = false;
    }

    fn found(&mut self, framework: Option<Framework>) -> bool {
        if framework.is_some() {
            self.framework = framework;
            self.looking = 0;
        }
        framework.is_some()
    }

    /// What a step can have; none where nothing takes over what it is about.
    pub(super) fn cover_of(&self, step: &Step<'_>, ground: Ground) -> Option<Cover> {
        let islands = self.framework == Some(Framework::Astro);
        match ground {
            Ground::Head => None,
            Ground::Body if islands => None,
            Ground::Body | Ground::Island => self.covers[step.experiment],
        }
    }

    /// The experiments whose pages are now known to be taken over get their cover; what it takes is to be written here,
    /// unless it is empty. Twice the same gives nothing.
    pub(super) fn cover(&mut self, plan: &Plan<'_>) -> String {
        let taken_over: Vec<_> = (0..self.covers.len())
            .filter(|index| self.is_to_be_covered(plan, *index))
            .collect();
        let cover = Cover {
            style: self.takes_rules && !self.style.is_blocked(),
            script: !self.script.is_blocked(),
            sets_back: self.framework != Some(Framework::React),
        };
        let (mut css, mut tasks) = (String::new(), Vec::new());
        for (index, step) in plan.steps.iter().enumerate() {
            if step.probe || !taken_over.contains(&step.experiment) {
                continue;
            }
            if cover.style {
                guard::rules(index, step, &mut css);
            }
            if cover.script {
                tasks.extend(guard::task(plan, index, cover));
            }
        }
        for index in taken_over {
            self.covers[index] = Some(cover);
        }
        let mut html = String::new();
        if !css.is_empty() {
            html.push_str(&style_element(&css, self.style.nonce()));
        }
        if !tasks.is_empty() {
            html.push_str(&guard::script_element(&self.script, &tasks));
        }
        html
    }

    /// What the covers take could not be written.
    pub(super) fn uncover(&mut self) {
        for cover in self.covers.iter_mut().flatten() {
            (cover.style, cover.script) = (false, false);
        }
    }
}

/// The script for pages that people say are taken over, if the plan will put it into such a page.
pub(super) fn script_of(plan: &Plan<'_>) -> Option<Script> {
    let need = need_of(plan, |rendering| rendering == Rendering::Hydrated);
    (need == Need::Yes).then(|| Script::new(guard::SCRIPT))
}

fn need_of(plan: &Plan<'_>, is_taken_over: impl Fn(Rendering) -> bool) -> Need {
    let any = Cover { style: true, script: true, sets_back: true };
    let need = |(index, step): (usize, &Step<'_>)| {
        let may = is_taken_over(rendering(plan, step.experiment))
            && guard::task(plan, index, any).is_some();
        match (may, step.probe) {
            (false, _) => Need::No,
            (true, true) => Need::Probe,
            (true, false) => Need::Yes,
        }
    };
    plan.steps.iter().enumerate().map(need).max().unwrap_or(Need::No)
}

/// Where an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// In front of the body's content: what is there is the page's own business.
    Head,
    /// In the body.
    Body,
    /// In what a framework takes over by itself, while the rest of the page stays.
    Island,
}

fn rendering(plan: &Plan<'_>, experiment: usize) -> Rendering {
    plan.experiments[experiment].experiment.rendering
}

/// What a tag shows to be at work. `wasm-tests/browser/hydrate/README.md` tells where each mark was seen.
fn mark_of(tag: &StartTag<'_>) -> Option<Framework> {
    const FILES: [(&[u8], Framework); 5] = [
        (b"/_next/static/", Framework::React),
        (b"/assets/entry.client-", Framework::React),
        (b"/_nuxt/", Framework::Vue),
        (b"/_app/immutable/", Framework::Svelte),
        (b"/_astro/", Framework::Astro),
    ];
    const IDS: [(&[u8], Framework); 3] = [
        (b"__next", Framework::React),
        (b"___gatsby", Framework::React),
        (b"__nuxt", Framework::Vue),
    ];
    const ATTRIBUTES: [(&[u8], Framework); 4] = [
        (b"data-next-head", Framework::React),
        (b"data-reactroot", Framework::React),
        (b"data-server-rendered", Framework::Vue),
        (b"ng-server-context", Framework::Angular),
    ];
    if matches!(tag.tag, name::SCRIPT | name::LINK) {
        let file = tag.get(b"src").or_else(|| tag.get(b"href")).unwrap_or_default();
        let holds = |part: &[u8]| file.windows(part.len()).any(|window| window == part);
        if let Some((_, framework)) = FILES.iter().find(|(part, _)| holds(part)) {
            return Some(*framework);
        }
    }
    if tag.name().eq_ignore_ascii_case(b"astro-island") {
        return Some(Framework::Astro);
    }
    let id = tag.get(b"id");
    let by_id = IDS.iter().find(|(known, _)| id == Some(known));
    let by_attribute = || ATTRIBUTES.iter().find(|(name, _)| tag.get(name).is_some());
    by_id.or_else(by_attribute).map(|(_, framework)| *framework)
}
