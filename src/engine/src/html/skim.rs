//! The quick way through what is plain: tags that begin or end one element and do nothing else to the open ones, the text
//! between them, and elements that hold nothing but text. Most of a page is. Whatever is not, or cannot be told at a
//! glance, is left to the parser, which would have come out in the same state.

use memchr::memchr;

use super::name::{self, Tag};
use super::node::{Formatting, Mode, Namespace, Node};
use super::parser::Parser;
use super::token::{ends_name, is_space};
use super::tree::{MAX_DEPTH, Tree};

/// The most bytes that are passed in one go, so that whoever waits for the end can look at a clock.
const MAX_SKIMMED: usize = 16 * 1024;

/// How deep the elements of a picture are followed.
const MAX_PICTURE_DEPTH: usize = 8;

/// Formatting elements of which so many are open are left to the parser: of more than three that are the same, it forgets
/// one.
const MAX_FORMATTING: usize = 3;

/// Who watches the elements that are skimmed.
pub(crate) trait Bystander {
    /// Whether elements of that name are worth a look.
    fn wants_element(&self, tag: Tag) -> bool;

    /// Whether elements with such an attribute are; as the page writes both.
    fn wants_attribute(&self, name: &[u8], value: &[u8]) -> bool;

    /// An element begins that nobody wanted.
    fn begin(&mut self, node: Node);

    /// Whether the end of the innermost element needs no look.
    fn may_end(&self) -> bool;

    /// The innermost element ends.
    fn end(&mut self);

    /// So many bytes have passed.
    fn reach(&mut self, at: usize);
}

/// How far a page was skimmed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Skimmed {
    pub(crate) bytes: usize,
    pub(crate) tokens: usize,
    /// How many of those were start tags.
    pub(crate) starts: usize,
}

/// How a start tag that is plain is read.
#[derive(Debug, Clone, Copy)]
struct Start {
    tag: Tag,
    length: usize,
    self_closing: bool,
}

/// What the parser does at the start tag of an element, as far as it can be plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// It ends an open paragraph.
    Block,
    Heading,
    /// It ends other items.
    Item,
    /// It has no say in what is open.
    Inline,
    /// It is copied where it is cut short.
    Formatting,
    /// It has no content.
    Void,
    Picture,
}

fn sort(tag: Tag) -> Option<Sort> {
    Some(match tag {
        name::DIV
        | name::P
        | name::UL
        | name::SECTION
        | name::ARTICLE
        | name::HEADER
        | name::FOOTER
        | name::NAV
        | name::MAIN
        | name::ASIDE
        | name::OL
        | name::DL
        | name::FIGURE
        | name::FIGCAPTION
        | name::BLOCKQUOTE
        | name::ADDRESS
        | name::DETAILS
        | name::SUMMARY
        | name::DIALOG
        | name::FIELDSET
        | name::HGROUP
        | name::MENU
        | name::SEARCH
        | name::CENTER => Sort::Block,
        name::H1 | name::H2 | name::H3 | name::H4 | name::H5 | name::H6 => Sort::Heading,
        name::LI | name::DT | name::DD => Sort::Item,
        name::SPAN
        | name::LABEL
        | name::ABBR
        | name::BDI
        | name::BDO
        | name::CITE
        | name::DATA
        | name::DFN
        | name::KBD
        | name::MARK
        | name::Q
        | name::SAMP
        | name::SUB
        | name::SUP
        | name::TIME
        | name::VAR => Sort::Inline,
        name::A
        | name::B
        | name::CODE
        | name::EM
        | name::I
        | name::S
        | name::SMALL
        | name::STRONG
        | name::U => Sort::Formatting,
        name::IMG | name::BR | name::WBR => Sort::Void,
        name::SVG => Sort::Picture,
        _ => return None,
    })
}

