//! Elements as the tree keeps them, what it tells of them, and start tags as it looks at them.

use super::name::{self, Tag};
use super::token::Attribute;

/// Which vocabulary an element belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Html,
    Svg,
    MathMl,
}

/// One open element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its own, never used again on the page.
    pub(crate) id: u32,
    pub(crate) tag: Tag,
    pub(crate) namespace: Namespace,
    /// An `annotation-xml` that holds HTML.
    pub(super) holds_html: bool,
    /// Its name is one for a custom element.
    pub(super) is_custom: bool,
    /// A `<template>` that the parser turned into a shadow root: it is no element of the page.
    pub(crate) shadow_root: bool,
}

impl Node {
    pub(crate) fn is_html(&self, tag: Tag) -> bool {
        self.tag == tag && self.namespace == Namespace::Html
    }

    pub(super) fn is_special(&self) -> bool {
        match self.namespace {
            Namespace::Html => name::is_special(self.tag),
            _ => self.is_integration_point(),
        }
    }

    pub(super) fn is_mathml_text(&self) -> bool {
        self.namespace == Namespace::MathMl
            && matches!(self.tag, name::MI | name::MO | name::MN | name::MS | name::MTEXT)
    }

    pub(super) fn is_html_integration(&self) -> bool {
        match self.namespace {
            Namespace::Html => false,
            Namespace::Svg => {
                matches!(self.tag, name::FOREIGNOBJECT | name::DESC | name::TITLE)
            }
            Namespace::MathMl => self.holds_html,
        }
    }

    /// Foreign elements that stop a search as special HTML elements do.
    fn is_integration_point(&self) -> bool {
        match self.namespace {
            Namespace::Html => false,
            Namespace::Svg => self.is_html_integration(),
            Namespace::MathMl => {
                self.is_mathml_text() || self.tag == name::ANNOTATION_XML
            }
        }
    }

    pub(super) fn bounds_scope(&self) -> bool {
        match self.namespace {
            Namespace::Html => name::bounds_scope(self.tag),
            _ => self.is_integration_point(),
        }
    }
}

/// How an element came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// By its start tag.
    Tag,
    /// By the parser, where the standard lets the start tag be left out.
    Implied,
    /// By an end tag that nothing had opened: `</p>`, `</br>`.
    EndTag,
    /// As a copy of a formatting element that was cut short, whose id that is.
    Copy(u32),
}

/// How an element begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Birth {
    pub(crate) node: Node,
    pub(crate) origin: Origin,
    /// Which of the open elements is its parent in the DOM; none for the root.
    pub(crate) parent: Option<usize>,
    /// It was put in front of the table that it stands in.
    pub(crate) fostered: bool,
    /// It has no content and is not open now.
    pub(crate) leaf: bool,
}

/// What one token did to the open elements, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// An element began.
    Open(Birth),
    /// The innermost element ended.
    Close {
        /// By its own end tag, which is the token at hand.
        own_tag: bool,
    },
    /// The head is open again for one element.
    ReopenHead,
    /// An element that is not the innermost is not open any more, though those inside are.
    Drop { index: usize, own_tag: bool },
    /// Elements were moved and copied (the adoption agency); the open ones from there on are now these.
    Rearrange { from: usize, nodes: Vec<Node> },
    /// Characters were put in front of the table that they stand in, whose parent is that open element.
    FosterText { parent: usize },
    /// The root's or the body's second tag may have added attributes to it.
    Attributes { index: usize },
    /// The body was thrown away for a frameset.
    Frameset,
}

/// The insertion mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    #[default]
    Initial,
    BeforeHtml,
    BeforeHead,
    InHead,
    AfterHead,
    InBody,
    Text,
    InTable,
    InCaption,
    InColumnGroup,
    InTableBody,
    InRow,
    InCell,
    InTemplate,
    AfterBody,
    InFrameset,
    AfterFrameset,
    AfterAfterBody,
    AfterAfterFrameset,
}

/// One entry of the list of active formatting elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Formatting {
    Marker,
    Element { node: Node, attributes: u64 },
}

/// Eight bytes at a time, with the case of letters folded.
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mix = |hash: u64, word: [u8; 8]| {
        let word = u64::from_le_bytes(word.map(|byte| byte.to_ascii_lowercase()));
        (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let start = mix(seed, (bytes.len() as u64).to_le_bytes());
    mix(words.iter().fold(start, |hash, word| mix(hash, *word)), last)
}

/// A start tag, as the tree looks at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StartTag<'a> {
    pub(crate) tag: Tag,
    pub(crate) self_closing: bool,
    /// All of the tag, from `<` to `>`.
    pub(crate) bytes: &'a [u8],
    pub(crate) attributes: &'a [Attribute],
}

impl<'a> StartTag<'a> {
    /// The value of an attribute as it is written.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&'a [u8]> {
        let named = |attribute: &&Attribute| {
            attribute.name_in(self.bytes).eq_ignore_ascii_case(name)
        };
        self.attributes.iter().find(named).map(|found| found.value_in(self.bytes))
    }

    /// The name as it is written.
    pub(crate) fn name(&self) -> &'a [u8] {
        let ends = |byte: &u8| {
            matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>')
        };
        let name = self.bytes.get(1..).unwrap_or_default();
        &name[..name.iter().position(ends).unwrap_or(name.len())]
    }

    /// The same for the same attributes in any order.
    pub(super) fn fingerprint(&self) -> u64 {
        self.attributes.iter().fold(0, |sum: u64, attribute| {
            let name = hash(0xcbf2_9ce4_8422_2325, attribute.name_in(self.bytes));
            sum.wrapping_add(hash(name.rotate_left(17), attribute.value_in(self.bytes)))
        })
    }
}

pub(super) fn is_heading(node: &Node) -> bool {
    node.namespace == Namespace::Html && name::is_heading(node.tag)
}
