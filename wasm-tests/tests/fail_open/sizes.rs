//! Pages of absurd size and shape. Each either is edited or passes, whole.

use edgewise_wasm_tests::{Site, datafile, html};

/// Serves a page with its headline first and another one last, and claims that
/// everything arrived, with the last headline edited or, if the log says why, not.
#[track_caller]
fn arrives(middle: &str) {
    let page = |first: &str, last: &str| {
        format!("<!doctype html><h1>{first}</h1>{middle}<h1>{last}</h1><p>the end</p>")
    };
    let new = "Start free";
    let answer = html(page("Hi", "Bye"));
    let site = Site::serving("/length", answer.clone())
        .and("/chunked", answer.chunked())
        .with_datafile(datafile::below("/"));
    for path in ["/length", "/chunked"] {
        let before = site.log().len();
        let reply = site.get(path).visitor("alice").send();
        let of_type = |kind: &str| {
            let lines = site.log().into_iter().skip(before);
            lines.filter(|line| line["type"] == kind).collect::<Vec<_>>()
        };
        let (faults, exposures) = (of_type("fault"), of_type("exposure"));
        if faults.is_empty() {
            reply.is(200).holds(page(new, new));
            assert_eq!(exposures.len(), 1, "{exposures:?}");
            assert_eq!(exposures[0]["changes"][0]["applied"], 2);
        } else {
            reply.is(200).holds(page(new, "Bye"));
            assert_eq!(faults.len(), 1, "{faults:?}");
        }
    }
}

#[test]
fn thirty_megabytes() {
    arrives(
        &"<p class=\"row\">A row of a very long page, &amp; text.</p>\n".repeat(520_000),
    );
}

#[test]
fn a_hundred_thousand_divs_inside_each_other() {
    let depth = 100_000;
    arrives(&format!("{}deep{}", "<div>".repeat(depth), "</div>".repeat(depth)));
}

#[test]
fn a_hundred_thousand_divs_that_never_close() {
    arrives(&"<div class=a>".repeat(100_000));
}

#[test]
fn attributes_of_ten_megabytes() {
    arrives(&format!("<p title=\"{}\">long</p>", "x".repeat(10_000_000)));
}

#[test]
fn a_hundred_thousand_attributes_on_one_element() {
    let attributes: Vec<_> = (0..100_000).map(|n| format!(" data-a{n}=1")).collect();
    let attributes = attributes.concat();
    arrives(&format!("<p{attributes}>many</p>"));
}

#[test]
fn a_comment_and_a_script_of_ten_megabytes() {
    let long = "x".repeat(10_000_000);
    arrives(&format!("<!-- {long} --><script>{long}</script>"));
}

#[test]
fn one_word_of_ten_megabytes() {
    arrives(&"x".repeat(10_000_000));
}
