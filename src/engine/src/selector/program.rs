//! All selectors of a plan as one program, and what it says about each element that begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Selector;
use super::compound::{Combinator, Complex, Compound, List, Name, Place};
use super::element::{Element, ElementView};
use super::frame::{Frame, Reached, Wait};
use super::index::{Index, IndexBuilder};
use crate::html::name::Tag;

/// A compound with the program's numbers for what it names.
pub(super) struct Ready {
    pub(super) compound: Arc<Compound>,
    pub(super) classes: Box<[u32]>,
    pub(super) lists: Box<[ReadyList]>,
}

/// `:is()` if an alternative is wanted, `:not()` if none is.
pub(super) struct ReadyList {
    pub(super) wanted: bool,
    pub(super) alternatives: Box<[(Option<Wait>, Ready)]>,
}

/// A compound of a selector, in its place behind the compounds in front of it.
struct Position {
    needs: Option<Wait>,
    ready: Ready,
    gives: Gives,
}

/// What an element in a position means.
enum Gives {
    /// The elements that stand so to it may go on from here.
    Reached(Wait),
    /// It is what these selectors are for.
    Matches(Vec<usize>),
}

/// The elements that `:nth-of-type()` counts.
pub(super) enum Types {
    /// Names in lower case, sorted.
    Named(Vec<Box<str>>),
    All,
}

impl Types {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Named(names) if names.is_empty())
    }

    pub(super) fn counts(&self, name: &str) -> bool {
        match self {
            Self::Named(names) => {
                names.iter().any(|counted| counted.eq_ignore_ascii_case(name))
            }
            Self::All => true,
        }
    }

    fn insert(&mut self, name: Option<&Name>) {
        match (&mut *self, name) {
            (Self::All, _) => {}
            (_, None) => *self = Self::All,
            (Self::Named(names), Some(name)) => {
                if let Err(at) =
                    names.binary_search_by(|other| (**other).cmp(name.lower()))
                {
                    names.insert(at, name.lower().into());
                }
            }
        }
    }
}

/// Matches all selectors of a plan while the page streams past. An element costs the same however deep it stands and
/// however many siblings it has.
pub(crate) struct Matcher {
    pub(super) index: Index,
    positions: Vec<Position>,
    pub(super) types: Types,
    on_siblings: Vec<bool>,
    on_others: Vec<bool>,
    pub(super) is_quirky: bool,
    /// No selector has a combinator.
    is_flat: bool,
    /// Elements with nothing that a selector names may pass without being entered.
    may_pass: bool,
}

impl Matcher {
    /// The n-th selector reports n.
    pub(crate) fn new<'s>(selectors: impl IntoIterator<Item = &'s Selector>) -> Self {
        let mut program = Builder {
            index: IndexBuilder::default(),
            positions: Vec::new(),
            known: BTreeMap::new(),
            waits: [0; 4],
            types: Types::Named(Vec::new()),
        };
        let (mut on_siblings, mut on_others) = (Vec::new(), Vec::new());
        for (number, selector) in selectors.into_iter().enumerate() {
            on_siblings.push(selector.list.iter().any(Complex::depends_on_siblings));
            on_others.push(selector.list.iter().any(Complex::depends_on_others));
            for complex in &selector.list {
                let needs = program.add_before(complex);
                let position = program.position(needs, &complex.last, None);
                if let Gives::Matches(numbers) = &mut program.positions[position].gives {
                    numbers.push(number);
                }
            }
        }
        let index = program.index.build();
        Self {
            may_pass: !index.wants_all()
                && program.types.is_empty()
                && !on_siblings.contains(&true),
            index,
            positions: program.positions,
            types: program.types,
            on_siblings,
            on_others,
            is_quirky: false,
            is_flat: program.waits == [0; 4],
        }
    }

    /// From now on classes and ids are compared without regard to ASCII case, as in documents in quirks mode.
    pub(crate) fn set_quirks(&mut self) {
        self.is_quirky = true;
    }

    /// Whether what the selector matches depends on the siblings in front of an element.
    pub(crate) fn depends_on_siblings(&self, selector: usize) -> bool {
        self.on_siblings.get(selector).copied().unwrap_or_default()
    }

    /// Whether what the selector matches depends on the elements around it or in front of it.
    pub(crate) fn depends_on_others(&self, selector: usize) -> bool {
        self.on_others.get(selector).copied().unwrap_or_default()
    }

    /// Enters a child of `parent`, behind those entered before: appends the numbers of the selectors that match it to
    /// `matched`, in ascending order, and gives the child's frame.
    pub(crate) fn enter(
        &self,
        parent: &mut Frame,
        element: &impl ElementView,
        matched: &mut Vec<usize>,
    ) -> Frame {
        let element = Element::new(element, self, parent);
        let mut reached = Reached::default();
        let first = matched.len();
        self.index.look_up(&element, |position| {
            let Position { needs, ready, gives } = &self.positions[position as usize];
            let is_meant =
                needs.is_none_or(|wait| parent.meets(wait)) && element.is(ready, parent);
            match gives {
                _ if !is_meant => {}
                Gives::Reached(wait) => reached.insert(*wait),
                Gives::Matches(selectors) => matched.extend_from_slice(selectors),
            }
        });
        if matched.len() > first + 1 {
            sort_from(matched, first);
        }
        // Where each selector is one compound, nothing is ever waited for.
        if self.is_flat { Frame::default() } else { parent.enter(reached) }
    }

    /// Whether elements that have nothing which a selector names can be passed: none is counted, and none is waited on by
    /// its siblings.
    pub(crate) fn may_pass(&self) -> bool {
        self.may_pass
    }

    /// Whether a selector may be about elements of that name.
    pub(crate) fn names_element(&self, tag: Tag) -> bool {
        self.index.names_element(tag)
    }

    /// Whether a selector may be about elements with such an attribute, as the page writes it.
    pub(crate) fn names_attribute(&self, name: &[u8], value: &[u8]) -> bool {
        self.index.names_attribute(name, value)
    }

    /// The frame of a child of `parent` that no selector is about; see [`Self::may_pass`].
    pub(crate) fn pass(&self, parent: &mut Frame) -> Frame {
        if self.is_flat { Frame::default() } else { parent.enter(Reached::default()) }
    }
}

