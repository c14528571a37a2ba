//! Selectors that say the same in other words.

use std::sync::Arc;

use super::Selector;
use super::attribute::Attribute;
use super::compound::{Combinator, Complex, Compound, List, Name};

/// What one member of a selector's list is for. Two members that are equal may be for one element: they say the same,
/// whatever their spelling, spaces and order of classes, or they name the same id, which a page has once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alike {
    Id(Box<str>),
    #[allow(private_interfaces, reason = "only compared outside")]
    Said(Complex),
}

impl Selector {
    /// What each member of the list is for.
    pub(crate) fn alike(&self) -> impl Iterator<Item = Alike> {
        self.list.iter().map(|complex| match complex.last.ids.first() {
            Some(id) => Alike::Id(id.clone()),
            None => Alike::Said(plain_complex(complex)),
        })
    }
}

// Lists stand in lists no deeper than the parser lets them.
fn plain_complex(complex: &Complex) -> Complex {
    let before = complex.before.iter();
    Complex {
        before: before
            .map(|(compound, combinator): &(_, Combinator)| {
                (Arc::new(plain_compound(compound)), *combinator)
            })
            .collect(),
        last: Arc::new(plain_compound(&complex.last)),
    }
}

fn plain_compound(compound: &Compound) -> Compound {
    let mut plain = compound.clone();
    plain.name = plain.name.as_ref().map(plain_name);
    for Attribute { name, .. } in &mut plain.attributes {
        *name = plain_name(name);
    }
    for List::Any(list) | List::None(list) in &mut plain.lists {
        *list = list.iter().map(plain_complex).collect();
        list.sort_unstable();
        list.dedup();
    }
    plain.ids.sort_unstable();
    plain.ids.dedup();
    plain.classes.sort_unstable();
    plain.classes.dedup();
    plain.attributes.sort_unstable();
    plain.attributes.dedup();
    plain.places.sort_unstable();
    plain.places.dedup();
    plain.lists.sort_unstable();
    plain.lists.dedup();
    plain
}

/// HTML's elements and attributes have no capital letters.
fn plain_name(name: &Name) -> Name {
    Name::new(name.lower().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn meet(first: &str, second: &str, expected: bool) {
        let alike =
            |text: &str| Selector::parse(text).unwrap().alike().collect::<Vec<_>>();
        let (first, second) = (alike(first), alike(second));
        let found = first.iter().any(|member| second.contains(member));
        assert_eq!(found, expected, "{first:?} {second:?}");
    }

    #[test]
    fn other_words() {
        meet("h1", "H1", true);
        meet("main>a.b.c", " MAIN  >  a.c.b.c ", true);
        meet("a[HREF='/x'][title]", "a[title][href=\"/x\"]", true);
        meet("p, .cta", "h2, .cta , h3", true);
        meet(":is(h1, h2):not(.a)", ":not(.a):is(h2, H1)", true);
        meet("main > #hero", "section#hero.wide", true);
        meet("li:nth-child(odd)", "li:nth-child(2n+1)", true);
        meet("h1", "h2", false);
        meet("main a", "main > a", false);
        meet("#hero h1", "#hero", false);
        meet(".Cta", ".cta", false);
        meet("#Hero", "#hero", false);
        meet("*.a", ".a", true);
    }
}
