//! The characters that a path has to begin with, so that rules can be looked up instead of tried.

use super::PathRule;

/// What is known about the beginning of each path that a rule may hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head<'r> {
    /// It is the whole path.
    Whole(&'r str),
    /// It begins like this; with nothing, it may be any.
    Beginning(&'r str),
}

impl PathRule {
    /// Everything that the rule holds for begins like that; the rule need not hold for everything that does.
    pub(crate) fn head(&self) -> Head<'_> {
        match self {
            Self::Exact(path) => Head::Whole(path),
            Self::Prefix(prefix) => Head::Beginning(prefix),
            Self::Wildcard(pattern) => match pattern.split_once('*') {
                Some((head, _)) => Head::Beginning(head),
                None => Head::Whole(pattern),
            },
            Self::Regex(pattern) => Head::Beginning(regex_head(pattern.as_str())),
            Self::Any | Self::Suffix(_) | Self::Contains(_) => Head::Beginning(""),
        }
    }
}

/// The letters behind the `^` that a regular expression begins with. Whatever is not understood ends them, and what might
/// be an alternative to all of them leaves none.
fn regex_head(pattern: &str) -> &str {
    let Some(rest) = pattern.strip_prefix('^') else { return "" };
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"/_-%~!,;:@='".contains(b);
    let plain = rest.bytes().take_while(|byte| is_plain(byte)).count();
    // The last letter may be one that is repeated, or not there at all.
    let repeated = rest[plain..].starts_with(['?', '*', '+', '{']);
    let plain = plain.saturating_sub(usize::from(repeated));
    if has_alternatives(rest) { "" } else { &rest[..plain] }
}

/// Whether a `|` may stand outside of all parentheses. True where that is hard to say.
fn has_alternatives(pattern: &str) -> bool {
    if !pattern.contains('|') {
        return false;
    }
    let mut bytes = pattern.bytes().peekable();
    let mut depth = 0_usize;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'(' => {
                depth += 1;
                // Flags may change what counts as a character; names and plain groups do not.
                if bytes.next_if_eq(&b'?').is_some() && bytes.next_if_eq(&b':').is_none()
                {
                    return true;
                }
            }
            b')' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 => return true,
            b'[' => {
                bytes.next_if_eq(&b'^');
                // A bracket that comes first does not close.
                bytes.next_if_eq(&b']');
                loop {
                    match bytes.next() {
                        Some(b'\\') => {
                            bytes.next();
                        }
                        Some(b']') => break,
                        Some(b'[') | None => return true,
                        Some(_) => {}
                    }
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_regular_expressions() {
        let check = |pattern: &str, head: &str| {
            assert_eq!(regex_head(pattern), head, "{pattern}");
        };
        check("^/pricing$", "/pricing");
        check("^/pricing", "/pricing");
        check("/pricing", "");
        check("^/blog/[0-9]+", "/blog/");
        check(r"^/a\.html$", "/a");
        check("^/ab?c", "/a");
        check("^/ab*c", "/a");
        check("^/ab{0,3}c", "/a");
        check("^/ab+c", "/a");
        check("^/a|/b", "");
        check("^/a/(b|c)/d", "/a/");
        check("^/a/(?:b|c)/d", "/a/");
        check("^/a/(b)|c", "");
        check(r"^/a/\(|b", "");
        check(r"^/a/[(]|b", "");
        check("^/a/[|]b", "/a/");
        check("^/a/[]|]b", "/a/");
        check("^/a/[[:alpha:]|]b", "");
        check("^/a/(?x: b|c)", "");
        check("^", "");
        check("^^/a", "");
        check("(?i)^/a", "");
    }

    #[test]
    fn of_other_rules() {
        let wildcard = |text: &str| PathRule::Wildcard(text.to_owned());
        assert_eq!(wildcard("/a*b*").head(), Head::Beginning("/a"));
        assert_eq!(wildcard("/a").head(), Head::Whole("/a"));
        assert_eq!(wildcard("*.html").head(), Head::Beginning(""));
        assert_eq!(PathRule::Suffix("/a".to_owned()).head(), Head::Beginning(""));
    }
}
