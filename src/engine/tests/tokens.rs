//! Whatever a visitor sends, it stays words: with any value in its tokens, a page has the same elements, attributes and
//! comments as with a harmless one. The markup comes without the checks of a draft, so that tokens stand in odd places
//! too; the parser that looks at the result is not the one that found their places.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::cell::RefCell;
use std::fmt::Write as _;

use edgewise_engine::{
    Datafile, Facts, Geo, Host, Page, PageHead, Plan, rewrite, validate,
};
use lol_html::html_content::Attribute;
use lol_html::{RewriteStrSettings, doc_comments, element, rewrite_str};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use support::soup::cases;

const PAGE: &str = "<!doctype html><title>Shop</title><main><a href=/ title=a>Go</a><div id=box>old</div><p>More</p></main>";

/// A datafile of one variant with these changes, unless one of its tokens is refused.
fn datafile(changes: &Value) -> Option<Datafile> {
    let file = json!({
        "schema_version": 1, "hash_version": 1, "revision": 1,
        "experiments": [{
            "key": "x", "name": "X", "seed": "x", "status": "running",
            "hypothesis": {"we_believe": "", "will_cause": "", "because": ""},
            "pages": {"include": [{"prefix": "/"}]}, "coverage": 10_000,
            "variants": [{"key": "b", "name": "B", "weight": 10_000, "allocation": [[0, 10_000]], "changes": changes}]
        }]
    });
    Datafile::from_json(file.to_string().as_bytes()).ok()
}

/// The page as a visitor with that value sees it.
fn shown(datafile: &Datafile, value: &str) -> String {
    let mut url = "https://example.com/?q=".to_owned();
    for byte in value.bytes() {
        let _ = write!(url, "%{byte:02X}");
    }
    let facts = Facts::of_page(&Page::parse(&url).unwrap());
    let experiment = datafile.experiments().next().unwrap();
    let plan = Plan::for_variants([(experiment, &experiment.variants[0])], &facts);
    let (html, _) = rewrite(
        &plan,
        &PageHead {
            content_type: Some("text/html; charset=utf-8".to_owned()),
            policies: vec![],
        },
        PAGE.as_bytes(),
    );
    String::from_utf8(html).unwrap()
}

/// Elements with their attributes' names, and comments, in their order.
fn structure(html: &str) -> Vec<String> {
    let found = RefCell::new(Vec::new());
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("*", |el| {
            let names: Vec<_> = el.attributes().iter().map(Attribute::name).collect();
            found.borrow_mut().push(format!("{} {names:?}", el.tag_name()));
            Ok(())
        }))
        .append_document_content_handler(doc_comments!(|comment| {
            found.borrow_mut().push(format!("<!--{}", comment.text()));
            Ok(())
        }));
    rewrite_str(html, settings).unwrap();
    found.into_inner()
}

fn values() -> impl Strategy<Value = String> {
    let parts = [
        "<",
        ">",
        "\"",
        "'",
        "&",
        "=",
        "/",
        " ",
        "\n",
        "`",
        "-->",
        "--!>",
        "]]>",
        "<!--",
        "</title>",
        "</textarea>",
        "</style>",
        "</svg>",
        "<script>",
        "<img src=x onerror=alert(1)>",
        " onclick=a",
        "{",
        "{{",
        "}}",
        "{{query.q}}",
        "&quot;",
        "&#39;",
        "&lt;b>",
        "javascript:",
        "//evil.example",
        "\\",
        ":",
        "..",
        "%22",
        "\0",
        "\u{2028}",
        "é",
        "x",
    ];
    prop_oneof![4 => vec(select(parts.to_vec()), 1..6).prop_map(|parts| parts.concat()), 1 => ".{1,20}"]
}

/// Markup of any quality with tokens anywhere.
fn markup() -> impl Strategy<Value = String> {
    let token =
        select(vec!["{{query.q}}", "{{query.q | words | \"d\"}}", "{{query.q | title}}"]);
    let piece = select(vec![
        "<p>",
        "</p>",
        "<b ",
        "<img alt=",
        "<a href=\"",
        "<a href='/",
        "<img alt=\"",
        "<img srcset='/a.jpg 1x, /b",
        " title='",
        " value=\"",
        " class='",
        "'",
        "\"",
        ">",
        "/>",
        "=",
        " ",
        "a",
        "<",
        "</",
        "<!--",
        "-->",
        "--!>",
        "-",
        "<!",
        "<?",
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<style>",
        "</style>",
        "<svg>",
        "</svg>",
        "<math>",
        "<![CDATA[",
        "]]>",
        "<select>",
        "</select>",
        "<template>",
        "</template>",
        "<noscript>",
        "</noscript>",
        "<table>",
        "<td>",
        "</table>",
        "&",
        "&amp;",
        "/",
        "/search?q=",
        "https://example.com/",
        "{",
    ]);
    vec(prop_oneof![1 => token, 3 => piece], 1..14).prop_map(|pieces| pieces.concat())
}

/// Markup that a draft could have, with tokens in the places for them.
fn good_markup() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "<p>{{query.q}}</p>",
        "a {{query.q | \"d\"}}{{query.q}} b",
        "<img alt=\"{{query.q}}\" src='/{{query.q | \"d\"}}.jpg'>",
        "<a title='{{query.q}}' href=\"https://example.com/a?b={{query.q}}&amp;c\">{{query.q}}</a>",
        "<!-- a > b -->",
        "<textarea placeholder=\"{{query.q}}\">{{query.q}}</textarea>",
        "<svg><title>{{query.q}}</title></svg>",
        "<style>a{}</style>",
        "<p class=\"a>\" data-a='{'>{</p>",
        "<br/>",
        "<ul><li>{{query.q}}<li>{{query.q}}</ul>",
    ]);
    vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

