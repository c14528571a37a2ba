//! Pages and plans.

use std::time::{Duration, Instant};

use edgewise_engine::{Datafile, PageHead, Rewriter};
use serde_json::{Value, json};

use crate::{draft, is_wanted, ms};

/// How much the edge gives at a time.
const PIECE: usize = 8 * 1024;

/// When a page is given up, as at the edge.
const BUDGET: Duration = Duration::from_millis(25);

/// A page, and the changes of each experiment on it.
struct Case {
    name: &'static str,
    page: Vec<u8>,
    experiments: Vec<Vec<Value>>,
}

fn datafile(case: &Case) -> Datafile {
    let rendering = if case.name.starts_with("hydrated") { "hydrated" } else { "auto" };
    let changes = case.experiments.iter().enumerate();
    draft::datafile(changes.map(|(number, changes)| {
        let mut experiment = draft::experiment(number, changes);
        experiment["rendering"] = rendering.into();
        experiment
    }))
}

fn times(count: usize, change: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(change).collect()
}

/// Ten experiments of two hundred changes.
fn crowd(change: impl Fn(usize) -> Value) -> Vec<Vec<Value>> {
    (0..10).map(|one| times(200, |number| change(one * 200 + number))).collect()
}

fn filled(piece: &str, size: usize) -> Vec<u8> {
    let mut page = b"<!doctype html><title>x</title><body>".to_vec();
    while page.len() < size {
        page.extend_from_slice(piece.as_bytes());
    }
    page
}

fn heads(piece: &str, size: usize) -> Vec<u8> {
    let mut page = b"<!doctype html><title>x</title>".to_vec();
    while page.len() < size {
        page.extend_from_slice(piece.as_bytes());
    }
    page
}

/// Texts as long as words are looked for in.
fn flows(piece: &str) -> Vec<u8> {
    filled(&format!("<div>{}</div>", piece.repeat(64_000 / piece.len())), 512 * 1024)
}

fn attributes(count: usize) -> String {
    (0..count).map(|n| format!(" a{n}=\"{n}\"")).collect()
}

