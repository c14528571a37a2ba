//! Text, comments and document types by insertion mode (13.2.6.4).

use super::name;
use super::node::{Event, Mode, Namespace, Origin};
use super::tree::Tree;

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

impl Tree {
    /// Takes characters; how many of them it took. The rest is to be given again.
    pub(crate) fn text(&mut self, bytes: &[u8]) -> usize {
        // A line break is one byte or, as "\r\n", two; the second is white space of no account anywhere else.
        self.drops_line_break = self.drops_line_break && bytes == b"\r";
        if self.reads_text_as_foreign() {
            self.frameset_refused |=
                !bytes.iter().all(|&byte| is_space(byte) || byte == 0);
            return bytes.len();
        }
        let spaces = bytes.iter().take_while(|&&byte| is_space(byte)).count();
        let all_space = spaces == bytes.len();
        let before_body = matches!(
            self.mode,
            Mode::Initial
                | Mode::BeforeHtml
                | Mode::BeforeHead
                | Mode::InHead
                | Mode::AfterHead
        );
        // By the standard it would begin the body.
        if before_body && bytes[0] == 0 {
            return bytes.iter().take_while(|&&byte| byte == 0).count();
        }
        for _ in 0..8 {
            match self.mode {
                Mode::Initial
                | Mode::BeforeHtml
                | Mode::BeforeHead
                | Mode::InHead
                | Mode::AfterHead
                | Mode::InColumnGroup
                    if spaces > 0 =>
                {
                    return spaces;
                }
                Mode::Initial => {
                    self.quirks = true;
                    self.mode = Mode::BeforeHtml;
                }
                Mode::BeforeHtml => {
                    self.insert(name::HTML, Origin::Implied);
                    self.mode = Mode::BeforeHead;
                }
                Mode::BeforeHead => {
                    let head = self.insert(name::HEAD, Origin::Implied);
                    self.head = Some(head);
                    self.mode = Mode::InHead;
                }
                Mode::InHead => {
                    self.pop(false);
                    self.mode = Mode::AfterHead;
                }
                Mode::AfterHead => {
                    self.insert(name::BODY, Origin::Implied);
                    self.mode = Mode::InBody;
                }
                Mode::InColumnGroup => {
                    if !self.end_column_group(false) {
                        return bytes.len();
                    }
                }
                Mode::InBody | Mode::InCaption | Mode::InCell | Mode::InTemplate => {
                    return self.text_in_body(bytes, spaces);
                }
                Mode::InTable | Mode::InTableBody | Mode::InRow => {
                    let in_table = self.current().is_some_and(|node| {
                        node.namespace == Namespace::Html
                            && matches!(
                                node.tag,
                                name::TABLE
                                    | name::TBODY
                                    | name::TFOOT
                                    | name::THEAD
                                    | name::TR
                            )
                    });
                    // By the standard, the same goes for a template.
                    if in_table && all_space {
                        return bytes.len();
                    }
                    self.fostering = true;
                    let (parent, fostered) = self.place();
                    if let (Some(parent), true) = (parent, fostered) {
                        self.events.push(Event::FosterText { parent });
                    }
                    self.text_in_body(bytes, if in_table { 0 } else { spaces });
                    self.fostering = false;
                    return bytes.len();
                }
                Mode::AfterBody | Mode::AfterAfterBody => {
                    // By the standard, formatting elements would be copied for it.
                    if spaces > 0 {
                        return spaces;
                    }
                    self.mode = Mode::InBody;
                }
                Mode::Text
                | Mode::InFrameset
                | Mode::AfterFrameset
                | Mode::AfterAfterFrameset => return bytes.len(),
            }
        }
        bytes.len()
    }

    pub(super) fn text_in_body(&mut self, bytes: &[u8], spaces: usize) -> usize {
        // A NUL is as if it were not there.
        if bytes.iter().any(|&byte| byte != 0) {
            self.reconstruct_formatting();
        }
        self.frameset_refused |= spaces < bytes.len();
        bytes.len()
    }

    /// Takes a document type.
    pub(crate) fn doctype(&mut self, bytes: &[u8]) {
        self.drops_line_break = false;
        if self.mode == Mode::Initial {
            self.quirks = super::doctype::is_quirky(bytes);
            self.mode = Mode::BeforeHtml;
        }
    }

    /// Takes a comment.
    pub(crate) fn comment(&mut self) {
        self.drops_line_break = false;
    }
}
