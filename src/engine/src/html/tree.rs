//! The open elements of a page, as the HTML standard's tree construction (13.2.6) has them after each token. No tree
//! is built: what is kept is what the next token needs to know, so memory follows the depth of the page and not its
//! length. What became of the tree is told in [`Event`]s.

use super::name::{self, Tag};
use super::node::{
    Birth, Event, Formatting, Mode, Namespace, Node, Origin, StartTag, is_heading,
};
use super::token::Mode as TextMode;

/// The deepest nesting that is followed. Browsers put what lies deeper beside instead of inside, each in its own way, so
/// the rest of such a page is passed on as it is.
pub(crate) const MAX_DEPTH: usize = 512;

/// The most elements in the list of active formatting elements.
const MAX_FORMATTING: usize = 512;

/// See the module.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools, reason = "the standard's parser has these flags")]
pub(crate) struct Tree {
    pub(super) mode: Mode,
    pub(super) original_mode: Mode,
    pub(super) template_modes: Vec<Mode>,
    pub(super) open: Vec<Node>,
    pub(super) formatting: Vec<Formatting>,
    pub(super) head: Option<Node>,
    /// Whether a form is open, by its own account.
    pub(super) form: Option<u32>,
    pub(super) frameset_refused: bool,
    /// The next character is dropped if it is a line break.
    pub(super) drops_line_break: bool,
    pub(super) fostering: bool,
    pub(super) quirks: bool,
    /// The hosts that have a shadow tree already, as far as they are open.
    pub(super) hosts: Vec<u32>,
    /// Parsing what is put into an element rather than a page: the element.
    pub(super) context: Option<Node>,
    pub(super) next_id: u32,
    pub(super) events: Vec<Event>,
    /// What the tokenizer has to take what follows for.
    pub(super) text_mode: Option<TextMode>,
    pub(super) too_deep: bool,
}