impl Parser {
    /// Reads on as long as everything is plain.
    pub(crate) fn skim(
        &mut self,
        bytes: &[u8],
        bystander: &mut impl Bystander,
    ) -> Skimmed {
        if !self.tokenizer.is_at_rest() || !self.tree.is_plain() {
            return Skimmed::default();
        }
        let bytes = &bytes[..bytes.len().min(MAX_SKIMMED)];
        self.tree.events.clear();
        // Whether one is open that a block ends; none if not known.
        let mut paragraph = None;
        let (mut at, mut tokens, mut starts) = (0, 0, 0);
        while at < bytes.len() {
            bystander.reach(at);
            tokens += 1;
            let rest = &bytes[at..];
            match rest {
                [b'<', b'/', ..] => {
                    let Some((tag, length)) = end_tag(rest) else { break };
                    if !self.tree.ends_plainly(tag) || !bystander.may_end() {
                        break;
                    }
                    self.tree.open.pop();
                    bystander.end();
                    at += length;
                    if tag == name::P {
                        paragraph = None;
                    }
                    if !self.tree.stands_in_html() {
                        break;
                    }
                }
                [b'<', ..] => {
                    let Some(start) = start_tag(rest, bystander) else { break };
                    let Some(sort) = sort(start.tag) else { break };
                    let ends_paragraph =
                        matches!(sort, Sort::Block | Sort::Heading | Sort::Item)
                            && *paragraph.get_or_insert_with(|| {
                                self.tree.in_button_scope(name::P)
                            });
                    let passed = match sort {
                        _ if ends_paragraph => None,
                        Sort::Heading if self.tree.is_in_heading() => None,
                        Sort::Item if !self.tree.takes_item(start.tag) => None,
                        Sort::Void => {
                            self.tree.frameset_refused = true;
                            Some(start.length)
                        }
                        Sort::Picture => {
                            self.tree.picture(start, rest, bystander, &mut starts)
                        }
                        Sort::Formatting if !self.tree.takes_formatting(start.tag) => {
                            None
                        }
                        _ => match self.tree.text_element(start, rest) {
                            None if sort != Sort::Formatting => {
                                let node = self.tree.new_node(start.tag, Namespace::Html);
                                self.tree.open.push(node);
                                bystander.begin(node);
                                if start.tag == name::P {
                                    paragraph = Some(true);
                                }
                                Some(start.length)
                            }
                            passed => passed,
                        },
                    };
                    let Some(passed) = passed else { break };
                    starts += 1;
                    self.tree.frameset_refused |= sort == Sort::Item;
                    at += passed;
                    if self.tree.open.len() + MAX_PICTURE_DEPTH > MAX_DEPTH {
                        break;
                    }
                }
                _ => {
                    let length = memchr(b'<', rest).unwrap_or(rest.len());
                    self.tree.plain_text(&rest[..length]);
                    at += length;
                }
            }
        }
        Skimmed { bytes: at, tokens, starts }
    }
}

impl Tree {
    /// Whether the state is one in which tags can be plain: in the body, with nothing that waits to be done.
    fn is_plain(&self) -> bool {
        let settled = match self.formatting.last() {
            None | Some(Formatting::Marker) => true,
            Some(Formatting::Element { node, .. }) => {
                self.open.iter().rev().any(|open| open.id == node.id)
            }
        };
        matches!(self.mode, Mode::InBody | Mode::InCell)
            && self.stands_in_html()
            && settled
            && !self.drops_line_break
            && !self.fostering
            && self.template_modes.is_empty()
            && self.hosts.is_empty()
            && self.context.is_none()
            && self.text_mode.is_none()
            && self.open.len() + MAX_PICTURE_DEPTH <= MAX_DEPTH
    }

    fn stands_in_html(&self) -> bool {
        self.current().is_some_and(|node| node.namespace == Namespace::Html)
    }

    /// Whether an end tag ends the innermost element, and does nothing else.
    fn ends_plainly(&self, tag: Tag) -> bool {
        let ordinary = matches!(
            sort(tag),
            Some(Sort::Block | Sort::Heading | Sort::Item | Sort::Inline)
        );
        ordinary && self.current().is_some_and(|node| node.is_html(tag))
    }

    fn is_in_heading(&self) -> bool {
        self.current().is_some_and(super::node::is_heading)
    }

    /// Whether an item that begins here ends no other: it stands in what can only be its list.
    fn takes_item(&self, tag: Tag) -> bool {
        self.current().is_some_and(|node| match tag {
            name::LI => node.is_html(name::UL) || node.is_html(name::OL),
            _ => node.is_html(name::DL),
        })
    }

    fn takes_formatting(&self, tag: Tag) -> bool {
        self.formatting.len() < MAX_FORMATTING
            && (tag != name::A || self.last_formatting(name::A).is_none())
    }

    /// Takes characters that only count as such.
    fn plain_text(&mut self, text: &[u8]) {
        self.frameset_refused =
            self.frameset_refused || text.iter().any(|&byte| !is_space(byte));
    }

    /// An element of which `rest` begins with the start tag, if it holds nothing but text and ends with its own end tag.
    fn text_element(&mut self, start: Start, rest: &[u8]) -> Option<usize> {
        let inside = &rest[start.length..];
        let text = memchr(b'<', inside)?;
        let (tag, length) = end_tag(&inside[text..])?;
        if tag != start.tag {
            return None;
        }
        self.plain_text(&inside[..text]);
        Some(start.length + text + length)
    }

