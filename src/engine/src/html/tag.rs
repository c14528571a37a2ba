//! Tags, byte by byte (13.2.5.6 to 40).

use memchr::memchr;

use super::name::tag;
use super::token::{Attribute, Token, Tokenizer, TooLong, ends_name, is_space};

/// The longest tag that is read. Who writes a longer one gets the page as it is.
pub(super) const MAX_TAG: usize = 1024 * 1024;

/// The most attributes of one tag that are read.
const MAX_ATTRIBUTES: usize = 10_000;

/// Where in a tag the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    #[default]
    Name,
    BeforeAttribute,
    AttributeName,
    AfterName,
    BeforeValue,
    Quoted,
    Unquoted,
    AfterQuoted,
    SelfClosing,
}

/// The attribute that begins at `at`, if it has a value in quotes, as nearly all have; and where it ends. None also if
/// more bytes are needed.
fn quoted_attribute(bytes: &[u8], at: usize) -> Option<(Attribute, usize)> {
    let ends = |byte: &u8| ends_name(*byte) || *byte == b'=';
    // A "=" in front is a part of the name.
    let name = at + 1 + bytes[at + 1..].iter().position(ends)?;
    let [b'=', quote @ (b'"' | b'\''), ..] = bytes[name..] else { return None };
    let start = name + 2;
    let end = start + memchr(quote, &bytes[start..])?;
    let position = |at: usize| u32::try_from(at).ok();
    let attribute = Attribute {
        name: (position(at)?, position(name)?),
        value: (position(start)?, position(end)?),
        quote,
    };
    Some((attribute, end + 1))
}

impl Tokenizer {
    /// A tag, whose name begins at `name`.
    pub(super) fn tag(
        &mut self,
        bytes: &[u8],
        name: usize,
        last: bool,
    ) -> Result<Option<(Token, usize)>, TooLong> {
        if self.read == 0 {
            self.read = name;
            self.place = Place::Name;
            self.attributes.clear();
        }
        let end = self.read_tag(bytes)?;
        let Some((end, self_closing)) = end else {
            if last {
                // A tag that the page's end cuts off is no tag, nor is it text.
                self.read = 0;
                self.cut = true;
                return Ok(Some((Token::Nothing, bytes.len())));
            }
            return if bytes.len() >= MAX_TAG { Err(TooLong) } else { Ok(None) };
        };
        // The same whether the tag came in one piece or in many.
        if end > MAX_TAG {
            return Err(TooLong);
        }
        self.read = 0;
        self.self_closing = self_closing;
        let tag = tag(&bytes[name..self.name_end]);
        let token = if name == 1 { Token::Start { tag } } else { Token::End { tag } };
        Ok(Some((token, end)))
    }

    /// Reads on in a tag; where it ends and whether with `/>`.
    #[allow(clippy::too_many_lines, reason = "one arm for each state of the standard")]
    pub(super) fn read_tag(
        &mut self,
        bytes: &[u8],
    ) -> Result<Option<(usize, bool)>, TooLong> {
        let mut at = self.read;
        let mut place = self.place;
        let position = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        while at < bytes.len() {
            let byte = bytes[at];
            match place {
                Place::Name => {
                    while at < bytes.len() && !ends_name(bytes[at]) {
                        at += 1;
                    }
                    if at == bytes.len() {
                        break;
                    }
                    self.name_end = at;
                    place = Place::BeforeAttribute;
                }
                Place::BeforeAttribute | Place::AfterName => match byte {
                    _ if is_space(byte) => at += 1,
                    b'/' => {
                        place = Place::SelfClosing;
                        at += 1;
                    }
                    b'>' => return Ok(Some((at + 1, false))),
                    b'=' if place == Place::AfterName => {
                        place = Place::BeforeValue;
                        at += 1;
                        if let Some(attribute) = self.attributes.last_mut() {
                            attribute.value = (position(at), position(at));
                        }
                    }
                    _ => {
                        if self.attributes.len() == MAX_ATTRIBUTES {
                            return Err(TooLong);
                        }
                        if let Some((attribute, end)) = quoted_attribute(bytes, at) {
                            self.attributes.push(attribute);
                            at = end;
                            place = Place::BeforeAttribute;
                            continue;
                        }
                        let start = position(at);
                        self.attributes.push(Attribute {
                            name: (start, start),
                            value: (start, start),
                            quote: 0,
                        });
                        place = Place::AttributeName;
                        // A "=" in front is a part of the name.
                        at += 1;
                    }
                },
                Place::AttributeName => {
                    while at < bytes.len() && !ends_name(bytes[at]) && bytes[at] != b'=' {
                        at += 1;
                    }
                    if at == bytes.len() {
                        break;
                    }
                    if let Some(attribute) = self.attributes.last_mut() {
                        attribute.name.1 = position(at);
                        attribute.value = (position(at), position(at));
                    }
                    place = Place::AfterName;
                }
                Place::BeforeValue => {
                    let attribute = self.attributes.last_mut();
                    match byte {
                        _ if is_space(byte) => at += 1,
                        b'>' => return Ok(Some((at + 1, false))),
                        b'"' | b'\'' => {
                            at += 1;
                            if let Some(attribute) = attribute {
                                attribute.quote = byte;
                                attribute.value = (position(at), position(at));
                            }
                            place = Place::Quoted;
                        }
                        _ => {
                            if let Some(attribute) = attribute {
                                attribute.value = (position(at), position(at));
                            }
                            place = Place::Unquoted;
                        }
                    }
                }
                Place::Quoted => {
                    let quote = self.attributes.last().map_or(b'"', |last| last.quote);
                    match memchr(quote, &bytes[at..]) {
                        None => at = bytes.len(),
                        Some(length) => {
                            at += length;
                            if let Some(attribute) = self.attributes.last_mut() {
                                attribute.value.1 = position(at);
                            }
                            at += 1;
                            place = Place::AfterQuoted;
                        }
                    }
                }
                Place::Unquoted => {
                    while at < bytes.len() && !is_space(bytes[at]) && bytes[at] != b'>' {
                        at += 1;
                    }
                    if at == bytes.len() {
                        break;
                    }
                    if let Some(attribute) = self.attributes.last_mut() {
                        attribute.value.1 = position(at);
                    }
                    place = Place::BeforeAttribute;
                }
                Place::AfterQuoted => place = Place::BeforeAttribute,
                Place::SelfClosing => {
                    if byte == b'>' {
                        return Ok(Some((at + 1, true)));
                    }
                    place = Place::BeforeAttribute;
                }
            }
        }
        self.read = at;
        self.place = place;
        Ok(None)
    }
}
