//! Is the HTML, CSS or attribute that somebody wrote safe to put into a page? Copy is copy: it may not bring code.

use crate::html::{Attribute, Token, Tokenizer, name, text_mode};

use crate::token::URL_ATTRIBUTES;

/// What is wrong with a piece of markup, as the message and the hint of a problem.
pub(crate) struct Unsafe {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

const NO_CODE: &str =
    "Changes are copy and layout; leave out scripts, event handlers and script URLs.";

/// Elements that run code or load it.
const CODE: &[&str] = &["script", "object", "embed"];

/// Elements that change how the rest of the page is read.
const FRAME: &[&str] = &["base", "meta", "html", "head", "body", "frameset", "plaintext"];

/// Checks one attribute; `name` in lower case.
pub(crate) fn check_attribute(name: &str, value: &str) -> Option<Unsafe> {
    if name.starts_with("on") || name == "srcdoc" || name == "nonce" {
        return Some(Unsafe {
            code: "attribute-runs-script",
            message: format!("the attribute {name:?} may not be set by a change"),
            hint: NO_CODE,
        });
    }
    // An SVG animation may set the address of a link.
    let animated = name == "attributename" && {
        let target = value.to_ascii_lowercase();
        target.contains("href") || target.contains('&')
    };
    if animated {
        return Some(Unsafe {
            code: "attribute-runs-script",
            message: format!("an animation of {value:?} may not be put into a page"),
            hint: NO_CODE,
        });
    }
    if URL_ATTRIBUTES.contains(&name) && !is_safe_url(value) {
        return Some(Unsafe {
            code: "url-runs-script",
            message: format!("the address {value:?} is not one that a page may link to"),
            hint: "Use a path, or an address that starts with https:, http:, mailto: or tel:.",
        });
    }
    None
}

/// Checks the addresses of a list of pictures (HTML, 4.8.4.2.2).
pub(crate) fn check_srcset(srcset: &str) -> Option<Unsafe> {
    let separates = |c: char| c.is_ascii_whitespace() || c == ',';
    let mut rest = srcset.trim_start_matches(separates);
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (found, mut after) = rest.split_at(end);
        let address = found.trim_end_matches(',');
        if let Some(refused) = check_attribute("src", address) {
            return Some(refused);
        }
        if address == found {
            // Sizes, up to a comma that stands in no brackets.
            let mut depth = 0_usize;
            let end = after.find(|c: char| {
                match c {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                c == ',' && depth == 0
            });
            after = &after[end.unwrap_or(after.len())..];
        }
        rest = after.trim_start_matches(separates);
    }
    None
}

/// Relative addresses and a few schemes. Browsers ignore white space and control characters inside a scheme, so they
/// are taken out before the look, and references such as `&colon;` are not decoded but refused.
fn is_safe_url(value: &str) -> bool {
    let seen: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect::<String>()
        .to_ascii_lowercase();
    let until_path = seen.split(['/', '?', '#']).next().unwrap_or_default();
    if until_path.contains('&') {
        return false;
    }
    match until_path.split_once(':') {
        None => true,
        Some((scheme, _)) => {
            matches!(scheme, "https" | "http" | "mailto" | "tel" | "sms")
                || seen.starts_with("data:image/")
        }
    }
}

/// Checks a piece of HTML: no code, and every element that needs an end tag has one, so that nothing after it is
/// swallowed.
pub(crate) fn check_html(html: &str) -> Option<Unsafe> {
    let unbalanced = |message: String| Unsafe {
        code: "html-not-closed",
        message,
        hint: "Close every element, so that the rest of the page is not swallowed.",
    };
    let mut tokenizer = Tokenizer::default();
    let mut open: Vec<(name::Tag, String)> = Vec::new();
    let mut balance = None;
    let mut rest = html.as_bytes();
    while !rest.is_empty() {
        let foreign = open.iter().any(|(tag, _)| matches!(*tag, name::SVG | name::MATH));
        let Ok(Some((token, length))) = tokenizer.next(rest, false, foreign) else {
            return Some(unbalanced(
                "the HTML ends inside a tag or a comment".to_owned(),
            ));
        };
        let (bytes, after) = rest.split_at(length);
        rest = after;
        match token {
            Token::Start { tag } => {
                let written = &bytes[1..=tokenizer.name_length()];
                let name = String::from_utf8_lossy(written).to_ascii_lowercase();
                if let Some(refused) = check_tag(&name, bytes, tokenizer.attributes()) {
                    return Some(refused);
                }
                if !(name::is_void(tag) || foreign && tokenizer.is_self_closing()) {
                    open.push((tag, name));
                    if !foreign && let Some(mode) = text_mode(tag) {
                        tokenizer.switch(mode);
                    }
                }
            }
            Token::End { tag } => match open.pop() {
                Some((innermost, _)) if innermost == tag => {}
                Some((_, name)) if open.iter().any(|(other, _)| *other == tag) => {
                    balance.get_or_insert(format!("<{name}> is not closed"));
                }
                innermost => {
                    open.extend(innermost);
                    balance.get_or_insert("an end tag closes nothing".to_owned());
                }
            },
            _ => {}
        }
    }
    if let Some(message) = balance {
        return Some(unbalanced(message));
    }
    if let Some((_, name)) = open.first() {
        return Some(unbalanced(format!("<{name}> is not closed")));
    }
    (!tokenizer.is_at_rest())
        .then(|| unbalanced("the HTML ends inside a tag or a comment".to_owned()))
}

fn check_tag(name: &str, bytes: &[u8], attributes: &[Attribute]) -> Option<Unsafe> {
    let hint = match name {
        name if CODE.contains(&name) => Some(NO_CODE),
        name if FRAME.contains(&name) => {
            Some("Write only what may stand anywhere in a page's body.")
        }
        _ => None,
    };
    let refused = hint.map(|hint| Unsafe {
        code: "element-not-allowed",
        message: format!("<{name}> may not be put into a page by a change"),
        hint,
    });
    refused.or_else(|| {
        attributes.iter().find_map(|attribute| {
            let name =
                String::from_utf8_lossy(attribute.name_in(bytes)).to_ascii_lowercase();
            check_attribute(&name, &String::from_utf8_lossy(attribute.value_in(bytes)))
        })
    })
}

/// Checks a style sheet that will stand in a `<style>` element, beside the sheets of other changes.
pub(crate) fn check_css(css: &str) -> Option<Unsafe> {
    let lower = css.to_ascii_lowercase();
    let found = ["</", "<!--", "javascript:"].into_iter().find(|bad| lower.contains(bad));
    if let Some(found) = found {
        return Some(Unsafe {
            code: "css-not-safe",
            message: format!("the styles contain {found:?}"),
            hint: "Write plain CSS; in a quoted text, write \"<\" as \"\\3c \".",
        });
    }
    left_open(css).map(|what| Unsafe {
        code: "css-not-closed",
        message: format!("in the styles, {what}"),
        hint: "Balance the CSS, so that it does not swallow the styles of other changes.",
    })
}

/// Checks code that will stand in a `<script>` element: nothing that ends the element or changes how its end is found
/// (HTML, 4.12.1.3). White space beyond ASCII is refused because it cannot be told from that in quoted texts, where it
/// counts.
pub(crate) fn check_script(code: &str) -> Option<Unsafe> {
    let lower = code.to_ascii_lowercase();
    let found =
        ["</script", "<script", "<!--"].into_iter().find(|bad| lower.contains(bad));
    if let Some(found) = found {
        return Some(Unsafe {
            code: "script-not-safe",
            message: format!("the script contains {found:?}"),
            hint: "In a quoted text, write \"<\" as \"\\x3c\"; anywhere else, put a space behind \"<\".",
        });
    }
    let odd = |c: &char| !c.is_ascii() && (c.is_whitespace() || *c == '\u{feff}');
    code.chars().find(odd).map(|c| Unsafe {
        code: "script-white-space",
        message: format!("the script contains the white space U+{:04X}", u32::from(c)),
        hint: "Write a plain space; in a quoted text, an escape such as \"\\u00a0\".",
    })
}

/// Checks one property of an inline style.
pub(crate) fn check_style(name: &str, value: &str) -> Option<Unsafe> {
    let name_ok = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !name_ok {
        return Some(Unsafe {
            code: "style-not-valid",
            message: format!("{name:?} is not a style property"),
            hint: "Write the property as in CSS, for example background-color.",
        });
    }
    let lower = value.to_ascii_lowercase();
    let value_ok = !value.trim().is_empty()
        && !value.contains([';', '{', '}', '<', '\\', '\n'])
        && !lower.contains("javascript:")
        && left_open(value).is_none();
    (!value_ok).then(|| Unsafe {
        code: "style-not-valid",
        message: format!("{value:?} is not a value for {name:?}"),
        hint: "Write one value, without \";\", braces, \"<\" or backslashes, and close its quotes and brackets.",
    })
}

/// What CSS leaves open at its end, or closes without having opened it.
fn left_open(css: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut rest = css;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '/' if rest.starts_with('*') => match rest[1..].split_once("*/") {
                Some((_, after)) => rest = after,
                None => return Some("a comment is not closed".to_owned()),
            },
            '\\' => rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..],
            '"' | '\'' => {
                let mut escaped = false;
                let end = rest.find(|d: char| {
                    let found = d == c && !escaped;
                    escaped = d == '\\' && !escaped;
                    found
                });
                match end {
                    Some(end) => rest = &rest[end + 1..],
                    None => return Some("a quoted text is not closed".to_owned()),
                }
            }
            '{' => open.push((c, '}')),
            '(' => open.push((c, ')')),
            '[' => open.push((c, ']')),
            '}' | ')' | ']' => match open.pop() {
                Some((_, end)) if end == c => {}
                Some((start, _)) => return Some(format!("\"{start}\" is not closed")),
                None => return Some(format!("\"{c}\" closes nothing")),
            },
            _ => {}
        }
    }
    open.pop().map(|(start, _)| format!("\"{start}\" is not closed"))
}
