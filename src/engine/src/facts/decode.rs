//! Bytes that a visitor sent → text that can be shown. Decoded exactly once.

use super::MAX_FACT;

/// A part of a query: percent signs and pluses decoded. None if it is not UTF-8.
pub(super) fn query_decoded(text: &str) -> Option<String> {
    if text.contains('+') {
        percent_decoded(&text.replace('+', " "))
    } else {
        percent_decoded(text)
    }
}

/// Percent signs decoded; one that two hex digits do not follow stays, as in browsers. None if it is not UTF-8.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let digit = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = (digit(bytes.get(at + 1)), digit(bytes.get(at + 2)));
        if let (b'%', (Some(high), Some(low))) = (byte, pair) {
            decoded.extend(u8::try_from(high * 16 + low));
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

/// What may be shown of a text: at most [`MAX_FACT`] characters, on one line, without characters that cannot be seen
/// but act on others. None if that is blank.
pub(super) fn clean(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !turns_text(*c))
        .take(MAX_FACT)
        .collect();
    (!kept.trim().is_empty()).then_some(kept)
}

/// Whether a character changes the direction of what follows it, beyond the value's end (UAX #9, section 2), or is a
/// byte order mark.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_signs() {
        assert_eq!(percent_decoded("a%20b%2Bc+d").as_deref(), Some("a b+c+d"));
        assert_eq!(percent_decoded("100%, %zz %4").as_deref(), Some("100%, %zz %4"));
        assert_eq!(percent_decoded("%C3%A9").as_deref(), Some("é"));
        assert_eq!(percent_decoded("%C3"), None);
        // Once and not twice.
        assert_eq!(percent_decoded("%2541").as_deref(), Some("%41"));
        assert_eq!(query_decoded("a+b%2B").as_deref(), Some("a b+"));
    }

    #[test]
    fn cleaned() {
        assert_eq!(clean("a\u{0}b\r\nc\u{202e}d\u{feff}").as_deref(), Some("ab  cd"));
        assert_eq!(clean("\u{0}\u{a0}\n "), None);
        assert_eq!(clean(&"é".repeat(9_999)).unwrap().chars().count(), MAX_FACT);
    }
}
