//! Whether a framework takes the page over, told by its bytes while they pass, and what that means for each experiment.

use super::addition::style_element;
use super::csp::{Policy, Says, Standing};
use super::guard;
use super::report::Framework;
use super::script::Script;
use crate::change::Action;
use crate::experiment::Rendering;
use crate::html::{StartTag, Token, name};
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
    /// What experiments can have of which people say that their pages are taken over, once the head has ended.
    cover: Option<Cover>,
    /// The script for the others.
    late: Late,
    /// How rules stand with the page's policies.
    style: Standing,
    script: Script,
    /// Some experiment is known to need the script, so that its hash is in the policies that ask for it.
    needs_script: Need,
}

/// The script in a page that was seen to be taken over, and is not known to be by people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Late {
    /// For the first element that needs it.
    Waiting,
    Written,
    /// It could not be written.
    Refused,
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
            cover: None,
            late: Late::Waiting,
            style: Standing::default(),
            script: Script::ours(guard::SCRIPT),
            needs_script: need_of(plan),
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
        self.framework.or_else(|| self.cover.map(|_| Framework::Unknown))
    }

    /// Whether marks are looked for.
    pub(super) fn is_looking(&self) -> bool {
        self.looking > 0
    }

    /// Looks at a tag for a mark.
    pub(super) fn look_at(&mut self, tag: &StartTag<'_>, in_body: bool) {
        if in_body {
            self.looking -= 1;
        }
        self.found(mark_of(tag));
    }

    /// So many tags of the body have no mark, by [`may_be_mark`].
    pub(super) fn pass(&mut self, tags: usize) {
        self.looking = self.looking.saturating_sub(tags);
    }

    /// Looks at the beginning of a comment for a mark, or at the next piece of it.
    pub(super) fn look_at_comment(&mut self, token: Token, piece: &[u8]) {
        if token == Token::Comment {
            self.comment.clear();
        }
        if self.comment.len() < MAX_COMMENT {
            self.comment.extend_from_slice(&piece[..piece.len().min(MAX_COMMENT)]);
        }
        self.found(match self.comment.as_slice() {
            // Vue and Svelte alike.
            b"<!--[-->" | b"<!--[!-->" => Some(Framework::Unknown),
            b"<!--$-->" | b"<!--$?-->" | b"<!--$!-->" => Some(Framework::React),
            _ => None,
        });
    }

    fn found(&mut self, framework: Option<Framework>) {
        if framework.is_some() {
            self.framework = framework;
            self.looking = 0;
        }
    }

    /// What a step can have; none where nothing takes over what it is about.
    pub(super) fn cover_of(
        &self,
        plan: &Plan<'_>,
        step: &Step<'_>,
        ground: Ground,
    ) -> Option<Cover> {
        let islands = self.framework == Some(Framework::Astro);
        if ground == Ground::Head || (ground == Ground::Body && islands) {
            return None;
        }
        match rendering(plan, step.experiment) {
            Rendering::Static | Rendering::Origin => None,
            Rendering::Hydrated => self.cover,
            Rendering::Auto => {
                let script = self.late != Late::Refused && !self.script.is_blocked();
                let cover = Cover { style: false, script, sets_back: self.sets_back() };
                self.framework.map(|_| cover)
            }
        }
    }

    fn sets_back(&self) -> bool {
        self.framework != Some(Framework::React)
    }

    /// The head ends: what it takes to cover the experiments whose pages people say are taken over, unless it is empty.
    pub(super) fn cover(&mut self, plan: &Plan<'_>) -> String {
        if self.cover.is_some() || !plan_has(plan, Rendering::Hydrated) {
            return String::new();
        }
        let cover = Cover {
            style: !self.style.is_blocked(),
            script: !self.script.is_blocked(),
            sets_back: self.sets_back(),
        };
        self.cover = Some(cover);
        let mut html = String::new();
        if cover.style {
            let mut css = String::new();
            for (index, step) in live(plan, Rendering::Hydrated) {
                guard::rules(index, step, &mut css);
            }
            if !css.is_empty() {
                html.push_str(&style_element(&css, self.style.nonce()));
            }
        }
        html.push_str(&self.script_for(plan, Rendering::Hydrated, cover));
        html
    }

    /// What `cover` gave could not be written.
    pub(super) fn uncover(&mut self) {
        if let Some(cover) = &mut self.cover {
            (cover.style, cover.script) = (false, false);
        }
    }

    /// An element begins that these steps matched, in a page that was seen to be taken over: the script, if it is the first
    /// that needs it. It stands inside of what the framework holds, and takes itself away when it runs; a style sheet
    /// would stay there and be missed. So a page in which nothing needs it is left as it is.
    pub(super) fn late_script(
        &mut self,
        plan: &Plan<'_>,
        matched: &[usize],
        ground: Ground,
        has_overlay: bool,
    ) -> Option<String> {
        if self.late != Late::Waiting || self.framework.is_none() {
            return None;
        }
        let needs = |index: &usize| {
            let index = *index % plan.steps.len();
            let step = &plan.steps[index];
            let auto = rendering(plan, step.experiment) == Rendering::Auto;
            let overlaid = has_overlay && guard::is_overlaid(&step.action);
            let cover = self.cover_of(plan, step, ground).filter(|cover| cover.script);
            let task = || cover.and_then(|cover| guard::task(plan, index, cover));
            auto && !step.probe && !overlaid && task().is_some()
        };
        let step =
            &plan.steps[matched.iter().find(|index| needs(index))? % plan.steps.len()];
        let cover = self.cover_of(plan, step, ground)?;
        self.late = Late::Written;
        Some(self.script_for(plan, Rendering::Auto, cover))
    }

    /// What `late_script` gave could not be written.
    pub(super) fn refuse_late_script(&mut self) {
        self.late = Late::Refused;
    }

    fn script_for(&self, plan: &Plan<'_>, rendering: Rendering, cover: Cover) -> String {
        let tasks = live(plan, rendering)
            .filter(|_| cover.script)
            .filter_map(|(index, _)| guard::task(plan, index, cover));
        let tasks: Vec<_> = tasks.collect();
        if tasks.is_empty() {
            return String::new();
        }
        guard::script_element(&self.script, &tasks)
    }
}

