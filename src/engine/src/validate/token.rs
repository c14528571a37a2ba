//! The tokens in the texts of a change.

use std::borrow::Cow;

use crate::change::{Action, Change};
use crate::draft::Place;
use crate::problem::Problems;
use crate::selector::Selector;
use crate::token::{self, Landing, Template, has_tokens};

/// Notes everything that is wrong with the tokens of a text, and those that may come to nothing; false if a token
/// cannot be used.
pub(super) fn read_tokens(
    text: &str,
    landing: Landing<'_>,
    at: &Place,
    problems: &mut Problems,
) -> bool {
    if !has_tokens(text) {
        return true;
    }
    match Template::parse(text, landing) {
        Ok(template) => {
            for token in template.without_default() {
                problems.warning(
                    "token-has-no-default",
                    at,
                    format!("the token {token} has no default, and some visits do not tell it"),
                    "Add what to show then, as in {{geo.city | \"your city\"}}, or \"\" for nothing.",
                );
            }
            true
        }
        Err(invalid) => {
            for token in invalid {
                problems.error(token.code, at, token.message, token.hint);
            }
            false
        }
    }
}

/// Notes that a text has tokens although it is not copy; false if it has.
pub(super) fn refuse_tokens(
    text: &str,
    what: &str,
    at: &Place,
    problems: &mut Problems,
) -> bool {
    let none = !has_tokens(text);
    if !none {
        problems.error(
            "token-not-here",
            at,
            format!("{what} may not have \"{{{{\" in it, which begins a token"),
            "Tokens are for copy: text, HTML, and the attributes that hold words or addresses.",
        );
    }
    none
}

/// The text to be checked as if it had no tokens; none if a token has no end.
pub(super) fn without_tokens(text: &str) -> Option<Cow<'_, str>> {
    if has_tokens(text) { token::sample(text).map(Cow::Owned) } else { Some(text.into()) }
}

/// Notes that a visitor's words would go into an attribute of an element that runs or loads something, as far as the
/// selector names it.
pub(super) fn check_target(change: &Change, at: &Place, problems: &mut Problems) {
    let (true, Action::Attribute(_)) = (change.has_tokens(), &change.action) else {
        return;
    };
    let Some(name) = change.selector.as_ref().and_then(code_named_in) else { return };
    problems.error(
        "token-in-code",
        at,
        format!("the selector names <{name}>, whose attributes may have no tokens"),
        "Tokens are for elements that people read; name those, or leave the token out.",
    );
}

/// The first name of such an element in a selector, outside brackets.
fn code_named_in(selector: &Selector) -> Option<String> {
    let lower = selector.as_str().to_ascii_lowercase();
    let (mut depth, mut before) = (0_usize, None);
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\\');
    let mut words = Vec::new();
    let mut rest = lower.as_str();
    while let Some(c) = rest.chars().next() {
        let length = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length.max(c.len_utf8()));
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && length > 0 && !matches!(before, Some('.' | '#' | ':')) {
            words.push(word);
        }
        before = Some(c);
        rest = after;
    }
    words.into_iter().find(|word| token::is_code(word)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_named_in_selectors() {
        let named = |selector: &str| code_named_in(&Selector::parse(selector).unwrap());
        for selector in
            ["SCRIPT", "head > link", "a, link[rel=x]", "p:not(script)", "script#a.b"]
        {
            assert!(named(selector).is_some(), "{selector}");
        }
        for selector in [
            "a",
            ".script",
            "#link",
            "a[rel=script]",
            "a[title='a script']",
            "link-x",
            "*",
        ] {
            assert_eq!(named(selector), None, "{selector}");
        }
    }
}
