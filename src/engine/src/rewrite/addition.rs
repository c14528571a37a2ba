//! What a page gets at the end of its head: the style sheets of its changes in one element, and their scripts. What the
//! page's policies say is gathered up to there: those of its headers, then those of its `<meta>` elements.

use std::fmt::Write as _;

use super::charset::{Charset, ascii_css};
use super::csp::{self, Policy, Says, Standing};
use super::report::Skip;
use super::script::{MAX_SCRIPTS, Script};
use super::splice::Splice;
use super::state::Counts;
use super::tag::Tag;
use super::walk::{Here, Walk};
use crate::change::Action;
use crate::html::{Birth, Origin, name};
use crate::plan::Plan;

/// Elements that wait for their place.
#[derive(Debug, Default)]
pub(super) struct Addition {
    sheet: Option<Sheet>,
    scripts: Vec<Waiting>,
}

#[derive(Debug, Default)]
struct Sheet {
    css: String,
    steps: Vec<usize>,
    standing: Standing,
}

#[derive(Debug)]
struct Waiting {
    script: Script,
    step: usize,
    /// Only looked for.
    probe: bool,
}

/// One element, and the steps that it does. Nothing is written for those that are only looked for.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) html: Vec<u8>,
    pub(super) steps: Vec<usize>,
}

impl Addition {
    /// What all steps add. Each is counted as matched: the page is there.
    pub(super) fn of(plan: &Plan<'_>, counts: &mut Counts) -> Self {
        let mut addition = Self::default();
        for (index, step) in plan.steps.iter().enumerate() {
            match &*step.action {
                Action::Css(css) => {
                    let sheet = addition.sheet.get_or_insert_default();
                    sheet.steps.push(index);
                    if !step.probe {
                        sheet.css.push_str(css);
                        sheet.css.push('\n');
                    }
                }
                Action::Script(_) if addition.scripts.len() == MAX_SCRIPTS => {
                    counts.matched(index);
                    counts.skip(index, Skip::TooMuch);
                    continue;
                }
                Action::Script(code) => addition.scripts.push(Waiting {
                    script: Script::new(code),
                    step: index,
                    probe: step.probe,
                }),
                _ => continue,
            }
            counts.matched(index);
        }
        addition
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.sheet.is_some() || !self.scripts.is_empty()
    }

    /// Another policy applies to the page; the hashes that it needs for what will be written.
    fn meet(&mut self, policy: Policy<'_>) -> Vec<String> {
        if let Some(sheet) = &mut self.sheet {
            sheet.standing.meet_for_style(policy);
        }
        let mut hashes = Vec::new();
        for Waiting { script, probe, .. } in &mut self.scripts {
            if script.meet(policy) == Says::RunsByHash && !*probe && !script.is_blocked()
            {
                hashes.push(script.hash().to_owned());
            }
        }
        hashes
    }

    /// Gives up what the policies do not allow.
    pub(super) fn drop_blocked(&mut self, counts: &mut Counts) {
        let sheet = self.sheet.take_if(|sheet| sheet.standing.is_blocked());
        for step in sheet.into_iter().flat_map(|sheet| sheet.steps) {
            counts.skip(step, Skip::Blocked);
        }
        for waiting in self.scripts.extract_if(.., |one| one.script.is_blocked()) {
            counts.skip(waiting.step, Skip::Blocked);
        }
    }

    /// The place is found.
    pub(super) fn take(&mut self, charset: Charset, counts: &mut Counts) -> Vec<Added> {
        self.drop_blocked(counts);
        let mut all = Vec::new();
        if let Some(Sheet { css, steps, standing }) = self.sheet.take() {
            let css = css.trim_end();
            // What another encoding lacks would be written as a reference, which CSS does not know.
            let css = if charset.is_utf8() { css.to_owned() } else { ascii_css(css) };
            let html = match css.as_str() {
                "" => String::new(),
                css => style_element(css, standing.nonce()),
            };
            all.push(Added { html: html.into_bytes(), steps });
        }
        for Waiting { script, step, probe } in std::mem::take(&mut self.scripts) {
            let html = if probe { String::new() } else { script.element(&[]) };
            all.push(Added { html: html.into_bytes(), steps: vec![step] });
        }
        all
    }

    /// There is none.
    pub(super) fn give_up(&mut self, counts: &mut Counts) {
        self.drop_blocked(counts);
        let sheet = self.sheet.take().into_iter().flat_map(|sheet| sheet.steps);
        let scripts = std::mem::take(&mut self.scripts).into_iter().map(|one| one.step);
        for step in sheet.chain(scripts) {
            counts.skip(step, Skip::NoPlace);
        }
    }
}

impl Walk<'_> {
    /// The policies of the page's headers.
    pub(super) fn obey_headers(&mut self, lines: &[String]) {
        for policy in csp::in_headers(lines) {
            self.rules.style_attribute_allowed &= policy.allows_style_attribute();
            // The host adds the hashes before the page begins.
            self.addition.meet(policy);
            self.hydration.meet(policy);
        }
        self.addition.drop_blocked(&mut self.counts);
    }

    /// The policy that an element brings which begins: a `<meta>` element in the page's head (HTML, 4.2.5.3).
    pub(super) fn policy_of(&self, birth: Birth, here: Here<'_>) -> Option<String> {
        let Birth { node, origin, parent: Some(parent), .. } = birth else { return None };
        if !node.is_html(name::META) || origin != Origin::Tag {
            return None;
        }
        let around = &self.open[parent];
        if !around.node.is_html(name::HEAD) || around.apart {
            return None;
        }
        let attributes = self.parser.tokenizer.attributes();
        let tag = Tag::new(here.bytes, attributes, self.charset);
        let policy = "content-security-policy";
        tag.value("http-equiv").filter(|kind| kind.eq_ignore_ascii_case(policy))?;
        tag.value("content").map(std::borrow::Cow::into_owned)
    }

    /// The element that matched brings a policy of the page, and no change makes another of it. What is put beside it
    /// may be.
    pub(super) fn keep_policy(&mut self) {
        let mut matched = std::mem::take(&mut self.matched);
        matched.retain(|&index| {
            let Some(step) = self.plan.steps.get(index) else { return true };
            match &*step.action {
                Action::Insert(_) => return true,
                Action::Move(_) => {
                    self.counts.matched(index);
                    self.fail_move(index, Skip::Needed);
                }
                _ => {
                    self.counts.matched(index);
                    self.counts.skip(index, Skip::Needed);
                }
            }
            false
        });
        self.matched = matched;
    }

    /// A policy stands in the page: it holds for all that comes. The hash of a script that it would block is added to it.
    pub(super) fn obey(&mut self, content: &str, here: Here<'_>, splice: &mut Splice) {
        let mut needed = None;
        for policy in csp::in_page(content) {
            self.rules.style_attribute_allowed &= policy.allows_style_attribute();
            let mut hashes = self.addition.meet(policy);
            hashes.extend(self.hydration.meet(policy));
            if !hashes.is_empty() {
                let hashes: Vec<_> = hashes.iter().map(String::as_str).collect();
                needed = Some(policy.with_hashes(&hashes));
            }
        }
        if let Some(content) = needed {
            let attributes = self.parser.tokenizer.attributes();
            let mut tag = Tag::new(here.bytes, attributes, self.charset);
            tag.set("content", &content);
            splice.token = Some(tag.write());
        }
    }
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
