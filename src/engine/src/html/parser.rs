//! Tokenizer and tree together: the next piece of a page, and what it did to the open elements.

use super::node::{Event, Node, StartTag};
use super::token::{Token, Tokenizer, TooLong};
use super::tree::Tree;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parser {
    pub(crate) tokenizer: Tokenizer,
    pub(crate) tree: Tree,
}

impl Parser {
    /// A parser of what is put into `context` on this page; `form` is the nearest form around it.
    pub(crate) fn for_fragment(page: &Tree, context: Node, form: Option<u32>) -> Self {
        Self {
            tokenizer: Tokenizer::default(),
            tree: Tree::for_fragment(page, context, form),
        }
    }

    /// Reads the next piece of `bytes`, which begin where the last one ended; gives its kind and length, and what it
    /// did into `events`. None if more bytes are needed.
    pub(crate) fn next(
        &mut self,
        bytes: &[u8],
        last: bool,
        events: &mut Vec<Event>,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        let read = self.read(bytes, last);
        self.tree.take_events(events);
        read
    }

    /// The same; what the piece did is told by [`Tree::events`] until the next one is read.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        last: bool,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        self.tree.events.clear();
        let foreign = bytes.starts_with(b"<!") && self.tree.is_foreign();
        let Some((token, length)) = self.tokenizer.next(bytes, last, foreign)? else {
            return Ok(None);
        };
        let mut taken = length;
        match token {
            Token::Text | Token::Cdata => taken = self.tree.text(&bytes[..length]),
            Token::Start { tag } => {
                self.tree.start(&StartTag {
                    tag,
                    self_closing: self.tokenizer.is_self_closing(),
                    bytes: &bytes[..length],
                    attributes: self.tokenizer.attributes(),
                });
                if let Some(mode) = self.tree.take_text_mode() {
                    self.tokenizer.switch(mode);
                }
            }
            Token::End { tag } => self.tree.end(tag),
            Token::Doctype => self.tree.doctype(&bytes[..length]),
            Token::Comment => self.tree.comment(),
            Token::Nothing => {}
        }
        if self.tree.is_too_deep() { Err(TooLong) } else { Ok(Some((token, taken))) }
    }

    /// Ends the page. What that did is told by [`Tree::events`].
    pub(crate) fn finish(&mut self) {
        self.tree.events.clear();
        self.tree.finish();
    }
}
