//! The characters of a selector, read as CSS Syntax 3 says: white space, comments, names with escapes, strings.

use std::ops::Range;

/// Why reading stopped, and which bytes of the text it is about.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: Range<usize>,
    pub(super) reason: super::invalid::Reason,
}

/// A place in the text. Cheap to copy, to look ahead.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte that is next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Reads again from a place that has been read.
    pub(super) fn go_back(&mut self, at: usize) {
        self.at = at;
    }

    /// What is still to be read.
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads this text, if it is next.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Reads comments; gives the place of one that does not end.
    pub(super) fn skip_comments(&mut self) -> Result<(), Range<usize>> {
        while self.rest().starts_with("/*") {
            let inside = &self.text[self.at + 2..];
            let Some(length) = inside.find("*/") else {
                return Err(self.at..self.text.len());
            };
            self.at += 2 + length + 2;
        }
        Ok(())
    }

    /// Reads white space and comments, and says whether there was white space: a comment alone separates no compounds.
    pub(super) fn skip_space(&mut self) -> Result<bool, Range<usize>> {
        let mut space = false;
        loop {
            let rest = self.rest();
            let next = rest.trim_start_matches(is_space);
            space |= next.len() < rest.len();
            self.at += rest.len() - next.len();
            if !next.starts_with("/*") {
                return Ok(space);
            }
            self.skip_comments()?;
        }
    }

    /// Whether a name (CSS: an ident sequence) is next.
    pub(super) fn is_at_name(&self) -> bool {
        let mut ahead = *self;
        match ahead.next() {
            Some('-') => match ahead.peek() {
                Some('-') => true,
                Some('\\') => ahead.is_at_escape(),
                next => next.is_some_and(starts_name),
            },
            Some('\\') => self.is_at_escape(),
            next => next.is_some_and(starts_name),
        }
    }

    fn is_at_escape(&self) -> bool {
        let mut rest = self.rest().chars();
        rest.next() == Some('\\') && rest.next().is_some_and(|c| !is_newline(c))
    }

    /// Reads a name, with its escapes resolved.
    pub(super) fn name(&mut self) -> Option<String> {
        self.is_at_name().then(|| self.name_rest())
    }

    /// Reads what may stand in a name, also where it could not begin one.
    pub(super) fn name_rest(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek() {
            if self.is_at_escape() {
                name.push(self.escape());
            } else if continues_name(c) {
                self.at += c.len_utf8();
                name.push(if c == '\0' { char::REPLACEMENT_CHARACTER } else { c });
            } else {
                break;
            }
        }
        name
    }

    /// Reads an escape: up to six hexadecimal digits and one white space behind them, or the character itself.
    fn escape(&mut self) -> char {
        self.at += 1;
        let digits = self.rest().bytes().take(6).take_while(u8::is_ascii_hexdigit);
        let count = digits.count();
        if count == 0 {
            let c = self.next();
            return c.filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        let code = u32::from_str_radix(&self.rest()[..count], 16).unwrap_or(0);
        self.at += count;
        if !self.eat("\r\n") && self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        char::from_u32(code).filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Reads a string; none if no quote is next, or if the string does not end on its line.
    pub(super) fn string(&mut self) -> Option<String> {
        let quote = self.peek().filter(|c| matches!(c, '"' | '\''))?;
        let mut ahead = *self;
        ahead.at += 1;
        let mut value = String::new();
        loop {
            if ahead.is_at_escape() {
                value.push(ahead.escape());
                continue;
            }
            match ahead.next()? {
                c if c == quote => break,
                // A line break behind a backslash goes on with the next line.
                '\\' => {
                    if !ahead.eat("\r\n") {
                        ahead.next()?;
                    }
                }
                c if is_newline(c) => return None,
                '\0' => value.push(char::REPLACEMENT_CHARACTER),
                c => value.push(c),
            }
        }
        *self = ahead;
        Some(value)
    }

    /// Reads decimal digits; what is too large stays at the largest number, as in browsers.
    pub(super) fn number(&mut self) -> Option<i32> {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let digits = &self.rest()[..count];
        self.at += count;
        (count > 0).then(|| digits.parse().unwrap_or(i32::MAX))
    }

    /// Reads on behind the `)` that closes a `(` just read, or to the end of the text.
    pub(super) fn skip_block(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            if self.skip_comments().is_err() {
                self.at = self.text.len();
            } else if self.is_at_escape() {
                self.escape();
            } else if self.string().is_none() {
                match self.next() {
                    Some('(' | '[') => depth += 1,
                    Some(')' | ']') => depth -= 1,
                    Some(_) => {}
                    None => return,
                }
            }
        }
    }
}

pub(super) fn is_space(c: char) -> bool {
    is_newline(c) || matches!(c, ' ' | '\t')
}

fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{c}')
}

fn starts_name(c: char) -> bool {
    // U+0000 stands for U+FFFD.
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii() || c == '\0'
}

pub(super) fn continues_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit() || c == '-'
}
