//! Text → parts, and a token → its fact, filters and default.

use super::InvalidToken;
use super::filter::{FILTERS, Filter};
use crate::facts::{Fact, NoFact, facts_for_copy};

/// A stretch of a text that people wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// To be kept as it is.
    Text(&'t str),
    /// A token: all of it, and what stands between its braces.
    Token { text: &'t str, inside: &'t str },
    /// What begins like a token and does not end.
    Unclosed(&'t str),
}

/// The parts of a text, in their order.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = rest.find("{{").unwrap_or(rest.len());
        if start > 0 {
            let (before, token) = rest.split_at(start);
            rest = token;
            return Some(Part::Text(before));
        }
        let Some(length) = length_inside(&rest[2..]) else {
            return Some(Part::Unclosed(std::mem::take(&mut rest)));
        };
        let (text, after) = rest.split_at(length + 4);
        rest = after;
        Some(Part::Token { text, inside: &text[2..text.len() - 2] })
    })
}

/// How many bytes stand before the braces that close a token. Braces in quotes close nothing.
fn length_inside(text: &str) -> Option<usize> {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if text[at..].starts_with("}}") => return Some(at),
            Some(_) | None => {}
        }
    }
    None
}

/// What a token says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// A text that is put there as it is.
    Literal(String),
    Fact {
        fact: Fact,
        filters: Vec<Filter>,
        default: Option<String>,
    },
}

/// How to write the braces themselves.
const BRACES: &str = "two braces as they are: {{\"{{\"}}";

pub(super) fn not_closed(text: &str) -> InvalidToken {
    let quoted = text.contains(['"', '\'']);
    InvalidToken {
        code: "token-not-closed",
        message: format!("the token {} has no end", shorten(text)),
        hint: if quoted {
            format!("Close its quotes and put \"}}}}\" behind it; or write {BRACES}.")
        } else {
            format!("Put \"}}}}\" behind it; or write {BRACES}.")
        },
    }
}

/// Reads what stands between a token's braces; `text` is all of it.
pub(super) fn read(text: &str, inside: &str) -> Result<Spoken, InvalidToken> {
    let invalid = |what: &str| InvalidToken {
        code: "token-not-valid",
        message: format!("in the token {}, {what}", shorten(text)),
        hint: format!(
            "Write it like {{{{geo.city | title | \"your city\"}}}}; or write {BRACES}."
        ),
    };
    let mut rest = Rest(inside);
    if let Some(literal) = rest.quoted() {
        return match rest.next_part() {
            None if rest.0.is_empty() => Ok(Spoken::Literal(literal)),
            _ => Err(invalid("something follows the quoted text")),
        };
    }
    let name = rest.word();
    if name.is_empty() {
        return Err(invalid("no fact is named"));
    }
    let fact = Fact::parse_for_copy(name).map_err(|error| no_fact(text, name, error))?;
    let mut filters = Vec::new();
    let mut default = None;
    while rest.next_part().is_some() {
        if default.is_some() {
            return Err(invalid("something follows the default, which comes last"));
        }
        if let Some(quoted) = rest.quoted() {
            default = Some(quoted);
            continue;
        }
        let name = rest.word();
        if name.is_empty() {
            return Err(invalid("nothing follows a \"|\""));
        }
        let argument = rest.argument();
        let filter = Filter::named(name, argument).map_err(|found| InvalidToken {
            code: "token-unknown-filter",
            message: format!("in the token {}, {found}", shorten(text)),
            hint: format!("Filters are {FILTERS}; a default stands in quotes."),
        })?;
        filters.push(filter);
    }
    if !rest.0.is_empty() {
        return Err(invalid("a \"|\" is missing between two parts"));
    }
    Ok(Spoken::Fact { fact, filters, default })
}

fn no_fact(text: &str, name: &str, error: NoFact) -> InvalidToken {
    let token = shorten(text);
    let (message, hint) = match error {
        NoFact::Unknown => (
            format!("the token {token} asks for {name:?}, which no visit tells"),
            format!("Facts are {}; or write {BRACES}.", facts_for_copy()),
        ),
        NoFact::NotForCopy => (
            format!("the token {token} asks for {name:?}, which is for conditions only"),
            format!("In copy, facts are {}.", facts_for_copy()),
        ),
        NoFact::Ours => (
            format!("the token {token} asks for {name:?}, which is not for copy"),
            "Edgewise keeps it to itself: nobody else may learn it.".to_owned(),
        ),
    };
    InvalidToken { code: "token-unknown-fact", message, hint }
}

