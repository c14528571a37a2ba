//! A value → what it has to look like in its place, so that it stays text there.

use std::fmt::Write as _;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// As it is: what is made of the text escapes all of it.
    Plain,
    /// For HTML, safe both in text and in an attribute in quotes.
    Markup,
    /// For a part of an address behind its host.
    Address,
    /// The same, right behind the slash that an address starts with: nothing must not become of it, or the next slash
    /// would make the rest of the path a host.
    FirstOfPath,
}

/// Nothing to be seen, and no line may break at it (Unicode's WORD JOINER).
const JOINER: char = '\u{2060}';

impl Escape {
    /// A value that can be written; blank is none. Dots alone are no part of a path either: browsers take them for the
    /// way to another folder, however they are written.
    pub(super) fn value(self, text: &str) -> Option<&str> {
        let address = matches!(self, Self::Address | Self::FirstOfPath);
        let nothing = text.trim().is_empty()
            || (address && text.trim().bytes().all(|byte| byte == b'.'));
        (!nothing).then_some(text)
    }

    /// Adds the text as it has to look.
    pub(super) fn append_to(self, out: &mut String, text: &str) {
        for c in text.chars() {
            self.append_char(out, c);
        }
    }

    fn append_char(self, out: &mut String, c: char) {
        match self {
            Self::Plain => out.push(c),
            Self::Markup => match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            },
            Self::Address | Self::FirstOfPath => {
                // All but the unreserved characters of RFC 3986, section 2.3.
                if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') {
                    return out.push(c);
                }
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
        }
    }
}

/// Adds a value. Two braces side by side would be run as a program by the template languages of some pages (`AngularJS`,
/// Vue), so something that cannot be seen goes between them.
pub(super) fn append(out: &mut String, value: &str, escape: Escape) {
    for c in value.chars() {
        part_braces(out, c);
        escape.append_char(out, c);
    }
}

/// Adds what people wrote behind a value: only where the two meet may a pair of braces come about that nobody wrote.
pub(super) fn append_literal(out: &mut String, text: &str) {
    if let Some(first) = text.chars().next() {
        part_braces(out, first);
    }
    out.push_str(text);
}

fn part_braces(out: &mut String, next: char) {
    if next == '{' && out.ends_with('{') {
        out.push(JOINER);
    }
}