/// Sorts what was appended, and leaves each number there once: a list may match by several of its parts.
fn sort_from(matched: &mut Vec<usize>, first: usize) {
    matched[first..].sort_unstable();
    let mut kept = first;
    for at in first..matched.len() {
        if kept == first || matched[kept - 1] != matched[at] {
            matched[kept] = matched[at];
            kept += 1;
        }
    }
    matched.truncate(kept);
}

/// Collects the positions. What several selectors have in common in front is one position.
struct Builder<'s> {
    index: IndexBuilder<'s>,
    positions: Vec<Position>,
    known: BTreeMap<(Option<Wait>, Option<Combinator>, &'s Compound), usize>,
    /// How many positions stand in front of each combinator.
    waits: [u32; 4],
    types: Types,
}

impl<'s> Builder<'s> {
    /// Adds the compounds in front of the last one, and gives what that has to wait for.
    fn add_before(&mut self, complex: &'s Complex) -> Option<Wait> {
        let mut needs = None;
        for (compound, combinator) in &complex.before {
            let position = self.position(needs, compound, Some(*combinator));
            if let Gives::Reached(wait) = self.positions[position].gives {
                needs = Some(wait);
            }
        }
        needs
    }

    fn position(
        &mut self,
        needs: Option<Wait>,
        compound: &'s Arc<Compound>,
        before: Option<Combinator>,
    ) -> usize {
        if let Some(known) = self.known.get(&(needs, before, &**compound)) {
            return *known;
        }
        let ready = self.ready(compound, None);
        let gives = match before {
            None => Gives::Matches(Vec::new()),
            Some(combinator) => {
                let next = &mut self.waits[combinator as usize];
                *next += 1;
                Gives::Reached(Wait { combinator, bit: *next - 1 })
            }
        };
        let position = self.positions.len();
        self.positions.push(Position { needs, ready, gives });
        self.index.insert(compound, u32::try_from(position).unwrap_or(u32::MAX));
        self.known.insert((needs, before, compound), position);
        position
    }

    /// Calls itself for `:is()` and its like, which the parser lets nest a few deep. `around` is the name that the
    /// compound around it asks for.
    fn ready(&mut self, compound: &'s Arc<Compound>, around: Option<&'s Name>) -> Ready {
        let name = compound.name.as_ref().or(around);
        if compound.places.iter().any(|place| matches!(place, Place::NthOfType(_))) {
            self.types.insert(name);
        }
        let classes = compound.classes.iter().map(|class| self.index.class(class));
        let classes = classes.collect();
        let lists = compound.lists.iter().map(|list| ReadyList {
            wanted: matches!(list, List::Any(_)),
            alternatives: list
                .alternatives()
                .iter()
                .map(|complex| {
                    (self.add_before(complex), self.ready(&complex.last, name))
                })
                .collect(),
        });
        let lists = lists.collect();
        Ready { compound: Arc::clone(compound), classes, lists }
    }
}
