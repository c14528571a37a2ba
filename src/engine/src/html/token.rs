//! The page's bytes → tags, text and the rest, as the HTML standard cuts them (13.2.5). A tag is only known whole; of
//! text and comments each piece is known as it comes, so nothing but an unfinished tag is ever waited for.

use memchr::memchr;

use super::name::{Tag, tag};
use super::tag::{MAX_TAG, Place};

/// One attribute of a tag, as places in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) name: (u32, u32),
    /// The value without its quotes; empty at the end of the name where there is none.
    pub(crate) value: (u32, u32),
    /// The quote around the value, or 0.
    pub(crate) quote: u8,
}

impl Attribute {
    pub(crate) fn name_in<'a>(&self, tag: &'a [u8]) -> &'a [u8] {
        &tag[self.name.0 as usize..self.name.1 as usize]
    }

    pub(crate) fn value_in<'a>(&self, tag: &'a [u8]) -> &'a [u8] {
        &tag[self.value.0 as usize..self.value.1 as usize]
    }

    /// Where it ends, quotes included.
    pub(crate) fn end(&self) -> usize {
        self.value.1 as usize + usize::from(self.quote != 0)
    }
}

/// What the next bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// Characters, perhaps not all of a run.
    Text,
    /// A part of a `<![CDATA[` section: characters, or its marks.
    Cdata,
    /// A start tag; its attributes are the tokenizer's.
    Start { tag: Tag },
    /// An end tag.
    End { tag: Tag },
    /// A document type, whole.
    Doctype,
    /// The beginning of a comment; the rest of it comes as [`Token::Nothing`].
    Comment,
    /// Bytes that make nothing of their own.
    Nothing,
}

/// What the tokenizer takes the next bytes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    #[default]
    Data,
    /// Text up to the end tag of that name: `title`, `style` and their like.
    Raw(Tag),
    Script(Script),
    Plaintext,
    Comment(Comment),
    /// Up to the next `>`.
    BogusComment,
    Cdata,
}

/// Where in a script the next byte is; the number counts hyphens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Data,
    Escaped(u8),
    DoubleEscaped(u8),
}

/// Where in a comment the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comment {
    Start,
    StartDash,
    Body,
    Dash,
    End,
    EndBang,
}

/// Why the rest of a page is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// See the module.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tokenizer {
    pub(super) mode: Mode,
    /// The attributes of the last start tag.
    pub(super) attributes: Vec<Attribute>,
    /// How far an unfinished tag has been read, and what comes next in it.
    pub(super) read: usize,
    pub(super) place: Place,
    pub(super) name_end: usize,
    /// The last tag ends with `/>`.
    pub(super) self_closing: bool,
    /// The page ends in a tag.
    pub(super) cut: bool,
}

pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

pub(super) const fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

impl Tokenizer {
    /// The attributes of the start tag that was read last. Of those with the same name, the first counts.
    pub(crate) fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// How long the name of the start tag is that was read last.
    pub(crate) fn name_length(&self) -> usize {
        // Start tags only: in front of it stands "<".
        self.name_end.saturating_sub(1)
    }

    /// Whether the tag that was read last ends with `/>`.
    pub(crate) fn is_self_closing(&self) -> bool {
        self.self_closing
    }

    /// What the tree makes of the start tag just read: text of some kind follows.
    pub(crate) fn switch(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// What it takes the next bytes for.
    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the bytes up to here end between two tokens of ordinary text, or of the kind it was before.
    pub(crate) fn is_between_tokens(&self, before: Mode) -> bool {
        (self.mode == Mode::Data || self.mode == before) && self.read == 0 && !self.cut
    }

    /// Whether the bytes up to here end between two tokens of ordinary text.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.is_between_tokens(Mode::Data)
    }

    /// Whether more markup can be written behind the page's last byte: it does not end in a tag, a comment or the like.
    pub(crate) fn can_be_continued(&self) -> bool {
        matches!(self.mode, Mode::Data | Mode::Raw(_) | Mode::Script(Script::Data))
            && !self.cut
    }

    /// The next token of `bytes`, which start where the last one ended, and its length. None if more bytes are needed;
    /// `last` says that there are none. `foreign` allows a CDATA section.
    pub(crate) fn next(
        &mut self,
        bytes: &[u8],
        last: bool,
        foreign: bool,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        if bytes.is_empty() {
            return Ok(None);
        }
        Ok(match self.mode {
            Mode::Data => {
                if bytes[0] == b'<' {
                    return self.markup(bytes, last, foreign);
                }
                let length = memchr(b'<', bytes).unwrap_or(bytes.len());
                Some((Token::Text, length))
            }
            Mode::Raw(name) => self.raw_text(bytes, last, name)?,
            Mode::Script(script) => self.script(bytes, last, script)?,
            Mode::Plaintext => Some((Token::Text, bytes.len())),
            Mode::Comment(comment) => {
                Some((Token::Nothing, self.comment(bytes, comment)))
            }
            Mode::BogusComment => {
                let end = memchr(b'>', bytes);
                if end.is_some() {
                    self.mode = Mode::Data;
                }
                Some((Token::Nothing, end.map_or(bytes.len(), |at| at + 1)))
            }
            Mode::Cdata => self.cdata(bytes, last),
        })
    }