/// The steps that are not only looked for, of experiments whose pages are rendered in that way.
fn live<'p>(
    plan: &'p Plan<'p>,
    kind: Rendering,
) -> impl Iterator<Item = (usize, &'p Step<'p>)> {
    plan.steps
        .iter()
        .enumerate()
        .filter(move |(_, step)| !step.probe && rendering(plan, step.experiment) == kind)
}

fn plan_has(plan: &Plan<'_>, kind: Rendering) -> bool {
    plan.experiments.iter().any(|planned| planned.experiment.rendering == kind)
}

/// The script for pages that people say are taken over, if the plan will put it into such a page.
pub(super) fn script_of(plan: &Plan<'_>) -> Option<Script> {
    (need_of(plan) == Need::Yes).then(|| Script::ours(guard::SCRIPT))
}

fn need_of(plan: &Plan<'_>) -> Need {
    let any = Cover { style: true, script: true, sets_back: true };
    let need = |(index, step): (usize, &Step<'_>)| {
        let may = rendering(plan, step.experiment) == Rendering::Hydrated
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

/// Ids of elements that frameworks make. `wasm-tests/browser/hydrate/README.md` tells where each mark was seen.
const IDS: [(&[u8], Framework); 3] = [
    (b"__next", Framework::React),
    (b"___gatsby", Framework::React),
    (b"__nuxt", Framework::Vue),
];

/// Attributes that they write.
const ATTRIBUTES: [(&[u8], Framework); 4] = [
    (b"data-next-head", Framework::React),
    (b"data-reactroot", Framework::React),
    (b"data-server-rendered", Framework::Vue),
    (b"ng-server-context", Framework::Angular),
];

/// Whether an attribute may be a mark on an ordinary element.
pub(super) fn may_be_mark(name: &[u8], value: &[u8]) -> bool {
    (name.eq_ignore_ascii_case(b"id") && value.starts_with(b"__"))
        || ATTRIBUTES.iter().any(|(known, _)| name.eq_ignore_ascii_case(known))
}

/// What a tag shows to be at work.
fn mark_of(tag: &StartTag<'_>) -> Option<Framework> {
    const FILES: [(&[u8], Framework); 5] = [
        (b"/_next/static/", Framework::React),
        (b"/assets/entry.client-", Framework::React),
        (b"/_nuxt/", Framework::Vue),
        (b"/_app/immutable/", Framework::Svelte),
        (b"/_astro/", Framework::Astro),
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
