//! What passes without a look might as well have been looked at: the same bytes and the same report come out.

#![allow(missing_docs, reason = "nobody imports tests")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{Datafile, Facts, PageHead, Plan, Rewriter, validate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use support::soup::{cases, changes, draft, html_soup};

/// Every sort of element that passes, with ways to write its tag, and some that do not.
const ELEMENTS: &[&str] = &[
    "div",
    "div",
    "p",
    "p",
    "section",
    "ul",
    "ol",
    "li",
    "li",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "span",
    "label",
    "a",
    "a",
    "em",
    "b",
    "strong",
    "code",
    "button",
    "table",
    "td",
    "tr",
    "select",
    "option",
    "form",
    "svg",
    "g",
    "pre",
    "summary",
    "x-card",
    "font",
    "nobr",
    "object",
    "template",
    "ruby",
    "rt",
    "blockquote",
    "main",
    "TIME",
];

const TAGS: &[&str] = &[
    "",
    "",
    "",
    " class=\"a\"",
    " class='b c'",
    " class=\"&#97;\"",
    " id=x",
    " id=\"y\" hidden",
    " href=/p?a=1",
    " class",
    " class = \"a\"",
    " data-a=\"é\"",
    " /",
    "\n\tid='x'\n",
    " class=\"b\"id=\"x\"",
    " =a",
    " a=\"<p>\"",
    " a='>'",
    " a=\">",
    " class=A",
    " title=a/",
    " id=__next",
    " data-reactroot",
    " DATA-SERVER-RENDERED=true",
    " id=__x",
    " /a=b",
    " a ",
    " class=\"a",
    " shadowrootmode=open",
];

const PIECES: &[&str] = &[
    "<img src=a.png>",
    "<br>",
    "<br/>",
    "<wbr>",
    "<hr>",
    "<input type=hidden>",
    "</p>",
    "</br>",
    "</p >",
    "</>",
    "<!-- c -->",
    "<![CDATA[x]]>",
    "<svg><path d=\"M0 0\"/></svg>",
    "<svg class=a><g><circle r=1></circle></g></svg>",
    "<svg><title>x</title></svg>",
    "<svg><g></svg>",
    "<svg><lineargradient id=x></linearGradient></svg>",
    "<svg/>",
    "<svg><p>",
    "<math><mi>x</mi></math>",
    "<svg>a<a href=/p>b</a></svg>",
    "<a href=/p>words</a>",
    "<i class=a></i>",
    "<li>one</li>",
    "<textarea>\n<p></textarea>",
    "<script>'<p>'</script>",
    "<style>p{}</style>",
    "<title>t</title>",
    "<table><tr><td>",
    "</table>",
    "</body>",
    "</html>",
    "<frameset>",
    "<plaintext>",
    "words",
    " ",
    "\0",
    "&amp;",
    "<",
    "<p",
    "<a><b><i><u><s>",
    "</a></b>",
    "<b><b><b><b>",
    "</b>",
    "<a><div></a>",
    "<p><button><p>",
    "é",
];

/// Elements in elements, as people write them, with something odd here and there.
fn page() -> impl Strategy<Value = Vec<u8>> {
    let text = select(&["", "", "words", " ", "\n  ", "a &amp; b", "é"][..]);
    let leaf = prop_oneof![
        4 => text.prop_map(str::to_owned),
        4 => (select(ELEMENTS), select(TAGS), text_of())
            .prop_map(|(name, tag, text)| format!("<{name}{tag}>{text}</{name}>")),
        2 => select(PIECES).prop_map(str::to_owned),
        1 => (select(ELEMENTS), select(TAGS)).prop_map(|(name, tag)| format!("<{name}{tag}>")),
        1 => select(ELEMENTS).prop_map(|name| format!("</{name}>")),
    ];
    let tree = leaf.prop_recursive(5, 80, 6, |inner| {
        (select(ELEMENTS), select(TAGS), vec(inner, 0..6), any::<u8>()).prop_map(
            |(name, tag, inside, odd)| {
                let end = if odd < 16 { String::new() } else { format!("</{name}>") };
                format!("<{name}{tag}>{}{end}", inside.concat())
            },
        )
    });
    let front = select(
        &["", "<!doctype html>", "<!doctype html><head><title>t</title></head><body>"][..],
    );
    (front, vec(tree, 1..8))
        .prop_map(|(front, parts)| format!("{front}{}", parts.concat()).into_bytes())
}

fn text_of() -> impl Strategy<Value = &'static str> {
    select(&["", "words", "a &amp; b", "\0", "a < b"][..])
}

/// The datafile of a draft; on half of them, nobody looks for a framework.
fn datafile(experiments: &[Vec<Value>], plain: bool) -> Option<Datafile> {
    let mut draft = draft(experiments);
    if plain {
        for experiment in draft["experiments"].as_array_mut().unwrap() {
            experiment["rendering"] = json!("static");
        }
    }
    validate(&draft.to_string(), 1).0
}

fn rewritten(
    plan: &Plan<'_>,
    html: &[u8],
    size: usize,
    thorough: bool,
) -> (Vec<u8>, String) {
    let mut rewriter = Rewriter::new(plan, PageHead::default());
    if thorough {
        rewriter = rewriter.thorough();
    }
    let mut out = Vec::new();
    for chunk in html.chunks(size) {
        rewriter.write(chunk, &mut out);
    }
    let report = rewriter.end(&mut out);
    (out, format!("{report:?}"))
}

fn check(
    experiments: &[Vec<Value>],
    plain: bool,
    html: &[u8],
    size: usize,
) -> Result<(), TestCaseError> {
    let Some(datafile) = datafile(experiments, plain) else { return Ok(()) };
    let running = datafile.experiments().map(|one| (one, one.variant("b").unwrap()));
    let plan = Plan::for_variants(running, &Facts::default());
    let (out, report) = rewritten(&plan, html, size, false);
    let (expected, expected_report) = rewritten(&plan, html, size, true);
    prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected));
    prop_assert_eq!(report, expected_report);
    Ok(())
}

proptest! {
    #![proptest_config(cases(12_000))]

    #[test]
    fn a_page_that_passes_is_the_page_that_is_looked_at(
        experiments in vec(changes(), 1..3),
        plain in any::<bool>(),
        html in page(),
        size in select(&[7, 64, 40_000][..]),
    ) {
        check(&experiments, plain, &html, size)?;
    }

    #[test]
    fn soup_that_passes_is_soup_that_is_looked_at(
        experiments in vec(changes(), 1..3),
        html in html_soup(),
        size in select(&[7, 40_000][..]),
    ) {
        check(&experiments, true, &html, size)?;
    }
}