fn stays_words(changes: &Value, value: &str) -> Result<bool, TestCaseError> {
    let Some(datafile) = datafile(changes) else { return Ok(false) };
    let (harmless, hostile) = (shown(&datafile, "x"), shown(&datafile, value));
    // Words that would not stay where they are put, as in a table, are refused; no words at all are not.
    if harmless == PAGE || hostile == PAGE {
        return Ok(true);
    }
    prop_assert_eq!(
        structure(&harmless),
        structure(&hostile),
        "{}\n{}",
        harmless,
        hostile
    );
    Ok(true)
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn values_stay_words_in_any_markup(html in markup(), value in values()) {
        let accepted = stays_words(&json!([{"selector": "#box", "html": html}]), &value)?;
        let has_tokens = html.contains("{{");
        prop_assert!(accepted || has_tokens);
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn values_stay_words_in_good_markup(html in good_markup(), value in values()) {
        let changes = json!([
            {"selector": "#box", "html": html},
            {"selector": "p", "insert": {"before": html}},
            {"selector": "title", "text": "{{query.q}} - Shop"},
            {"selector": "a", "attribute": {"title": "{{query.q}}", "href": "/{{query.q | \"d\"}}/{{query.q}}"}},
        ]);
        prop_assert!(stays_words(&changes, &value)?);
    }

    #[test]
    fn any_text_is_read(text in "([a-z ]|\\{\\{|}}|[|\"'\\\\(){}.0-9é]|geo.city|upper|truncate|query\\.){0,30}") {
        for change in [
            json!({"selector": "#box", "text": text}),
            json!({"selector": "#box", "html": text}),
            json!({"selector": "a", "attribute": {"href": format!("/a{text}"), "title": text}}),
        ] {
            if let Some(datafile) = datafile(&json!([change])) {
                shown(&datafile, "x");
            }
        }
    }

    #[test]
    fn no_value_makes_a_pair_of_braces(value in values()) {
        let texts = ["{{query.q}}", "{{query.q}}{{query.q}}", "{ {{query.q}}{", "{{query.q | \"{{\"}}"];
        let changes = texts.map(|text| json!({"selector": "a", "attribute": {"title": text, "alt": text}, }));
        for change in changes {
            let html = shown(&datafile(&json!([change])).unwrap(), &value);
            prop_assert!(!html.contains("{{"), "{}", html);
        }
    }

    #[test]
    fn a_value_is_put_in_once(value in values()) {
        let text = "{{query.q}}|{{query.q | upper}}";
        let html = shown(&datafile(&json!([{"selector": "#box", "text": text}])).unwrap(), &value);
        prop_assert!(!html.contains("|{{query.q | upper}}"), "{}", html);
        prop_assert!(html.len() < PAGE.len() + 6 * 3 * 400);
    }
}

/// What a draft with a token becomes is what was checked.
#[test]
fn published_tokens_are_read_back() {
    let draft = r#"{"experiments": [{
        "key": "hero", "name": "Hero", "status": "running",
        "hypothesis": {"we_believe": "a warmer headline", "will_cause": "more sign-ups", "because": "people skim it"},
        "pages": {"include": [{"exact": "/"}]},
        "variants": [
            {"key": "control", "name": "Control", "weight": 5000},
            {"key": "b", "name": "B", "weight": 5000, "changes": [{"selector": "h1", "text": "Hi {{query.q | \"you\"}}"}]}
        ]}]}"#;
    let (datafile, problems) = validate(draft, 1);
    assert!(problems.is_empty());
    let datafile = Datafile::from_json(datafile.unwrap().to_json().as_bytes()).unwrap();
    let experiment = datafile.experiment("hero").unwrap();
    let variant = experiment.variant("b").unwrap();
    let render = |facts: Facts<'_>| {
        let plan = Plan::for_variants([(experiment, variant)], &facts);
        String::from_utf8(rewrite(&plan, &PageHead::default(), b"<h1>Hello</h1>").0)
            .unwrap()
    };
    let page = Page::parse("https://example.com/?q=Ann").unwrap();
    assert_eq!(render(Facts::of_page(&page)), "<h1>Hi Ann</h1>");
    assert_eq!(render(Facts::default()), "<h1>Hi you</h1>");
}

/// A datafile that asks for more than there is is refused whole, as one that cannot be read.
#[test]
fn a_datafile_with_a_token_that_is_none_is_refused() {
    for text in ["{{geo.town}}", "{{geo.city", "{{}}"] {
        assert!(datafile(&json!([{"selector": "h1", "text": text}])).is_none(), "{text}");
    }
    assert!(
        datafile(&json!([{"selector": "h1", "html": "<p class=\"{{query.q}}\">"}]))
            .is_none()
    );
    assert!(
        datafile(&json!([{"selector": "h1", "attribute": {"href": "{{query.q}}"}}]))
            .is_none()
    );
}

/// A host that must not be asked.
struct Silent;
impl Host for Silent {
    fn header(&self, _: &str) -> Vec<String> {
        panic!("nobody needs them")
    }
    fn geo(&self) -> Geo {
        panic!("nobody needs it")
    }
}

/// Facts are asked for where a token is, and nowhere else.
#[test]
fn without_tokens_nothing_is_asked() {
    let datafile = datafile(&json!([{"selector": "h1", "text": "{ {Hi} }"}])).unwrap();
    let experiment = datafile.experiments().next().unwrap();
    let facts = Facts::default().with_host(&Silent);
    let plan = Plan::for_variants([(experiment, &experiment.variants[0])], &facts);
    let (html, _) = rewrite(&plan, &PageHead::default(), b"<h1>Hello</h1>");
    assert_eq!(html, b"<h1>{ {Hi} }</h1>");
}
