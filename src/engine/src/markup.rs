//! Is the HTML, CSS or attribute that somebody wrote safe to put into a page? Copy is copy: it may not bring code.

use std::cell::RefCell;
use std::rc::Rc;

use lol_html::{RewriteStrSettings, element, end_tag, rewrite_str};

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
    let seen = Rc::new(RefCell::new(Seen::default()));
    let shared = Rc::clone(&seen);
    let handler = element!("*", move |el| {
        let name = el.tag_name();
        let mut seen = shared.borrow_mut();
        let hint = match name.as_str() {
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
        seen.refused = seen.refused.take().or(refused);
        for attribute in el.attributes() {
            let refused = check_attribute(&attribute.name(), &attribute.value());
            seen.refused = seen.refused.take().or(refused);
        }
        if el.can_have_content() {
            let index = seen.open.len();
            seen.open.push(Some(name));
            let shared = Rc::clone(&shared);
            el.on_end_tag(end_tag!(move |end| {
                let mut seen = shared.borrow_mut();
                let own = seen.open[index].as_ref() == Some(&end.name());
                // One that another tag closes stays in the list of the unclosed.
                if own {
                    seen.open[index] = None;
                    seen.closed += 1;
                }
                Ok(())
            }))?;
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(handler);
    // Something must follow, or an unfinished tag at the end would be taken for text and go unseen.
    let outcome = rewrite_str(&format!("{html}<!---->"), settings);
    let Seen { refused, open, closed } = std::mem::take(&mut *seen.borrow_mut());
    if refused.is_some() {
        return refused;
    }
    let unbalanced = |message: String| Unsafe {
        code: "html-not-closed",
        message,
        hint: "Close every element, so that the rest of the page is not swallowed.",
    };
    let (Ok(_), Some(end_tags)) = (outcome, end_tags(html)) else {
        return Some(unbalanced("the HTML ends inside a tag or a comment".to_owned()));
    };
    if let Some(name) = open.into_iter().flatten().next() {
        return Some(unbalanced(format!("<{name}> is not closed")));
    }
    (end_tags != closed).then(|| unbalanced("an end tag closes nothing".to_owned()))
}

/// What was met in a piece of HTML.
#[derive(Default)]
struct Seen {
    /// The first thing that a change may not bring.
    refused: Option<Unsafe>,
    /// The elements in their order; none where one was closed by its own end tag.
    open: Vec<Option<String>>,
    closed: usize,
}

/// How many end tags there are; none if the rest of the page would be read as part of the last tag or comment.
/// Quotes are followed where a value may start, because a `>` inside an attribute ends nothing.
fn end_tags(html: &str) -> Option<usize> {
    let mut rest = html;
    let mut count = 0;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = after_comment(comment)?;
        } else if rest.starts_with(|c: char| {
            c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')
        }) {
            count += usize::from(rest.starts_with('/'));
            let mut quote = None;
            let mut value_next = false;
            let end = rest.find(|c: char| {
                match quote {
                    Some(open) if c == open => quote = None,
                    None if value_next && matches!(c, '"' | '\'') => quote = Some(c),
                    None if c == '>' => return true,
                    _ => {}
                }
                value_next = c == '=' || (value_next && c.is_ascii_whitespace());
                false
            });
            rest = &rest[end? + 1..];
        }
    }
    Some(count)
}

/// What follows a comment whose text starts here; none if it has no end. `<!-->` and `<!--->` are whole comments.
fn after_comment(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('>').or(text.strip_prefix("->")) {
        return Some(rest);
    }
    let ends = ["-->", "--!>"].map(|end| text.find(end).map(|at| at + end.len()));
    ends.into_iter().flatten().min().map(|end| &text[end..])
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