fn cases() -> Vec<Case> {
    let one = |change: Value| vec![vec![change]];
    let size = 512 * 1024;
    let case = |name, page: Vec<u8>, experiments| Case { name, page, experiments };
    let markup = "<p class=\"k\">words</p>".repeat(2_800);
    vec![
        case("plain paragraphs, 3 changes", filled("<p class=lead>words and <em>more</em> words</p>\n", size), vec![
            vec![json!({"selector": "h1", "text": "new"})],
            vec![json!({"selector": "p.none", "text": "new"})],
            vec![json!({"selector": "main > a", "attribute": {"href": "/x"}})],
        ]),
        case("2,000 changes to each element", filled("<p class=a>w</p>", size), crowd(|n| {
            json!({"selector": "p", "attribute": {format!("data-{n}"): "x"}})
        })),
        case("2,000 class changes to each element", filled("<p class=a>w</p>", size), crowd(|n| {
            json!({"selector": "p", "class": {"add": [format!("c{n}")], "remove": []}})
        })),
        case("2,000 insertions at each element", filled("<p class=a>w</p>", size), crowd(|_| {
            json!({"selector": "p", "insert": {"append": "<i>new</i>"}})
        })),
        case("2,000 texts for each element", filled("<p class=a>w</p>", size), crowd(|n| {
            json!({"selector": "p", "text": format!("new {n}")})
        })),
        case("2,000 selectors that nearly match", filled("<p class=\"a b c d e f\">w</p>", size), crowd(|n| {
            json!({"selector": format!("body div .a.b.c > .d:not(.e{n}) p"), "hide": true})
        })),
        case("2,000 attribute selectors", filled(&format!("<p{}>", attributes(40)), size), crowd(|n| {
            json!({"selector": format!("[a{}*=\"{n}x\"]", n % 40), "hide": true})
        })),
        case("substring selectors over long values", filled(&format!("<p a=\"{}\">", "ab".repeat(4_000)), size), crowd(|n| {
            json!({"selector": format!("[a*=\"{}{n}\"]", "ab".repeat(40)), "hide": true})
        })),
        case("64 KiB of HTML into each element", filled("<p>w</p>", size), one(
            json!({"selector": "p", "html": markup})
        )),
        case("64 KiB of HTML from 20 experiments", filled("<div>w</div>", size), (0..20).map(|_| vec![
            json!({"selector": "div", "insert": {"append": markup}})
        ]).collect()),
        case("10,000 attributes a tag", filled(&format!("<p{}>", attributes(9_990)), size), one(
            json!({"selector": "p", "attribute": {"a9000": "2", "b": "3"}})
        )),
        case("10,000 attributes, 2,000 changes", filled(&format!("<p{}>", attributes(9_990)), size), crowd(|n| {
            json!({"selector": "p", "attribute": {format!("b{n}"): "2"}})
        })),
        case("10,000 classes a tag", filled(&format!("<p class=\"{}\">", (0..9_000).map(|n| format!("c{n} ")).collect::<String>()), size), crowd(|n| {
            json!({"selector": format!("p.c{n}.d{n}"), "hide": true})
        })),
        case("an endless tag", filled("<p", 100).into_iter().chain(" a".repeat(size).into_bytes()).collect(), one(
            json!({"selector": "p", "hide": true})
        )),
        case("an endless attribute", filled("<p a=\"", 100).into_iter().chain("x".repeat(size).into_bytes()).collect(), one(
            json!({"selector": "p", "hide": true})
        )),
        case("an endless doctype", [b"<!doctype html ".to_vec(), "x".repeat(size).into_bytes()].concat(), one(
            json!({"selector": "p", "hide": true})
        )),
        case("an endless end tag in a title", [b"<title></title".to_vec(), " a".repeat(size).into_bytes()].concat(), one(
            json!({"selector": "p", "hide": true})
        )),
        case("500 deep, inserting at each", filled(&format!("{}{}", "<div>".repeat(500), "</div>".repeat(500)), size), one(
            json!({"selector": "div", "insert": {"append": "<i>x</i>"}})
        )),
        case("500 deep, before each", filled(&format!("{}{}", "<div>".repeat(500), "</div>".repeat(500)), size), one(
            json!({"selector": "div", "insert": {"before": "<i>x</i>"}})
        )),
        case("500 deep, descendant selectors", filled(&format!("{}{}", "<div class=a>".repeat(500), "</div>".repeat(500)), size), crowd(|n| {
            json!({"selector": format!("{}p.x{n}", ".a ".repeat(20)), "hide": true})
        })),
        case("500 deep, leaves, inserting at each", filled(&format!("{}{}{}", "<div>".repeat(500), "<br>".repeat(20_000), "</div>".repeat(500)), size), one(
            json!({"selector": "br", "insert": {"after": "<i>x</i>"}})
        )),
        case("unclosed formatting elements", filled("<b a=1><i><u><p>", size), one(
            json!({"selector": "p", "insert": {"before": "<i>x</i>"}})
        )),
        case("500 formatting elements made anew in each paragraph", {
            let open: String = (0..500).map(|n| format!("<b id=b{n}>")).collect();
            let mut page = filled(&format!("<p>{open}"), 100);
            page.extend("</p><p>x".repeat(size / 8).into_bytes());
            page
        }, one(json!({"selector": "b", "class": {"add": ["x"], "remove": []}}))),
        case("misnested tags (adoption agency)", filled("<a><b><div><i></a></b>x", size), one(
            json!({"selector": "div", "insert": {"append": "<i>x</i>"}})
        )),
        case("misnested, deep", filled(&format!("<b>{}</b>", "<div>".repeat(8)), size), one(
            json!({"selector": "div", "insert": {"append": "<i>x</i>"}})
        )),
        case("text in tables (foster parenting)", filled("<table><tr>x<b>y<td>", size), one(
            json!({"selector": "td", "insert": {"append": "<i>x</i>"}})
        )),
        case("words in long text", flows("words and "), one(
            json!({"selector": "div", "find": {"text": "words", "with": "more words"}})
        )),
        case("one letter in long text", flows("aaaaaaaaaa"), one(
            json!({"selector": "div", "find": {"text": "a", "with": "bb"}})
        )),
        case("words from 100 experiments in long text", flows("words and &amp; more "), (0..100).map(|n| vec![
            json!({"selector": "div", "find": {"text": format!("words{n}"), "with": "b"}})
        ]).collect()),
        case("words among tags", flows("<b>w</b>or"), one(
            json!({"selector": "div", "find": {"text": "wor", "with": "b"}})
        )),
        case("references in long text", flows("&ampx&lt;&NotEqualTilde;"), one(
            json!({"selector": "div", "find": {"text": "words", "with": "b"}})
        )),
        case("a large element moved", {
            let inside = "<p class=a>w</p>".repeat(60_000);
            format!("<!doctype html><body><div id=a>{inside}</div><div id=b></div>").into_bytes()
        }, one(json!({"selector": "#a", "move": {"after": "#b"}}))),
        case("100 moves", {
            let parts: String = (0..100).map(|n| format!("<div id=a{n}>{}</div>", "<p>w</p>".repeat(500))).collect();
            format!("<!doctype html><body>{parts}<div id=b></div>").into_bytes()
        }, vec![times(100, |n| json!({"selector": format!("#a{n}"), "move": {"after": "#b"}}))]),
        case("2,000 moves to one place", {
            let parts: String = (0..2_000).map(|n| format!("<div id=a{n}>{}</div>", "<p>w".repeat(100))).collect();
            format!("<!doctype html><body>{parts}<div id=b></div>").into_bytes()
        }, crowd(|n| json!({"selector": format!("#a{n}"), "move": {"after": "#b"}}))),
        case("2,000 moves from one place", {
            let parts: String = (0..2_000).map(|n| format!("<div id=a{n}>{}</div>", "<p>w".repeat(100))).collect();
            format!("<!doctype html><body><div id=b></div>{parts}").into_bytes()
        }, crowd(|n| json!({"selector": format!("#a{n}"), "move": {"after": "#b"}}))),
        case("large elements moved to one place", {
            let parts: String = (0..8).map(|n| format!("<div id=a{n}>{}</div>", "<b><i>w</i></b>".repeat(8_000))).collect();
            format!("<!doctype html><body>{parts}<div id=b></div>").into_bytes()
        }, vec![times(8, |n| json!({"selector": format!("#a{n}"), "move": {"after": "#b"}}))]),
        case("hydrated, ten experiments of 64 KiB", filled("<div class=a>w</div>", size), (0..10).map(|_| vec![
            json!({"selector": ".a", "html": markup})
        ]).collect()),
        case("hydrated, ten experiments of 64 KiB elsewhere", filled("<div class=a>w</div>", size), (0..10).map(|n| vec![
            json!({"selector": format!(".a{n}"), "html": markup})
        ]).collect()),
        case("hydrated, ten experiments of signs", filled("<div class=a>w</div>", size), (0..10).map(|n| vec![
            json!({"selector": format!(".a{n}"), "text": "<\u{2028}\u{1}\"\\".repeat(7_000)})
        ]).collect()),
        case("hydrated, 2,000 changes", filled("<div class=a>w</div>", size), crowd(|n| {
            json!({"selector": format!(".a{n}"), "text": "x"})
        })),
        case("ten scripts of 64 KiB", filled("<div class=a>w</div>", size), (0..10).map(|_| vec![
            json!({"script": "let a = 1;\n".repeat(5_900)})
        ]).collect()),
        case("ten style sheets of 64 KiB", filled("<div class=a>w</div>", size), (0..10).map(|_| vec![
            json!({"css": "p { color: red }\n".repeat(3_800)})
        ]).collect()),
        case("a large element replaced", {
            let inside = "<p class=a>w</p>".repeat(60_000);
            format!("<!doctype html><body><div id=a>{inside}</div><div id=b></div>").into_bytes()
        }, one(json!({"selector": "#a", "replace": "<p>x</p>"}))),
        case("elements in a removed one, each changed", {
            let inside = "<p class=a>w</p>".repeat(60_000);
            format!("<!doctype html><body><div id=a>{inside}</div><div id=b></div>").into_bytes()
        }, one(json!({"selector": "#a", "remove": true})).into_iter().chain(crowd(|n| {
            json!({"selector": "p", "attribute": {format!("data-{n}"): "x"}})
        })).collect()),
        case("pictures with sources", filled(&format!("<picture>{}<img class=a src=x></picture>", "<source srcset=x>".repeat(100)), size), one(
            json!({"selector": "img", "image": {"src": "/new.png", "was": "x"}})
        )),
        case("a page of a framework, 200 changes to keep", filled("<div id=__next><p class=a>w</p></div>", size), vec![times(200, |n| {
            json!({"selector": "p", "text": format!("new {n}")})
        })]),
        case("React, overlays of 64 KiB", filled("<div id=__next><div class=a>w</div></div>", size), one(
            json!({"selector": ".a", "html": markup})
        )),
        case("hydrated, 15 times 64 KiB", filled("<div class=a>w</div>", size), vec![times(15, |n| {
            json!({"selector": format!(".a{n}"), "html": markup})
        })]),
        case("long policies in meta elements", heads(&format!("<meta http-equiv=content-security-policy content=\"{}\">", ",".repeat(16_000)), size), (0..10).map(|_| vec![
            json!({"script": "a()"}), json!({"script": "b()"}), json!({"css": "p { color: red }"}), json!({"selector": "p", "style": {"color": "red"}}),
        ]).collect()),
        case("an endless policy in a meta element", heads(&format!("<meta http-equiv=content-security-policy content=\"{}\">", ",".repeat(1_000_000)), size), (0..10).map(|_| vec![
            json!({"script": "a()"}), json!({"script": "b()"}), json!({"css": "p { color: red }"}), json!({"selector": "p", "style": {"color": "red"}}),
        ]).collect()),
        case("policies in many meta elements", filled(&format!("<meta http-equiv=content-security-policy content=\"script-src {}\">", "'nonce-abc' 'self' ".repeat(30)), size), one(
            json!({"css": "p { color: red }"})
        )),
        case("nth-child and siblings", filled("<i></i><b></b><u></u><p></p>", size), crowd(|n| {
            json!({"selector": format!("p:nth-child({}n+{n})", n + 2), "hide": true})
        })),
        case("an unclosed script", filled("<script><!--<script ", 100).into_iter().chain("<script <!-- </scrip ".repeat(size / 20).into_bytes()).collect(), one(
            json!({"selector": "p", "hide": true})
        )),
        case("end tags of nothing", filled("</p></div></b>", size), one(
            json!({"selector": "p", "insert": {"append": "<i>x</i>"}})
        )),
        case("selects and options", filled("<select><option>a<option>b<optgroup>", size), one(
            json!({"selector": "option", "insert": {"after": "<option>x</option>"}})
        )),
        case("svg in math in svg", filled("<svg><foreignObject><math><mi>", size / 8), one(
            json!({"selector": "mi", "insert": {"append": "x"}})
        )),
    ]
}

