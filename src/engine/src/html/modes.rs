//! Start tags by insertion mode (13.2.6.4); those of tables have a room of their own.

use super::name::{self, Tag};
use super::node::{
    Event, Formatting, Mode, Namespace, Node, Origin, StartTag, is_heading,
};
use super::token::Mode as TextMode;
use super::tree::Tree;

/// Whether the token has to be looked at again, in the mode that is now.
pub(super) type Again = bool;

const DONE: Again = false;
const AGAIN: Again = true;

impl Tree {
    /// Takes a start tag.
    pub(crate) fn start(&mut self, start: &StartTag<'_>) {
        self.drops_line_break = false;
        let mut again = if self.reads_as_foreign(start.tag) {
            self.foreign_start(start)
        } else {
            AGAIN
        };
        while again && !self.too_deep {
            again = self.start_in(self.mode, start);
        }
    }

    fn start_in(&mut self, mode: Mode, start: &StartTag<'_>) -> Again {
        match mode {
            Mode::Initial => {
                self.quirks = true;
                self.mode = Mode::BeforeHtml;
                AGAIN
            }
            Mode::BeforeHtml => self.start_before_html(start),
            Mode::BeforeHead => self.start_before_head(start),
            Mode::InHead => self.start_in_head(start),
            Mode::AfterHead => self.start_after_head(start),
            Mode::InBody | Mode::Text => self.start_in_body(start),
            Mode::InTable => self.start_in_table(start),
            Mode::InCaption => self.start_in_caption(start),
            Mode::InColumnGroup => self.start_in_column_group(start),
            Mode::InTableBody => self.start_in_table_body(start),
            Mode::InRow => self.start_in_row(start),
            Mode::InCell => self.start_in_cell(start),
            Mode::InTemplate => self.start_in_template(start),
            Mode::AfterBody | Mode::AfterAfterBody => match start.tag {
                name::HTML => self.start_in_body(start),
                _ => {
                    self.mode = Mode::InBody;
                    AGAIN
                }
            },
            Mode::InFrameset => self.start_in_frameset(start),
            Mode::AfterFrameset | Mode::AfterAfterFrameset => match start.tag {
                name::HTML => self.start_in_body(start),
                name::NOFRAMES => self.start_in_head(start),
                _ => DONE,
            },
        }
    }

    fn block(&mut self, start: &StartTag<'_>) {
        self.close_paragraph();
        self.insert(start.tag, Origin::Tag);
    }

    fn inline(&mut self, start: &StartTag<'_>) -> Node {
        self.reconstruct_formatting();
        self.insert(start.tag, Origin::Tag)
    }

    fn inline_leaf(&mut self, start: &StartTag<'_>) {
        self.reconstruct_formatting();
        self.insert_leaf(start.tag, Origin::Tag);
    }

