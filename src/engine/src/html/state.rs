//! The tree's state as something to be kept and compared: what a trial goes on from, and whether it comes out the same.

use super::node::{Formatting, Mode, Node};
use super::tree::Tree;

/// Takes over a list, which mostly is and was empty.
fn copy_list<T: Copy>(to: &mut Vec<T>, from: &[T]) {
    to.clear();
    if !from.is_empty() {
        to.extend_from_slice(from);
    }
}

impl Tree {
    /// Takes over all of `other` but the open elements, without allocating.
    pub(crate) fn copy_but_open(&mut self, other: &Self) {
        self.mode = other.mode;
        self.original_mode = other.original_mode;
        copy_list(&mut self.template_modes, &other.template_modes);
        copy_list(&mut self.formatting, &other.formatting);
        self.head = other.head;
        self.form = other.form;
        self.frameset_refused = other.frameset_refused;
        self.drops_line_break = other.drops_line_break;
        self.fostering = other.fostering;
        self.quirks = other.quirks;
        copy_list(&mut self.hosts, &other.hosts);
        self.context = other.context;
        self.next_id = other.next_id;
        self.events.clear();
        self.text_mode = None;
        self.too_deep = other.too_deep;
    }

    /// Whether a later token would be read just as after `other`: the states are the same. Elements up to the number
    /// `known` are told apart by their numbers; later ones came about on two ways, and are the same if they look so.
    pub(crate) fn is_like(&self, other: &Self, known: u32) -> bool {
        let same_id = |a: u32, b: u32| a == b || (a > known && b > known);
        let same_option = |a: Option<u32>, b: Option<u32>| match (a, b) {
            (Some(a), Some(b)) => same_id(a, b),
            (None, None) => true,
            _ => false,
        };
        let same_node = |a: &Node, b: &Node| {
            same_id(a.id, b.id) && Node { id: 0, ..*a } == Node { id: 0, ..*b }
        };
        let same_entry = |a: &Formatting, b: &Formatting| match (a, b) {
            (Formatting::Marker, Formatting::Marker) => true,
            (
                Formatting::Element { node: a, .. },
                Formatting::Element { node: b, .. },
            ) => a.tag == b.tag && self.open_index(a.id) == other.open_index(b.id),
            _ => false,
        };
        self.mode == other.mode
            && (self.mode != Mode::Text || self.original_mode == other.original_mode)
            && self.template_modes == other.template_modes
            && self.head.is_some() == other.head.is_some()
            && same_option(self.form, other.form)
            && self.drops_line_break == other.drops_line_break
            && self.open.len() == other.open.len()
            && self.open.iter().zip(&other.open).all(|(a, b)| same_node(a, b))
            && self.hosts.len() == other.hosts.len()
            && self.hosts.iter().zip(&other.hosts).all(|(a, b)| same_id(*a, *b))
            && self.formatting.len() == other.formatting.len()
            && self
                .formatting
                .iter()
                .zip(&other.formatting)
                .all(|(a, b)| same_entry(a, b))
    }
}
