//! What a page's Content-Security-Policies let us add. They are obeyed, never weakened: at most the hash of one script
//! of ours is added to the scripts that a policy names (CSP 3, sections 6.7.2 and 6.7.3).

#[cfg(test)]
mod tests;

/// The directives that govern a script element, a style element and a style attribute; the first of them counts.
const SCRIPT: [&str; 3] = ["script-src-elem", "script-src", "default-src"];
const STYLE: [&str; 3] = ["style-src-elem", "style-src", "default-src"];
const STYLE_ATTRIBUTE: [&str; 3] = ["style-src-attr", "style-src", "default-src"];

const HASHES: [&str; 3] = ["'sha256-", "'sha384-", "'sha512-"];

/// The most nonces of one list that are looked at; a page has one.
const MAX_NONCES: usize = 16;

/// The longest policies of a page together that are read, bytes; each counts for [`EACH_POLICY`] more. With longer ones
/// nothing of ours is put into it that they might forbid.
const MAX_POLICIES: usize = 16 * 1024;
const EACH_POLICY: usize = 256;

/// One policy of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy<'t> {
    text: &'t str,
    /// It stands in the page's head and not in a header.
    in_page: bool,
    /// Browsers and the standard read it in the same way, so that something may be added.
    clear: bool,
    /// It is not even read: it forbids what it can.
    too_long: bool,
}

/// What a policy says to an inline script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// It runs, be it with the nonce agreed upon.
    Runs,
    /// It runs if its hash is added to the policy.
    RunsByHash,
    /// It does not run, and nothing that may be done would let it.
    Never,
}

/// Whether all inline code of a kind takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inline {
    All,
    Some,
    /// It says so, beside something that browsers may read in more than one way.
    Unsure,
}

/// The directive that governs something.
struct Governing<'t> {
    name: &'t str,
    sources: Vec<&'t str>,
    /// Where it ends in the policy.
    end: usize,
}

/// All policies of header lines. A line may hold several, separated by commas.
pub(super) fn in_headers(lines: &[String]) -> impl Iterator<Item = Policy<'_>> {
    in_lines(lines).flatten()
}

/// Those of each line.
pub(super) fn in_lines(
    lines: &[String],
) -> impl Iterator<Item = impl Iterator<Item = Policy<'_>>> {
    let too_long = lines.iter().map(String::len).sum::<usize>() > MAX_POLICIES;
    lines.iter().map(move |line| {
        let parts = line.splitn(if too_long { 1 } else { usize::MAX }, ',');
        parts.map(move |text| Policy { text, in_page: false, clear: true, too_long })
    })
}

/// The policy of a `<meta>` element. By the standard it is one; Chromium takes it for several if it has commas. Then
/// all of these count.
pub(super) fn in_page(content: &str) -> impl Iterator<Item = Policy<'_>> {
    let too_long = content.len() > MAX_POLICIES;
    let clear = too_long || !content.contains(',');
    let parts = content.split(',').skip(usize::from(clear));
    let parts = parts.take(if too_long { 0 } else { usize::MAX });
    std::iter::once(content).chain(parts).map(move |text| Policy {
        text,
        in_page: true,
        clear,
        too_long,
    })
}

impl<'t> Policy<'t> {
    fn governing(self, names: &[&str]) -> Option<Governing<'t>> {
        names.iter().find_map(|name| self.directive(name))
    }

    /// The first of that name, which is the one that counts.
    fn directive(self, wanted: &str) -> Option<Governing<'t>> {
        let mut start = 0;
        self.text.split(';').find_map(|directive| {
            let end = start + directive.trim_ascii_end().len();
            start += directive.len() + 1;
            let mut words = directive.split_ascii_whitespace();
            let name = words.next()?;
            name.eq_ignore_ascii_case(wanted).then(|| Governing {
                name,
                sources: words.collect(),
                end,
            })
        })
    }

    /// Whether an inline `style` attribute takes effect.
    pub(super) fn allows_style_attribute(self) -> bool {
        !self.too_long
            && self
                .governing(&STYLE_ATTRIBUTE)
                .is_none_or(|governing| governing.inline() == Inline::All)
    }

    /// Whether no script of the page runs at all (HTML, 7.1.5). Policies in the page cannot say so.
    fn is_sandbox(self) -> bool {
        let allows = |word: &str| word.eq_ignore_ascii_case("allow-scripts");
        !self.in_page
            && self
                .directive("sandbox")
                .is_some_and(|sandbox| !sandbox.sources.iter().any(|word| allows(word)))
    }

    /// The policy with more scripts, each a hash as it is written there.
    pub(super) fn with_hashes(self, hashes: &[&str]) -> String {
        let governing = self.governing(&SCRIPT).filter(|_| !hashes.is_empty());
        let Some(governing) = governing else { return self.text.to_owned() };
        let hashes = hashes.iter().flat_map(|hash| [" ", hash]).collect::<String>();
        if governing.name.eq_ignore_ascii_case("default-src") {
            // What else falls back on it stays as it is.
            let text = self.text.trim_end_matches([' ', '\t', '\n', '\x0c', '\r', ';']);
            return format!("{text}; script-src {}{hashes}", governing.sources.join(" "));
        }
        let (before, after) = self.text.split_at(governing.end);
        format!("{before}{hashes}{after}")
    }
}

