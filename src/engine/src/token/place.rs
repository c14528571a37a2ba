//! Where a token may stand, and how it is escaped there.

use super::InvalidToken;
use super::escape::Escape;
use super::grammar::{Part, shorten};
use super::scan;

/// What becomes of a text: the one thing that a new kind of change says to have tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landing<'a> {
    /// Plain text, which is escaped as a whole when it is put into the page.
    Text,
    /// HTML.
    Html,
    /// The value of the attribute of that name, in lower case; escaped as a whole when it is set.
    Attribute(&'a str),
    /// The content of the `<meta>` element of that name; escaped as a whole when it is set.
    Meta(&'a str),
}

/// Why a token may not stand where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It would be part of a tag's or an attribute's name.
    Name,
    /// In a comment, or in another part that nobody sees.
    Comment,
    /// In an element that holds or loads code.
    Code(String),
    /// In an attribute that is not read as words.
    Attribute(String),
    /// In a `<meta>` element that is not read as words.
    Meta(String),
    /// In a value without quotes.
    NotQuoted(String),
    /// Where an address says which site it leads to.
    AddressStart,
    /// Right behind the slash that an address starts with, and possibly empty.
    PathStart,
    /// Browsers may read the place differently.
    Unsure,
}

/// Attributes whose value is an address the browser may follow.
pub(crate) const URL_ATTRIBUTES: &[&str] = &[
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "poster",
    "background",
    "cite",
    "manifest",
];

/// Of the addresses, those that are followed by people or show something.
const ADDRESSES: &[&str] =
    &["href", "src", "srcset", "action", "formaction", "poster", "cite"];

/// Attributes whose value is read to people. Others may mean something to browsers or to the page's scripts, and what
/// that would make of a visitor's words nobody can know.
const WORDS: &[&str] = &[
    "alt",
    "title",
    "placeholder",
    "value",
    "label",
    "abbr",
    "aria-label",
    "aria-description",
    "aria-placeholder",
    "aria-roledescription",
    "aria-valuetext",
];

/// Elements that run or load something, or that say how the page is read.
const CODE: &[&str] = &[
    "script", "style", "link", "meta", "base", "object", "embed", "param", "applet",
    "use", "animate", "set", "frame",
];

impl Landing<'_> {
    /// For each token of a text, how it is escaped, or why it is refused.
    pub(super) fn escapes(self, parts: &[Part<'_>]) -> Vec<Result<Escape, Refusal>> {
        let mut value = Value::default();
        let mut scanner = scan::Scanner::default();
        let mut escapes = Vec::new();
        for part in parts {
            match (part, self) {
                (Part::Text(text), Self::Html) => {
                    text.chars().for_each(|c| scanner.read(c));
                }
                (Part::Text(text), _) => value.text.push_str(text),
                (Part::Token { .. }, Self::Text) => escapes.push(Ok(Escape::Plain)),
                (Part::Token { .. }, Self::Html) => escapes.push(scanner.land()),
                (Part::Token { .. }, Self::Attribute(name)) => {
                    escapes.push(value.land(name, Escape::Plain));
                }
                (Part::Token { .. }, Self::Meta(name)) => escapes.push(
                    is_prose(name)
                        .then_some(Escape::Plain)
                        .ok_or_else(|| Refusal::Meta(name.to_owned())),
                ),
                (Part::Unclosed(_), _) => {}
            }
        }
        escapes
    }
}

/// Whether a `<meta>` element of that name holds words. Others tell browsers, crawlers or scripts what to do.
fn is_prose(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(':').next().unwrap_or(&name);
    ["description", "title", "keywords", "author", "alt"].contains(&last)
}

/// Whether an element is one in which no token may stand.
pub(crate) fn is_code(element: &str) -> bool {
    CODE.contains(&element)
}

/// The value of an attribute, as far as it has been read.
#[derive(Debug, Default)]
pub(super) struct Value {
    /// What people wrote, without the tokens.
    pub(super) text: String,
    /// How much of it stands before the last token.
    token_at: Option<usize>,
}

