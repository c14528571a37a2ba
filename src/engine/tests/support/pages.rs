//! Pages at random, most of them as people write them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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
pub(crate) fn page() -> impl Strategy<Value = Vec<u8>> {
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