impl<'t> Governing<'t> {
    fn has(&self, keyword: &str) -> bool {
        self.sources.iter().any(|source| source.eq_ignore_ascii_case(keyword))
    }

    /// `'unsafe-inline'` counts only where no nonce or hash stands beside it, and for scripts no `'strict-dynamic'`.
    fn inline(&self) -> Inline {
        let trusts = self.sources.iter().any(|source| nonce(source).is_some())
            || self.sources.iter().any(|source| is_hash(source));
        if !self.has("'unsafe-inline'") || trusts {
            return Inline::Some;
        }
        let odd = |source: &&str| {
            HASHES.iter().chain(&["'nonce-"]).any(|start| after(source, start).is_some())
        };
        if self.sources.iter().any(odd) { Inline::Unsure } else { Inline::All }
    }

    fn nonces(&self) -> Vec<&'t str> {
        self.sources.iter().filter_map(|source| nonce(source)).take(MAX_NONCES).collect()
    }

    /// Whether any script of the page may run: where none may, its owner wants none.
    fn allows_scripts(&self) -> bool {
        let strict = self.has("'strict-dynamic'");
        self.sources.iter().any(|source| {
            let place =
                source.eq_ignore_ascii_case("'self'") || !source.starts_with('\'');
            nonce(source).is_some() || is_hash(source) || (place && !strict)
        })
    }
}

/// What follows on the beginning of a source, in either case.
fn after<'t>(source: &'t str, start: &str) -> Option<&'t str> {
    let (found, rest) = source.split_at_checked(start.len())?;
    found.eq_ignore_ascii_case(start).then_some(rest)
}

fn base64(rest: &str) -> Option<&str> {
    let value = rest.strip_suffix('\'')?;
    let digits = value.trim_end_matches('=');
    let valid = !digits.is_empty()
        && value.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_'));
    valid.then_some(value)
}

fn nonce(source: &str) -> Option<&str> {
    base64(after(source, "'nonce-")?)
}

fn is_hash(source: &str) -> bool {
    HASHES.iter().any(|start| after(source, start).and_then(base64).is_some())
}

/// How an inline element stands with the policies that it has met, one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// Those that do for all policies that ask for one; none if none does.
    nonces: Option<Vec<String>>,
    blocked: bool,
    /// What the policies so far count.
    met: usize,
}

impl Standing {
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked
    }

    pub(super) fn block(&mut self) {
        self.blocked = true;
    }

    pub(super) fn nonce(&self) -> Option<&str> {
        self.nonces.as_ref()?.first().map(String::as_str)
    }

    /// From here on it takes no nonce but the one it has.
    pub(super) fn fix_nonce(&mut self) {
        self.nonces.get_or_insert_default().truncate(1);
    }

    /// Takes a nonce of these that does for the policies before as well; false if there is none.
    fn agree(&mut self, nonces: &[&str]) -> bool {
        let common: Vec<String> = match &self.nonces {
            None => nonces.iter().map(|&nonce| nonce.to_owned()).collect(),
            Some(known) => {
                let both = |nonce: &&String| nonces.contains(&nonce.as_str());
                known.iter().filter(both).cloned().collect()
            }
        };
        let agreed = !common.is_empty();
        if agreed {
            self.nonces = Some(common);
        }
        agreed
    }

    /// Whether another policy is read.
    fn reads(&mut self, policy: Policy<'_>) -> bool {
        self.met += policy.text.len() + EACH_POLICY;
        !policy.too_long && self.met <= MAX_POLICIES
    }

    /// For a style element.
    pub(super) fn meet_for_style(&mut self, policy: Policy<'_>) {
        if !self.reads(policy) {
            return self.block();
        }
        let Some(governing) = policy.governing(&STYLE) else { return };
        if governing.inline() != Inline::All && !self.agree(&governing.nonces()) {
            self.blocked = true;
        }
    }

    /// For a script element; `hash` is that of its text, as policies write it.
    pub(super) fn meet_for_script<'h>(
        &mut self,
        policy: Policy<'_>,
        hash: impl FnOnce() -> &'h str,
    ) -> Says {
        let says = self.ask(policy, hash);
        self.blocked |= says == Says::Never;
        says
    }

    fn ask<'h>(&mut self, policy: Policy<'_>, hash: impl FnOnce() -> &'h str) -> Says {
        if !self.reads(policy) || policy.is_sandbox() {
            return Says::Never;
        }
        let Some(governing) = policy.governing(&SCRIPT) else { return Says::Runs };
        match governing.inline() {
            Inline::All if !governing.has("'strict-dynamic'") => return Says::Runs,
            Inline::Unsure => return Says::Never,
            _ => {}
        }
        let listed = governing.sources.iter().filter(|source| is_hash(source));
        let listed: Vec<_> = listed.collect();
        if !listed.is_empty() {
            let hash = hash();
            let same = |source: &str| source.replace('-', "+").replace('_', "/");
            // Base64 may be written with other digits for two of them; "'sha256" may be in capitals.
            let wanted = hash.get(HASHES[0].len()..).map(same);
            let found = |source: &str| after(source, HASHES[0]).map(same) == wanted;
            if listed.iter().any(|source| found(source)) {
                return Says::Runs;
            }
        }
        if self.agree(&governing.nonces()) {
            Says::Runs
        } else if policy.clear && governing.allows_scripts() {
            Says::RunsByHash
        } else {
            Says::Never
        }
    }
}
