//! How fast a page passes: through an empty plan, through the five edits of an ordinary experiment, through as many
//! for control (looked for, not made), and through a plan that waits for the end of one large element.

#![allow(missing_docs, reason = "criterion's macros make functions without any")]
#![allow(clippy::unwrap_used, reason = "a bench may")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use edgewise_engine::{
    Datafile, Facts, Page, PageHead, Plan, Rewriter, Visit, VisitorId, assign, validate,
};
use serde_json::{Value, json};

/// What a host reads at once.
const CHUNK: usize = 8 * 1024;

/// A landing page of about that many bytes, the same on every run: sections with copy, links, images and forms.
fn page(bytes: usize) -> String {
    let mut html = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Northwind Tea</title>\n\
         <link rel=\"stylesheet\" href=\"/styles.css\">\n</head>\n<body class=\"home\">\n<header><nav><a href=\"/\">Home</a>\
         <a href=\"/pricing\">Pricing</a></nav></header>\n<main>\n<section id=\"hero\">\n<h1>Tea worth waking up for</h1>\n\
         <a class=\"cta primary\" href=\"/signup\">Sign up</a>\n</section>\n",
    );
    let mut number = 0;
    while html.len() < bytes {
        number += 1;
        let _ = write!(
            html,
            "<section class=\"feature card-{number}\" data-index=\"{number}\">\n<h2>Reason {number}</h2>\n\
             <p>Leaves from one garden, <em>picked by hand</em> &amp; packed on the same day. Nothing is added, and \
             nothing is taken away.</p>\n<ul><li>Light</li><li>Bright</li><li>Right</li></ul>\n\
             <img src=\"/images/{number}.jpg\" alt=\"Tea garden {number}\" width=\"640\" height=\"480\" loading=\"lazy\">\n\
             <a class=\"more\" href=\"/reasons/{number}?from=home&amp;n={number}\">Read more</a>\n</section>\n"
        );
    }
    html.push_str("</main>\n<footer><p>Northwind Tea</p></footer>\n</body>\n</html>\n");
    html
}

fn datafile(experiments: &[Value]) -> Datafile {
    let experiments = experiments.iter().enumerate().map(|(index, changes)| {
        json!({
            "key": format!("bench-{index}"), "name": "Bench", "status": "running",
            "hypothesis": {
                "we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "visitors skim it"
            },
            "pages": {"include": [{"prefix": "/"}]},
            "variants": [
                {"key": "control", "name": "Control", "weight": 5000},
                {"key": "b", "name": "B", "weight": 5000, "changes": changes},
            ]
        })
    });
    let draft = json!({"experiments": experiments.collect::<Vec<_>>()}).to_string();
    validate(&draft, 1).0.unwrap()
}

fn five_edits() -> Value {
    json!([
        {"selector": "#hero h1", "text": "Better mornings"},
        {"selector": "a.cta", "attribute": {"href": "/signup?from=b"}},
        {"selector": "a.cta", "class": {"add": ["large"]}},
        {"selector": "main", "insert": {"append": "<p>Free delivery</p>"}},
        {"css": ".large { font-size: 2rem }"}
    ])
}

fn pass(plan: &Plan<'_>, html: &[u8], out: &mut Vec<u8>) {
    let mut rewriter = Rewriter::new(plan, PageHead::default());
    out.clear();
    for chunk in html.chunks(CHUNK) {
        rewriter.write(chunk, out);
    }
    black_box(rewriter.end(out));
}

fn rewriting(criterion: &mut Criterion) {
    let five = datafile(&[five_edits()]);
    let large = datafile(&[json!([{"selector": ".feature", "html": "<h2>Gone</h2>"}])]);
    let plan = |datafile, variant| {
        let experiment = Datafile::experiments(datafile).next().unwrap();
        let chosen = [(experiment, experiment.variant(variant).unwrap())];
        Plan::for_variants(chosen, &Facts::default())
    };
    let plans = [
        ("empty", Plan::default()),
        ("five edits", plan(&five, "b")),
        ("control of five edits", plan(&five, "control")),
        ("every section", plan(&large, "b")),
    ];
    let mut group = criterion.benchmark_group("rewrite");
    for (size, bytes) in [("40 KB", 40 * 1024), ("1 MB", 1024 * 1024)] {
        let html = page(bytes);
        group.throughput(Throughput::Bytes(html.len() as u64));
        for (name, plan) in &plans {
            let mut out = Vec::with_capacity(2 * html.len());
            group.bench_function(BenchmarkId::new(*name, size), |bencher| {
                bencher.iter(|| pass(plan, html.as_bytes(), &mut out));
            });
        }
    }
    group.finish();
}

fn assigning(criterion: &mut Criterion) {
    let datafile = datafile(&vec![five_edits(); 50]);
    let page = Page::parse("https://www.example.com/pricing?plan=team").unwrap();
    let visit = Visit::to(page);
    let visitor = VisitorId::from_random([7; 16]);
    criterion.bench_function("assign/50 experiments", |bencher| {
        bencher.iter(|| black_box(assign(&datafile, black_box(&visitor), &visit)));
    });
}

criterion_group!(benches, rewriting, assigning);
criterion_main!(benches);
