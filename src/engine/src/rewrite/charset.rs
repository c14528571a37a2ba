//! Which encoding a page is in: how its text is read and how inserted text is written.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::report::Passed;

/// What is known about a page's encoding before its first tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// By a byte order mark or the header.
    Declared(&'static Encoding),
    /// Perhaps a `<meta>` tells later. Until then only ASCII is sure to be read as it was meant.
    Undeclared,
}

impl Charset {
    /// Whether every character can be written as it is.
    pub(super) fn is_utf8(self) -> bool {
        self == Self::Declared(UTF_8)
    }

    /// HTML in the page's bytes; what the encoding lacks, or may lack, becomes a reference.
    pub(super) fn encode_html(self, html: &str) -> Vec<u8> {
        match self {
            Self::Declared(encoding) => encoding.encode(html).0.into_owned(),
            Self::Undeclared => ascii_html(html).into_bytes(),
        }
    }

    /// How many bytes the first character has; `bytes` are not empty.
    pub(super) fn character(self, bytes: &[u8]) -> usize {
        let most = bytes.len().min(4);
        let whole = |length: &usize| {
            let text = self.decode(&bytes[..*length]);
            !text.contains('\u{fffd}') && text.chars().count() == 1
        };
        (1..=most).find(whole).unwrap_or(1)
    }

    /// The page's bytes as text; what makes no sense becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Declared(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Self::Undeclared => String::from_utf8_lossy(bytes),
        }
    }
}

/// The order of the HTML standard: byte order mark, header, then the page's own `<meta>`.
pub(super) fn detect(
    start: &[u8],
    content_type: Option<&str>,
) -> Result<Charset, Passed> {
    if start.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Ok(Charset::Declared(UTF_8));
    }
    if start.starts_with(&[0xfe, 0xff]) || start.starts_with(&[0xff, 0xfe]) {
        return Err(Passed::CharsetUnsupported);
    }
    let Some(label) = content_type.and_then(charset_parameter) else {
        return Ok(Charset::Undeclared);
    };
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| encoding.is_ascii_compatible())
        .map(Charset::Declared)
        .ok_or(Passed::CharsetUnsupported)
}

/// The `charset` of a `Content-Type` value.
fn charset_parameter(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    })
}

/// `html` with every character beyond ASCII as a reference, which reads the same in every encoding.
pub(super) fn ascii_html(html: &str) -> String {
    ascii(html, |c| format!("&#x{:x};", u32::from(c)))
}

/// `css` with every character beyond ASCII as a CSS escape; the space ends the escape.
pub(super) fn ascii_css(css: &str) -> String {
    ascii(css, |c| format!("\\{:x} ", u32::from(c)))
}

fn ascii(text: &str, escape: impl Fn(char) -> String) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut ascii, c| {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            ascii.push_str(&escape(c));
        }
        ascii
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let name = |content_type: Option<&str>| match detect(b"<h1>", content_type) {
            Ok(Charset::Declared(encoding)) => Ok(Some(encoding.name())),
            Ok(Charset::Undeclared) => Ok(None),
            Err(passed) => Err(passed),
        };
        assert_eq!(name(Some("text/html; Charset=\"Latin1\"")), Ok(Some("windows-1252")));
        assert_eq!(name(Some("text/html;charset=shift_jis")), Ok(Some("Shift_JIS")));
        assert_eq!(name(Some("text/html")), Ok(None));
        assert_eq!(name(None), Ok(None));
        for label in ["utf-16", "iso-2022-jp", "utf-7", "klingon"] {
            let content_type = format!("text/html; charset={label}");
            assert_eq!(
                name(Some(&content_type)),
                Err(Passed::CharsetUnsupported),
                "{label}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_wins() {
        let utf8 =
            detect(b"\xef\xbb\xbf<h1>", Some("text/html; charset=latin1")).unwrap();
        assert_eq!(utf8, Charset::Declared(UTF_8));
        let utf16 = detect(b"\xff\xfe<\0", Some("text/html; charset=utf-8"));
        assert_eq!(utf16, Err(Passed::CharsetUnsupported));
    }
}
