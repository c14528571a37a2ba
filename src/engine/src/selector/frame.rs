//! What an open element remembers for its children.

use std::mem;
use std::sync::Arc;

use super::compound::Combinator;

/// A set of small numbers. The first 64 need no memory of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits {
    first: u64,
    rest: Option<Arc<Vec<u64>>>,
}

impl Bits {
    pub(super) fn has(&self, bit: u32) -> bool {
        let word = match (bit / 64, &self.rest) {
            (0, _) => self.first,
            (word, Some(rest)) => rest.get(word as usize - 1).copied().unwrap_or(0),
            (_, None) => 0,
        };
        word >> (bit % 64) & 1 == 1
    }

    pub(super) fn insert(&mut self, bit: u32) {
        let word = match (bit / 64) as usize {
            0 => &mut self.first,
            word => {
                let rest = Arc::make_mut(self.rest.get_or_insert_default());
                rest.resize(rest.len().max(word), 0);
                &mut rest[word - 1]
            }
        };
        *word |= 1 << (bit % 64);
    }

    pub(super) fn insert_all(&mut self, others: &Self) {
        self.first |= others.first;
        let Some(others) = &others.rest else { return };
        let Some(rest) = &mut self.rest else {
            self.rest = Some(Arc::clone(others));
            return;
        };
        // What is shared stays shared as long as nothing is new.
        let known = |(index, word): (usize, &u64)| {
            word & !rest.get(index).copied().unwrap_or(0) == 0
        };
        if !others.iter().enumerate().all(known) {
            let rest = Arc::make_mut(rest);
            rest.resize(rest.len().max(others.len()), 0);
            rest.iter_mut().zip(others.iter()).for_each(|(word, other)| *word |= other);
        }
    }

    /// In ascending order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let rest = self.rest.iter().flat_map(|rest| rest.iter().copied());
        let words = (0..).step_by(64).zip(std::iter::once(self.first).chain(rest));
        words.flat_map(|(start, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros())?;
                word &= word - 1;
                Some(start + bit)
            })
        })
    }
}

/// For each combinator, the positions whose element is waited on by what stands behind it.
#[derive(Debug, Clone, Default)]
pub(super) struct Reached([Bits; 4]);

impl Reached {
    pub(super) fn of(&self, combinator: Combinator) -> &Bits {
        &self.0[combinator as usize]
    }

    pub(super) fn insert(&mut self, wait: Wait) {
        self.0[wait.combinator as usize].insert(wait.bit);
    }
}

/// A position's number among those in front of the same combinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wait {
    pub(super) combinator: Combinator,
    pub(super) bit: u32,
}

/// Different names of children that one element counts for `:nth-of-type()`; more are not counted, and have no place.
const MAX_TYPES: usize = 64;

/// What an open element remembers for its children: what it and the elements around it have reached, what its children
/// so far have, and how many there were.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    reached: Reached,
    is_document: bool,
    children: u32,
    /// Hashes of names and their numbers.
    types: Vec<(u64, u32)>,
}

impl Frame {
    /// The parent of the root element.
    pub(crate) fn document() -> Self {
        Self { is_document: true, ..Self::default() }
    }

    pub(super) fn is_document(&self) -> bool {
        self.is_document
    }

    /// Whether an element that begins now stands so to one that has reached the position.
    pub(super) fn meets(&self, wait: Wait) -> bool {
        self.reached.of(wait.combinator).has(wait.bit)
    }

    /// Counts another child and gives its place.
    pub(super) fn count_child(&mut self) -> u32 {
        self.children = self.children.saturating_add(1);
        self.children
    }

    /// Counts another child of that name and gives its place among those; 0 if it cannot be counted.
    pub(super) fn count_type(&mut self, name: u64) -> u32 {
        let known = self.types.iter().position(|(other, _)| *other == name);
        if known.is_none() && self.types.len() == MAX_TYPES {
            return 0;
        }
        let at = known.unwrap_or_else(|| {
            self.types.push((name, 0));
            self.types.len() - 1
        });
        let count = &mut self.types[at].1;
        *count = count.saturating_add(1);
        *count
    }

    /// Takes note of what a child has reached, and gives the child's own frame.
    pub(super) fn enter(&mut self, mut child: Reached) -> Self {
        let [around, _, previous, earlier] = &mut child.0;
        let [above, _, next, later] = &mut self.reached.0;
        around.insert_all(above);
        *next = mem::take(previous);
        later.insert_all(&mem::take(earlier));
        Self { reached: child, ..Self::default() }
    }
}
