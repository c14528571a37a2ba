//! Start tags in and around tables (13.2.6.4.9 to 15).

use super::modes::{Again, is_hidden};
use super::name;
use super::node::{Formatting, Mode, Namespace, Origin, StartTag};
use super::tree::Tree;

const DONE: Again = false;
const AGAIN: Again = true;

impl Tree {
    /// What does not belong into a table goes in front of it.
    pub(super) fn start_fostered(&mut self, start: &StartTag<'_>) -> Again {
        self.fostering = true;
        let again = self.start_in_body(start);
        self.fostering = false;
        again
    }

    pub(super) fn clear_to_table(&mut self) {
        self.pop_until(&[name::TABLE, name::TEMPLATE, name::HTML]);
    }

    pub(super) fn clear_to_table_body(&mut self) {
        self.pop_until(&[
            name::TBODY,
            name::TFOOT,
            name::THEAD,
            name::TEMPLATE,
            name::HTML,
        ]);
    }

    pub(super) fn clear_to_row(&mut self) {
        self.pop_until(&[name::TR, name::TEMPLATE, name::HTML]);
    }

    pub(super) fn start_in_table(&mut self, start: &StartTag<'_>) -> Again {
        let tag = start.tag;
        match tag {
            name::CAPTION => {
                self.clear_to_table();
                self.formatting.push(Formatting::Marker);
                self.insert(tag, Origin::Tag);
                self.mode = Mode::InCaption;
            }
            name::COLGROUP | name::COL => {
                self.clear_to_table();
                let explicit = tag == name::COLGROUP;
                let origin = if explicit { Origin::Tag } else { Origin::Implied };
                self.insert(name::COLGROUP, origin);
                self.mode = Mode::InColumnGroup;
                return !explicit;
            }
            name::TBODY | name::TFOOT | name::THEAD => {
                self.clear_to_table();
                self.insert(tag, Origin::Tag);
                self.mode = Mode::InTableBody;
            }
            name::TD | name::TH | name::TR => {
                self.clear_to_table();
                self.insert(name::TBODY, Origin::Implied);
                self.mode = Mode::InTableBody;
                return AGAIN;
            }
            name::TABLE => {
                if self.in_table_scope(&[name::TABLE]) {
                    self.pop_through_tag(name::TABLE, false);
                    self.reset_mode();
                    return AGAIN;
                }
            }
            name::STYLE | name::SCRIPT | name::TEMPLATE => {
                return self.start_in_head(start);
            }
            name::INPUT if is_hidden(start) => self.insert_leaf(tag, Origin::Tag),
            name::FORM => {
                // The standard refuses it in a template too; browsers do not.
                if self.form.is_none() {
                    let node = self.new_node(tag, Namespace::Html);
                    self.insert_node(node, Origin::Tag, true);
                    self.form = Some(node.id);
                }
            }
            _ => return self.start_fostered(start),
        }
        DONE
    }

    pub(super) fn start_in_caption(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::CAPTION
            | name::COL
            | name::COLGROUP
            | name::TBODY
            | name::TD
            | name::TFOOT
            | name::TH
            | name::THEAD
            | name::TR => self.end_caption(false),
            _ => self.start_in_body(start),
        }
    }

    /// Ends the caption, if there is one.
    pub(super) fn end_caption(&mut self, own_tag: bool) -> Again {
        if !self.in_table_scope(&[name::CAPTION]) {
            return DONE;
        }
        self.generate_implied_ends(None);
        self.pop_through_tag(name::CAPTION, own_tag);
        self.clear_formatting_to_marker();
        self.mode = Mode::InTable;
        AGAIN
    }

    pub(super) fn start_in_column_group(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::HTML => self.start_in_body(start),
            name::COL => {
                self.insert_leaf(start.tag, Origin::Tag);
                DONE
            }
            name::TEMPLATE => self.start_in_head(start),
            _ => self.end_column_group(false),
        }
    }

    pub(super) fn end_column_group(&mut self, own_tag: bool) -> Again {
        if !self.current_is(name::COLGROUP) {
            return DONE;
        }
        self.pop(own_tag);
        self.mode = Mode::InTable;
        AGAIN
    }

    pub(super) fn start_in_table_body(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::TR => {
                self.clear_to_table_body();
                self.insert(name::TR, Origin::Tag);
                self.mode = Mode::InRow;
                DONE
            }
            name::TD | name::TH => {
                self.clear_to_table_body();
                self.insert(name::TR, Origin::Implied);
                self.mode = Mode::InRow;
                AGAIN
            }
            name::CAPTION
            | name::COL
            | name::COLGROUP
            | name::TBODY
            | name::TFOOT
            | name::THEAD => self.end_table_body(),
            _ => self.start_in_table(start),
        }
    }

    pub(super) fn end_table_body(&mut self) -> Again {
        if !self.in_table_scope(&[name::TBODY, name::THEAD, name::TFOOT]) {
            return DONE;
        }
        self.clear_to_table_body();
        self.pop(false);
        self.mode = Mode::InTable;
        AGAIN
    }

    pub(super) fn start_in_row(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::TD | name::TH => {
                self.clear_to_row();
                self.insert(start.tag, Origin::Tag);
                self.mode = Mode::InCell;
                self.formatting.push(Formatting::Marker);
                DONE
            }
            name::CAPTION
            | name::COL
            | name::COLGROUP
            | name::TBODY
            | name::TFOOT
            | name::THEAD
            | name::TR => self.end_row(false),
            _ => self.start_in_table(start),
        }
    }

    pub(super) fn end_row(&mut self, own_tag: bool) -> Again {
        if !self.in_table_scope(&[name::TR]) {
            return DONE;
        }
        self.clear_to_row();
        self.pop(own_tag);
        self.mode = Mode::InTableBody;
        AGAIN
    }

    pub(super) fn start_in_cell(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::CAPTION
            | name::COL
            | name::COLGROUP
            | name::TBODY
            | name::TD
            | name::TFOOT
            | name::TH
            | name::THEAD
            | name::TR => {
                if !self.in_table_scope(&[name::TD, name::TH]) {
                    return DONE;
                }
                self.close_cell();
                AGAIN
            }
            _ => self.start_in_body(start),
        }
    }

    pub(super) fn close_cell(&mut self) {
        self.generate_implied_ends(None);
        self.pop_through(false, |node| node.is_html(name::TD) || node.is_html(name::TH));
        self.clear_formatting_to_marker();
        self.mode = Mode::InRow;
    }
}
