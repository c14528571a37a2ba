//! What a selector says: a list of complex selectors, which are compounds with combinators between them.

use std::sync::Arc;

use super::attribute::Attribute;
use super::nth::Nth;

/// How an element has to stand to the one that a compound before it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Combinator {
    /// White space: anywhere inside.
    Descendant,
    /// `>`: directly inside.
    Child,
    /// `+`: directly behind, with the same parent.
    Next,
    /// `~`: anywhere behind, with the same parent.
    Later,
}

/// `main > a.cta`: compounds from the outermost to the one for the element itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Complex {
    /// Each with the combinator behind it.
    pub(super) before: Vec<(Arc<Compound>, Combinator)>,
    pub(super) last: Arc<Compound>,
}

/// `a.cta[href]`: what one element has to be. Without anything it is `*`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Compound {
    pub(super) name: Option<Name>,
    pub(super) ids: Vec<Box<str>>,
    pub(super) classes: Vec<Box<str>>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) places: Vec<Place>,
    pub(super) lists: Vec<List>,
}

/// The name of an element or of an attribute: HTML compares it in lower case, SVG and `MathML` as it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    lower: Box<str>,
    written: Box<str>,
}

impl Name {
    pub(super) fn new(written: String) -> Self {
        Self { lower: written.to_ascii_lowercase().into(), written: written.into() }
    }

    /// As HTML elements have it.
    pub(super) fn lower(&self) -> &str {
        &self.lower
    }

    /// As others have it.
    pub(super) fn written(&self) -> &str {
        &self.written
    }
}

/// What is known about an element without looking into its tag, and links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// `:root`
    Root,
    /// `:nth-child()`, `:first-child`
    Nth(Nth),
    /// `:nth-of-type()`, `:first-of-type`
    NthOfType(Nth),
    /// `:any-link`, `:link`
    Link,
}

/// `:is()`, `:where()` and `:not()`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    Any(Vec<Complex>),
    None(Vec<Complex>),
}

impl List {
    pub(super) fn alternatives(&self) -> &[Complex] {
        let (Self::Any(list) | Self::None(list)) = self;
        list
    }
}

impl Complex {
    /// Whether the answer may change when an element in front of the matched one, with the same parent, comes or goes.
    pub(super) fn depends_on_siblings(&self) -> bool {
        let siblings = |(compound, combinator): &(Arc<Compound>, Combinator)| {
            matches!(combinator, Combinator::Next | Combinator::Later)
                || compound.depends_on_siblings()
        };
        self.before.iter().any(siblings) || self.last.depends_on_siblings()
    }
}

impl Complex {
    /// Whether the answer may change when the matched element is put elsewhere.
    pub(super) fn depends_on_others(&self) -> bool {
        !self.before.is_empty() || self.last.depends_on_others()
    }
}

impl Compound {
    fn depends_on_others(&self) -> bool {
        self.depends_on_siblings()
            || self
                .lists
                .iter()
                .flat_map(List::alternatives)
                .any(Complex::depends_on_others)
    }

    fn depends_on_siblings(&self) -> bool {
        let counts = |place: &Place| matches!(place, Place::Nth(_) | Place::NthOfType(_));
        self.places.iter().any(counts)
            || self
                .lists
                .iter()
                .flat_map(List::alternatives)
                .any(Complex::depends_on_siblings)
    }
}
