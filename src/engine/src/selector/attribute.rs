//! `[href^="/pricing"]`: an attribute and what its value has to be.

use super::compound::Name;
use super::scan::is_space;

/// How a value has to stand to the one in the selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operator {
    /// Nothing is asked about the value.
    Exists,
    /// `=`
    Equals,
    /// `~=`: one of its words is that.
    Word,
    /// `|=`: is that, or that with a hyphen behind it.
    Dash,
    /// `^=`
    Start,
    /// `$=`
    End,
    /// `*=`
    Part,
}

/// Whether ASCII letters differ by their case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Case {
    Exact,
    Folded,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attribute {
    pub(super) name: Name,
    pub(super) operator: Operator,
    pub(super) value: Box<str>,
    in_html: Case,
    in_others: Case,
}

impl Attribute {
    /// `flag` is what `i` or `s` behind the value says.
    pub(super) fn new(
        name: Name,
        operator: Operator,
        value: String,
        flag: Option<Case>,
    ) -> Self {
        let folds = FOLDED.split(' ').any(|folded| folded == name.lower());
        let usual = if folds { Case::Folded } else { Case::Exact };
        Self {
            in_html: flag.unwrap_or(usual),
            in_others: flag.unwrap_or(Case::Exact),
            name,
            operator,
            value: value.into(),
        }
    }

    pub(super) fn matches_in_html(&self, value: &str) -> bool {
        self.matches(value, self.in_html)
    }

    pub(super) fn matches_elsewhere(&self, value: &str) -> bool {
        self.matches(value, self.in_others)
    }

    fn matches(&self, value: &str, case: Case) -> bool {
        let wanted = &*self.value;
        let same = |a: &[u8], b: &[u8]| match case {
            Case::Exact => a == b,
            Case::Folded => a.eq_ignore_ascii_case(b),
        };
        let (bytes, length) = (value.as_bytes(), wanted.len());
        let start =
            || bytes.get(..length).is_some_and(|start| same(start, wanted.as_bytes()));
        match self.operator {
            Operator::Exists => true,
            Operator::Equals => same(bytes, wanted.as_bytes()),
            // Nothing is equal to a word that is empty or has white space: words are what stands between it.
            Operator::Word => value
                .split(is_space)
                .any(|word| !word.is_empty() && same(word.as_bytes(), wanted.as_bytes())),
            Operator::Dash => {
                start() && bytes.get(length).is_none_or(|next| *next == b'-')
            }
            _ if wanted.is_empty() => false,
            Operator::Start => start(),
            Operator::End => {
                let from = bytes.len().checked_sub(length);
                from.is_some_and(|from| same(&bytes[from..], wanted.as_bytes()))
            }
            // The standard library's search takes linear time; a window at each byte would not.
            Operator::Part => match case {
                Case::Exact => value.contains(wanted),
                Case::Folded => {
                    value.to_ascii_lowercase().contains(&wanted.to_ascii_lowercase())
                }
            },
        }
    }
}

/// Attributes of HTML elements whose values selectors compare without regard to ASCII case. From the HTML standard,
/// section 4.16.2 "Case-sensitivity of selectors".
const FOLDED: &str = "accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare \
    defer dir direction disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref \
    noresize noshade nowrap readonly rel rev rules scope scrolling selected shape target text type valign valuetype vlink";
