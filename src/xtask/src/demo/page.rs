//! What a reader notices on a page: its headline and its main button.
//!
//! Not a parser: it reads the demo's own pages, for a table on a terminal.

/// The words of the first `h1`.
pub(crate) fn headline(page: &str) -> String {
    words_of(page, |tag| name(tag) == "h1").unwrap_or_else(|| "(no headline)".to_owned())
}

/// The words of the first button in the main part.
pub(crate) fn button(page: &str) -> String {
    let main = page.find("<main").map_or(page, |at| &page[at..]);
    words_of(main, |tag| has_class(tag, "cta"))
        .unwrap_or_else(|| "(no button)".to_owned())
}

/// The text between the first tag that is `wanted` and the next end tag of that name.
fn words_of(page: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
    let mut rest = page;
    loop {
        let (_, from_tag) = rest.split_once('<')?;
        let (tag, after) = from_tag.split_once('>')?;
        if wanted(tag) {
            let (inside, _) = after.split_once(&format!("</{}", name(tag)))?;
            return Some(plain(inside));
        }
        rest = after;
    }
}

fn name(tag: &str) -> &str {
    tag.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default()
}

fn has_class(tag: &str, class: &str) -> bool {
    tag.split_once("class=\"")
        .and_then(|(_, value)| value.split_once('"'))
        .is_some_and(|(value, _)| value.split_ascii_whitespace().any(|it| it == class))
}

/// Text without tags, on one line, with the commonest references decoded.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let decoded = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&");
    decoded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_is_read_as_a_person_reads_it() {
        let page = "<header>x</header><h1 class=\"a\">Rain\n or <em>shine</em> &amp; all</h1><h1>2</h1>";
        assert_eq!(headline(page), "Rain or shine & all");
        assert_eq!(headline("<p>none</p>"), "(no headline)");
    }

    #[test]
    fn the_button_is_the_one_of_the_main_part() {
        let page = "<a class=\"cta small\">Top</a><main><a class=\"plain\">No</a>\
                    <a class=\"big cta\" href=\"/\">Go</a></main>";
        assert_eq!(button(page), "Go");
    }
}
