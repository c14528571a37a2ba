//! Is the HTML, CSS or attribute that somebody wrote safe to put into a page? Copy is copy: it may not bring code.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use lol_html::{RewriteStrSettings, element, end_tag, rewrite_str};

/// What is wrong with a piece of markup, as the message and the hint of a problem.
pub(crate) struct Unsafe {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

const NO_CODE: &str =
    "Changes are copy and layout; leave out scripts, event handlers and script URLs.";

/// Elements that run code, load it, or change how the rest of the page is read.
const FORBIDDEN: &[&str] =
    &["script", "object", "embed", "base", "meta", "html", "head", "body", "plaintext"];

/// Attributes whose value is an address the browser may follow.
const URL_ATTRIBUTES: &[&str] = &[
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "data",
    "poster",
    "background",
    "cite",
    "manifest",
];

/// Checks one attribute; `name` in lower case.
pub(crate) fn check_attribute(name: &str, value: &str) -> Option<Unsafe> {
    if name.starts_with("on") || name == "srcdoc" || name == "nonce" {
        return Some(Unsafe {
            code: "attribute-runs-script",
            message: format!("the attribute {name:?} may not be set by a change"),
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
    let found = Rc::new(RefCell::new(None));
    let open = Rc::new(Cell::new(0_i32));
    let closed = Rc::new(Cell::new(0_usize));
    let unclosed = Rc::new(RefCell::new(None));
    let (note, depth, last) = (Rc::clone(&found), Rc::clone(&open), Rc::clone(&unclosed));
    let ended = Rc::clone(&closed);
    let handler = element!("*", move |el| {
        let name = el.tag_name();
        let mut note = note.borrow_mut();
        if note.is_none() && FORBIDDEN.contains(&name.as_str()) {
            *note = Some(Unsafe {
                code: "element-not-allowed",
                message: format!("<{name}> may not be put into a page by a change"),
                hint: NO_CODE,
            });
        }
        for attribute in el.attributes() {
            if note.is_none() {
                *note = check_attribute(&attribute.name(), &attribute.value());
            }
        }
        if el.can_have_content() {
            depth.set(depth.get() + 1);
            let (depth, last, ended) =
                (Rc::clone(&depth), Rc::clone(&last), Rc::clone(&ended));
            el.on_end_tag(end_tag!(move |end| {
                depth.set(depth.get() - 1);
                ended.set(ended.get() + 1);
                if end.name() != name {
                    last.borrow_mut().get_or_insert_with(|| name.clone());
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
    if let Some(problem) = found.borrow_mut().take() {
        return Some(problem);
    }
    let unbalanced = |message: String| Unsafe {
        code: "html-not-closed",
        message,
        hint: "Close every element, so that the rest of the page is not swallowed.",
    };
    let (Ok(_), Some(end_tags)) = (outcome, end_tags(html)) else {
        return Some(unbalanced("the HTML ends inside a tag or a comment".to_owned()));
    };
    if let Some(name) = unclosed.borrow_mut().take() {
        return Some(unbalanced(format!("<{name}> is not closed")));
    }
    if open.get() > 0 {
        return Some(unbalanced("an element is not closed".to_owned()));
    }
    (end_tags > closed.get()).then(|| unbalanced("an end tag closes nothing".to_owned()))
}

/// How many end tags there are; none if the rest of the page would be read as part of the last tag or comment.
/// Quotes are followed, because a `>` inside an attribute ends nothing.
fn end_tags(html: &str) -> Option<usize> {
    let mut rest = html;
    let mut count = 0;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            match comment.find("-->") {
                Some(end) => rest = &comment[end + 3..],
                None => return None,
            }
        } else if rest.starts_with(|c: char| {
            c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')
        }) {
            count += usize::from(rest.starts_with('/'));
            let mut quote = None;
            let end = rest.char_indices().find(|(_, c)| match quote {
                Some(open) if *c == open => {
                    quote = None;
                    false
                }
                Some(_) => false,
                None if matches!(c, '"' | '\'') => {
                    quote = Some(*c);
                    false
                }
                None => *c == '>',
            });
            match end {
                Some((end, _)) => rest = &rest[end + 1..],
                None => return None,
            }
        }
    }
    Some(count)
}

/// Checks a style sheet that will stand in a `<style>` element.
pub(crate) fn check_css(css: &str) -> Option<Unsafe> {
    let lower = css.to_ascii_lowercase();
    (lower.contains("</") || lower.contains("<!--") || lower.contains("javascript:"))
        .then(|| Unsafe {
            code: "css-not-safe",
            message: "the styles contain \"</\", \"<!--\" or \"javascript:\"".to_owned(),
            hint: "Write plain CSS; in a quoted text, write \"<\" as \"\\3c \".",
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
        && !lower.contains("javascript:");
    (!value_ok).then(|| Unsafe {
        code: "style-not-valid",
        message: format!("{value:?} is not a value for {name:?}"),
        hint: "Write one value without \";\", braces, \"<\" or backslashes.",
    })
}
