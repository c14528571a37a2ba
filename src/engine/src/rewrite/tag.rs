//! A start tag and its attributes: read as a browser reads them, written with every byte kept that no change is about.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::charset::Charset;
use crate::html::{Attribute, Namespace, Node, name};
use crate::selector::ElementView;

/// One start tag that may be edited.
pub(super) struct Tag<'a> {
    bytes: Cow<'a, [u8]>,
    attributes: Cow<'a, [Attribute]>,
    charset: Charset,
    /// New values by lower-case name, as source text; none removes the attribute.
    edits: Vec<(String, Option<Vec<u8>>)>,
    /// How often something was changed.
    version: u32,
}

impl<'a> Tag<'a> {
    pub(super) fn new(
        bytes: &'a [u8],
        attributes: &'a [Attribute],
        charset: Charset,
    ) -> Self {
        Self {
            bytes: Cow::Borrowed(bytes),
            attributes: Cow::Borrowed(attributes),
            charset,
            edits: Vec::new(),
            version: 0,
        }
    }

    /// The tag that a page left out.
    pub(super) fn implied(name: &str, charset: Charset) -> Self {
        Self {
            bytes: Cow::Owned(format!("<{name}>").into_bytes()),
            attributes: Cow::Owned(Vec::new()),
            charset,
            edits: Vec::new(),
            version: 0,
        }
    }

    fn find(&self, name: &str) -> Option<&Attribute> {
        let named = |attribute: &&Attribute| {
            attribute.name_in(&self.bytes).eq_ignore_ascii_case(name.as_bytes())
        };
        self.attributes.iter().find(named)
    }

    fn edit(&self, name: &str) -> Option<&Option<Vec<u8>>> {
        self.edits.iter().find(|(edited, _)| edited == name).map(|(_, value)| value)
    }

    /// An attribute's value as source text, as it is by now.
    pub(super) fn source(&self, name: &str) -> Option<&[u8]> {
        match self.edit(name) {
            Some(value) => value.as_deref(),
            None => self.find(name).map(|attribute| attribute.value_in(&self.bytes)),
        }
    }

    /// An attribute's value, as it is by now.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.source(name).map(|source| decode_attribute(source, self.charset))
    }

    /// Sets an attribute to source text, in which references count; a `"` is not among it.
    pub(super) fn set_source(&mut self, name: &str, source: Vec<u8>) {
        if self.source(name) == Some(source.as_slice()) {
            return;
        }
        self.put(name, Some(source));
    }

    /// Sets an attribute to a value.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        if self.value(name).as_deref() == Some(value) {
            return;
        }
        let source = self.charset.encode_html(&escape_attribute(value));
        self.put(name, Some(source));
    }

    /// Removes an attribute.
    pub(super) fn remove(&mut self, name: &str) {
        if self.source(name).is_some() {
            self.put(name, None);
        }
    }

    fn put(&mut self, name: &str, value: Option<Vec<u8>>) {
        self.version += 1;
        match self.edits.iter_mut().find(|(edited, _)| edited == name) {
            Some((_, old)) => *old = value,
            None => self.edits.push((name.to_owned(), value)),
        }
    }

    pub(super) fn charset(&self) -> Charset {
        self.charset
    }

    /// Grows with every change that makes a difference.
    pub(super) fn version(&self) -> u32 {
        self.version
    }

    /// Whether anything was changed.
    pub(super) fn is_edited(&self) -> bool {
        !self.edits.is_empty()
    }

    /// The tag with its edits.
    pub(super) fn write(&self) -> Vec<u8> {
        let bytes = &self.bytes;
        let mut out = Vec::with_capacity(bytes.len() + 64);
        let mut copied = 0;
        let mut written: Vec<&str> = Vec::new();
        for attribute in self.attributes.iter() {
            let name = attribute.name_in(bytes);
            let edit = self
                .edits
                .iter()
                .find(|(edited, _)| name.eq_ignore_ascii_case(edited.as_bytes()));
            let Some((edited, value)) = edit else { continue };
            // Only the first of that name counts, but where it goes the next one would.
            let value =
                if written.contains(&edited.as_str()) { None } else { value.as_ref() };
            written.push(edited);
            if let Some(value) = value {
                out.extend_from_slice(&bytes[copied..attribute.name.1 as usize]);
                write_value(value, &mut out);
            } else {
                let start = attribute.name.0 as usize;
                let gap = bytes[copied..start]
                    .iter()
                    .rposition(|byte| !byte.is_ascii_whitespace())
                    .map_or(copied, |last| copied + last + 1);
                out.extend_from_slice(&bytes[copied..gap]);
                let next = bytes.get(attribute.end());
                if !next.is_some_and(|byte| {
                    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')
                }) {
                    out.push(b' ');
                }
            }
            copied = attribute.end();
        }
        let end = self.attributes.last().map_or_else(
            || {
                let ends =
                    |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
                1 + bytes[1..].iter().position(ends).unwrap_or(bytes.len() - 1)
            },
            Attribute::end,
        );
        if end > copied {
            out.extend_from_slice(&bytes[copied..end]);
            copied = end;
        }
        // `x=` has no value yet: what comes next would be it.
        let open = self.attributes.last().is_some_and(|last| {
            last.quote == 0 && last.value.0 == last.value.1 && last.value.0 > last.name.1
        });
        if open && copied == end && out.ends_with(b"=") {
            out.extend_from_slice(b"\"\"");
        }
        for (name, value) in &self.edits {
            if let (Some(value), false) = (value, written.contains(&name.as_str())) {
                out.push(b' ');
                out.extend_from_slice(name.as_bytes());
                write_value(value, &mut out);
            }
        }
        out.extend_from_slice(&bytes[copied..]);
        out
    }
}

