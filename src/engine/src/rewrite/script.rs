//! Scripts that are put into a page, and the page's policies that let them run.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::PageHead;
use super::csp::{self, Policy, Says, Standing};
use super::element::escape_text;
use super::hydration;
use crate::change::Action;
use crate::plan::Plan;

/// A page's policies as its headers have them, one entry a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    /// `Content-Security-Policy`.
    pub enforced: Vec<String>,
    /// `Content-Security-Policy-Report-Only`.
    pub report_only: Vec<String>,
}

impl PageHead {
    /// The policies with which the rewritten page has to be sent, if they are not those that came: the plan's scripts may
    /// need their hashes in them. Such a hash lets exactly that script run and no other. A policy that allows no scripts
    /// at all stays as it is, and so does one that lets all inline scripts run, which a hash would end. `report_only` are
    /// the lines of `Content-Security-Policy-Report-Only`, which get hashes so that nothing of ours is reported.
    ///
    /// Call it before the page's first byte is sent; [`Rewriter`](super::Rewriter) counts on it.
    pub fn policies_for(
        &self,
        plan: &Plan<'_>,
        report_only: &[String],
    ) -> Option<Policies> {
        let mut scripts = scripts_of(plan);
        for script in &mut scripts {
            csp::in_headers(&self.policies).for_each(|policy| {
                script.meet(policy);
            });
        }
        scripts.retain(|script| !script.is_blocked());
        if scripts.is_empty() {
            return None;
        }
        // Which nonce a script takes hangs on the policies before, so they are gone through again.
        for script in &mut scripts {
            script.standing = Standing::default();
        }
        let enforced = with_hashes(&self.policies, &mut scripts);
        for script in &mut scripts {
            script.standing.fix_nonce();
        }
        let report_only_sent = with_hashes(report_only, &mut scripts);
        let same = enforced == self.policies && report_only_sent == report_only;
        (!same).then_some(Policies { enforced, report_only: report_only_sent })
    }
}

/// The most scripts of a page; those behind are left out. Each asks every policy, and may need its hash in each.
pub(super) const MAX_SCRIPTS: usize = 20;

/// All scripts that the plan may put into a page.
fn scripts_of(plan: &Plan<'_>) -> Vec<Script> {
    let of_step = plan.steps.iter().filter_map(|step| match &*step.action {
        Action::Script(code) => Some((step, code)),
        _ => None,
    });
    let first = of_step.take(MAX_SCRIPTS).filter(|(step, _)| !step.probe);
    let own = first.map(|(_, code)| Script::new(code));
    own.chain(hydration::script_of(plan)).collect()
}

fn with_hashes(lines: &[String], scripts: &mut [Script]) -> Vec<String> {
    let line = |line| {
        let policies = Iterator::map(line, |policy: Policy<'_>| {
            let mut hashes = Vec::new();
            for script in &mut *scripts {
                if script.meet(policy) == Says::RunsByHash {
                    hashes.push(script.hash());
                }
            }
            policy.with_hashes(&hashes)
        });
        policies.collect::<Vec<_>>().join(",")
    };
    csp::in_lines(lines).map(line).collect()
}

/// One script, and how it stands with the page's policies.
#[derive(Debug)]
pub(super) struct Script {
    /// As it is written, in ASCII.
    text: Cow<'static, str>,
    hash: OnceCell<String>,
    standing: Standing,
}

impl Script {
    /// A classic script without `<!--`, `<script` and `</script` in it.
    pub(super) fn new(code: &str) -> Self {
        Self::of(Cow::Owned(ascii(code)))
    }

    /// One of ours, in ASCII with line feeds.
    pub(super) fn ours(text: &'static str) -> Self {
        Self::of(Cow::Borrowed(text))
    }

    fn of(text: Cow<'static, str>) -> Self {
        Self { text, hash: OnceCell::new(), standing: Standing::default() }
    }

    /// Another policy applies to the page.
    pub(super) fn meet(&mut self, policy: Policy<'_>) -> Says {
        let Self { text, hash, standing } = self;
        standing.meet_for_script(policy, || hash.get_or_init(|| digest(text)))
    }

    /// Whether it does not run.
    pub(super) fn is_blocked(&self) -> bool {
        self.standing.is_blocked()
    }

    /// Whatever policies are still to come.
    pub(super) fn block(&mut self) {
        self.standing.block();
    }

    /// Its hash as policies write it.
    pub(super) fn hash(&self) -> &str {
        self.hash.get_or_init(|| digest(&self.text))
    }

    /// The element, with attributes of ours. Browsers take no nonce from an element with `<script` or `<style` in an
    /// attribute (CSP 3, section 6.7.3.1), so these have to be written in another way.
    pub(super) fn element(&self, attributes: &[(&str, &str)]) -> String {
        let mut html = String::from("<script");
        let nonce = self.standing.nonce().map(|nonce| ("nonce", nonce));
        for (name, value) in nonce.iter().chain(attributes) {
            let value = escape_text(value).replace('"', "&quot;");
            let _ = write!(html, " {name}=\"{value}\"");
        }
        let _ = write!(html, ">{}</script>", self.text);
        html
    }
}

/// The same code in ASCII, so that it is the same in every encoding, and its hash too; and as browsers hand it to the
/// engine, with line feeds only. What is not ASCII stands in quoted texts, in patterns or in comments (drafts are
/// checked for white space elsewhere), where an escape is the same.
fn ascii(code: &str) -> String {
    let code = code.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    if code.is_ascii() {
        return code;
    }
    let mut ascii = String::with_capacity(code.len() + 16);
    for c in code.chars() {
        if c.is_ascii() {
            ascii.push(c);
            continue;
        }
        let slashes = ascii.bytes().rev().take_while(|b| *b == b'\\').count();
        if slashes % 2 == 1 {
            // The character was escaped already, which says nothing.
            ascii.pop();
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    ascii
}

fn digest(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes() {
        // The example of CSP 2, section 7.17.2.
        let script = Script::new("alert('Hello, world.');");
        assert_eq!(
            script.hash(),
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }

    #[test]
    fn code_is_the_same_in_ascii() {
        for (code, written) in [
            ("a < b && c", "a < b && c"),
            ("say('é\\n→ 😀')", "say('\\u00e9\\n\\u2192 \\ud83d\\ude00')"),
            ("'\\é' + '\\\\é'", "'\\u00e9' + '\\\\\\u00e9'"),
            ("a\r\nb\rc\0", "a\nb\nc\\ufffd"),
        ] {
            assert_eq!(ascii(code), written);
        }
    }

    #[test]
    fn elements() {
        let mut script = Script::new("go()");
        assert_eq!(script.element(&[]), "<script>go()</script>");
        let lines = ["script-src 'nonce-abc='".to_owned()];
        csp::in_headers(&lines).for_each(|policy| {
            script.meet(policy);
        });
        assert_eq!(
            script.element(&[("data-changes", r#"[{"text":"a & <b>"}]"#)]),
            "<script nonce=\"abc=\" data-changes=\"[{&quot;text&quot;:&quot;a &amp; &lt;b&gt;&quot;}]\">go()</script>"
        );
    }
}
