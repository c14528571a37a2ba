//! Where elements end when their end tag was left out: the part of the HTML standard's tree construction that decides
//! which open elements a start tag closes ("in body", "in table" and the modes below it).

/// One open element, innermost last in a stack of them. The stack need not begin at the page's root: what lies outside
/// of it cannot be closed by what is inside.
pub(super) trait OpenElement {
    /// In lower case.
    fn name(&self) -> &str;
    /// In the HTML namespace; SVG and `MathML` know no omitted tags.
    fn html(&self) -> bool;
}

/// Elements without content and end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "basefont"
            | "bgsound"
            | "frame"
            | "keygen"
    )
}

/// Elements whose content the parser takes as text without references.
pub(super) fn is_raw_text(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "xmp"
            | "plaintext"
    )
}

/// Elements whose content is text with references.
pub(super) fn is_escapable_raw_text(name: &str) -> bool {
    matches!(name, "textarea" | "title")
}

/// Elements whose end tag may be left out: the standard says where they end.
pub(super) fn has_optional_end(name: &str) -> bool {
    matches!(
        name,
        "p" | "li"
            | "dt"
            | "dd"
            | "option"
            | "optgroup"
            | "rb"
            | "rp"
            | "rt"
            | "rtc"
            | "td"
            | "th"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "caption"
            | "colgroup"
            | "head"
            | "body"
            | "html"
    )
}

/// Elements that may stand in the head; any other start tag ends it.
pub(super) fn belongs_in_head(name: &str) -> bool {
    matches!(
        name,
        "html"
            | "head"
            | "base"
            | "basefont"
            | "bgsound"
            | "link"
            | "meta"
            | "noframes"
            | "noscript"
            | "script"
            | "style"
            | "template"
            | "title"
    )
}

/// Elements whose start tag closes an open paragraph.
pub(super) fn closes_paragraph(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "li"
            | "dd"
            | "dt"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "ul"
            | "xmp"
    )
}

/// What an element's scope ends at (the standard's "has an element in scope").
pub(super) fn ends_scope(name: &str) -> bool {
    matches!(
        name,
        "applet"
            | "caption"
            | "html"
            | "table"
            | "td"
            | "th"
            | "marquee"
            | "object"
            | "template"
    )
}

/// The standard's "special" elements other than address, div and p: a list item is not looked for beyond them.
fn ends_item_search(name: &str) -> bool {
    ends_scope(name)
        || matches!(
            name,
            "article"
                | "aside"
                | "blockquote"
                | "body"
                | "button"
                | "center"
                | "details"
                | "dir"
                | "dl"
                | "dt"
                | "dd"
                | "fieldset"
                | "figcaption"
                | "figure"
                | "footer"
                | "form"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "head"
                | "header"
                | "hgroup"
                | "li"
                | "listing"
                | "main"
                | "menu"
                | "nav"
                | "ol"
                | "pre"
                | "search"
                | "section"
                | "select"
                | "summary"
                | "tbody"
                | "tfoot"
                | "thead"
                | "tr"
                | "ul"
        )
}

/// The standard's "special" elements: an end tag of another kind does not reach beyond them.
pub(super) fn is_special(name: &str) -> bool {
    ends_item_search(name) || matches!(name, "address" | "div" | "p")
}

/// What only stands in a table: anywhere else, the tag is ignored.
pub(super) fn is_table_part(name: &str) -> bool {
    matches!(
        name,
        "caption" | "col" | "colgroup" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr"
    )
}

