//! What a page's Content-Security-Policy lets us add. It is obeyed, never weakened.

/// Whether an inline element, `<style>` or `<script>`, takes effect on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ElementRule {
    /// As it is.
    Allowed,
    /// With this nonce.
    WithNonce(String),
    /// No way.
    Blocked,
}

/// The source list that governs the first of `names` a policy has.
fn sources<'a>(policy: &'a str, names: &[&str]) -> Option<Vec<&'a str>> {
    names.iter().find_map(|name| {
        policy.split(';').find_map(|directive| {
            let mut words = directive.split_ascii_whitespace();
            words.next()?.eq_ignore_ascii_case(name).then(|| words.collect())
        })
    })
}

fn nonce<'a>(source: &&'a str) -> Option<&'a str> {
    let nonce = source.strip_prefix("'nonce-")?.strip_suffix('\'')?;
    let base64 = |b: u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
    };
    (!nonce.is_empty() && nonce.bytes().all(base64)).then_some(nonce)
}

/// `'unsafe-inline'` counts only where no nonce or hash stands beside it (CSP 3, section 6.7.3.2).
fn unsafe_inline(sources: &[&str]) -> bool {
    let has = |start: &str| {
        sources.iter().any(|source| source.to_ascii_lowercase().starts_with(start))
    };
    has("'unsafe-inline'")
        && !["'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'"]
            .into_iter()
            .any(has)
}

/// All policies of a page; each has to agree. A header line may hold several, separated by commas.
fn policies(lines: &[String]) -> impl Iterator<Item = &str> {
    lines.iter().flat_map(|line| line.split(','))
}

impl ElementRule {
    /// The nonce that the element has to carry.
    pub(super) fn nonce(&self) -> Option<&str> {
        match self {
            Self::WithNonce(nonce) => Some(nonce),
            _ => None,
        }
    }
}

/// For an inline `<style>`.
pub(super) fn style_element(lines: &[String]) -> ElementRule {
    element(lines, &["style-src-elem", "style-src", "default-src"])
}

/// For an inline `<script>`.
pub(super) fn script_element(lines: &[String]) -> ElementRule {
    element(lines, &["script-src-elem", "script-src", "default-src"])
}

fn element(lines: &[String], directives: &[&str]) -> ElementRule {
    let mut needed: Option<&str> = None;
    for policy in policies(lines) {
        let Some(sources) = sources(policy, directives) else { continue };
        if unsafe_inline(&sources) {
            continue;
        }
        let mut nonces = sources.iter().filter_map(nonce);
        let agreed = match needed {
            None => nonces.next(),
            Some(nonce) => nonces.find(|other| *other == nonce),
        };
        match agreed {
            Some(nonce) => needed = Some(nonce),
            None => return ElementRule::Blocked,
        }
    }
    needed.map_or(ElementRule::Allowed, |nonce| ElementRule::WithNonce(nonce.to_owned()))
}

/// Whether an inline `style` attribute takes effect on the page.
pub(super) fn style_attribute_allowed(lines: &[String]) -> bool {
    policies(lines)
        .filter_map(|policy| {
            sources(policy, &["style-src-attr", "style-src", "default-src"])
        })
        .all(|sources| unsafe_inline(&sources))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    #[allow(clippy::needless_pass_by_value, reason = "reads better below")]
    fn check(lines: &[&str], element: ElementRule, attribute: bool) {
        let lines: Vec<_> = lines.iter().map(|&line| line.to_owned()).collect();
        assert_eq!(style_element(&lines), element, "{lines:?}");
        assert_eq!(style_attribute_allowed(&lines), attribute, "{lines:?}");
    }

    #[test]
    fn policies_are_obeyed() {
        let nonce = || ElementRule::WithNonce("abc".to_owned());
        check(&[], ElementRule::Allowed, true);
        check(&["script-src 'self'"], ElementRule::Allowed, true);
        check(&["default-src 'self'"], ElementRule::Blocked, false);
        check(
            &["default-src 'self'; STYLE-SRC 'unsafe-inline'"],
            ElementRule::Allowed,
            true,
        );
        check(&["style-src 'nonce-abc'"], nonce(), false);
        check(&["style-src 'unsafe-inline' 'nonce-abc'"], nonce(), false);
        check(&["style-src 'nonce-abc'; style-src-attr 'unsafe-inline'"], nonce(), true);
        check(&["style-src 'nonce-abc'", "style-src 'nonce-abc'"], nonce(), false);
        check(
            &["style-src 'nonce-abc', style-src 'nonce-def'"],
            ElementRule::Blocked,
            false,
        );
        check(
            &["style-src 'unsafe-inline'", "style-src 'self'"],
            ElementRule::Blocked,
            false,
        );
        check(&["style-src 'nonce-a\"b'"], ElementRule::Blocked, false);
    }
}