/// Prints what each of them costs.
pub(crate) fn measure(wanted: &[String]) {
    println!(
        "\nWith a budget of {} ms:\n\n| page and plan | setting up, ms | worst piece, ms | until the end, ms | KiB read | of |\n\
         |---|---:|---:|---:|---:|---:|",
        BUDGET.as_millis(),
    );
    for case in cases() {
        if !is_wanted(case.name, wanted) {
            continue;
        }
        let datafile = datafile(&case);
        let start = Instant::now();
        let plan = draft::plan(&datafile);
        let may_go_on = || start.elapsed() < BUDGET;
        let mut rewriter = Rewriter::new(&plan, PageHead::default()).watched(&may_go_on);
        let set_up = start.elapsed();
        let mut worst = Duration::ZERO;
        let mut out = Vec::new();
        let mut read = 0;
        for piece in case.page.chunks(PIECE) {
            let start = Instant::now();
            if !may_go_on() {
                rewriter.stop(&mut out);
            }
            rewriter.write(piece, &mut out);
            worst = worst.max(start.elapsed());
            out.clear();
            if rewriter.is_finished() {
                break;
            }
            read += piece.len();
        }
        let end = Instant::now();
        drop(rewriter.end(&mut out));
        worst = worst.max(end.elapsed());
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {} | {} |",
            case.name,
            ms(set_up),
            ms(worst),
            ms(start.elapsed()),
            read / 1024,
            case.page.len() / 1024,
        );
    }
}
