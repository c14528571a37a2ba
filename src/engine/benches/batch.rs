//! How fast visits are decided in bulk: lines of JSON as a log would give them, each with all that browsers send, through
//! ten experiments. Five ask for facts, each for another one; one has a schedule, one is in a layer.

#![allow(missing_docs, reason = "criterion's macros make functions without any")]
#![allow(clippy::unwrap_used, reason = "a bench may")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use edgewise_engine::{Datafile, decide_line, validate};
use serde_json::{Value, json};

/// How many different lines there are.
const LINES: usize = 1_000;

const EXPERIMENTS: usize = 10;

const USER_AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 \
     Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
];

fn experiment(number: usize, more: &Value) -> Value {
    let mut experiment = json!({
        "key": format!("bench-{number}"), "name": "Bench", "status": "running",
        "hypothesis": {
            "we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "visitors skim it"
        },
        "pages": {"include": [{"prefix": "/"}]},
        "variants": [
            {"key": "control", "name": "Control", "weight": 5000},
            {"key": "b", "name": "B", "weight": 5000, "changes": [
                {"selector": format!("#part-{number}"), "text": "Better"}]},
        ]
    });
    let fields = experiment.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    experiment
}

fn datafile() -> Datafile {
    let more: [Value; EXPERIMENTS] = [
        json!({"audience": {"fact": "geo.country", "one_of": ["DE", "AT", "CH"]}}),
        json!({"audience": {"fact": "device.class", "is": "phone"}}),
        json!({"audience": {"fact": "language", "is": "de"}}),
        json!({"audience": {"fact": "cookie.plan", "is": "team"}}),
        json!({"audience": {"fact": "query.utm_campaign", "starts": "spring"}}),
        json!({"schedule": {"start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"}}),
        json!({"layer": {"key": "checkout", "share": 3000}}),
        json!({}),
        json!({"coverage": 5000}),
        json!({"pages": {"include": [{"prefix": "/pricing"}]}}),
    ];
    let experiments =
        more.iter().enumerate().map(|(number, more)| experiment(number, more));
    let draft = json!({
        "layers": [{"key": "checkout", "name": "Checkout"}],
        "experiments": experiments.collect::<Vec<_>>()
    });
    let (datafile, problems) = validate(&draft.to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

fn line(number: usize) -> Vec<u8> {
    let one = |all: &[&str]| all[number % all.len()].to_owned();
    let urls = [
        "https://shop.example.com/",
        "https://shop.example.com/pricing?utm_source=news&utm_campaign=spring-sale",
    ];
    let plan = one(&["team", "solo"]);
    let line = json!({
        "visitor": format!("{:032x}", number * 0x9e37_79b9),
        "url": one(&urls),
        "headers": {
            "user-agent": one(&USER_AGENTS),
            "accept-language": one(&["de-DE,de;q=0.9,en;q=0.8", "en-US,en;q=0.9"]),
            "cookie": format!("theme=dark; plan={plan}; _ga=GA1.1.1234567.1700000000"),
            "referer": one(&["https://www.google.com/", "https://shop.example.com/"]),
        },
        "geo": {"city": "Berlin", "country": one(&["DE", "US"]), "country_name": "Germany", "region": "BE",
            "continent": "EU", "utc_offset": 60},
        "at": "2026-11-21T09:00:00Z"
    });
    line.to_string().into_bytes()
}

fn deciding(criterion: &mut Criterion) {
    let datafile = datafile();
    let lines: Vec<_> = (0..LINES).map(line).collect();
    let mut group = criterion.benchmark_group("batch");
    // What is counted is decisions.
    group.throughput(Throughput::Elements((LINES * EXPERIMENTS) as u64));
    group.bench_function("ten experiments", |bencher| {
        bencher.iter(|| {
            for line in &lines {
                black_box(decide_line(&datafile, black_box(line)).unwrap());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, deciding);
criterion_main!(benches);
