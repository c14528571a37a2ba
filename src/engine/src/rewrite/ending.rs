//! Whether it is sure where elements end. The parser below matches tags by name alone; browsers look at what lies
//! between, ignore some tags, and open formatting elements again that were not closed. Where the two would part, the
//! changes that wait for an end are not made.

use super::nesting::{
    OpenElement, closed_by, closes_paragraph, ends_scope, is_special, is_table_part,
};

/// What a start tag does to the open elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// They stay open.
    Nothing,
    /// Those from this index on are closed by it.
    Closes(usize),
    /// Where those from this index on end cannot be told any more.
    Unsure(usize),
}

/// Elements that the parser opens again behind a block in which they were not closed.
fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

/// Elements at whose end unclosed formatting inside them is forgotten.
fn keeps_formatting(name: &str) -> bool {
    matches!(name, "applet" | "caption" | "marquee" | "object" | "td" | "template" | "th")
}

/// Whether formatting that is open in `closing` goes on behind it.
fn leaks(closing: &[impl OpenElement]) -> bool {
    let kept = closing
        .iter()
        .position(|element| element.html() && keeps_formatting(element.name()));
    any_html(&closing[..kept.unwrap_or(closing.len())], is_formatting)
}

fn any_html(elements: &[impl OpenElement], test: impl Fn(&str) -> bool) -> bool {
    elements.iter().any(|element| element.html() && test(element.name()))
}

/// What the start tag of an HTML element does to the open elements, innermost last.
pub(super) fn start_tag_closes(open: &[impl OpenElement], start: &str) -> Start {
    let (Some(outermost), Some(innermost)) = (open.first(), open.last()) else {
        return Start::Nothing;
    };
    if !innermost.html() && !takes_html(innermost.name()) {
        // HTML ends the SVG or MathML around it, here and not where its end tag stands.
        let inside = open.iter().rev().take_while(|element| !element.html()).count();
        return Start::Unsure(open.len() - inside);
    }
    // A cell's end is outside of what is known, unless the stack begins in the table.
    if is_table_part(start)
        && !is_table_part(outermost.name())
        && !any_html(open, |name| matches!(name, "table" | "template"))
    {
        return Start::Unsure(0);
    }
    // Ruby may stand in a paragraph; what else may has no end to be guessed.
    let in_ruby = matches!(outermost.name(), "rb" | "rp" | "rt" | "rtc");
    if in_ruby && closes_paragraph(start) && !any_html(open, ends_scope) {
        return Start::Unsure(0);
    }
    if is_table_frame(innermost.name()) && !may_stand_in_table(start) {
        // The element goes in front of the table, or ends it.
        let table = open.iter().rposition(|element| element.name() == "table");
        return Start::Unsure(table.unwrap_or(0));
    }
    let Some(index) = closed_by(open, start) else { return Start::Nothing };
    let (first, inside) = (&open[index], &open[index + 1..]);
    if is_formatting(first.name()) {
        let clean = !leaks(inside) && !any_html(inside, is_special);
        return Start::Unsure(if clean { index } else { 0 });
    }
    if leaks(&open[index..]) {
        return Start::Unsure(0);
    }
    // Without a doctype a table may stand in a paragraph.
    if start == "table" { Start::Unsure(index) } else { Start::Closes(index) }
}

/// Where HTML may stand inside SVG and `MathML`.
fn takes_html(name: &str) -> bool {
    matches!(
        name,
        "annotation-xml"
            | "desc"
            | "foreignobject"
            | "mi"
            | "mn"
            | "mo"
            | "ms"
            | "mtext"
            | "title"
    )
}

/// Where only parts of a table may stand.
fn is_table_frame(name: &str) -> bool {
    matches!(name, "table" | "tbody" | "tfoot" | "thead" | "tr" | "colgroup")
}

fn may_stand_in_table(name: &str) -> bool {
    is_table_part(name)
        || matches!(name, "form" | "input" | "script" | "style" | "template")
}

/// Whether an end tag closes the element at `own` (or, if there is none, one around the open ones) and all inside it,
/// with no trace behind it.
pub(super) fn end_tag_closes(
    open: &[impl OpenElement],
    own: Option<usize>,
    end: &str,
) -> bool {
    let inside = &open[own.map_or(0, |own| own + 1)..];
    if own.is_some_and(|own| !open[own].html()) {
        return !any_html(inside, |_| true);
    }
    if matches!(end, "body" | "html") {
        // What follows goes on in the same elements, but little does.
        return true;
    }
    let forgotten = own.is_some_and(|own| keeps_formatting(open[own].name()));
    if !forgotten && leaks(inside) {
        return false;
    }
    let within = |stop: &dyn Fn(&str) -> bool| !any_html(inside, stop);
    match end {
        // One without its start tag makes an empty paragraph and closes nothing.
        "p" => own.is_some() && within(&|name| ends_scope(name) || name == "button"),
        "li" => within(&|name| ends_scope(name) || matches!(name, "ol" | "ul")),
        // Only the form itself is closed, not what is inside it.
        "form" => inside.is_empty(),
        "table" | "template" => within(&|name| matches!(name, "template")),
        _ if is_table_part(end) => within(&|name| matches!(name, "table" | "template")),
        "applet" | "marquee" | "object" => within(&ends_scope),
        _ if is_special(end) => within(&ends_scope),
        _ => within(&is_special),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn start(open: &str, start: &str, expected: Start) {
        let open: Vec<_> = open.split_whitespace().collect();
        assert_eq!(start_tag_closes(&open, start), expected, "<{start}> inside {open:?}");
    }

    #[test]
    fn start_tags() {
        start("ul li", "li", Start::Closes(1));
        start("p", "div", Start::Closes(0));
        start("p", "table", Start::Unsure(0));
        start("p b", "div", Start::Unsure(0));
        start("section p b", "div", Start::Unsure(0));
        start("section a", "a", Start::Unsure(1));
        start("tr td b", "td", Start::Closes(1));
        start("p", "td", Start::Unsure(0));
        start("div table tr td p", "td", Start::Closes(3));
        start("div table", "p", Start::Unsure(1));
        start("div table", "tr", Start::Nothing);
        start("rt", "div", Start::Unsure(0));
        start("div svg", "p", Start::Unsure(1));
        start("div", "p", Start::Nothing);
    }

    #[track_caller]
    fn end(open: &str, own: Option<usize>, tag: &str, expected: bool) {
        let open: Vec<_> = open.split_whitespace().collect();
        assert_eq!(end_tag_closes(&open, own, tag), expected, "</{tag}> inside {open:?}");
    }

    #[test]
    fn end_tags() {
        end("div", Some(0), "div", true);
        end("div p", Some(0), "div", true);
        end("div span", Some(0), "div", true);
        end("div b", Some(0), "div", false);
        end("div table tr td", Some(0), "div", false);
        end("span div", Some(0), "span", false);
        end("span p", Some(0), "span", false);
        end("b i", Some(0), "b", false);
        end("b div", Some(0), "b", false);
        end("b span", Some(0), "b", true);
        end("table tr td b", Some(0), "table", true);
        end("td b", Some(0), "td", true);
        end("form span", Some(0), "form", false);
        end("li", None, "ul", true);
        end("li", None, "p", false);
        end("li ul", Some(0), "li", false);
    }
}
