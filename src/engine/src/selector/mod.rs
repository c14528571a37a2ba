//! Selectors: read from a text, and matched forwards while the page streams past.
//!
//! ```text
//! text ── scan, parse, pseudo ──► compounds ── program ──► positions, index ── Matcher::enter ──► which selectors match
//!             │                                                                 ▲
//!             └── invalid, refused, hint: why not, and what works           frames of the open elements
//! ```
//!
//! When an element begins, its tag and what came before it are known, and nothing that comes later. So a compound in front
//! of a combinator is a *position* that an element reaches, and the element's [`Frame`] hands what was reached on to its
//! children and to the siblings behind it.

mod alike;
mod attribute;
mod compound;
mod element;
mod frame;
mod hint;
mod index;
mod invalid;
mod nth;
mod parse;
mod program;
mod pseudo;
mod refused;
mod scan;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use alike::Alike;
use compound::Complex;
pub(crate) use element::ElementView;
pub(crate) use frame::Frame;
pub use invalid::InvalidSelector;
pub(crate) use program::Matcher;

/// Which elements a change is for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Selector {
    text: String,
    list: Vec<Complex>,
}

impl Selector {
    /// Reads CSS, without what only the end of an element or the visitor's browser can tell: what is accepted here is
    /// matched as browsers match it.
    ///
    /// ```
    /// use edgewise_engine::Selector;
    /// assert!(Selector::parse("main > a.cta[href^='/sign']").is_ok());
    /// let error = Selector::parse("p:has(img)").unwrap_err();
    /// assert_eq!(error.to_string(), "the selector \"p:has(img)\" uses \":has()\", which looks at what comes later in the page");
    /// assert_eq!(error.hint(), "Change the element inside instead, for example \"p img\", or give this one a class.");
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidSelector> {
        match parse::parse(text) {
            Ok(list) => Ok(Self { text: text.to_owned(), list }),
            Err(fault) => Err(InvalidSelector::new(text, fault)),
        }
    }

    /// Whether it is for elements of these names only.
    pub(crate) fn is_only_for(&self, is_one: impl Fn(&str) -> bool) -> bool {
        self.list.iter().all(|complex| {
            complex.last.name.as_ref().is_some_and(|name| is_one(name.lower()))
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Selector {}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.text
    }
}

impl TryFrom<String> for Selector {
    type Error = InvalidSelector;
    fn try_from(text: String) -> Result<Self, InvalidSelector> {
        Self::parse(&text)
    }
}
