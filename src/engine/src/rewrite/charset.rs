//! Which encoding a page is in: how its text is read and how inserted text is written.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

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

/// What a `<meta>` element of a page that nothing else has told of says by its attributes (HTML, 4.2.5.4 and "extracting a
/// character encoding from a meta element"); none if it says nothing.
pub(super) fn by_meta(
    charset: Option<&str>,
    http_equiv: Option<&str>,
    content: Option<&str>,
) -> Option<Result<Charset, Passed>> {
    let label = charset.or_else(|| {
        http_equiv.filter(|kind| kind.eq_ignore_ascii_case("content-type"))?;
        charset_in(content?)
    })?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    Some(match encoding.name() {
        // A page in which the element was read is in neither.
        "UTF-16LE" | "UTF-16BE" => Ok(Charset::Declared(UTF_8)),
        "x-user-defined" => Ok(Charset::Declared(WINDOWS_1252)),
        _ if encoding.is_ascii_compatible() => Ok(Charset::Declared(encoding)),
        _ => Err(Passed::CharsetUnsupported),
    })
}

/// The label behind the first `charset=` of a text.
fn charset_in(content: &str) -> Option<&str> {
    let lower = content.to_ascii_lowercase();
    let mut at = 0;
    loop {
        at += lower.get(at..)?.find("charset")? + "charset".len();
        let rest = content.get(at..)?.trim_ascii_start();
        let Some(value) = rest.strip_prefix('=').map(str::trim_ascii_start) else {
            continue;
        };
        return match value.chars().next()? {
            quote @ ('"' | '\'') => {
                value.get(1..)?.split_once(quote).map(|(label, _)| label)
            }
            _ => value.split([';', ' ', '\t', '\n', '\x0c', '\r']).next(),
        };
    }
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
    fn meta_elements() {
        let name =
            |charset, http_equiv, content| match by_meta(charset, http_equiv, content) {
                Some(Ok(Charset::Declared(encoding))) => encoding.name(),
                Some(Ok(Charset::Undeclared)) | None => "nothing",
                Some(Err(_)) => "unsupported",
            };
        assert_eq!(name(Some(" EUC-jp "), None, None), "EUC-JP");
        assert_eq!(name(Some("klingon"), None, None), "nothing");
        assert_eq!(name(Some("utf-16"), None, None), "UTF-8");
        assert_eq!(name(Some("x-user-defined"), None, None), "windows-1252");
        assert_eq!(name(Some("iso-2022-jp"), None, None), "unsupported");
        let equiv = |content| name(None, Some("Content-Type"), Some(content));
        assert_eq!(equiv("text/html; charset=gb2312"), "GBK");
        assert_eq!(equiv("text/html; Charset = 'shift_jis' x"), "Shift_JIS");
        assert_eq!(equiv("charset charset=koi8-r;"), "KOI8-R");
        assert_eq!(equiv("text/html; charset='koi8-r"), "nothing");
        assert_eq!(equiv("text/html"), "nothing");
        assert_eq!(name(None, Some("refresh"), Some("charset=koi8-r")), "nothing");
        assert_eq!(name(None, None, Some("charset=koi8-r")), "nothing");
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