    /// What begins with `<` in ordinary text.
    fn markup(
        &mut self,
        bytes: &[u8],
        last: bool,
        foreign: bool,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        let text = Ok(Some((Token::Text, 1)));
        let Some(&second) = bytes.get(1) else {
            return if last { text } else { Ok(None) };
        };
        match second {
            b'a'..=b'z' | b'A'..=b'Z' => self.tag(bytes, 1, last),
            b'/' => match bytes.get(2) {
                Some(b'a'..=b'z' | b'A'..=b'Z') => self.tag(bytes, 2, last),
                Some(b'>') => Ok(Some((Token::Nothing, 3))),
                Some(_) => {
                    self.mode = Mode::BogusComment;
                    Ok(Some((Token::Comment, 2)))
                }
                None if last => Ok(Some((Token::Text, 2))),
                None => Ok(None),
            },
            b'?' => {
                self.mode = Mode::BogusComment;
                Ok(Some((Token::Comment, 1)))
            }
            b'!' => self.declaration(bytes, last, foreign),
            _ => text,
        }
    }

    fn declaration(
        &mut self,
        bytes: &[u8],
        last: bool,
        foreign: bool,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        let starts = |mark: &[u8]| {
            bytes.len() >= mark.len() && bytes[..mark.len()].eq_ignore_ascii_case(mark)
        };
        let may_start = |mark: &[u8]| {
            !last
                && bytes.len() < mark.len()
                && bytes.eq_ignore_ascii_case(&mark[..bytes.len()])
        };
        if starts(b"<!--") {
            self.mode = Mode::Comment(Comment::Start);
            return Ok(Some((Token::Comment, 4)));
        }
        if starts(b"<!doctype") {
            return match memchr(b'>', bytes) {
                Some(end) => Ok(Some((Token::Doctype, end + 1))),
                None if last => {
                    self.cut = true;
                    Ok(Some((Token::Doctype, bytes.len())))
                }
                None if bytes.len() > MAX_TAG => Err(TooLong),
                None => Ok(None),
            };
        }
        if foreign && bytes.starts_with(b"<![CDATA[") {
            self.mode = Mode::Cdata;
            return Ok(Some((Token::Nothing, 9)));
        }
        let cdata = foreign && !last && b"<![CDATA[".starts_with(bytes);
        if cdata || may_start(b"<!--") || may_start(b"<!doctype") {
            return Ok(None);
        }
        self.mode = Mode::BogusComment;
        Ok(Some((Token::Comment, 2)))
    }

    /// How many of the bytes belong to the comment.
    fn comment(&mut self, bytes: &[u8], mut state: Comment) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte == b'>' && !matches!(state, Comment::Body | Comment::Dash) {
                self.mode = Mode::Data;
                return at + 1;
            }
            state = match (state, byte) {
                (Comment::Start, b'-') => Comment::StartDash,
                (Comment::Body | Comment::EndBang, b'-') => Comment::Dash,
                (Comment::StartDash | Comment::Dash | Comment::End, b'-') => Comment::End,
                (Comment::End, b'!') => Comment::EndBang,
                _ => Comment::Body,
            };
            at += 1;
            if state == Comment::Body {
                at += memchr(b'-', &bytes[at..]).unwrap_or(bytes.len() - at);
            }
        }
        self.mode = Mode::Comment(state);
        bytes.len()
    }

    fn cdata(&mut self, bytes: &[u8], last: bool) -> Option<(Token, usize)> {
        if bytes.starts_with(b"]]>") {
            self.mode = Mode::Data;
            return Some((Token::Nothing, 3));
        }
        if !last && b"]]>".starts_with(bytes) {
            return None;
        }
        let end = memchr(b']', &bytes[1..]).map_or(bytes.len(), |at| at + 1);
        Some((Token::Cdata, end))
    }

    /// Text in which only the end tag of that name is markup.
    fn raw_text(
        &mut self,
        bytes: &[u8],
        last: bool,
        name: Tag,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        let end = match memchr(b'<', bytes) {
            None => bytes.len(),
            Some(0) => match self.end_tag(bytes, last, name)? {
                Found::Token(token) => return Ok(Some(token)),
                Found::Perhaps => return Ok(None),
                Found::No => 1 + memchr(b'<', &bytes[1..]).unwrap_or(bytes.len() - 1),
            },
            Some(at) => at,
        };
        Ok(Some((Token::Text, end)))
    }

    /// The end tag that ends raw text, if the bytes begin with it.
    pub(super) fn end_tag(
        &mut self,
        bytes: &[u8],
        last: bool,
        name: Tag,
    ) -> Result<Found, TooLong> {
        let no = if last { Found::No } else { Found::Perhaps };
        match bytes.get(1) {
            None => return Ok(no),
            Some(b'/') => {}
            Some(_) => return Ok(Found::No),
        }
        // No name of an element with raw text is longer than that.
        let window = &bytes[2..bytes.len().min(2 + 12)];
        let Some(length) = window.iter().position(|&byte| ends_name(byte)) else {
            let letters = window.iter().all(u8::is_ascii_alphabetic);
            return Ok(if letters && window.len() < 12 { no } else { Found::No });
        };
        if length == 0 || tag(&window[..length]) != name {
            return Ok(Found::No);
        }
        Ok(match self.tag(bytes, 2, last)? {
            Some(token) => {
                if matches!(token.0, Token::End { .. }) {
                    self.mode = Mode::Data;
                }
                Found::Token(token)
            }
            None => Found::Perhaps,
        })
    }
}

pub(super) enum Found {
    Token((Token, usize)),
    Perhaps,
    No,
}

/// What follows the start tag of an HTML element with raw text.
pub(crate) fn text_mode(tag: Tag) -> Option<Mode> {
    use super::name;
    match tag {
        name::PLAINTEXT => Some(Mode::Plaintext),
        name::SCRIPT => Some(Mode::Script(Script::Data)),
        _ if name::is_raw_text(tag) || name::is_escapable_raw_text(tag) => {
            Some(Mode::Raw(tag))
        }
        _ => None,
    }
}
