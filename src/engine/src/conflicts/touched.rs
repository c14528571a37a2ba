//! What an experiment's variants change.

use std::collections::BTreeMap;

use crate::change::{Action, Change};
use crate::experiment::Experiment;
use crate::selector::{Alike, Selector};

/// A part of a page, alike for all changes that touch it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Element(Alike),
    Title,
    Meta(String),
    /// Which page is shown at all.
    Destination,
}

/// Who touches a part.
#[derive(Debug)]
pub(super) struct Touch<'d> {
    /// The part in words of the experiment: a selector, or the name of a `<meta>`.
    pub(super) words: &'d str,
    /// How many parts are touched before it.
    pub(super) place: usize,
    /// Places in the list of variants, ascending, each once.
    pub(super) variants: Vec<usize>,
}

/// All parts that one of the experiment's variants touches.
pub(super) fn touched(experiment: &Experiment) -> BTreeMap<Part, Touch<'_>> {
    let mut touched: BTreeMap<Part, Touch<'_>> = BTreeMap::new();
    for (index, variant) in experiment.variants.iter().enumerate() {
        let mut add = |part: Part, words| {
            let new = Touch { words, place: touched.len(), variants: Vec::new() };
            let touch = touched.entry(part).or_insert(new);
            if touch.variants.last() != Some(&index) {
                touch.variants.push(index);
            }
        };
        if variant.leads_to().is_some() {
            add(Part::Destination, "");
        }
        for change in &variant.changes {
            match &change.action {
                Action::Title(_) => add(Part::Title, ""),
                Action::Meta(meta) => meta.keys().for_each(|name| {
                    add(Part::Meta(name.to_ascii_lowercase()), name);
                }),
                _ => selectors(change).for_each(|selector| {
                    let all = selector.alike().map(Part::Element);
                    all.for_each(|part| add(part, selector.as_str()));
                }),
            }
        }
    }
    touched
}

/// The selectors of what is changed, and of what has to be there for it. Styles and scripts name none.
fn selectors(change: &Change) -> impl Iterator<Item = &Selector> {
    let target = match &change.action {
        Action::Move(target) => Some(target.selector()),
        _ => None,
    };
    change.selector.iter().chain(target)
}
