//! What a browser would make of the page if something were written here: the same parser, set going from the same
//! state. A change is only made where what follows is read as it was before.

use crate::html::{Birth, Event, Namespace, Node, Parser, Token, Tree, name};

/// One thing that a piece of HTML makes, and how deep it lies.
#[derive(Debug, PartialEq, Eq)]
enum Made {
    Element(usize, name::Tag, Namespace),
    Text(usize),
}

/// A page's parser as it would be.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    parser: Parser,
}

impl Trial {
    /// From a state.
    pub(super) fn from(tree: &Tree) -> Self {
        let mut parser = Parser::default();
        parser.tree.copy_but_open(tree);
        parser.tree.set_open(tree.open().iter().copied());
        parser.tokenizer.switch(tree.text_mode_here());
        Self { parser }
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.parser.tree
    }

    /// Takes these as the open elements.
    pub(super) fn set_open(&mut self, open: impl Iterator<Item = Node>) {
        self.parser.tree.set_open(open);
    }

    /// Goes on numbering elements from there: lower numbers are taken.
    pub(super) fn number_from(&mut self, id: u32) {
        self.parser.tree.number_from(id);
    }

    /// Reads bytes on. False if they end inside of a tag, a comment or raw text, or are too much.
    pub(super) fn read(&mut self, bytes: &[u8]) -> bool {
        self.run(bytes, &mut |_, _, _| {})
    }

    fn run(
        &mut self,
        bytes: &[u8],
        note: &mut dyn FnMut(&Tree, Token, &[Event]),
    ) -> bool {
        let mut events = Vec::new();
        let mut at = 0;
        let mode = self.parser.tokenizer.mode();
        while at < bytes.len() {
            match self.parser.next(&bytes[at..], false, &mut events) {
                Ok(Some((token, length))) => {
                    at += length;
                    note(&self.parser.tree, token, &events);
                }
                Ok(None) | Err(_) => return false,
            }
        }
        self.parser.tokenizer.is_between_tokens(mode)
    }

    /// Reads one token of the page.
    pub(super) fn read_token(&mut self, token: Token, bytes: &[u8]) {
        if matches!(token, Token::Text | Token::Cdata) {
            self.parser.tree.text(bytes);
        } else if !bytes.is_empty() {
            let _ = self.parser.read(bytes, true);
        }
    }

    /// What `bytes` make here, in and below the innermost element; none if they reach beyond it.
    fn making(&mut self, bytes: &[u8]) -> Option<Vec<Made>> {
        let base = self.tree().open().len();
        let mut depth = base;
        let mut made = Vec::new();
        let mut within = true;
        let read = self.run(bytes, &mut |tree, token, events| {
            // Behind the body's end tag, a comment is put outside of it.
            within &= token != Token::Comment || !tree.is_after_body();
            for event in events {
                if !within {
                    return;
                }
                match event {
                    Event::Open(Birth { node, parent, fostered, leaf, .. }) => {
                        within &= !fostered && *parent == depth.checked_sub(1);
                        made.push(Made::Element(depth - base, node.tag, node.namespace));
                        depth += usize::from(!leaf);
                    }
                    Event::Close { .. } if depth > base => depth -= 1,
                    _ => within = false,
                }
            }
            if within
                && matches!(token, Token::Text | Token::Cdata)
                && made.last() != Some(&Made::Text(depth - base))
            {
                made.push(Made::Text(depth - base));
            }
        });
        (read && within).then_some(made)
    }

    /// Whether HTML that stands here would make the same there, and leave the page as it was.
    pub(super) fn makes_the_same(&self, there: &Self, html: &[u8]) -> bool {
        let (mut here, mut elsewhere) = (self.clone(), there.clone());
        let made = here.making(html);
        made.is_some()
            && made == elsewhere.making(html)
            && there.clone().put(html).is_some_and(|written| written == html)
    }

