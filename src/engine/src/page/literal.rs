//! The characters that a path has to begin with, so that rules can be looked up instead of tried.

use super::PathRule;
use super::weight::{braces_of_escape, class, until};

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
pub(super) fn regex_head(pattern: &str) -> &str {
    let Some(rest) = pattern.strip_prefix('^') else { return "" };
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"/_-%~!,;:@='".contains(b);
    let plain = rest.bytes().take_while(|byte| is_plain(byte)).count();
    // The last letter may be one that is repeated, or not there at all.
    // It is also where nothing but flags stand between the two.
    let behind = &rest[plain..];
    let repeated = behind.starts_with(['?', '*', '+', '{'])
        || behind.starts_with("(?") && !behind.starts_with("(?:");
    let plain = plain.saturating_sub(usize::from(repeated));
    if has_alternatives(rest) { "" } else { &rest[..plain] }
}

/// The longest piece that stands in every text in which a regular expression is found, outside of its parentheses.
/// Whatever is not understood leaves none.
pub(super) fn regex_piece(pattern: &str) -> String {
    let bytes = pattern.as_bytes();
    let (mut longest, mut piece) = (String::new(), String::new());
    let (mut depth, mut at) = (0_usize, 0);
    if has_alternatives(pattern) || pattern.contains("(?") && !only_plain_groups(pattern)
    {
        return longest;
    }
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at + 1..];
        let letter = match byte {
            b'\\' => {
                at += 1 + braces_of_escape(rest);
                // Some signs stand for the beginning and the end of a word.
                rest.first()
                    .filter(|byte| byte.is_ascii_punctuation() && !b"<>".contains(byte))
            }
            b'[' => {
                at += class(rest);
                None
            }
            b'(' => {
                depth += 1;
                None
            }
            b')' => {
                depth = depth.saturating_sub(1);
                None
            }
            b'?' | b'*' | b'+' | b'{' => {
                // What it repeats may be there not at all, and more often.
                piece.pop();
                at += if *byte == b'{' { until(rest, b"}") } else { 0 };
                None
            }
            b'^' | b'$' | b'.' => None,
            other => Some(other).filter(|byte| byte.is_ascii()),
        };
        match letter.filter(|_| depth == 0) {
            Some(letter) => piece.push(char::from(*letter)),
            None if piece.len() > longest.len() => longest = std::mem::take(&mut piece),
            None => piece.clear(),
        }
        at += 1;
    }
    if piece.len() > longest.len() { piece } else { longest }
}

/// Whether no group has flags, which may change what a letter stands for.
fn only_plain_groups(pattern: &str) -> bool {
    let mut behind = pattern.split("(?").skip(1);
    behind.all(|rest| rest.starts_with([':', '<']) || rest.starts_with("P<"))
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
        check("^/a(?i){0}", "/");
        check("^", "");
        check("^^/a", "");
        check("(?i)^/a", "");
    }

    #[test]
    fn pieces_of_regular_expressions() {
        let check = |pattern: &str, piece: &str| {
            assert_eq!(regex_piece(pattern), piece, "{pattern}");
        };
        check("", "");
        check("^/pricing$", "/pricing");
        check(r".*\/shop\/shoes\.html.*", "/shop/shoes.html");
        check("(de|en)/shoes/[a-z]+/sale", "/shoes/");
        check("(?:de|en)shoes?", "shoe");
        check("shop/a{2,3}b", "shop/");
        check("shop{0}", "sho");
        check("a+b*cd", "cd");
        check(r"x\d\w\bab\x{61}c", "ab");
        check("a|b", "");
        check("(?i)shop", "");
        check("(?i:a)shop", "");
        check("(?P<a>b)shop", "shop");
        check("(a(b)c)d[e]fgé?h", "fg");
        check(r"[(]ab[]c]", "ab");
        check(r"ab\*", "ab*");
        check(r"ab\**", "ab");
        check(r"a\<b\>", "a");
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
