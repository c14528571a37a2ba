//! A piece of HTML by itself.

use crate::html::{Event, Parser, Token};

/// How many elements are open around it.
const AROUND: usize = 2;

/// What a piece of HTML makes as the content of a body: how many elements lie outermost, the words in all of them, and
/// whether other words lie beside them.
struct Made {
    outermost: usize,
    words: String,
    stray: bool,
}

fn read(html: &str) -> Made {
    let mut parser = Parser::default();
    let mut events = Vec::new();
    let _ = parser.next(b"<body>", true, &mut events);
    let mut made = Made { outermost: 0, words: String::new(), stray: false };
    let bytes = html.as_bytes();
    let mut at = 0;
    while let Ok(Some((token, length))) = parser.next(&bytes[at..], true, &mut events) {
        let depth = parser.tree.open().len();
        for event in &events {
            match event {
                Event::Open(birth) => {
                    made.outermost += usize::from(birth.parent < Some(AROUND));
                }
                Event::FosterText { .. } | Event::Rearrange { .. } => made.stray = true,
                _ => {}
            }
        }
        if matches!(token, Token::Text | Token::Cdata) {
            let words = &bytes[at..at + length];
            made.stray |= depth <= AROUND && !words.trim_ascii().is_empty();
            made.words.push_str(&htmlize::unescape(String::from_utf8_lossy(words)));
        }
        if length == 0 {
            break;
        }
        at += length;
    }
    made
}

/// Whether a piece of HTML is one element with whatever is in it.
pub(super) fn is_one_element(html: &str) -> bool {
    let made = read(html);
    made.outermost == 1 && !made.stray
}

/// The words in a piece of HTML, one space between them.
pub(super) fn words(html: &str) -> String {
    read(html).words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_elements() {
        for html in [
            "<p>a<b>b</b></p>",
            " <a href=x>a</a>\n",
            "<img src=a>",
            "<ul><li>a<li>b</ul>",
            "<p>",
        ] {
            assert!(is_one_element(html), "{html}");
        }
        for html in [
            "",
            "a",
            "<p>a<p>b",
            "a<b>b</b>",
            "<tr><td>a</tr>",
            "<!-- a -->",
            "<table>a</table>",
            "</p>a",
        ] {
            assert!(!is_one_element(html), "{html}");
        }
    }

    #[test]
    fn words_without_tags() {
        assert_eq!(words("<p>Fast &amp; <b>free</b>\n now</p>"), "Fast & free now");
    }
}