fn write_value(value: &[u8], out: &mut Vec<u8>) {
    if value.is_empty() {
        out.extend_from_slice(b"=\"\"");
        return;
    }
    out.extend_from_slice(b"=\"");
    for &byte in value {
        match byte {
            b'"' => out.extend_from_slice(b"&quot;"),
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}

/// `value` as source text for a value in double quotes.
fn escape_attribute(value: &str) -> Cow<'_, str> {
    if !value.contains(['&', '"', '\r', '<', '>']) {
        return Cow::Borrowed(value);
    }
    let mut source = String::with_capacity(value.len() + 16);
    for c in value.chars() {
        match c {
            '&' => source.push_str("&amp;"),
            '"' => source.push_str("&quot;"),
            // For those who look at the page with less than a parser.
            '<' => source.push_str("&lt;"),
            '>' => source.push_str("&gt;"),
            // A line feed alone would not do.
            '\r' => source.push_str("&#13;"),
            c => source.push(c),
        }
    }
    Cow::Owned(source)
}

/// An attribute's source text as a browser understands it.
pub(super) fn decode_attribute(source: &[u8], charset: Charset) -> Cow<'_, str> {
    let plain = |&byte: &u8| byte.is_ascii() && !matches!(byte, b'&' | b'\r' | 0);
    // Every encoding that is read has ASCII in it as it is.
    if source.iter().all(plain)
        && let Ok(text) = std::str::from_utf8(source)
    {
        return Cow::Borrowed(text);
    }
    let text = charset.decode(source);
    if !source.iter().any(|byte| matches!(byte, b'&' | b'\r' | 0)) {
        return text;
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    Cow::Owned(htmlize::unescape_attribute(text).into_owned())
}

/// How much of an attribute's value selectors look at, bytes.
const MAX_VALUE: usize = 2 * 1024;

/// From how many attributes on it pays to sort them; and how many of an element of SVG or `MathML` are looked at.
const FEW: usize = 32;
const MANY: usize = 512;

/// An element as selectors look at it.
pub(super) struct View<'a> {
    node: Node,
    /// Its name, where that cannot be read from the number; in lower case.
    name: Option<String>,
    number: name::Tag,
    tag: Option<&'a [u8]>,
    attributes: &'a [Attribute],
    /// The places of the attributes in the order of their names, where they are many.
    sorted: OnceCell<Vec<u32>>,
    charset: Charset,
}

impl<'a> View<'a> {
    /// `tag` is the start tag, if the page has one.
    pub(super) fn new(
        node: Node,
        tag: Option<(&'a [u8], &'a [Attribute])>,
        charset: Charset,
    ) -> Self {
        let name = match tag {
            Some((bytes, _)) if !name::is_packed(node.tag) => {
                let end =
                    |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
                let written = &bytes[1..];
                let written =
                    &written[..written.iter().position(end).unwrap_or(written.len())];
                let name = charset.decode(written);
                Some(name.to_ascii_lowercase().replace('\0', "\u{fffd}"))
            }
            _ => None,
        };
        let number = name.as_ref().map_or(node.tag, |name| name::tag(name.as_bytes()));
        let (tag, attributes) =
            tag.map_or((None, &[] as &[_]), |(bytes, all)| (Some(bytes), all));
        Self { node, name, number, tag, attributes, sorted: OnceCell::new(), charset }
    }
}

impl<'a> View<'a> {
    /// The first attribute of that name, among many.
    fn find_sorted(&self, name: &str, tag: &[u8]) -> Option<&'a Attribute> {
        let lower = |at: u32| {
            let name = self.attributes[at as usize].name_in(tag);
            name.iter().map(u8::to_ascii_lowercase)
        };
        let sorted = self.sorted.get_or_init(|| {
            let count = u32::try_from(self.attributes.len()).unwrap_or(0);
            let mut places: Vec<_> = (0..count).collect();
            places.sort_by(|a, b| lower(*a).cmp(lower(*b)));
            places
        });
        let at = sorted.partition_point(|at| lower(*at).lt(name.bytes()));
        let first = *sorted.get(at)?;
        lower(first).eq(name.bytes()).then(|| &self.attributes[first as usize])
    }
}

impl ElementView for View<'_> {
    fn name(&self) -> Cow<'_, str> {
        let name = match &self.name {
            Some(name) => Cow::Borrowed(name.as_str()),
            None => Cow::Owned(name::unpack(self.node.tag).unwrap_or_default()),
        };
        match self.node.namespace {
            Namespace::Svg => Cow::Owned(name::svg_name(&name).to_owned()),
            _ => name,
        }
    }

    fn tag(&self) -> name::Tag {
        self.number
    }

    fn is_html(&self) -> bool {
        self.node.namespace == Namespace::Html
    }

    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let tag = self.tag?;
        let html = self.is_html();
        let named = |attribute: &&Attribute| {
            let written = attribute.name_in(tag);
            if html {
                written.eq_ignore_ascii_case(name.as_bytes())
            } else {
                name::is_foreign_attribute(written, name)
            }
        };
        let found = if html && self.attributes.len() > FEW {
            self.find_sorted(name, tag)?
        } else {
            self.attributes.iter().take(MANY).find(named)?
        };
        let value = found.value_in(tag);
        let value = &value[..value.len().min(MAX_VALUE)];
        Some(decode_attribute(value, self.charset))
    }

    fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }
}
