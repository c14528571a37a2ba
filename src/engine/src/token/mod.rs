//! Tokens: places in the copy of a change for what a visit tells.
//!
//! ```text
//! text    = what people wrote, with tokens in it
//! token   = "{{" fact { "|" filter } [ "|" default ] "}}"
//!         | "{{" quoted "}}"                     the quoted text itself: {{"{{"}} gives two braces
//! fact    = "query.NAME" | "cookie.NAME" | "geo.city" | … | "language"       (`facts`)
//! filter  = "upper" | "lower" | "title" | "words" | "trim" | "number" | "truncate(40)"
//! default = quoted                               shown where the fact is unknown or blank
//! quoted  = "…" or '…', in which \ stands before a quote or another \
//! ```
//!
//! Spaces around the parts do not matter. Filters apply to the fact, from left to right, and not to the default. A token
//! without a default gives nothing where the fact is unknown.
//!
//! What a visitor sent may only become text. So each token is escaped for the place it lands in, which is found once,
//! when the datafile is read, by looking at the markup around it; where no escaping would be safe (inside code, in
//! names, where an address says which site it leads to) a token is refused. What was put in is not looked at again.

mod escape;
mod filter;
mod grammar;
mod place;
mod scan;

use std::fmt;

use self::escape::{Escape, append, append_literal};
use self::filter::Filter;
use self::grammar::{Part, Spoken, parts, read};
pub(crate) use self::place::{Landing, URL_ATTRIBUTES, is_code};
use crate::facts::{Fact, Facts};

/// The most tokens of one text.
const MAX_TOKENS: usize = 50;

/// A text that has tokens in it, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// As it goes out.
    Literal(String),
    Token(Token),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    /// As it was written, for people; cut if it is long.
    text: String,
    fact: Fact,
    filters: Vec<Filter>,
    default: Option<String>,
    escape: Escape,
}

/// What is wrong with a token, as the code, the message and the hint of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidToken {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Whether a text has to be read as a template.
pub(crate) fn has_tokens(text: &str) -> bool {
    text.contains("{{")
}

/// The text with a harmless word in place of each token, to be checked like any other; none if a token has no end.
pub(crate) fn sample(text: &str) -> Option<String> {
    let piece = |part| match part {
        Part::Text(text) => Some(text),
        Part::Token { .. } => Some("x"),
        Part::Unclosed(_) => None,
    };
    parts(text).map(piece).collect()
}

impl Template {
    /// Reads a text that will land there; everything that is wrong with its tokens, in their order.
    pub(crate) fn parse(
        text: &str,
        landing: Landing<'_>,
    ) -> Result<Self, Vec<InvalidToken>> {
        let parts: Vec<_> = parts(text).take(2 * MAX_TOKENS + 2).collect();
        let count = parts.iter().filter(|part| !matches!(part, Part::Text(_))).count();
        if count > MAX_TOKENS {
            return Err(vec![InvalidToken {
                code: "too-many-tokens",
                message: format!("a text has at most {MAX_TOKENS} tokens"),
                hint: "Spread the copy over more changes.".to_owned(),
            }]);
        }
        let mut template = Self { pieces: Vec::new() };
        let mut invalid = Vec::new();
        let mut escapes = landing.escapes(&parts).into_iter();
        for part in parts {
            let (text, inside) = match part {
                Part::Text(text) => {
                    template.push_literal(text);
                    continue;
                }
                Part::Unclosed(text) => {
                    invalid.push(grammar::not_closed(text));
                    continue;
                }
                Part::Token { text, inside } => (text, inside),
            };
            let escape = escapes.next().unwrap_or(Err(place::Refusal::Unsure));
            let spoken = read(text, inside).map_err(|error| invalid.push(error));
            let pushed = match (spoken, escape) {
                (Ok(spoken), Ok(escape)) => template.push(text, spoken, escape),
                (Err(()), Ok(_)) => Ok(()),
                (_, Err(refusal)) => Err(refusal),
            };
            if let Err(refusal) = pushed {
                invalid.push(refusal.explain(text));
            }
        }
        if invalid.is_empty() { Ok(template) } else { Err(invalid) }
    }

    fn push_literal(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(literal)) => literal.push_str(text),
            _ => self.pieces.push(Piece::Literal(text.to_owned())),
        }
    }

    fn push(
        &mut self,
        text: &str,
        spoken: Spoken,
        escape: Escape,
    ) -> Result<(), place::Refusal> {
        let never_empty = match &spoken {
            Spoken::Literal(text) => escape.value(text).is_some(),
            Spoken::Fact { default, .. } => {
                default.as_deref().is_some_and(|default| escape.value(default).is_some())
            }
        };
        if escape == Escape::FirstOfPath && !never_empty {
            return Err(place::Refusal::PathStart);
        }
        match spoken {
            Spoken::Literal(literal) => {
                let mut escaped = String::new();
                escape.append_to(&mut escaped, &literal);
                self.push_literal(&escaped);
            }
            Spoken::Fact { fact, filters, default } => {
                let text = grammar::shorten(text);
                let token = Token { text, fact, filters, default, escape };
                self.pieces.push(Piece::Token(token));
            }
        }
        Ok(())
    }

    /// The text for one visit.
    pub(crate) fn fill(&self, facts: &Facts<'_>) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => append_literal(&mut out, text),
                Piece::Token(token) => token.fill(facts, &mut out),
            }
        }
        out
    }

    /// The tokens that may come to nothing, as they were written.
    pub(crate) fn without_default(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Token(token)
                if token.default.is_none() && !token.fact.is_always_known() =>
            {
                Some(token.text.as_str())
            }
            _ => None,
        })
    }
}

impl Token {
    fn fill(&self, facts: &Facts<'_>, out: &mut String) {
        let filtered = facts.value(&self.fact).map(|value| {
            self.filters.iter().fold(value, |value, filter| filter.apply(&value))
        });
        let known = filtered.as_deref().and_then(|value| self.escape.value(value));
        if let Some(value) = known.or(self.default.as_deref()) {
            append(out, value, self.escape);
        }
    }
}
