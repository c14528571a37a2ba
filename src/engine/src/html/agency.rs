//! End tags of formatting elements: the standard's adoption agency (13.2.6.4.7).

use super::name::Tag;
use super::node::{Event, Formatting, Namespace, Node};
use super::tree::Tree;

impl Tree {
    /// Ends a formatting element. False if there is none: then the tag is one like any other.
    pub(super) fn adopt(&mut self, subject: Tag, own_tag: bool) -> bool {
        let listed = |tree: &Self, id: u32| tree.formatting_index(id).is_some();
        if self
            .current()
            .is_some_and(|node| node.is_html(subject) && !listed(self, node.id))
        {
            self.pop(own_tag);
            return true;
        }
        for _ in 0..8 {
            let Some((entry, formatting)) = self.last_formatting(subject) else {
                return false;
            };
            let Some(index) = self.open_index(formatting.id) else {
                self.formatting.remove(entry);
                return true;
            };
            if !self.node_in_scope(formatting.id) {
                return true;
            }
            let block = (index + 1..self.open.len()).find(|&at| self.is_special_at(at));
            let Some(block) = block else {
                while self.open.len() > index + 1 {
                    self.pop(false);
                }
                self.pop(own_tag);
                self.formatting.remove(entry);
                return true;
            };
            self.rearrange(formatting, index, block);
        }
        true
    }

    fn is_special_at(&self, index: usize) -> bool {
        self.open[index].is_special()
    }

    pub(super) fn formatting_index(&self, id: u32) -> Option<usize> {
        self.formatting.iter().rposition(
            |entry| matches!(entry, Formatting::Element { node, .. } if node.id == id),
        )
    }

    pub(super) fn open_index(&self, id: u32) -> Option<usize> {
        self.open.iter().rposition(|node| node.id == id)
    }

    /// The last formatting element of that name behind the last marker.
    pub(super) fn last_formatting(&self, subject: Tag) -> Option<(usize, Node)> {
        for (index, entry) in self.formatting.iter().enumerate().rev() {
            match entry {
                Formatting::Marker => return None,
                Formatting::Element { node, .. } if node.tag == subject => {
                    return Some((index, *node));
                }
                Formatting::Element { .. } => {}
            }
        }
        None
    }

    /// Moves the block out of the formatting element, with copies of what lay between.
    fn rearrange(&mut self, formatting: Node, index: usize, block: usize) {
        let block_id = self.open[block].id;
        let mut bookmark = formatting.id;
        let mut after_bookmark = false;
        let mut at = block;
        let mut inner = 0;
        let mut last_is_block = true;
        loop {
            inner += 1;
            at -= 1;
            if at <= index {
                break;
            }
            let node = self.open[at];
            let mut entry = self.formatting_index(node.id);
            if inner > 3
                && let Some(found) = entry
            {
                self.formatting.remove(found);
                entry = None;
            }
            let Some(entry) = entry else {
                self.open.remove(at);
                continue;
            };
            let copy = self.new_node(node.tag, Namespace::Html);
            if let Formatting::Element { node: listed, .. } = &mut self.formatting[entry]
            {
                *listed = copy;
            }
            self.open[at] = copy;
            if last_is_block {
                bookmark = copy.id;
                after_bookmark = true;
            }
            last_is_block = false;
        }
        let copy = self.new_node(formatting.tag, Namespace::Html);
        let Some(old) = self.formatting_index(formatting.id) else { return };
        let Formatting::Element { attributes, .. } = self.formatting[old] else { return };
        let listed = Formatting::Element { node: copy, attributes };
        if after_bookmark {
            self.formatting.remove(old);
            let place = self.formatting_index(bookmark).map_or(old, |at| at + 1);
            self.formatting.insert(place, listed);
        } else {
            self.formatting[old] = listed;
        }
        self.open.remove(index);
        if let Some(block) = self.open_index(block_id) {
            self.open.insert(block + 1, copy);
        }
        let nodes = self.open[index..].to_vec();
        self.events.push(Event::Rearrange { from: index, nodes });
    }
}
