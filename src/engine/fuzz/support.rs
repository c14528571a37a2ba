//! Datafiles and headers for the targets.

#![allow(dead_code, reason = "each target takes its part")]

use edgewise_engine::{Datafile, validate};

/// Changes that match nothing a page would have by chance.
pub const NOWHERE: &str = r##"[
    {"selector": "#qqqq", "text": "x"}, {"selector": ".qqqq > *", "remove": true},
    {"selector": "qqqq + p", "insert": {"after": "<p>x</p>"}}, {"selector": "#qqqq", "move": {"before": "#rrrr"}},
    {"selector": ".qqqq", "find": {"text": "qqqq", "with": "x"}}, {"selector": "img.qqqq", "image": {"src": "/a.png"}}]"##;

/// Every kind of change, on the elements that pages are made of.
pub const EVERYWHERE: [&str; 6] = [
    r##"[{"selector": "p, li", "text": "x"}, {"selector": "td", "html": "<b>x</b>"}, {"selector": "a", "attribute": {"href": "/x"}},
        {"selector": "b", "remove": true}, {"title": "x"}, {"meta": {"description": "x"}}, {"css": "p{}"}]"##,
    r##"[{"selector": "p", "insert": {"before": "<p>x</p>"}}, {"selector": "li", "insert": {"after": "<li>x</li>"}},
        {"selector": "div", "insert": {"prepend": "x"}}, {"selector": "table", "insert": {"append": "<tr><td>x</td></tr>"}}]"##,
    r##"[{"selector": "p", "move": {"before": "div"}}, {"selector": "li", "move": {"append": "ul"}},
        {"selector": "a", "move": {"after": "p"}}]"##,
    r##"[{"selector": "body", "find": {"text": "a", "with": "bc"}}, {"selector": "p", "replace": "<p>x</p>"},
        {"selector": "img", "image": {"src": "/x.png"}}, {"script": "x()"}]"##,
    r##"[{"selector": "*", "class": {"add": ["x"], "remove": ["y"]}}, {"selector": "p:nth-child(2n), p ~ p", "hide": true},
        {"selector": ":is(div, span) > :not(p)", "style": {"color": "red"}}]"##,
    r##"[{"selector": "p", "expect": "one", "text": "x"}, {"selector": "a", "expect": "one", "remove": true},
        {"selector": "td", "expect": "one", "insert": {"before": "<td>x</td>"}}]"##,
];

/// A datafile of one experiment with these changes.
pub fn datafile(changes: &str) -> Datafile {
    let draft = format!(
        r#"{{"experiments": [{{"key": "x", "name": "X", "status": "running",
            "hypothesis": {{"we_believe": "any change at all", "will_cause": "what the DOM would do", "because": "the standard says so"}},
            "pages": {{"include": [{{"prefix": "/"}}]}},
            "variants": [
                {{"key": "control", "name": "Control", "weight": 5000}},
                {{"key": "b", "name": "B", "weight": 5000, "changes": {changes}}}]}}]}}"#
    );
    let (datafile, problems) = validate(&draft, 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// One of some content types.
pub fn content_type(which: u8) -> Option<String> {
    match which {
        0..=4 => Some("text/html; charset=utf-8".to_owned()),
        5 => Some("text/html".to_owned()),
        6 => Some("text/html; charset=shift_jis".to_owned()),
        _ => None,
    }
}
