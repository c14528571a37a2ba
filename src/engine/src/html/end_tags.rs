//! End tags and the end of the page by insertion mode (13.2.6.4).

use super::modes::Again;
use super::name::{self, Tag};
use super::node::{Event, Mode, Namespace, Node, Origin, is_heading};
use super::tree::Tree;

const DONE: Again = false;
const AGAIN: Again = true;

impl Tree {
    /// Takes an end tag.
    pub(crate) fn end(&mut self, tag: Tag) {
        self.drops_line_break = false;
        let mut again =
            if self.reads_end_as_foreign() { self.foreign_end(tag) } else { AGAIN };
        while again && !self.too_deep {
            again = self.end_in(self.mode, tag);
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each rule of the standard")]
    fn end_in(&mut self, mode: Mode, tag: Tag) -> Again {
        let opens_all = matches!(tag, name::HEAD | name::BODY | name::HTML | name::BR);
        match mode {
            Mode::Initial => {
                self.quirks = true;
                self.mode = Mode::BeforeHtml;
                AGAIN
            }
            Mode::BeforeHtml if opens_all => {
                self.insert(name::HTML, Origin::Implied);
                self.mode = Mode::BeforeHead;
                AGAIN
            }
            Mode::BeforeHead if opens_all => {
                let head = self.insert(name::HEAD, Origin::Implied);
                self.head = Some(head);
                self.mode = Mode::InHead;
                AGAIN
            }
            Mode::BeforeHtml | Mode::BeforeHead | Mode::AfterAfterFrameset => DONE,
            Mode::InHead => match tag {
                name::HEAD => {
                    self.pop(true);
                    self.mode = Mode::AfterHead;
                    DONE
                }
                name::TEMPLATE => self.end_template(),
                _ if opens_all => {
                    self.pop(false);
                    self.mode = Mode::AfterHead;
                    AGAIN
                }
                _ => DONE,
            },
            Mode::AfterHead => match tag {
                name::TEMPLATE => self.end_template(),
                name::BODY | name::HTML | name::BR => {
                    self.insert(name::BODY, Origin::Implied);
                    self.mode = Mode::InBody;
                    AGAIN
                }
                _ => DONE,
            },
            Mode::InBody => self.end_in_body(tag),
            Mode::Text => {
                self.pop(true);
                self.mode = self.original_mode;
                DONE
            }
            Mode::InTable => self.end_in_table(tag),
            Mode::InCaption => match tag {
                name::CAPTION => {
                    self.end_caption(true);
                    DONE
                }
                name::TABLE => self.end_caption(false),
                name::BODY
                | name::COL
                | name::COLGROUP
                | name::HTML
                | name::TBODY
                | name::TD
                | name::TFOOT
                | name::TH
                | name::THEAD
                | name::TR => DONE,
                _ => self.end_in_body(tag),
            },
            Mode::InColumnGroup => match tag {
                name::COLGROUP => {
                    self.end_column_group(true);
                    DONE
                }
                name::COL => DONE,
                name::TEMPLATE => self.end_template(),
                _ => self.end_column_group(false),
            },
            Mode::InTableBody => match tag {
                name::TBODY | name::TFOOT | name::THEAD => {
                    if self.in_table_scope(&[tag]) {
                        self.clear_to_table_body();
                        self.pop(true);
                        self.mode = Mode::InTable;
                    }
                    DONE
                }
                name::TABLE => self.end_table_body(),
                name::BODY
                | name::CAPTION
                | name::COL
                | name::COLGROUP
                | name::HTML
                | name::TD
                | name::TH
                | name::TR => DONE,
                _ => self.end_in_table(tag),
            },
            Mode::InRow => match tag {
                name::TR => {
                    self.end_row(true);
                    DONE
                }
                name::TABLE => self.end_row(false),
                name::TBODY | name::TFOOT | name::THEAD => {
                    self.in_table_scope(&[tag]) && self.end_row(false)
                }
                name::BODY
                | name::CAPTION
                | name::COL
                | name::COLGROUP
                | name::HTML
                | name::TD
                | name::TH => DONE,
                _ => self.end_in_table(tag),
            },
            Mode::InCell => self.end_in_cell(tag),
            Mode::InTemplate => {
                if tag == name::TEMPLATE {
                    self.end_template()
                } else {
                    DONE
                }
            }
            Mode::AfterBody => {
                if tag == name::HTML {
                    self.mode = Mode::AfterAfterBody;
                    return DONE;
                }
                self.mode = Mode::InBody;
                AGAIN
            }
            Mode::AfterAfterBody => {
                self.mode = Mode::InBody;
                AGAIN
            }
            Mode::InFrameset => {
                if tag == name::FRAMESET && self.open.len() > 1 {
                    self.pop(true);
                    if !self.current_is(name::FRAMESET) {
                        self.mode = Mode::AfterFrameset;
                    }
                }
                DONE
            }
            Mode::AfterFrameset => {
                if tag == name::HTML {
                    self.mode = Mode::AfterAfterFrameset;
                }
                DONE
            }
        }
    }

    fn end_template(&mut self) -> Again {
        if self.has_template() {
            self.generate_implied_ends_thoroughly();
            self.pop_through_tag(name::TEMPLATE, true);
            self.clear_formatting_to_marker();
            self.template_modes.pop();
            self.reset_mode();
        }
        DONE
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each rule of the standard")]
    fn end_in_body(&mut self, tag: Tag) -> Again {
        match tag {
            name::TEMPLATE => return self.end_template(),
            name::BODY | name::HTML => {
                if self.in_scope(name::BODY) {
                    self.mode = Mode::AfterBody;
                    return tag == name::HTML;
                }
            }
            name::ADDRESS
            | name::ARTICLE
            | name::ASIDE
            | name::BLOCKQUOTE
            | name::BUTTON
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
            | name::LISTING
            | name::MAIN
            | name::MENU
            | name::NAV
            | name::OL
            | name::PRE
            | name::SEARCH
            | name::SECTION
            | name::SELECT
            | name::SUMMARY
            | name::UL => {
                if self.in_scope(tag) {
                    self.generate_implied_ends(None);
                    self.pop_through_tag(tag, true);
                }
            }
            name::FORM => self.end_form(),
            name::P => {
                if self.in_button_scope(name::P) {
                    self.generate_implied_ends(Some(name::P));
                    self.pop_through_tag(name::P, true);
                } else {
                    self.insert(name::P, Origin::EndTag);
                    self.pop(true);
                }
            }
            name::LI => {
                if self.in_list_item_scope(name::LI) {
                    self.generate_implied_ends(Some(name::LI));
                    self.pop_through_tag(name::LI, true);
                }
            }
            name::DD | name::DT => {
                if self.in_scope(tag) {
                    self.generate_implied_ends(Some(tag));
                    self.pop_through_tag(tag, true);
                }
            }
            name::H1 | name::H2 | name::H3 | name::H4 | name::H5 | name::H6 => {
                if self.heading_in_scope() {
                    self.generate_implied_ends(None);
                    self.pop_through(true, is_heading);
                }
            }
            name::A
            | name::B
            | name::BIG
            | name::CODE
            | name::EM
            | name::FONT
            | name::I
            | name::NOBR
            | name::S
            | name::SMALL
            | name::STRIKE
            | name::STRONG
            | name::TT
            | name::U => {
                if !self.adopt(tag, true) {
                    self.end_other(tag);
                }
            }
            name::APPLET | name::MARQUEE | name::OBJECT => {
                if self.in_scope(tag) {
                    self.generate_implied_ends(None);
                    self.pop_through_tag(tag, true);
                    self.clear_formatting_to_marker();
                }
            }
            name::BR => {
                self.reconstruct_formatting();
                self.insert_leaf(name::BR, Origin::EndTag);
                self.frameset_refused = true;
            }
            _ => self.end_other(tag),
        }
        DONE
    }

    fn end_form(&mut self) {
        if self.has_template() {
            // By the standard, elements that the form holds open do not keep it from ending.
            return self.end_other(name::FORM);
        }
        let Some(form) = self.form.take() else { return };
        if !self.node_in_scope(form) {
            return;
        }
        self.generate_implied_ends(None);
        match self.open_index(form) {
            Some(index) if index + 1 == self.open.len() => self.pop(true),
            Some(index) => {
                self.open.remove(index);
                self.events.push(Event::Drop { index, own_tag: true });
            }
            None => {}
        }
    }

    /// "Any other end tag".
    fn end_other(&mut self, tag: Tag) {
        for at in (0..self.open.len()).rev() {
            let node = self.open[at];
            if node.is_html(tag) {
                self.generate_implied_ends(Some(tag));
                while self.open.len() > at + 1 {
                    self.pop(false);
                }
                self.pop(true);
                return;
            }
            if node.is_special() {
                return;
            }
        }
    }

    fn end_fostered(&mut self, tag: Tag) -> Again {
        self.fostering = true;
        let again = self.end_in_body(tag);
        self.fostering = false;
        again
    }

    fn end_in_table(&mut self, tag: Tag) -> Again {
        match tag {
            name::TABLE => {
                if self.in_table_scope(&[name::TABLE]) {
                    self.pop_through_tag(name::TABLE, true);
                    self.reset_mode();
                }
                DONE
            }
            name::BODY
            | name::CAPTION
            | name::COL
            | name::COLGROUP
            | name::HTML
            | name::TBODY
            | name::TD
            | name::TFOOT
            | name::TH
            | name::THEAD
            | name::TR => DONE,
            name::TEMPLATE => self.end_template(),
            _ => self.end_fostered(tag),
        }
    }

    fn end_in_cell(&mut self, tag: Tag) -> Again {
        match tag {
            name::TD | name::TH => {
                if self.in_table_scope(&[tag]) {
                    self.generate_implied_ends(None);
                    self.pop_through_tag(tag, true);
                    self.clear_formatting_to_marker();
                    self.mode = Mode::InRow;
                }
                DONE
            }
            name::BODY | name::CAPTION | name::COL | name::COLGROUP | name::HTML => DONE,
            name::TABLE | name::TBODY | name::TFOOT | name::THEAD | name::TR => {
                if !self.in_table_scope(&[tag]) {
                    return DONE;
                }
                self.close_cell();
                AGAIN
            }
            _ => self.end_in_body(tag),
        }
    }

    /// Takes the end of the page: makes what every page has, and ends what is open.
    pub(crate) fn finish(&mut self) {
        if self.mode == Mode::Text {
            self.pop(false);
            self.mode = self.original_mode;
        }
        if self.context.is_none() {
            if matches!(self.mode, Mode::Initial | Mode::BeforeHtml) {
                self.insert(name::HTML, Origin::Implied);
                self.mode = Mode::BeforeHead;
            }
            if self.mode == Mode::BeforeHead {
                let head = self.insert(name::HEAD, Origin::Implied);
                self.head = Some(head);
                self.mode = Mode::InHead;
            }
            // A template in the head may still be open.
            while self.has_template() {
                self.pop_through_tag(name::TEMPLATE, false);
                self.clear_formatting_to_marker();
                self.template_modes.pop();
                self.reset_mode();
            }
            if self.mode == Mode::InHead {
                self.pop(false);
                self.mode = Mode::AfterHead;
            }
            if self.mode == Mode::AfterHead {
                self.insert(name::BODY, Origin::Implied);
                self.mode = Mode::InBody;
            }
        }
        while !self.open.is_empty() {
            self.pop(false);
        }
    }

    /// A parser of what is put into `context`, whose nearest form is given (13.4).
    pub(crate) fn for_fragment(page: &Self, context: Node, form: Option<u32>) -> Self {
        let mut tree =
            Self { quirks: page.quirks, next_id: page.next_id, ..Self::default() };
        tree.context = Some(context);
        let root = tree.new_node(name::HTML, Namespace::Html);
        tree.open.push(root);
        if context.is_html(name::TEMPLATE) {
            tree.template_modes.push(Mode::InTemplate);
        }
        tree.reset_mode();
        tree.form = form;
        tree
    }
}