/// The index of the outermost element that a start tag closes, if it closes any; all above it close too.
pub(super) fn closed_by(open: &[impl OpenElement], name: &str) -> Option<usize> {
    let top = open.len().checked_sub(1)?;
    let is = |index: usize, names: &[&str]| {
        open[index].html() && names.contains(&open[index].name())
    };
    // Walks outwards until `stop`; the first element named one of `names`.
    let nearest = |names: &[&str], stop: &dyn Fn(&str) -> bool| {
        for index in (0..=top).rev() {
            if is(index, names) {
                return Some(index);
            }
            if !open[index].html() || stop(open[index].name()) {
                return None;
            }
        }
        None
    };
    // The outermost of `names` inside the nearest table.
    let in_table = |names: &[&str]| {
        let inside = (0..=top)
            .rev()
            .take_while(|&index| !is(index, &["table", "template", "html"]));
        inside.filter(|&index| is(index, names)).last()
    };

    let headings = ["h1", "h2", "h3", "h4", "h5", "h6"];

    let item = match name {
        "li" => nearest(&["li"], &ends_item_search),
        "dt" | "dd" => nearest(&["dt", "dd"], &ends_item_search),
        "option" => is(top, &["option"]).then_some(top),
        "optgroup" | "hr" => match (is(top, &["option"]), top.checked_sub(1)) {
            (true, Some(below)) if is(below, &["optgroup"]) => Some(below),
            (true, _) => Some(top),
            (false, _) => is(top, &["optgroup"]).then_some(top),
        },
        "rb" | "rtc" => is(top, &["rb", "rp", "rt", "rtc"]).then_some(top),
        "rp" | "rt" => is(top, &["rb", "rp", "rt"]).then_some(top),
        "td" | "th" => in_table(&["td", "th", "caption", "colgroup"]),
        "tr" => in_table(&["td", "th", "tr", "caption", "colgroup"]),
        "tbody" | "thead" | "tfoot" | "caption" | "colgroup" | "col" => {
            let mut names = vec!["td", "th", "tr", "tbody", "thead", "tfoot", "caption"];
            if name != "col" {
                names.push("colgroup");
            }
            in_table(&names)
        }
        "a" => nearest(&["a"], &ends_scope),
        "nobr" => nearest(&["nobr"], &ends_scope),
        "button" => nearest(&["button"], &ends_scope),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => is(top, &headings).then_some(top),
        _ => None,
    };
    let paragraph = closes_paragraph(name)
        .then(|| nearest(&["p"], &|name| ends_scope(name) || name == "button"))
        .flatten();
    // A heading does not stand in a heading: where the paragraph was all that lay between, both close.
    let paragraph = match paragraph {
        Some(index)
            if index > 0 && headings.contains(&name) && is(index - 1, &headings) =>
        {
            Some(index - 1)
        }
        other => other,
    };
    let head = (is(top, &["head"]) && !belongs_in_head(name)).then_some(top);
    [item, paragraph, head].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl OpenElement for &str {
        fn name(&self) -> &str {
            self
        }
        fn html(&self) -> bool {
            *self != "svg"
        }
    }

    #[track_caller]
    fn check(open: &str, start: &str, left: &str) {
        let open: Vec<_> = open.split_whitespace().collect();
        let kept = closed_by(&open, start).map_or(&open[..], |index| &open[..index]);
        assert_eq!(kept.join(" "), left, "<{start}> inside {open:?}");
    }

    #[test]
    fn start_tags_close_what_the_standard_says() {
        check("p", "div", "");
        check("p span", "div", "");
        check("p", "span", "p");
        check("p button", "div", "p button");
        check("div p", "p", "div");
        check("p svg", "div", "p svg");
        check("ul li", "li", "ul");
        check("ul li p", "li", "ul");
        check("li ul", "li", "li ul");
        check("li div", "li", "");
        check("li section", "li", "li section");
        check("dl dt", "dd", "dl");
        check("select option", "option", "select");
        check("select optgroup option", "optgroup", "select");
        check("table tbody tr td p", "td", "table tbody tr");
        check("table tbody tr td", "tr", "table tbody");
        check("table thead tr th", "tbody", "table");
        check("td table", "td", "td table");
        check("table colgroup", "col", "table colgroup");
        check("ruby rt", "rp", "ruby");
        check("a span", "a", "");
        check("h1", "h2", "");
        check("h1 span", "h2", "h1 span");
        check("h1 p", "h2", "");
        check("head", "body", "");
        check("head", "meta", "head");
        check("div", "div", "div");
    }
}
