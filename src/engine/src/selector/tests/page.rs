//! A small tree to match on.

use std::borrow::Cow;

use super::super::{ElementView, Frame, Matcher, Selector};
use crate::html::name::{Tag, tag};

/// An element, with the number of its parent among the elements of its page.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) is_html: bool,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) parent: Option<usize>,
}

impl Node {
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl ElementView for Node {
    fn name(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }
    fn tag(&self) -> Tag {
        tag(self.name.as_bytes())
    }
    fn is_html(&self) -> bool {
        self.is_html
    }
    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.value(name).map(Cow::Borrowed)
    }
    fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }
}

/// Reads one element a line, indented by two spaces a level: its name, then ` | name=value` for each attribute. What is
/// inside `svg` is no HTML.
pub(super) fn read(text: &str) -> Vec<Node> {
    let mut page: Vec<Node> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines() {
        let mut parts = line.trim_start().split(" | ");
        open.truncate((line.len() - line.trim_start().len()) / 2);
        let name = parts.next().unwrap().to_owned();
        let parent = open.last().copied();
        let is_html = name != "svg" && parent.is_none_or(|parent| page[parent].is_html);
        let attributes = parts.map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (name.to_owned(), value.to_owned())
        });
        open.push(page.len());
        page.push(Node { name, is_html, attributes: attributes.collect(), parent });
    }
    page
}

/// The numbers of the selectors that match each element, as it is entered.
pub(super) fn stream(page: &[Node], matcher: &Matcher) -> Vec<Vec<usize>> {
    let mut open = vec![(None, Frame::document())];
    let mut found = Vec::new();
    for (number, node) in page.iter().enumerate() {
        while open.last().unwrap().0 != node.parent {
            open.pop();
        }
        // What is there already stays as it is.
        let mut matched = vec![7, 3];
        let frame = matcher.enter(&mut open.last_mut().unwrap().1, node, &mut matched);
        open.push((Some(number), frame));
        assert_eq!(matched[..2], [7, 3]);
        found.push(matched.split_off(2));
    }
    found
}

/// The elements that a selector matches, counted from 1.
pub(super) fn elements(page: &[Node], selector: &str) -> Vec<usize> {
    let selector = Selector::parse(selector).unwrap();
    let found = stream(page, &Matcher::new([&selector]));
    (1..).zip(found).filter(|(_, found)| !found.is_empty()).map(|(n, _)| n).collect()
}
