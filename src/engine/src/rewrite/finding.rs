//! Words that are looked for in an element's text. What flows as one is held until it ends; then the words found in it
//! are replaced, whatever inline tags stand among them.

use std::ops::Range;

use super::charset::Charset;
use super::element::escape_text;
use super::output::Hold;
use super::report::Skip;
use super::splice::Splice;
use super::state::Counts;
use super::walk::{Here, Walk};
use crate::change::{Action, Words};
use crate::html::{Namespace, Node, Token, name};

/// The most text that flows as one in which words are looked for, bytes. In more of it, none are found.
const MAX_FLOW: usize = 64 * 1024;

/// One step looking for its words in one element.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) step: usize,
    /// The element.
    pub(super) id: u32,
    found: u32,
}

impl Finding {
    /// It is not looked on: what was found counts.
    pub(super) fn end(self, reason: Skip, counts: &mut Counts) {
        if self.found > 0 {
            counts.applied(self.step);
        } else {
            counts.skip(self.step, reason);
        }
    }
}

/// The text that flows on from where it began, in the output.
#[derive(Debug)]
pub(super) struct Flow {
    hold: Hold,
    /// The pieces of text, from its beginning.
    pieces: Vec<Range<u64>>,
    /// It made the parser open or close something, so there has to be some of it.
    opens: bool,
}

/// Elements that text flows through.
fn is_inline(node: Node) -> bool {
    node.namespace == Namespace::Html
        && matches!(
            node.tag,
            name::A
                | name::ABBR
                | name::B
                | name::BDI
                | name::BDO
                | name::CITE
                | name::CODE
                | name::DATA
                | name::DFN
                | name::EM
                | name::FONT
                | name::I
                | name::KBD
                | name::MARK
                | name::Q
                | name::S
                | name::SAMP
                | name::SMALL
                | name::SPAN
                | name::STRONG
                | name::SUB
                | name::SUP
                | name::TIME
                | name::U
                | name::VAR
                | name::WBR
        )
}

impl Walk<'_> {
    /// Looks for a step's words in the element that begins, unless it does so around it.
    pub(super) fn look_for_words(&mut self, step: usize, node: Node) {
        if self.findings.iter().any(|finding| finding.step == step) {
            self.counts.applied_inside(step);
            return;
        }
        self.findings.push(Finding { step, id: node.id, found: 0 });
    }

    /// An element begins or ends: text may not flow past it.
    pub(super) fn pass_flow(&mut self, node: Node, here: Here<'_>) {
        if self.findings.is_empty() {
            return;
        }
        let ends = self.findings.iter().any(|finding| finding.id == node.id);
        if ends || !is_inline(node) {
            self.end_flow(here);
        }
    }

    /// An element has ended, and what was looked for in it with it.
    pub(super) fn end_findings(&mut self, node: Node, splice: &mut Splice) {
        for index in (0..self.findings.len()).rev() {
            if self.findings[index].id == node.id {
                let Finding { step, found, .. } = self.findings.remove(index);
                if found > 0 {
                    splice.done.push(step);
                } else {
                    splice.refuse(&[step], Skip::NotFound);
                }
            }
        }
    }

    /// Text passes.
    pub(super) fn take_text(&mut self, here: Here<'_>) {
        if self.findings.is_empty() {
            return;
        }
        if here.token == Token::Cdata {
            // It is text without references.
            for finding in &self.findings {
                self.counts.doubt(finding.step);
            }
        }
        if here.token != Token::Text {
            return;
        }
        let apart = self.open.iter().any(|open| {
            let raw = name::is_raw_text(open.node.tag)
                || name::is_escapable_raw_text(open.node.tag)
                || open.node.tag == name::TEMPLATE;
            open.apart || raw
        });
        if apart || self.parser.tree.is_after_body() {
            return;
        }
        self.copy_to(here.all, here.at);
        let flow = match &mut self.flow {
            Some(flow) => flow,
            none => none.insert(Flow {
                hold: self.output.hold(),
                pieces: Vec::new(),
                opens: false,
            }),
        };
        flow.opens |= !self.parser.tree.events().is_empty();
        let start = self.output.position();
        // The line break that begins a `<pre>` may have gone on by itself.
        let gone = self.copied.saturating_sub(here.at).min(here.bytes.len());
        self.output.push(&here.bytes[gone..]);
        self.copied = here.at + here.bytes.len();
        let end = self.output.position();
        match flow.pieces.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => flow.pieces.push(start..end),
        }
    }

    /// Text does not flow on: replaces the words that it has.
    pub(super) fn end_flow(&mut self, here: Here<'_>) {
        let Some(Flow { hold, pieces, opens }) = self.flow.take() else { return };
        self.copy_to(here.all, here.at);
        // The output may have moved what it holds.
        let Some(begin) = self.output.place(hold) else { return };
        let shift = pieces.first().map_or(0, |first| begin.wrapping_sub(first.start));
        let mut pieces: Vec<_> = pieces
            .into_iter()
            .map(|piece| piece.start.wrapping_add(shift)..piece.end.wrapping_add(shift))
            .collect();
        let mut steps: Vec<_> =
            self.findings.iter().map(|finding| finding.step).enumerate().collect();
        steps.sort_unstable_by_key(|(_, step)| *step);
        for (index, step) in steps {
            let probe = self.plan.steps[step].probe;
            let Action::Find(words) = &*self.plan.steps[step].action else {
                continue;
            };
            let texts: Vec<_> =
                pieces.iter().map(|piece| self.output.slice(piece.clone())).collect();
            let length: usize = texts.iter().map(|text| text.len()).sum();
            let edits = find(&texts, words, self.charset);
            if !self.watch.allows(16 * length.min(MAX_FLOW)) {
                break;
            }
            let Some(edits) = edits else { continue };
            if opens && edits.blanks_first(texts[0]) {
                self.counts.doubt(step);
                continue;
            }
            self.findings[index].found += edits.number;
            let held = self.output.position() - begin;
            self.counts.held(step, held);
            if probe {
                continue;
            }
            self.has_cut |= words.with.trim().is_empty();
            let list = edits.list.into_iter().map(|(piece, range, with)| {
                let place = pieces[piece].start;
                (place + range.start as u64..place + range.end as u64, with)
            });
            let list: Vec<_> = list.collect();
            self.output.splice_all(&list);
            let mut list = list.into_iter().peekable();
            let (mut grown, mut shrunk) = (0, 0);
            for piece in &mut pieces {
                let start = piece.start + grown - shrunk;
                while let Some((range, with)) =
                    list.next_if(|(range, _)| range.end <= piece.end)
                {
                    grown += with.len() as u64;
                    shrunk += range.end - range.start;
                }
                *piece = start..piece.end + grown - shrunk;
            }
        }
        self.output.release(hold);
    }

    /// Too much is held: the text goes on as it is.
    pub(super) fn give_up_flow(&mut self, hold: Hold) {
        if self.flow.as_ref().is_some_and(|flow| flow.hold == hold) {
            self.flow = None;
        }
    }
}

