//! The little of structured headers (RFC 9651) that client hints need. A header that breaks the grammar says nothing,
//! as section 4.2 asks; so does one that is longer than any browser sends.

/// The most bytes of a hint.
const MAX_HINT: usize = 2_048;

/// The most members of a list; browsers send three to five brands.
const MAX_MEMBERS: usize = 32;

/// A boolean: `?1` or `?0`.
pub(super) fn boolean(header: &str) -> Option<bool> {
    let (value, rest) = match header.trim_matches(' ').split_at_checked(2)? {
        ("?1", rest) => (true, rest),
        ("?0", rest) => (false, rest),
        _ => return None,
    };
    (rest.is_empty() || rest.starts_with(';')).then_some(value)
}

/// A string, without its quotes. What is escaped in it stays escaped: nothing that is looked for is.
pub(super) fn string(header: &str) -> Option<&str> {
    match list(header).as_slice() {
        [(only, _)] => Some(only),
        _ => None,
    }
}

/// A list of strings, each with its parameter `v`, as `"Google Chrome";v="140"`.
pub(super) fn list(header: &str) -> Vec<(&str, Option<&str>)> {
    if header.len() > MAX_HINT {
        return Vec::new();
    }
    members(header.trim_matches(' ')).unwrap_or_default()
}

fn members(mut rest: &str) -> Option<Vec<(&str, Option<&str>)>> {
    let mut found = Vec::new();
    while !rest.is_empty() && found.len() < MAX_MEMBERS {
        let (name, after) = quoted(rest)?;
        rest = after;
        let mut version = None;
        while let Some(parameter) = rest.strip_prefix(';') {
            let parameter = parameter.trim_start_matches(' ');
            let (key, after) = split_off(parameter, |b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || matches!(b, b'_' | b'-' | b'.' | b'*')
            });
            if key.is_empty() {
                return None;
            }
            rest = after;
            if let Some(value) = after.strip_prefix('=') {
                let (value, after) = if value.starts_with('"') {
                    quoted(value)?
                } else {
                    split_off(value, |b| !matches!(b, b',' | b';' | b' ' | b'\t' | b'"'))
                };
                rest = after;
                if key == "v" {
                    version = Some(value);
                }
            }
        }
        found.push((name, version));
        let after = rest.trim_start_matches([' ', '\t']);
        if after.is_empty() {
            return Some(found);
        }
        rest = after.strip_prefix(',')?.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return None;
        }
    }
    Some(found)
}

/// A string at the beginning, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut bytes = inner.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((&inner[..at], &inner[at + 1..])),
            b'\\' => {
                let (_, escaped) = bytes.next()?;
                if !matches!(escaped, b'"' | b'\\') {
                    return None;
                }
            }
            b' '..=b'~' => {}
            _ => return None,
        }
    }
    None
}

/// The bytes at the beginning that fit, and what follows them.
fn split_off(text: &str, fits: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text.bytes().position(|b| !b.is_ascii() || !fits(b)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn booleans() {
        assert_eq!(boolean("?1"), Some(true));
        assert_eq!(boolean(" ?0 "), Some(false));
        assert_eq!(boolean("?1;a=b"), Some(true));
        for wrong in ["", "?", "?2", "1", "true", "?1?", "\"?1\"", "é1"] {
            assert_eq!(boolean(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn strings() {
        assert_eq!(string("\"Windows\""), Some("Windows"));
        assert_eq!(string(" \"\" "), Some(""));
        assert_eq!(string("\"a\\\"b\""), Some("a\\\"b"));
        for wrong in [
            "",
            "Windows",
            "\"",
            "\"a",
            "\"a\\\"",
            "\"a\\b\"",
            "\"é\"",
            "\"a\", \"b\"",
            "\"a\" b",
        ] {
            assert_eq!(string(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lists() {
        let sent =
            r#""Not;A=Brand";v="8", "Chromium"; v="140" ,"Google Chrome";x;v="140.0.1""#;
        let expected = [
            ("Not;A=Brand", Some("8")),
            ("Chromium", Some("140")),
            ("Google Chrome", Some("140.0.1")),
        ];
        assert_eq!(list(sent), expected);
        assert_eq!(
            list(r#""A, \"B\"";v=8.5, "C""#),
            [("A, \\\"B\\\"", Some("8.5")), ("C", None)]
        );
        for wrong in [
            "\"a\",",
            ",\"a\"",
            "\"a\";",
            "\"a\";V=1",
            "\"a\" \"b\"",
            "\"a\";v=\"",
            "a",
            "\"a\"é",
        ] {
            assert_eq!(list(wrong), [], "{wrong}");
        }
        assert_eq!(list(&"\"a\",".repeat(9_999)), []);
        assert_eq!(list(&format!("{}\"a\"", "\"a\",".repeat(99))).len(), MAX_MEMBERS);
    }

    proptest! {
        #[test]
        fn any_header(header in "\\PC{0,99}|([\"a-z;=,?\\\\ é]|\"a\"|;v=){0,99}") {
            prop_assert!(list(&header).len() <= MAX_MEMBERS);
            string(&header);
            boolean(&header);
        }
    }
}
