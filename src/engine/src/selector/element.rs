//! One element as selectors see it.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::attribute::Attribute;
use super::compound::{Compound, Name, Place};
use super::frame::{Bits, Frame};
use super::index::type_hash;
use super::program::{Matcher, Ready};
use crate::html::name::Tag;

/// What is known of an element when its tag has been read.
pub(crate) trait ElementView {
    /// As in the DOM: in lower case for HTML, as adjusted for others (`linearGradient`).
    fn name(&self) -> Cow<'_, str>;

    /// The number of that name, in which case does not count.
    fn tag(&self) -> Tag;

    /// Whether it is an HTML element, and not one of SVG or `MathML`.
    fn is_html(&self) -> bool;

    /// The decoded value of an attribute, empty for one without a value. For HTML elements `name` is in lower case, for
    /// others as in the DOM.
    fn attribute(&self, name: &str) -> Option<Cow<'_, str>>;

    /// Whether it has any attribute.
    fn has_attributes(&self) -> bool;
}

/// An element that is being matched: what has been asked about it once is not asked again.
pub(super) struct Element<'e, V> {
    view: &'e V,
    matcher: &'e Matcher,
    name: OnceCell<Cow<'e, str>>,
    is_html: bool,
    is_root: bool,
    place: u32,
    place_of_type: u32,
    id: OnceCell<Option<Cow<'e, str>>>,
    classes: OnceCell<Bits>,
}

impl<'e, V: ElementView> Element<'e, V> {
    /// The next child of `parent`.
    pub(super) fn new(view: &'e V, matcher: &'e Matcher, parent: &mut Frame) -> Self {
        let is_html = view.is_html();
        let name = OnceCell::new();
        let place_of_type = if matcher.types.is_empty() {
            0
        } else {
            let name = name.get_or_init(|| view.name());
            if matcher.types.counts(name) {
                parent.count_type(type_hash(name, is_html))
            } else {
                0
            }
        };
        Self {
            view,
            matcher,
            name,
            is_html,
            is_root: parent.is_document(),
            place: parent.count_child(),
            place_of_type,
            id: OnceCell::new(),
            classes: OnceCell::new(),
        }
    }

    fn name(&self) -> &str {
        self.name.get_or_init(|| self.view.name())
    }

    pub(super) fn tag(&self) -> Tag {
        self.view.tag()
    }

    pub(super) fn has_attributes(&self) -> bool {
        self.view.has_attributes()
    }

    pub(super) fn value(&self, name: &Name) -> Option<Cow<'e, str>> {
        self.view.attribute(if self.is_html { name.lower() } else { name.written() })
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.get_or_init(|| self.view.attribute("id")).as_deref()
    }

    /// Which of the program's classes it has.
    pub(super) fn classes(&self) -> &Bits {
        self.classes.get_or_init(|| {
            let mut found = Bits::default();
            if let Some(value) = self.view.attribute("class") {
                let same = |a: &str, b: &str| self.is_same(a, b);
                self.matcher.index.classes(&value, same, &mut found);
            }
            found
        })
    }

    /// Whether a class or an id is the same, in this document.
    fn is_same(&self, a: &str, b: &str) -> bool {
        if self.matcher.is_quirky { a.eq_ignore_ascii_case(b) } else { a == b }
    }

    /// Whether it is what the compound says, as a child of `parent`. Calls itself for `:is()` and its like only, which the
    /// parser lets nest a few deep.
    pub(super) fn is(&self, ready: &Ready, parent: &Frame) -> bool {
        let compound: &Compound = &ready.compound;
        compound.name.as_ref().is_none_or(|name| self.has_name(name))
            && compound.places.iter().all(|place| self.is_at(*place))
            && compound
                .ids
                .iter()
                .all(|id| self.id().is_some_and(|own| self.is_same(own, id)))
            && ready.classes.iter().all(|class| self.classes().has(*class))
            && compound.attributes.iter().all(|attribute| self.has(attribute))
            && ready.lists.iter().all(|list| {
                let mut alternatives = list.alternatives.iter();
                let found = alternatives.any(|(needs, ready)| {
                    needs.is_none_or(|wait| parent.meets(wait)) && self.is(ready, parent)
                });
                found == list.wanted
            })
    }

    fn has_name(&self, name: &Name) -> bool {
        self.name() == if self.is_html { name.lower() } else { name.written() }
    }

    fn has(&self, attribute: &Attribute) -> bool {
        let value = self.value(&attribute.name);
        value.is_some_and(|value| {
            if self.is_html {
                attribute.matches_in_html(&value)
            } else {
                attribute.matches_elsewhere(&value)
            }
        })
    }

    fn is_at(&self, place: Place) -> bool {
        match place {
            Place::Root => self.is_root,
            Place::Nth(nth) => nth.has(self.place),
            Place::NthOfType(nth) => {
                self.place_of_type > 0 && nth.has(self.place_of_type)
            }
            Place::Link => self.is_link(),
        }
    }

    fn is_link(&self) -> bool {
        let has = |name| self.view.attribute(name).is_some();
        match self.name() {
            "a" if !self.is_html => has("href") || has("xlink:href"),
            "a" | "area" => self.is_html && has("href"),
            _ => false,
        }
    }
}