    /// An SVG picture, if its tags are nested as they should be and nobody wants to look at one.
    fn picture(
        &mut self,
        start: Start,
        rest: &[u8],
        bystander: &impl Bystander,
        starts: &mut usize,
    ) -> Option<usize> {
        if start.self_closing {
            return Some(start.length);
        }
        let mut open = [name::SVG; MAX_PICTURE_DEPTH];
        let (mut depth, mut at, mut refused) = (1, start.length, false);
        let mut inside = 0;
        while depth > 0 {
            let here = rest.get(at..)?;
            match here {
                [b'<', b'/', ..] => {
                    let (tag, length) = end_tag(here)?;
                    depth -= 1;
                    if open[depth] != tag {
                        return None;
                    }
                    at += length;
                }
                [b'<', ..] => {
                    let start = start_tag(here, bystander)?;
                    if !is_drawn(start.tag) {
                        return None;
                    }
                    if !start.self_closing {
                        *open.get_mut(depth)? = start.tag;
                        depth += 1;
                    }
                    at += start.length;
                    inside += 1;
                }
                _ => {
                    let length = memchr(b'<', here)?;
                    // By the parser's rules for these, a NUL does not count.
                    refused |= here[..length].iter().any(|&b| !is_space(b) && b != 0);
                    at += length;
                }
            }
        }
        self.frameset_refused |= refused;
        *starts += inside;
        Some(at)
    }
}

/// Whether an element in an SVG picture is nothing but a part of it.
fn is_drawn(tag: Tag) -> bool {
    let special = matches!(
        tag,
        name::FOREIGNOBJECT
            | name::DESC
            | name::TITLE
            | name::SCRIPT
            | name::STYLE
            | name::FONT
            | name::TEMPLATE
    );
    !special && !name::breaks_out(tag)
}

/// The end tag that the bytes begin with, if it is nothing but its name; and its length.
fn end_tag(bytes: &[u8]) -> Option<(Tag, usize)> {
    let [b'<', b'/', name @ ..] = bytes else { return None };
    let (tag, length) = tag_name(name)?;
    (name[length] == b'>').then_some((tag, length + 3))
}

/// No name that is known here is longer.
const MAX_NAME: usize = 24;

/// The bytes that end the name of a tag or of an attribute.
#[allow(clippy::cast_possible_truncation, reason = "there are 256")]
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let mut at = 0;
    while at < ends.len() {
        let byte = at as u8;
        ends[at] = ends_name(byte) || byte == b'=';
        at += 1;
    }
    ends
};

/// The name that the bytes begin with, and its length; behind it there is another byte. None also if it is too long.
fn tag_name(bytes: &[u8]) -> Option<(Tag, usize)> {
    let length = bytes.iter().take(MAX_NAME).position(|&byte| ENDS[usize::from(byte)])?;
    let begins = bytes[0].is_ascii_alphabetic() && bytes[length] != b'=';
    begins.then(|| (name::tag(&bytes[..length]), length))
}

/// The start tag that the bytes begin with, if it is whole, written as tags mostly are, and nobody wants to look at it.
fn start_tag(bytes: &[u8], bystander: &impl Bystander) -> Option<Start> {
    let (tag, length) = tag_name(&bytes[1..])?;
    if bystander.wants_element(tag) {
        return None;
    }
    let mut at = 1 + length;
    loop {
        match *bytes.get(at)? {
            b'>' => return Some(Start { tag, length: at + 1, self_closing: false }),
            b'/' if bytes.get(at + 1) == Some(&b'>') => {
                return Some(Start { tag, length: at + 2, self_closing: true });
            }
            b'/' | b'=' => return None,
            byte if is_space(byte) => at += 1,
            _ => {
                let begin = at;
                while !ENDS[usize::from(*bytes.get(at)?)] {
                    at += 1;
                }
                let name = begin..at;
                let mut value = at..at;
                if bytes[at] == b'=' {
                    value = match *bytes.get(at + 1)? {
                        quote @ (b'"' | b'\'') => {
                            let begin = at + 2;
                            let end = begin + memchr(quote, &bytes[begin..])?;
                            at = end + 1;
                            // Whatever follows at once would be another attribute.
                            if !ENDS[usize::from(*bytes.get(at)?)] {
                                return None;
                            }
                            begin..end
                        }
                        byte if is_space(byte) || byte == b'>' => return None,
                        _ => {
                            let begin = at + 1;
                            at = begin;
                            while !is_space(*bytes.get(at)?) && bytes[at] != b'>' {
                                at += 1;
                            }
                            begin..at
                        }
                    };
                } else if is_space(bytes[at]) && next_is_equals(&bytes[at..])? {
                    return None;
                }
                if bystander.wants_attribute(&bytes[name], &bytes[value]) {
                    return None;
                }
            }
        }
    }
}

/// Whether a "=" stands behind the white space. None if that is not there yet.
fn next_is_equals(bytes: &[u8]) -> Option<bool> {
    let next = bytes.iter().find(|&&byte| !is_space(byte))?;
    Some(*next == b'=')
}
