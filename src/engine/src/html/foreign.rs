//! SVG and `MathML` (13.2.6.5), and when a token is read by their rules.

use super::modes::Again;
use super::name::{self, Tag};
use super::node::{Namespace, Node, StartTag};
use super::tree::Tree;

impl Tree {
    pub(super) fn reads_as_foreign(&self, tag: Tag) -> bool {
        let Some(node) = self.adjusted_current() else { return false };
        if node.namespace == Namespace::Html || node.is_html_integration() {
            return false;
        }
        if node.is_mathml_text() && !matches!(tag, name::MGLYPH | name::MALIGNMARK) {
            return false;
        }
        !(node.namespace == Namespace::MathMl
            && node.tag == name::ANNOTATION_XML
            && tag == name::SVG)
    }

    pub(super) fn reads_text_as_foreign(&self) -> bool {
        self.adjusted_current().is_some_and(|node| {
            node.namespace != Namespace::Html
                && !node.is_html_integration()
                && !node.is_mathml_text()
        })
    }

    pub(super) fn reads_end_as_foreign(&self) -> bool {
        self.is_foreign()
    }

    /// Ends foreign elements until HTML is read as such.
    fn leave_foreign(&mut self) {
        while self.current().is_some_and(|node: &Node| {
            node.namespace != Namespace::Html
                && !node.is_html_integration()
                && !node.is_mathml_text()
        }) {
            self.pop(false);
        }
    }

    pub(super) fn foreign_start(&mut self, start: &StartTag<'_>) -> Again {
        let font = start.tag == name::FONT
            && [b"color".as_slice(), b"face", b"size"]
                .iter()
                .any(|name| start.get(name).is_some());
        if font || name::breaks_out(start.tag) {
            self.leave_foreign();
            return true;
        }
        let namespace =
            self.adjusted_current().map_or(Namespace::Svg, |node| node.namespace);
        self.insert_foreign(start, namespace);
        false
    }

    pub(super) fn foreign_end(&mut self, tag: Tag) -> Again {
        if matches!(tag, name::BR | name::P) {
            self.leave_foreign();
            return true;
        }
        // Browsers give a tag's name its capitals by the innermost element, and then compare with regard to them.
        let in_svg = self.current().is_some_and(|node| node.namespace == Namespace::Svg);
        for at in (1..self.open.len()).rev() {
            let node = self.open[at];
            if node.namespace == Namespace::Html {
                // No HTML element has a name with capitals.
                return !(in_svg && name::has_capitals(tag));
            }
            let capitals = node.namespace == Namespace::Svg && name::has_capitals(tag);
            if node.tag == tag && (in_svg || !capitals) {
                while self.open.len() > at + 1 {
                    self.pop(false);
                }
                self.pop(true);
                return false;
            }
        }
        false
    }
}
