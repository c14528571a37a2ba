//! Start tags in front of and in the head (13.2.6.4.1 to 6).

use super::modes::Again;
use super::name;
use super::node::{Event, Formatting, Mode, Namespace, Origin, StartTag};
use super::token::{Mode as TextMode, Script};
use super::tree::Tree;

const DONE: Again = false;
const AGAIN: Again = true;

impl Tree {
    pub(super) fn start_before_html(&mut self, start: &StartTag<'_>) -> Again {
        self.mode = Mode::BeforeHead;
        if start.tag == name::HTML {
            self.insert(name::HTML, Origin::Tag);
            return DONE;
        }
        self.insert(name::HTML, Origin::Implied);
        AGAIN
    }

    pub(super) fn start_before_head(&mut self, start: &StartTag<'_>) -> Again {
        if start.tag == name::HTML {
            return self.start_in_body(start);
        }
        self.mode = Mode::InHead;
        let explicit = start.tag == name::HEAD;
        let origin = if explicit { Origin::Tag } else { Origin::Implied };
        let head = self.insert(name::HEAD, origin);
        self.head = Some(head);
        !explicit
    }

    pub(super) fn raw(&mut self, start: &StartTag<'_>, mode: TextMode) -> Again {
        self.insert(start.tag, Origin::Tag);
        self.text_mode = Some(mode);
        self.original_mode = self.mode;
        self.mode = Mode::Text;
        DONE
    }

    pub(super) fn start_in_head(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::HTML => self.start_in_body(start),
            name::BASE | name::BASEFONT | name::BGSOUND | name::LINK | name::META => {
                self.insert_leaf(start.tag, Origin::Tag);
                DONE
            }
            name::TITLE | name::NOSCRIPT | name::NOFRAMES | name::STYLE => {
                self.raw(start, TextMode::Raw(start.tag))
            }
            name::SCRIPT => self.raw(start, TextMode::Script(Script::Data)),
            name::TEMPLATE => {
                self.start_template(start);
                DONE
            }
            name::HEAD => DONE,
            _ => {
                self.pop(false);
                self.mode = Mode::AfterHead;
                AGAIN
            }
        }
    }

    pub(super) fn start_template(&mut self, start: &StartTag<'_>) {
        self.formatting.push(Formatting::Marker);
        self.frameset_refused = true;
        self.mode = Mode::InTemplate;
        self.template_modes.push(Mode::InTemplate);
        let mut node = self.new_node(name::TEMPLATE, Namespace::Html);
        let wished = start.get(b"shadowrootmode").is_some_and(|mode| {
            mode.eq_ignore_ascii_case(b"open") || mode.eq_ignore_ascii_case(b"closed")
        });
        // The root cannot be a host.
        if let (true, [_, .., host]) = (wished, self.open.as_slice())
            && host.namespace == Namespace::Html
            && (name::may_host_shadow(host.tag) || host.is_custom)
            && !self.hosts.contains(&host.id)
            && !self.place().1
        {
            node.shadow_root = true;
            self.hosts.push(host.id);
        }
        self.insert_node(node, Origin::Tag, false);
    }

    pub(super) fn start_after_head(&mut self, start: &StartTag<'_>) -> Again {
        match start.tag {
            name::HTML => self.start_in_body(start),
            name::BODY => {
                self.insert(name::BODY, Origin::Tag);
                self.frameset_refused = true;
                self.mode = Mode::InBody;
                DONE
            }
            name::FRAMESET => {
                self.insert(name::FRAMESET, Origin::Tag);
                self.mode = Mode::InFrameset;
                DONE
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
                let Some(head) = self.head else { return DONE };
                let index = self.open.len();
                self.open.push(head);
                self.events.push(Event::ReopenHead);
                self.start_in_head(start);
                if let Some(at) = self.open.iter().rposition(|node| node.id == head.id) {
                    debug_assert_eq!(at, index, "the head was put there");
                    self.open.remove(at);
                    self.events.push(Event::Drop { index: at, own_tag: false });
                }
                DONE
            }
            name::HEAD => DONE,
            _ => {
                self.insert(name::BODY, Origin::Implied);
                self.mode = Mode::InBody;
                AGAIN
            }
        }
    }
}