impl Value {
    /// How a token is escaped that stands here, in the attribute of that name; `words` is how it is in words.
    pub(super) fn land(&mut self, name: &str, words: Escape) -> Result<Escape, Refusal> {
        if WORDS.contains(&name) {
            return Ok(words);
        }
        if !ADDRESSES.contains(&name) {
            return Err(Refusal::Attribute(name.to_owned()));
        }
        let start = match name {
            // A list of addresses with sizes between them. A comma may also be part of an address; then less than all
            // of it is looked at, which allows less.
            "srcset" => self
                .text
                .rfind([',', ' ', '\t', '\n', '\r', '\u{c}'])
                .map_or(0, |separator| separator + 1),
            _ => 0,
        };
        // Where a first token was allowed, what stands before it holds for the others too.
        let same_address = self.token_at.is_some_and(|at| at >= start);
        self.token_at = Some(self.text.len());
        if same_address { Ok(Escape::Address) } else { behind(&self.text[start..]) }
    }
}

/// How a token is escaped in an address that begins like this, provided that scheme and host are decided by what
/// stands there. References such as `&colon;` are not decoded but refused, as backslashes are, which browsers read as
/// slashes.
fn behind(start: &str) -> Result<Escape, Refusal> {
    // Browsers ignore these (URL Standard, section 4.4).
    let start: String = start.chars().filter(|c| !c.is_ascii_control()).collect();
    let start = start.trim_start();
    let end = start.find(['/', '?', '#', '\\', '&']).ok_or(Refusal::AddressStart)?;
    let (first, rest) = start.split_at(end);
    let host_follows = match first.to_ascii_lowercase().as_str() {
        "https:" | "http:" => true,
        "" => rest.starts_with("//"),
        // Whom a mail goes to is as good as a host.
        mail if mail.starts_with("mailto:") && rest.starts_with('?') => {
            return Ok(Escape::Address);
        }
        folder => {
            let fixed = rest.starts_with(['/', '?', '#']) && !folder.contains(':');
            return if fixed { Ok(Escape::Address) } else { Err(Refusal::AddressStart) };
        }
    };
    if host_follows {
        let host = rest.strip_prefix("//").ok_or(Refusal::AddressStart)?;
        let end = host.find(['/', '?', '#', '\\', '&']).ok_or(Refusal::AddressStart)?;
        let fixed = end > 0 && host[end..].starts_with(['/', '?', '#']);
        return if fixed { Ok(Escape::Address) } else { Err(Refusal::AddressStart) };
    }
    match (rest.chars().next(), rest.chars().nth(1)) {
        (Some('?' | '#'), _) => Ok(Escape::Address),
        (Some('/'), None) => Ok(Escape::FirstOfPath),
        (Some('/'), Some(next)) if next != '\\' && next != '&' => Ok(Escape::Address),
        _ => Err(Refusal::AddressStart),
    }
}