impl Tree {
    /// Whether a page has grown beyond what is followed.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.too_deep
    }

    /// Whether `<![CDATA[` begins a section here.
    pub(crate) fn is_foreign(&self) -> bool {
        self.adjusted_current().is_some_and(|node| node.namespace != Namespace::Html)
    }

    /// Whether the page is one for browsers of old.
    pub(crate) fn is_quirky(&self) -> bool {
        self.quirks
    }

    /// What the last piece of the page did.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// The same, to be given back.
    pub(crate) fn lend_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Takes back what was lent.
    pub(crate) fn return_events(&mut self, events: Vec<Event>) {
        self.events = events;
    }

    /// What was told since the last call.
    pub(crate) fn take_events(&mut self, into: &mut Vec<Event>) {
        into.clear();
        std::mem::swap(into, &mut self.events);
    }

    /// What the tokenizer has to take what follows for, if it changed.
    pub(crate) fn take_text_mode(&mut self) -> Option<TextMode> {
        self.text_mode.take()
    }

    /// The open elements, outermost first.
    pub(crate) fn open(&self) -> &[Node] {
        &self.open
    }

    /// Whether a line break that comes next is dropped.
    pub(crate) fn drops_line_break(&self) -> bool {
        self.drops_line_break
    }

    pub(super) fn current(&self) -> Option<&Node> {
        self.open.last()
    }

    /// In place of the root of a fragment, the element it is put into.
    pub(super) fn adjusted_current(&self) -> Option<&Node> {
        match (&self.context, self.open.len()) {
            (Some(context), 1) => Some(context),
            _ => self.open.last(),
        }
    }

    pub(super) fn current_is(&self, tag: Tag) -> bool {
        self.current().is_some_and(|node| node.is_html(tag))
    }

    pub(super) fn new_node(&mut self, tag: Tag, namespace: Namespace) -> Node {
        self.next_id += 1;
        Node {
            id: self.next_id,
            tag,
            namespace,
            holds_html: false,
            is_custom: false,
            shadow_root: false,
        }
    }

    /// Where an element put in now has its parent, and whether that is because it does not belong into a table.
    pub(super) fn place(&self) -> (Option<usize>, bool) {
        let top = self.open.len().checked_sub(1);
        let in_table = self.current().is_some_and(|node| {
            node.namespace == Namespace::Html
                && matches!(
                    node.tag,
                    name::TABLE | name::TBODY | name::TFOOT | name::THEAD | name::TR
                )
        });
        if !(self.fostering && in_table) {
            return (top, false);
        }
        (Some(self.foster_parent()), true)
    }

    pub(super) fn foster_parent(&self) -> usize {
        let find = |tag: Tag| self.open.iter().rposition(|node| node.is_html(tag));
        match (find(name::TEMPLATE), find(name::TABLE)) {
            (Some(template), table) if table.is_none_or(|table| template > table) => {
                template
            }
            (_, Some(table)) => table.saturating_sub(1),
            (_, None) => 0,
        }
    }

    pub(super) fn insert_node(&mut self, node: Node, origin: Origin, leaf: bool) {
        let (parent, fostered) = self.place();
        self.events.push(Event::Open(Birth { node, origin, parent, fostered, leaf }));
        if !leaf {
            self.open.push(node);
            if self.open.len() > MAX_DEPTH {
                self.too_deep = true;
            }
        }
    }

    pub(super) fn insert(&mut self, tag: Tag, origin: Origin) -> Node {
        let node = self.new_node(tag, Namespace::Html);
        self.insert_node(node, origin, false);
        node
    }

    pub(super) fn insert_leaf(&mut self, tag: Tag, origin: Origin) {
        let node = self.new_node(tag, Namespace::Html);
        self.insert_node(node, origin, true);
    }

    pub(super) fn insert_foreign(&mut self, start: &StartTag<'_>, namespace: Namespace) {
        let mut node = self.new_node(start.tag, namespace);
        if namespace == Namespace::MathMl && start.tag == name::ANNOTATION_XML {
            node.holds_html = start.get(b"encoding").is_some_and(|encoding| {
                encoding.eq_ignore_ascii_case(b"text/html")
                    || encoding.eq_ignore_ascii_case(b"application/xhtml+xml")
            });
        }
        self.insert_node(node, Origin::Tag, start.self_closing);
    }

    /// Ends the innermost element.
    pub(super) fn pop(&mut self, own_tag: bool) {
        if let Some(node) = self.open.pop() {
            if !self.hosts.is_empty() {
                self.hosts.retain(|host| *host != node.id);
            }
            self.events.push(Event::Close { own_tag });
        }
    }

    /// Ends elements up to one of these; `own_tag` is about that one.
    pub(super) fn pop_through(&mut self, own_tag: bool, is: impl Fn(&Node) -> bool) {
        while let Some(node) = self.current() {
            let found = is(node);
            self.pop(own_tag && found);
            if found {
                break;
            }
        }
    }

    pub(super) fn pop_through_tag(&mut self, tag: Tag, own_tag: bool) {
        self.pop_through(own_tag, |node| node.is_html(tag));
    }

    /// Ends elements until one of these is the innermost.
    pub(super) fn pop_until(&mut self, tags: &[Tag]) {
        while let Some(node) = self.current() {
            if node.namespace == Namespace::Html && tags.contains(&node.tag) {
                break;
            }
            self.pop(false);
        }
    }

    pub(super) fn generate_implied_ends(&mut self, except: Option<Tag>) {
        while let Some(node) = self.current() {
            let ends = node.namespace == Namespace::Html
                && name::has_implied_end(node.tag)
                && Some(node.tag) != except;
            if !ends {
                break;
            }
            self.pop(false);
        }
    }

    pub(super) fn generate_implied_ends_thoroughly(&mut self) {
        while self.current().is_some_and(|node| {
            node.namespace == Namespace::Html
                && name::has_implied_end_thoroughly(node.tag)
        }) {
            self.pop(false);
        }
    }

    /// Whether an element is open that `is` accepts, with none around it that bounds the scope.
    fn in_scope_where(
        &self,
        is: impl Fn(&Node) -> bool,
        bounds: impl Fn(&Node) -> bool,
    ) -> bool {
        for node in self.open.iter().rev() {
            if is(node) {
                return true;
            }
            if bounds(node) {
                return false;
            }
        }
        false
    }

    pub(super) fn in_scope(&self, tag: Tag) -> bool {
        self.in_scope_where(|node| node.is_html(tag), Node::bounds_scope)
    }

    pub(super) fn node_in_scope(&self, id: u32) -> bool {
        self.in_scope_where(|node| node.id == id, Node::bounds_scope)
    }

    pub(super) fn heading_in_scope(&self) -> bool {
        self.in_scope_where(is_heading, Node::bounds_scope)
    }

    pub(super) fn in_list_item_scope(&self, tag: Tag) -> bool {
        self.in_scope_where(
            |node| node.is_html(tag),
            |node| {
                node.bounds_scope() || node.is_html(name::OL) || node.is_html(name::UL)
            },
        )
    }

    pub(super) fn in_button_scope(&self, tag: Tag) -> bool {
        self.in_scope_where(
            |node| node.is_html(tag),
            |node| node.bounds_scope() || node.is_html(name::BUTTON),
        )
    }

    pub(super) fn in_table_scope(&self, tags: &[Tag]) -> bool {
        self.in_scope_where(
            |node| node.namespace == Namespace::Html && tags.contains(&node.tag),
            |node| {
                node.namespace == Namespace::Html
                    && matches!(node.tag, name::HTML | name::TABLE | name::TEMPLATE)
            },
        )
    }

    pub(super) fn has_template(&self) -> bool {
        self.open.iter().any(|node| node.is_html(name::TEMPLATE))
    }

    pub(super) fn close_paragraph(&mut self) {
        if self.in_button_scope(name::P) {
            self.generate_implied_ends(Some(name::P));
            self.pop_through_tag(name::P, false);
        }
    }

    /// Copies the formatting elements that are not open any more but should be.
    pub(super) fn reconstruct_formatting(&mut self) {
        let is_done = |tree: &Self, entry: &Formatting| match entry {
            Formatting::Marker => true,
            Formatting::Element { node, .. } => {
                tree.open.iter().rev().any(|open| open.id == node.id)
            }
        };
        let Some(last) = self.formatting.last() else { return };
        if is_done(self, last) {
            return;
        }
        let mut at = self.formatting.len() - 1;
        while at > 0 && !is_done(self, &self.formatting[at - 1]) {
            at -= 1;
        }
        for index in at..self.formatting.len() {
            let Formatting::Element { node, attributes } = self.formatting[index] else {
                continue;
            };
            let copy = self.new_node(node.tag, Namespace::Html);
            self.insert_node(copy, Origin::Copy(node.id), false);
            self.formatting[index] = Formatting::Element { node: copy, attributes };
        }
    }

    /// Adds a formatting element, of which no more than three may be the same (13.2.4.3).
    pub(super) fn push_formatting(&mut self, node: Node, start: &StartTag<'_>) {
        let attributes = start.fingerprint();
        let (mut same, mut earliest) = (0, None);
        for (index, entry) in self.formatting.iter().enumerate().rev() {
            match entry {
                Formatting::Marker => break,
                Formatting::Element { node: other, attributes: theirs } => {
                    if other.tag == node.tag && *theirs == attributes {
                        same += 1;
                        earliest = Some(index);
                    }
                }
            }
        }
        if let (3.., Some(index)) = (same, earliest) {
            self.formatting.remove(index);
        }
        self.formatting.push(Formatting::Element { node, attributes });
        if self.formatting.len() > MAX_FORMATTING {
            self.too_deep = true;
        }
    }

    pub(super) fn clear_formatting_to_marker(&mut self) {
        while let Some(Formatting::Element { .. }) = self.formatting.pop() {}
    }

    /// Picks the insertion mode that the open elements ask for (13.2.4.1).
    pub(super) fn reset_mode(&mut self) {
        let mut mode = Mode::InBody;
        for (index, node) in self.open.iter().enumerate().rev() {
            let last = index == 0;
            let node = match &self.context {
                Some(context) if last => context,
                _ => node,
            };
            let found = if node.namespace == Namespace::Html {
                match node.tag {
                    name::TD | name::TH if !last => Some(Mode::InCell),
                    name::TR => Some(Mode::InRow),
                    name::TBODY | name::THEAD | name::TFOOT => Some(Mode::InTableBody),
                    name::CAPTION => Some(Mode::InCaption),
                    name::COLGROUP => Some(Mode::InColumnGroup),
                    name::TABLE => Some(Mode::InTable),
                    name::TEMPLATE => {
                        Some(self.template_modes.last().copied().unwrap_or(Mode::InBody))
                    }
                    name::HEAD if !last => Some(Mode::InHead),
                    name::BODY => Some(Mode::InBody),
                    name::FRAMESET => Some(Mode::InFrameset),
                    name::HTML if self.head.is_none() => Some(Mode::BeforeHead),
                    name::HTML => Some(Mode::AfterHead),
                    _ => None,
                }
            } else {
                None
            };
            if let Some(found) = found {
                mode = found;
                break;
            }
        }
        self.mode = mode;
    }

    /// Takes these as the open elements.
    pub(crate) fn set_open(&mut self, open: impl Iterator<Item = Node>) {
        self.open.clear();
        self.open.extend(open);
    }

    /// Whether the parser may yet make a copy of that element.
    pub(crate) fn may_copy(&self, id: u32) -> bool {
        self.formatting_index(id).is_some()
    }

    /// The number that was last given to an element.
    pub(crate) fn last_id(&self) -> u32 {
        self.next_id
    }

    /// Goes on numbering from there at least.
    pub(crate) fn number_from(&mut self, id: u32) {
        self.next_id = self.next_id.max(id);
    }

    /// What the tokenizer takes the next bytes for, as far as the open elements tell.
    pub(crate) fn text_mode_here(&self) -> TextMode {
        match self.current() {
            Some(node) if self.mode == Mode::Text && node.tag == name::SCRIPT => {
                TextMode::Script(super::token::Script::Data)
            }
            Some(node) if self.mode == Mode::Text => TextMode::Raw(node.tag),
            _ => TextMode::Data,
        }
    }

    /// Whether characters that come next can end or begin no element but copies of formatting ones.
    pub(crate) fn is_in_text(&self) -> bool {
        matches!(
            self.mode,
            Mode::InBody | Mode::Text | Mode::InCell | Mode::InCaption | Mode::InTemplate
        )
    }

    /// Whether the body's or the root's end tag was the last thing of account.
    pub(crate) fn is_after_body(&self) -> bool {
        matches!(self.mode, Mode::AfterBody | Mode::AfterAfterBody)
    }

    /// The form that an element put in now would belong to.
    pub(crate) fn form(&self) -> Option<u32> {
        self.form
    }

    /// How long the list of formatting elements is.
    pub(crate) fn formatting_count(&self) -> usize {
        self.formatting.len()
    }

    /// Whether a formatting element is open, or to be opened again.
    pub(crate) fn has_formatting(&self) -> bool {
        self.formatting.iter().any(|entry| matches!(entry, Formatting::Element { .. }))
    }

    /// Forgets that an open element has a shadow root; the page may give it another.
    pub(crate) fn forget_shadow_of(&mut self, host: u32) {
        self.hosts.retain(|known| *known != host);
    }
}
