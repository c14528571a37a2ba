//! Why a text is not a selector that works here. `hint` says what to do instead.

use std::fmt;
use std::ops::Range;

use super::parse::{MAX_COMPOUNDS, MAX_DEPTH, MAX_TEXT};
use super::refused::{Piece, Refusal};
use super::scan::Fault;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    Empty,
    /// Its bytes.
    TooLong(usize),
    TooManyCompounds,
    TooDeep,
    /// Nothing before or behind a comma.
    Comma,
    Dangling,
    TwoCombinators,
    /// `||`
    Column,
    Namespace,
    /// An element's name behind other parts of its compound, which begins at that byte.
    NameBehind {
        compound: usize,
    },
    /// A class or an id.
    StartsWithDigit,
    /// An attribute's value that is no name and has no quotes.
    Unquoted,
    /// What opened.
    Unclosed(&'static str),
    NothingInside,
    NoArgument,
    NeedlessArgument,
    /// Not `an+b`.
    NotAPlace,
    /// `:nth-child(2 of .x)`
    PlaceAmong,
    /// A pseudo-class or pseudo-element; [`Piece`] knows the reason.
    Refused,
    /// A character that has no place where it stands.
    Stray,
    NotCss,
}

/// Why a text is not a selector that can be matched while the page streams past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSelector {
    pub(super) text: String,
    pub(super) at: Range<usize>,
    pub(super) reason: Reason,
}

impl InvalidSelector {
    pub(super) fn new(text: &str, fault: Fault) -> Self {
        Self { text: text.to_owned(), at: fault.at, reason: fault.reason }
    }

    /// What is wrong, as it was written.
    pub(super) fn piece(&self) -> &str {
        &self.text[self.at.clone()]
    }
}

impl fmt::Display for InvalidSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let piece = self.piece();
        match self.reason {
            Reason::Empty => return f.write_str("the selector is empty"),
            Reason::TooLong(length) => {
                return write!(
                    f,
                    "a selector has at most {MAX_TEXT} bytes, and this has {length}"
                );
            }
            _ => write!(f, "the selector {:?} ", self.text)?,
        }
        match self.reason {
            Reason::TooManyCompounds => {
                write!(f, "names more than {MAX_COMPOUNDS} elements")
            }
            Reason::TooDeep => {
                write!(f, "nests \":is()\" and its like more than {MAX_DEPTH} deep")
            }
            Reason::Comma => f.write_str("has nothing beside a comma"),
            Reason::Dangling => f.write_str("starts or ends with a combinator"),
            Reason::TwoCombinators => f.write_str("has two combinators in a row"),
            Reason::Column => write!(f, "uses {piece:?}, which no browser knows"),
            Reason::Namespace => f.write_str("names a namespace"),
            Reason::NameBehind { .. } => {
                write!(f, "has the name {piece:?} behind other parts")
            }
            Reason::Unclosed(open) => write!(f, "does not close its {open:?}"),
            Reason::NothingInside => write!(f, "has nothing inside {piece:?}"),
            Reason::NoArgument => write!(f, "does not say what {piece:?} is about"),
            Reason::NeedlessArgument => {
                write!(f, "has {piece:?} behind a pseudo-class that takes nothing")
            }
            Reason::NotAPlace => write!(f, "names no place in {piece:?}"),
            Reason::PlaceAmong => {
                write!(
                    f,
                    "counts some children only, with {piece:?}, which is not supported"
                )
            }
            Reason::Refused => {
                let piece = Piece::read(piece);
                write!(f, "uses {:?}, {}", piece.label, why(piece.refusal))
            }
            Reason::Empty
            | Reason::TooLong(_)
            | Reason::StartsWithDigit
            | Reason::Unquoted
            | Reason::Stray
            | Reason::NotCss => f.write_str("is not valid CSS"),
        }
    }
}

fn why(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Parent => "which is only known when the parent has ended",
        Refusal::Empty => "which is only known when the element has ended",
        Refusal::Has => "which looks at what comes later in the page",
        Refusal::State | Refusal::Attribute => "which changes in the visitor's browser",
        Refusal::Inherited => "which the page alone does not decide",
        Refusal::Element => "which is not an element of the page",
        Refusal::Shadow => "which is about a shadow tree",
        Refusal::Scope => "which only means something in a script",
        Refusal::Script | Refusal::Words => "which is jQuery's and not CSS",
        Refusal::Unknown => "which is not known",
    }
}

impl std::error::Error for InvalidSelector {}