/// What is to be replaced: in which piece, which bytes, by which.
struct Replacements {
    number: u32,
    list: Vec<(usize, Range<usize>, Vec<u8>)>,
}

impl Replacements {
    /// Whether the first piece would begin with white space, or be nothing.
    fn blanks_first(&self, piece: &[u8]) -> bool {
        let mut left = piece.to_vec();
        for (_, range, with) in self.list.iter().rev().filter(|(index, ..)| *index == 0) {
            left.splice(range.clone(), with.iter().copied());
        }
        left.first().is_none_or(u8::is_ascii_whitespace)
    }
}

/// A character of the text, or the white space between two words, and where it is written.
struct Unit {
    /// How many bytes of the searched text come before it.
    at: usize,
    piece: usize,
    source: Range<usize>,
}

/// The longest character reference, with room to spare.
const MAX_REFERENCE: usize = 48;

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

/// The words in text that flows as one, in its pieces. None if they are not there.
fn find(pieces: &[&[u8]], words: &Words, charset: Charset) -> Option<Replacements> {
    let total: usize = pieces.iter().map(|piece| piece.len()).sum();
    if total > MAX_FLOW {
        return None;
    }
    let mut text = String::with_capacity(total);
    let mut units: Vec<Unit> = Vec::with_capacity(total);
    let mut space = false;
    for (index, piece) in pieces.iter().enumerate() {
        read_units(piece, charset, &mut |decoded, source| {
            for c in decoded.chars() {
                let unit = Unit { at: text.len(), piece: index, source: source.clone() };
                if !is_space(c) {
                    text.push(c);
                } else if !space {
                    text.push(' ');
                }
                // The rest of some white space begins where it does.
                let at = if is_space(c) && space { text.len() - 1 } else { unit.at };
                units.push(Unit { at, ..unit });
                space = is_space(c);
            }
        });
    }
    let needle = normal(&words.text);
    let with = charset.encode_html(&escape_text(&words.with));
    let mut found = Replacements { number: 0, list: Vec::new() };
    for (start, matched) in text.match_indices(&needle) {
        let end = start + matched.len();
        let first = units.partition_point(|unit| unit.at < start);
        let last = units.partition_point(|unit| unit.at < end);
        // Of what one reference stands for, nothing is taken out of the middle.
        let cuts = |at: usize| {
            let sides = (units.get(at.wrapping_sub(1)), units.get(at));
            matches!(sides, (Some(a), Some(b)) if (a.piece, &a.source) == (b.piece, &b.source))
        };
        if cuts(first) || cuts(last) {
            continue;
        }
        found.number += 1;
        let mut with = with.clone();
        if units.get(first.wrapping_sub(1)).is_some_and(|unit| {
            let source = &pieces[unit.piece][unit.source.clone()];
            source.starts_with(b"&") && source.len() > 1 && !source.ends_with(b";")
        }) {
            // The reference in front has no end of its own, and letters would go on with it.
            with.insert(0, b';');
        }
        let mut with = Some(with);
        let mut at = first;
        while at < last {
            let piece = units[at].piece;
            let from = units[at].source.start;
            let mut to = units[at].source.end;
            while at < last && units[at].piece == piece {
                to = to.max(units[at].source.end);
                at += 1;
            }
            found.list.push((piece, from..to, with.take().unwrap_or_default()));
        }
    }
    (found.number > 0).then_some(found)
}