    /// Ends the open list items, or terms and descriptions, that a new one ends.
    fn close_items(&mut self, tags: &[Tag]) {
        self.frameset_refused = true;
        for at in (0..self.open.len()).rev() {
            let node = self.open[at];
            if node.namespace == Namespace::Html && tags.contains(&node.tag) {
                self.generate_implied_ends(Some(node.tag));
                self.pop_through_tag(node.tag, false);
                break;
            }
            let passes = node.namespace == Namespace::Html
                && matches!(node.tag, name::ADDRESS | name::DIV | name::P);
            if node.is_special() && !passes {
                break;
            }
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each rule of the standard")]
    pub(super) fn start_in_body(&mut self, start: &StartTag<'_>) -> Again {
        let tag = start.tag;
        match tag {
            name::HTML => {
                if !self.has_template() && !start.attributes.is_empty() {
                    self.events.push(Event::Attributes { index: 0 });
                }
            }
            name::BASE
            | name::BASEFONT
            | name::BGSOUND
            | name::LINK
            | name::META
            | name::NOFRAMES
            | name::SCRIPT
            | name::STYLE
            | name::TEMPLATE
            | name::TITLE => {
                return self.start_in_head(start);
            }
            name::BODY => {
                let body = self.open.get(1).is_some_and(|node| node.is_html(name::BODY));
                if body && !self.has_template() {
                    self.frameset_refused = true;
                    if !start.attributes.is_empty() {
                        self.events.push(Event::Attributes { index: 1 });
                    }
                }
            }
            name::FRAMESET => {
                let body = self.open.get(1).is_some_and(|node| node.is_html(name::BODY));
                if body && !self.frameset_refused {
                    self.events.push(Event::Frameset);
                    while self.open.len() > 1 {
                        self.pop(false);
                    }
                    self.insert(name::FRAMESET, Origin::Tag);
                    self.mode = Mode::InFrameset;
                }
            }
            name::ADDRESS
            | name::ARTICLE
            | name::ASIDE
            | name::BLOCKQUOTE
            | name::CENTER
            | name::DETAILS
            | name::DIALOG
            | name::DIR
            | name::DIV
            | name::DL
            | name::FIELDSET
            | name::FIGCAPTION
            | name::FIGURE
            | name::FOOTER
            | name::HEADER
            | name::HGROUP
            | name::MAIN
            | name::MENU
            | name::NAV
            | name::OL
            | name::P
            | name::SEARCH
            | name::SECTION
            | name::SUMMARY
            | name::UL => self.block(start),
            name::H1 | name::H2 | name::H3 | name::H4 | name::H5 | name::H6 => {
                self.close_paragraph();
                if self.current().is_some_and(is_heading) {
                    self.pop(false);
                }
                self.insert(tag, Origin::Tag);
            }
            name::PRE | name::LISTING => {
                self.block(start);
                self.drops_line_break = true;
                self.frameset_refused = true;
            }
            name::FORM => {
                let template = self.has_template();
                if self.form.is_none() || template {
                    self.close_paragraph();
                    let form = self.insert(tag, Origin::Tag);
                    if !template {
                        self.form = Some(form.id);
                    }
                }
            }
            name::LI => {
                self.close_items(&[name::LI]);
                self.block(start);
            }
            name::DD | name::DT => {
                self.close_items(&[name::DD, name::DT]);
                self.block(start);
            }
            name::PLAINTEXT => {
                self.block(start);
                self.text_mode = Some(TextMode::Plaintext);
            }
            name::BUTTON => {
                if self.in_scope(name::BUTTON) {
                    self.generate_implied_ends(None);
                    self.pop_through_tag(name::BUTTON, false);
                }
                self.inline(start);
                self.frameset_refused = true;
            }
            name::A => {
                if let Some((_, node)) = self.last_formatting(name::A) {
                    self.adopt(name::A, false);
                    if let Some(entry) = self.formatting_index(node.id) {
                        self.formatting.remove(entry);
                    }
                    if let Some(index) = self.open_index(node.id) {
                        self.open.remove(index);
                        self.events.push(Event::Drop { index, own_tag: false });
                    }
                }
                let node = self.inline(start);
                self.push_formatting(node, start);
            }
            name::B
            | name::BIG
            | name::CODE
            | name::EM
            | name::FONT
            | name::I
            | name::S
            | name::SMALL
            | name::STRIKE
            | name::STRONG
            | name::TT
            | name::U => {
                let node = self.inline(start);
                self.push_formatting(node, start);
            }
            name::NOBR => {
                self.reconstruct_formatting();
                if self.in_scope(name::NOBR) {
                    self.adopt(name::NOBR, false);
                    self.reconstruct_formatting();
                }
                let node = self.insert(tag, Origin::Tag);
                self.push_formatting(node, start);
            }
            name::APPLET | name::MARQUEE | name::OBJECT => {
                self.inline(start);
                self.formatting.push(Formatting::Marker);
                self.frameset_refused = true;
            }
            name::TABLE => {
                if !self.quirks {
                    self.close_paragraph();
                }
                self.insert(tag, Origin::Tag);
                self.frameset_refused = true;
                self.mode = Mode::InTable;
            }
            name::AREA
            | name::BR
            | name::EMBED
            | name::IMG
            | name::KEYGEN
            | name::WBR => {
                self.inline_leaf(start);
                self.frameset_refused = true;
            }
            name::INPUT => {
                if self.in_scope(name::SELECT) {
                    self.pop_through_tag(name::SELECT, false);
                }
                self.inline_leaf(start);
                self.frameset_refused |= !is_hidden(start);
            }
            name::PARAM | name::SOURCE | name::TRACK => {
                self.insert_leaf(tag, Origin::Tag);
            }
            name::HR => {
                self.close_paragraph();
                if self.in_scope(name::SELECT) {
                    self.generate_implied_ends(None);
                }
                self.insert_leaf(tag, Origin::Tag);
                self.frameset_refused = true;
            }
            name::IMAGE => {
                return self.start_in_body(&StartTag { tag: name::IMG, ..*start });
            }
            name::TEXTAREA => {
                self.raw(start, TextMode::Raw(tag));
                self.drops_line_break = true;
                self.frameset_refused = true;
            }
            name::XMP => {
                self.close_paragraph();
                self.reconstruct_formatting();
                self.frameset_refused = true;
                return self.raw(start, TextMode::Raw(tag));
            }
            name::IFRAME => {
                self.frameset_refused = true;
                return self.raw(start, TextMode::Raw(tag));
            }
            name::NOEMBED | name::NOSCRIPT => return self.raw(start, TextMode::Raw(tag)),
            name::SELECT => {
                let inside = self.context.is_some_and(|node| node.is_html(name::SELECT));
                if self.in_scope(name::SELECT) {
                    self.pop_through_tag(name::SELECT, false);
                } else if !inside {
                    self.inline(start);
                    self.frameset_refused = true;
                }
            }
            name::OPTION => {
                if self.in_scope(name::SELECT) {
                    self.generate_implied_ends(Some(name::OPTGROUP));
                } else if self.current_is(name::OPTION) {
                    self.pop(false);
                }
                self.inline(start);
            }
            name::OPTGROUP => {
                if self.in_scope(name::SELECT) {
                    self.generate_implied_ends(None);
                } else if self.current_is(name::OPTION) {
                    self.pop(false);
                }
                self.inline(start);
            }
            name::RB | name::RTC => {
                if self.in_scope(name::RUBY) {
                    self.generate_implied_ends(None);
                }
                self.insert(tag, Origin::Tag);
            }
            name::RP | name::RT => {
                if self.in_scope(name::RUBY) {
                    self.generate_implied_ends(Some(name::RTC));
                }
                self.insert(tag, Origin::Tag);
            }
            name::MATH => {
                self.reconstruct_formatting();
                self.insert_foreign(start, Namespace::MathMl);
            }
            name::SVG => {
                self.reconstruct_formatting();
                self.insert_foreign(start, Namespace::Svg);
            }
            name::CAPTION
            | name::COL
            | name::COLGROUP
            | name::FRAME
            | name::HEAD
            | name::TBODY
            | name::TD
            | name::TFOOT
            | name::TH
            | name::THEAD
            | name::TR => {}
            _ => {
                self.inline(start);
                if let Some(node) = self.open.last_mut() {
                    node.is_custom = name::is_custom(start.name());
                }
            }
        }
        DONE
    }

    fn start_in_template(&mut self, start: &StartTag<'_>) -> Again {
        let mode = match start.tag {
            // By the standard, the other elements of a head stand in this list too.
            name::LINK | name::META | name::SCRIPT | name::STYLE | name::TEMPLATE => {
                return self.start_in_head(start);
            }
            name::CAPTION | name::COLGROUP | name::TBODY | name::TFOOT | name::THEAD => {
                Mode::InTable
            }
            name::COL => Mode::InColumnGroup,
            name::TR => Mode::InTableBody,
            name::TD | name::TH => Mode::InRow,
            _ => Mode::InBody,
        };
        self.template_modes.pop();
        self.template_modes.push(mode);
        self.mode = mode;
        AGAIN
    }

    fn start_in_frameset(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::HTML => return self.start_in_body(start),
            name::FRAMESET => {
                self.insert(name::FRAMESET, Origin::Tag);
            }
            name::FRAME => self.insert_leaf(name::FRAME, Origin::Tag),
            name::NOFRAMES => return self.start_in_head(start),
            _ => {}
        }
        DONE
    }
}

pub(super) fn is_hidden(start: &StartTag<'_>) -> bool {
    start.get(b"type").is_some_and(|kind| kind.eq_ignore_ascii_case(b"hidden"))
}