/// What of a token is still to be read.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    /// Everything up to a space, a bar, a quote or a parenthesis.
    fn word(&mut self) -> &'t str {
        self.0 = self.0.trim_start();
        let ends = |c: char| c.is_whitespace() || matches!(c, '|' | '(' | '"' | '\'');
        let (word, rest) = self.0.split_at(self.0.find(ends).unwrap_or(self.0.len()));
        self.0 = rest;
        word
    }

    /// Steps over a bar.
    fn next_part(&mut self) -> Option<()> {
        self.0 = self.0.trim_start();
        self.0 = self.0.strip_prefix('|')?;
        Some(())
    }

    /// A text in quotes.
    fn quoted(&mut self) -> Option<String> {
        self.0 = self.0.trim_start();
        let quote = self.0.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut text = String::new();
        let mut chars = self.0.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.0 = &self.0[at + 1..];
                return Some(text);
            }
            match c {
                // Where it stands before anything else, it is a backslash.
                '\\' => match chars.next() {
                    Some((_, next @ ('"' | '\'' | '\\'))) => text.push(next),
                    Some((_, next)) => text.extend(['\\', next]),
                    None => {}
                },
                c => text.push(c),
            }
        }
        None
    }

    /// What stands in parentheses, if they come next.
    fn argument(&mut self) -> Option<&'t str> {
        let trimmed = self.0.trim_start();
        let (argument, rest) = trimmed.strip_prefix('(')?.split_once(')')?;
        self.0 = rest;
        Some(argument.trim())
    }
}

/// At most 60 characters, on one line.
pub(super) fn shorten(token: &str) -> String {
    let mut line = token.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = line.char_indices().nth(60) {
        line.truncate(cut);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(inside: &str) -> Result<Spoken, String> {
        read(&format!("{{{{{inside}}}}}"), inside).map_err(|error| error.message)
    }

    fn fact(name: &str, filters: &[Filter], default: Option<&str>) -> Spoken {
        Spoken::Fact {
            fact: Fact::parse(name).unwrap(),
            filters: filters.to_vec(),
            default: default.map(str::to_owned),
        }
    }

    #[test]
    fn tokens() {
        assert_eq!(spoken(" geo.city "), Ok(fact("geo.city", &[], None)));
        assert_eq!(
            spoken("geo.city|'a \\'b\\' \"c\"'"),
            Ok(fact("geo.city", &[], Some("a 'b' \"c\"")))
        );
        assert_eq!(
            spoken("query.a | words | truncate( 40 )|title | \"}} \\\\ \\n\""),
            Ok(fact(
                "query.a",
                &[Filter::Words, Filter::Truncate(40), Filter::Title],
                Some("}} \\ \\n")
            ))
        );
        assert_eq!(spoken("\"{{\""), Ok(Spoken::Literal("{{".to_owned())));
    }

    #[test]
    fn mistakes() {
        for (inside, expected) in [
            ("", "in the token {{}}, no fact is named"),
            ("|\"a\"", "in the token {{|\"a\"}}, no fact is named"),
            (
                "geo.city \"a\"",
                "in the token {{geo.city \"a\"}}, a \"|\" is missing between two parts",
            ),
            (
                "geo.city upper",
                "in the token {{geo.city upper}}, a \"|\" is missing between two parts",
            ),
            ("geo.city |", "in the token {{geo.city |}}, nothing follows a \"|\""),
            (
                "geo.city || \"a\"",
                "in the token {{geo.city || \"a\"}}, nothing follows a \"|\"",
            ),
            (
                "geo.city | \"a\" | upper",
                "in the token {{geo.city | \"a\" | upper}}, something follows the default, which comes last",
            ),
            (
                "\"a\" | upper",
                "in the token {{\"a\" | upper}}, something follows the quoted text",
            ),
            (
                "geo.city | truncate",
                "in the token {{geo.city | truncate}}, \"truncate\" does not say to how many characters, from 1 to 200",
            ),
        ] {
            assert_eq!(spoken(inside), Err(expected.to_owned()), "{inside}");
        }
    }

    #[test]
    fn parts_of_a_text() {
        let found: Vec<_> = parts("a {b} {{c | \"}}\"}} d }} {{'e}}").collect();
        assert_eq!(
            found,
            [
                Part::Text("a {b} "),
                Part::Token { text: "{{c | \"}}\"}}", inside: "c | \"}}\"" },
                Part::Text(" d }} "),
                Part::Unclosed("{{'e}}"),
            ]
        );
        assert_eq!(parts("").count(), 0);
    }
}