impl Refusal {
    /// In words, for the token that was written so.
    pub(super) fn explain(&self, token: &str) -> InvalidToken {
        let (code, what, hint) = match self {
            Self::Name => (
                "token-in-name",
                "stands inside a tag and not in the value of an attribute".to_owned(),
                "Put it between the tags, or into quotes behind an attribute's \"=\".".to_owned(),
            ),
            Self::Comment => (
                "token-in-comment",
                "stands in a comment, which nobody sees".to_owned(),
                "Take it out, or put it behind the comment.".to_owned(),
            ),
            Self::Code(element) => (
                "token-in-code",
                format!("stands in <{element}>, where a visitor's words could act as code"),
                "Put it into the text of an ordinary element.".to_owned(),
            ),
            Self::Attribute(name) => (
                "token-in-attribute",
                format!("stands in the attribute {name:?}, which may have none"),
                format!(
                    "In attributes, tokens are for words ({}) and for addresses ({}).",
                    WORDS[..5].join(", "),
                    ADDRESSES[..3].join(", ")
                ),
            ),
            Self::Meta(name) => (
                "token-in-meta",
                format!("stands in the meta element {name:?}, which may have none"),
                "In meta elements, tokens are for words, as in \"description\" and \"og:title\"."
                    .to_owned(),
            ),
            Self::NotQuoted(name) => (
                "token-not-quoted",
                format!("stands in a value of {name:?} that has no quotes"),
                format!("Put quotes around the value: {name}=\"…\"."),
            ),
            Self::AddressStart => (
                "token-in-url-start",
                "stands in the part of the address that says where it leads".to_owned(),
                "Begin the address with a path such as \"/search?q=\", or with \"https://\", the host and a \"/\"."
                    .to_owned(),
            ),
            Self::PathStart => (
                "token-in-url-start",
                "stands right behind the first \"/\" and may be empty, which would make a host of what follows"
                    .to_owned(),
                "Give it a default that is not blank, as in {{query.lang | \"en\"}}.".to_owned(),
            ),
            Self::Unsure => (
                "token-place-unsure",
                "stands behind markup that browsers may read in more than one way".to_owned(),
                "Put the part with the token into a change of its own.".to_owned(),
            ),
        };
        let message = format!("the token {} {what}", shorten(token));
        InvalidToken { code, message, hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(start: &str, expected: Option<Escape>) {
        assert_eq!(behind(start).ok(), expected, "{start}");
    }

    #[test]
    fn addresses() {
        for start in [
            "/a",
            "/search?q=",
            "?q=",
            "#",
            "#a=",
            "a/",
            "./",
            "../a-",
            "a?b=",
            "https://example.com/",
            "http://example.com?",
            "HTTPS://user@example.com:8443/a/",
            "//cdn.example.com/img/",
            "mailto:us@example.com?subject=",
            "/a:b",
            "/a\\b&c",
            " \t/a",
            "/a//",
            "a/b:c",
            "x?y:",
        ] {
            check(start, Some(Escape::Address));
        }
        check("/", Some(Escape::FirstOfPath));
        check("\t/\n", Some(Escape::FirstOfPath));
        for start in [
            "",
            " ",
            "a",
            "a:",
            "java",
            "javascript:",
            "javascript:/",
            "javascript://x/",
            "data:text/html,",
            "https:",
            "https:/",
            "https://",
            "https://example.com",
            "https:///",
            "https:///a/",
            "https:a/",
            "//",
            "///a",
            "///",
            "//a",
            "//a\\b/",
            "/\\",
            "/\\a",
            "\\/a",
            "\\\\a/",
            "/&sol;a",
            "/&#47;",
            "&sol;",
            "&#47;/a/",
            "a&colon;/",
            "https&colon;//a/",
            "https://a&sol;/",
            "mailto:",
            "mailto:a@b.c",
            "mailto:a/",
            "tel:",
            "ftp://a/",
            "a:b?",
            "java\tscript:/",
            "/\t/a",
            "sms:1?",
        ] {
            check(start, None);
        }
    }

    #[test]
    fn lists_of_addresses() {
        let landing = |before: &str| {
            let mut value = Value { text: before.to_owned(), token_at: None };
            value.land("srcset", Escape::Plain).ok()
        };
        assert_eq!(landing("/a-"), Some(Escape::Address));
        assert_eq!(landing("/a-1.jpg 1x, /a-"), Some(Escape::Address));
        assert_eq!(landing("/a-1.jpg 1x, "), None);
        assert_eq!(landing("/a-1.jpg 1x,"), None);
        assert_eq!(landing("/a-1.jpg "), None);
        let mut value = Value { text: "/a-".to_owned(), token_at: None };
        for (more, expected) in
            [("", true), ("", true), ("-", true), (" 1x, /b", true), (" 2x, ", false)]
        {
            value.text.push_str(more);
            assert_eq!(
                value.land("srcset", Escape::Plain).is_ok(),
                expected,
                "{value:?}"
            );
        }
    }
}