/// White space of any length is one space.
fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_space(c) {
            normal.push(c);
        } else if !normal.ends_with(' ') {
            normal.push(' ');
        }
    }
    normal
}

/// Reads source text character by character, or reference by reference, each with its place.
fn read_units(source: &[u8], charset: Charset, take: &mut dyn FnMut(&str, Range<usize>)) {
    let mut at = 0;
    while at < source.len() {
        if source[at] == b'&' {
            let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
            let rest = &source[at + 1..source.len().min(at + MAX_REFERENCE)];
            let mut end = at + 1 + rest.iter().take_while(|byte| name(byte)).count();
            if source.get(end) == Some(&b';') {
                end += 1;
            }
            let text = charset.decode(&source[at..end]);
            if let Some((length, decoded)) = reference(&text) {
                take(&decoded, at..at + length);
                at += length;
                continue;
            }
        }
        let ascii = source[at].is_ascii();
        let length = if ascii { 1 } else { charset.character(&source[at..]) };
        take(&charset.decode(&source[at..at + length]), at..at + length);
        at += length;
    }
}

/// The character reference that a text begins with: its length, and what it stands for. The letters behind one without a
/// ";" are not part of it.
fn reference(text: &str) -> Option<(usize, String)> {
    let decoded = htmlize::unescape(text);
    if decoded == text {
        return None;
    }
    let same = text.bytes().rev().zip(decoded.bytes().rev()).take_while(|(a, b)| a == b);
    let behind = (0..=same.count()).rev().find_map(|behind| {
        let (name, rest) = text.split_at_checked(text.len() - behind)?;
        let meant = htmlize::unescape(name);
        (meant != name && format!("{meant}{rest}") == decoded)
            .then(|| (name.len(), meant.into_owned()))
    });
    behind.or_else(|| Some((text.len(), decoded.into_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pieces: &[&str], text: &str, with: &str, expected: &[&str]) {
        let words = Words { text: text.to_owned(), with: with.to_owned() };
        let utf8 = Charset::Declared(encoding_rs::UTF_8);
        let sources: Vec<_> = pieces.iter().map(|piece| piece.as_bytes()).collect();
        let mut out: Vec<_> = sources.iter().map(|source| source.to_vec()).collect();
        let found = find(&sources, &words, utf8);
        for (piece, range, with) in found.into_iter().flat_map(|found| found.list).rev() {
            out[piece].splice(range, with);
        }
        let out: Vec<_> =
            out.into_iter().map(|piece| String::from_utf8(piece).unwrap()).collect();
        assert_eq!(out, expected);
    }

    #[test]
    fn words_are_found_as_people_read_them() {
        check(&["a free trial b"], "free trial", "demo", &["a demo b"]);
        check(&["a free\n  trial b"], "free trial", "demo", &["a demo b"]);
        check(&["a fr", "ee", " trial b"], "free trial", "demo", &["a demo", "", " b"]);
        check(&["a &amp; b"], "a & b", "<c>", &["&lt;c&gt;"]);
        check(&["caf&eacute; é"], "café", "bar", &["bar é"]);
        check(&["aaa"], "a", "b", &["bbb"]);
        check(&["Free"], "free", "demo", &["Free"]);
        check(&["a &b;"], "&b;", "c", &["a c"]);
        check(&["x &ltwords"], "words", "cc;", &["x &lt;cc;"]);
        check(&["x &ltwords;"], "words;", "c", &["x &lt;c"]);
        check(&["&semi;a"], "a", "c", &["&semi;c"]);
        check(&["&NotEqualTilde;"], "\u{2242}", "c", &["&NotEqualTilde;"]);
        check(&["&NotEqualTilde;"], "\u{2242}\u{338}", "c", &["c"]);
    }
}