    /// Reads HTML that is put into the innermost element, or beside what lies in it. It has to give what the DOM makes
    /// of it, and to leave the page as it was; what it left open is closed. Returns the bytes to write, or none, and
    /// then nothing was read.
    pub(super) fn put(&mut self, html: &[u8]) -> Option<Vec<u8>> {
        if html.is_empty() {
            return Some(Vec::new());
        }
        let context = *self.tree().open().last()?;
        let (here, made, closed) = self.closed(html, None)?;
        let form = self.tree().form();
        let mut apart = Self { parser: Parser::for_fragment(self.tree(), context, form) };
        if apart.making(html)? != made {
            return None;
        }
        *self = here;
        Some(closed)
    }

    /// Reads a template that makes a shadow root of the innermost element, which nothing that it holds may leave.
    pub(super) fn put_shadow(&mut self, template: &[u8]) -> Option<Vec<u8>> {
        let host = self.tree().open().last()?.id;
        let (here, made, closed) = self.closed(template, Some(host))?;
        let outermost =
            |made: &&Made| matches!(made, Made::Element(0, ..) | Made::Text(0));
        if made.iter().filter(outermost).count() != 1 {
            return None;
        }
        *self = here;
        Some(closed)
    }

    /// The parser behind HTML that leaves the page as it was, but for a shadow root of `host`; what that makes, and its
    /// bytes with what it left open closed.
    fn closed(
        &self,
        html: &[u8],
        host: Option<u32>,
    ) -> Option<(Self, Vec<Made>, Vec<u8>)> {
        let mut here = self.clone();
        let first = here.tree().last_id();
        let made = here.making(html)?;
        let base = self.tree().open().len();
        let mut closed = html.to_vec();
        for node in here.tree().open()[base..].to_vec().iter().rev() {
            let tag = format!("</{}>", name::unpack(node.tag)?);
            closed.extend_from_slice(tag.as_bytes());
            if !here.read(tag.as_bytes()) {
                return None;
            }
        }
        if let Some(host) = host {
            here.parser.tree.forget_shadow_of(host);
        }
        let mut before = self.clone();
        before.parser.tree.comment();
        here.tree().is_like(before.tree(), first).then_some((here, made, closed))
    }

    /// Ends the page.
    pub(super) fn finish(&mut self) {
        self.parser.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(html: &str) -> Trial {
        let mut trial = Trial { parser: Parser::default() };
        assert!(trial.read(html.as_bytes()));
        trial
    }

    #[track_caller]
    fn put(page: &str, html: &str, expected: Option<&str>) {
        let written = after(page).put(html.as_bytes());
        assert_eq!(
            written.map(|bytes| String::from_utf8(bytes).unwrap()).as_deref(),
            expected
        );
    }

    #[test]
    fn what_fits() {
        put("<!doctype html><div>", "<p>new</p>", Some("<p>new</p>"));
        put("<!doctype html><div>", "words", Some("words"));
        put("<!doctype html><ul>", "<li>a<li>b", Some("<li>a<li>b</li>"));
        put("<!doctype html><div>", "<b>bold", Some("<b>bold</b>"));
        put("<!doctype html><table><tbody>", "<tr><td>x", Some("<tr><td>x</td></tr>"));
        put("<!doctype html><table>", "<tr><td>x", Some("<tr><td>x</td></tr></tbody>"));
        put("<!doctype html><svg>", "<circle/>", Some("<circle/>"));
    }

    #[test]
    fn what_does_not() {
        put("<!doctype html><p>", "<div>new</div>", None);
        put("<!doctype html><table>", "words", None);
        put("<!doctype html><a>", "<a>new</a>", None);
        put("<!doctype html><div>", "</div>", None);
        put("<!doctype html><div>", "<p", None);
        put("<!doctype html><div>", "<!-- ", None);
        put("<!doctype html><svg>", "<p>x</p>", None);
        put("<!doctype html><select>", "<input>", None);
    }
}
