//! Pages that nobody writes, and that arrive all the same: whole, in bounded time, with little held back.

#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(clippy::disallowed_methods, reason = "a test may look at the clock")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use edgewise_engine::{
    ChangeReport, Datafile, Facts, Page, PageHead, PageRule, Passed, PathRule, Plan,
    Report, Rewriter, Skip, validate,
};
use serde_json::{Value, json};

/// Ample for a debug build on a busy machine; a page of quadratic cost would take minutes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What an element waiting for its end and a tag being read may hold back, with some chunks.
const LAG: usize = 10 * 1024 * 1024;

fn datafile(changes: &[Value]) -> Datafile {
    let draft = json!({"experiments": [{
        "key": "x", "name": "X", "status": "running",
        "hypothesis": {
            "we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "visitors skim the page"
        },
        "pages": {"include": [{"prefix": "/"}]},
        "variants": [
            {"key": "control", "name": "Control", "weight": 5000},
            {"key": "b", "name": "B", "weight": 5000, "changes": changes},
        ]
    }]});
    let (datafile, problems) = validate(&draft.to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// Rewrites `html` as variant "b"; for control, it has to come out as it went in.
fn served<T>(html: &str, changes: &[Value], look: impl Fn(&str, &Report<'_>) -> T) -> T {
    let datafile = datafile(changes);
    let experiment = datafile.experiments().next().unwrap();
    let [control, b] = experiment.variants.as_slice() else { unreachable!() };
    stream(
        &Plan::for_variants([(experiment, control)], &Facts::default()),
        html,
        |out, _| {
            assert!(out == html, "control differs");
        },
    );
    stream(&Plan::for_variants([(experiment, b)], &Facts::default()), html, look)
}

fn stream<T>(plan: &Plan<'_>, html: &str, look: impl Fn(&str, &Report<'_>) -> T) -> T {
    let start = Instant::now();
    let mut rewriter = Rewriter::new(plan, PageHead::default());
    let (mut out, mut taken) = (Vec::new(), 0);
    for chunk in html.as_bytes().chunks(8 * 1024) {
        rewriter.write(chunk, &mut out);
        taken += chunk.len();
        assert!(out.len() + LAG > taken, "{} of {taken} bytes came out", out.len());
    }
    let report = rewriter.end(&mut out);
    let time = start.elapsed();
    assert!(time < PATIENCE, "{time:?}");
    for change in &report.experiments[0].changes {
        let skipped: u32 = change.skipped().map(|(_, count)| count).sum();
        assert_eq!(change.matched, change.applied + skipped, "{change:?}");
    }
    look(std::str::from_utf8(&out).unwrap(), &report)
}

/// The page has to come out as it went in.
fn unchanged(html: &str, changes: &[Value]) {
    served(html, changes, |out, _| assert!(out == html, "the page differs"));
}

fn skipped(report: &Report<'_>, reason: Skip) -> u32 {
    report.experiments[0]
        .changes
        .iter()
        .flat_map(ChangeReport::skipped)
        .filter(|(found, _)| *found == reason)
        .map(|(_, count)| count)
        .sum()
}

fn nested(name: &str, depth: usize, inside: &str) -> String {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    format!("{}{inside}{}", start.repeat(depth), end.repeat(depth))
}

#[test]
fn a_hundred_thousand_nested_elements() {
    let html = nested("div", 100_000, "<h1 id=deep>words</h1>");
    // The parser comes to its memory limit on the way down.
    served(&html, &[json!({"selector": "#deep", "text": "new"})], |out, report| {
        assert!(out == html);
        assert_eq!(report.passed, Some(Passed::TooComplex));
    });
    unchanged(&html, &[json!({"selector": "div", "remove": true})]);
    unchanged(&html, &[json!({"selector": "div", "insert": {"append": "new"}})]);
    unchanged(&html, &[json!({"selector": "div div div div > p", "hide": true})]);
}

#[test]
fn elements_that_wait_deep_inside_one_another() {
    let html = nested("div", 500, "<h1>words</h1>");
    served(&html, &[json!({"selector": "h1", "text": "new"})], |out, _| {
        assert!(out == html.replace("words", "new"));
    });
    served(&html, &[json!({"selector": "div", "insert": {"after": "new"}})], |out, _| {
        assert_eq!(out.matches("</div>new").count(), 500);
    });
    // Nobody follows ten thousand open elements; all of them stay as they are.
    let html = nested("div", 10_000, "<h1>words</h1>");
    served(
        &html,
        &[json!({"selector": "div", "insert": {"after": "new"}})],
        |_, report| {
            assert!(skipped(report, Skip::TooLong) > 0);
        },
    );
    served(&html, &[json!({"selector": "div", "text": "new"})], |_, report| {
        assert!(skipped(report, Skip::TooLong) > 0);
    });
}

#[test]
fn a_million_attributes() {
    let attributes = (0..1_000_000).fold(String::new(), |mut all, n| {
        let _ = write!(all, " a{n}=1");
        all
    });
    let html = format!("<main><h1{attributes}>words</h1><p>words</p></main>");
    unchanged(&html, &[json!({"selector": "h1", "attribute": {"a999999": "2"}})]);
    unchanged(&html, &[json!({"selector": "[a999999]", "class": {"add": ["big"]}})]);
    let fewer = format!("<h1{}>words</h1>", &attributes[..attributes.len() / 200]);
    served(&fewer, &[json!({"selector": "h1", "attribute": {"a1": "2"}})], |out, _| {
        assert!(out.contains(" a1=\"2\" a2=1 "));
    });
}

#[test]
fn an_unclosed_comment() {
    let html = format!("<h1>words</h1><!-- {}", "<p>x ".repeat(1_000_000));
    served(
        &html,
        &[
            json!({"selector": "h1", "text": "new"}),
            json!({"selector": "p", "remove": true}),
        ],
        |out, _| {
            assert!(out == html.replacen("words", "new", 1));
        },
    );
}

#[test]
fn an_unclosed_attribute() {
    let html = format!("<h1>words</h1><a href=\"{}", "<p>x ".repeat(3_000_000));
    let text = json!({"selector": "h1", "text": "new"});
    // The whole tag would have to be kept.
    served(&html, std::slice::from_ref(&text), |out, report| {
        assert!(out == html.replacen("words", "new", 1));
        assert_eq!(report.passed, Some(Passed::TooComplex));
    });
    served(&html, &[text, json!({"selector": "[href]", "hide": true})], |out, report| {
        assert!(out == html.replacen("words", "new", 1));
        assert_eq!(report.passed, Some(Passed::TooComplex));
    });
}

#[test]
fn twenty_megabytes() {
    let row =
        "<tr class=row><td>words &amp; words</td><td><a href=/x>more</a></td></tr>\n";
    let html = format!(
        "<table>{}</table><h1>words</h1>",
        row.repeat(20 * 1024 * 1024 / row.len())
    );
    let h1 = json!({"selector": "h1", "text": "new"});
    served(&html, std::slice::from_ref(&h1), |out, _| {
        assert!(out == html.replace("<h1>words", "<h1>new"));
    });
    served(&html, &[h1, json!({"selector": "a", "text": "less"})], |out, _| {
        assert!(out == html.replace("<h1>words", "<h1>new").replace(">more<", ">less<"));
    });
    served(&html, &[json!({"selector": "table", "remove": true})], |out, report| {
        assert!(out == html);
        assert_eq!(skipped(report, Skip::TooLong), 1);
    });
}

/// Longer than any page: whatever comes in has gone out again by the next chunk, but for what a change holds.
#[test]
fn a_hundred_megabytes() {
    const SIZE: usize = 100 * 1024 * 1024;
    let card = "<div class=card><h2>Words</h2><p>More &amp; <b>more</b> words<br>and <a href=/x?a=1&amp;b=2>links</a></div>\n";
    let chunk = card.repeat(64 * 1024 / card.len());
    let changes = [
        json!({"selector": "h1", "text": "new"}),
        json!({"selector": "a.cta, #buy", "attribute": {"href": "/y"}}),
        json!({"selector": "h2", "class": {"add": ["big"], "remove": []}}),
        json!({"selector": "body", "insert": {"append": "<footer>end</footer>"}}),
    ];
    let datafile = datafile(&changes);
    let experiment = datafile.experiments().next().unwrap();
    let plan =
        Plan::for_variants([(experiment, &experiment.variants[1])], &Facts::default());
    let mut rewriter = Rewriter::new(&plan, PageHead::default());
    let (mut out, mut sent, mut most) = (Vec::new(), 0, 0);
    let mut write = |bytes: &[u8]| {
        rewriter.write(bytes, &mut out);
        sent += out.len();
        most = most.max(out.capacity());
        out.clear();
    };
    write(b"<!doctype html><h1>old</h1>");
    let times = SIZE / chunk.len();
    for _ in 0..times {
        write(chunk.as_bytes());
    }
    let report = rewriter.end(&mut out);
    let cards = times * (chunk.len() / card.len());
    let text = String::from_utf8(out).unwrap();
    assert!(text.ends_with("<footer>end</footer>"), "{text}");
    assert_eq!(report.experiments[0].changes[2].applied as usize, cards);
    assert!(sent > SIZE - chunk.len() + cards * " class=\"big\"".len());
    assert!(most < 1024 * 1024, "{most} bytes at once");
}

#[test]
fn end_tags_left_out_half_a_million_times() {
    for (start, end) in [
        ("<p>", ""),
        ("<ul>", "<li>"),
        ("<table>", "<tr><td>"),
        ("<div>", "<span>"),
        ("<svg>", "<g>"),
    ] {
        let html = format!("{start}{}", format!("{start}{end}x").repeat(500_000));
        for selector in ["p", "li", "td", "span", "g", "*"] {
            let change = json!({"selector": selector, "insert": {"append": ""}});
            unchanged(&html[..html.len() / 10], &[change]);
        }
        served(&html, &[json!({"selector": "p", "text": "y"})], |_, _| ());
    }
}

#[test]
fn nothing_but_the_starts_of_tags() {
    for piece in ["<", "</", "<!", "<p ", "<p a", "&", "<p/", "</p ", "<![CDATA[", "<?"] {
        let html = piece.repeat(200_000);
        unchanged(&html, &[json!({"selector": "p", "hide": true})]);
        served(&html, &[json!({"css": "p { color: red }"})], |out, _| {
            let rest = out.replacen("<style>p { color: red }</style>", "", 1);
            assert!(rest == html);
        });
    }
}

#[test]
fn as_many_changes_as_there_may_be() {
    let changes: Vec<_> = (0..200)
        .map(|n| json!({"selector": "*", "attribute": {format!("a{n}"): "1"}}))
        .collect();
    let html = "<p>x</p>".repeat(5_000);
    served(&html, &changes, |out, report| {
        // The page's own, and those of its html, head and body that every page has.
        assert_eq!(out.matches(" a199=\"1\"").count(), 5_003);
        assert_eq!(report.experiments[0].changes[199].applied, 5_003);
    });
}

#[test]
fn a_wildcard_full_of_stars() {
    let rule = PageRule {
        host: None,
        path: PathRule::Wildcard("*a".repeat(2_000) + "b"),
        query: BTreeMap::new(),
    };
    let page =
        Page::parse(&format!("https://example.com/{}", "a".repeat(8_000))).unwrap();
    let start = Instant::now();
    assert!(!rule.matches(&page));
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn a_query_full_of_parameters() {
    let rule = r#"{"query": {"a1": {"is": "x"}, "a9999": {"contains": "x"}, "b": {"exists": false}}}"#;
    let rules = vec![serde_json::from_str::<PageRule>(rule).unwrap(); 1_000];
    let parameters: Vec<_> =
        (0..10_000).map(|number| format!("a{}=%78", number % 9_999 + 1)).collect();
    let url =
        format!("https://example.com/?{}&{}", parameters.join("&"), "&".repeat(9_999));
    let page = Page::parse(&url).unwrap();
    let start = Instant::now();
    assert!(rules.iter().all(|rule| rule.matches(&page)));
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn a_regex_that_backtracking_would_never_end() {
    let rule = |regex: &str| -> PageRule {
        serde_json::from_value(json!({"regex": regex})).unwrap()
    };
    let page =
        Page::parse(&format!("https://example.com/{}", "a".repeat(8_000))).unwrap();
    let start = Instant::now();
    for regex in ["^/(a+)+$b", "(a|aa)+b$", "(a*)*b", "(.*a){20}b"] {
        assert!(!rule(regex).matches(&page), "{regex}");
    }
    assert!(start.elapsed() < PATIENCE);
}

/// What is held for a picture is given up, whether it comes in pieces or at once; and so for control.
#[test]
fn a_picture_without_an_end() {
    let image = [json!({"selector": "img", "image": {"src": "/b.jpg"}})];
    let long = |length: usize| {
        let words = "x".repeat(length);
        format!("<picture><source srcset=/a.webp>{words}<img src=/a.jpg></picture>")
    };
    let fits = served(&long(1000), &image, |out, report| {
        assert!(!out.contains("<source"));
        skipped(report, Skip::TooLong)
    });
    assert_eq!(fits, 0);
    for html in [
        long(1024 * 1024),
        "<picture><source srcset=/a.webp>".repeat(20_000) + "<img src=/a.jpg>",
        format!("<picture>{}<img src=/a.jpg>", "<source srcset=/a.webp>".repeat(40_000)),
    ] {
        let short = |html: &str| html.replace("src=\"/b.jpg\"", "src=/a.jpg");
        let came = |out: &str, report: &Report<'_>| {
            assert!(short(out) == html, "the page was changed");
            skipped(report, Skip::TooLong)
        };
        served(&html, &image, came);
        let datafile = datafile(&image);
        let experiment = datafile.experiments().next().unwrap();
        for variant in &experiment.variants {
            let plan = Plan::for_variants([(experiment, variant)], &Facts::default());
            let (out, report) =
                edgewise_engine::rewrite(&plan, &PageHead::default(), html.as_bytes());
            assert!(out == html.as_bytes());
            let change = &report.experiments[0].changes[0];
            assert!(change.applied == 0 || report.passed.is_some());
        }
    }
}

/// Policies in the head, as many as one likes. What is too much to be read forbids what it can.
#[test]
fn a_hundred_thousand_policies() {
    let policy = "<meta http-equiv=content-security-policy content=\"script-src 'nonce-abc' 'self'\">";
    let html = format!("<head>{}</head><p>x", policy.repeat(100_000));
    let changes = [json!({"script": "go()"}), json!({"css": "p { color: red }"})];
    let blocked = |out: &str, report: &Report<'_>| {
        assert!(out == html);
        assert_eq!(skipped(report, Skip::Blocked), 2);
    };
    served(&html, &changes, blocked);
    let mut nonces = " 'nonce-abc'".to_owned();
    for n in 0..50_000 {
        write!(nonces, " 'nonce-{n}'").unwrap();
    }
    let policy = format!(
        "<meta http-equiv=content-security-policy content=\"script-src{nonces}\">"
    );
    let html = format!("<head>{}</head><p>x", policy.repeat(4));
    served(&html, &changes, |out, report| {
        assert!(out == html);
        assert_eq!(skipped(report, Skip::Blocked), 2);
    });
}
