//! What a visit costs however many experiments there are: finding those of its page, matching their page rules, and
//! looking the visitor up in each. And what it costs to open a datafile, which a sandbox does once.
//!
//! Three experiments run on each page (one where there is only one). The table at the end holds the medians against
//! each other: `same page` asks for one page again and again, `any page` for another each time, so that memory counts.

#![allow(missing_docs, reason = "criterion's macros make functions without any")]
#![allow(clippy::unwrap_used, reason = "a bench may")]
#![allow(clippy::disallowed_methods, reason = "a bench needs a clock")]
#![allow(clippy::disallowed_macros, reason = "a bench prints")]
#![allow(clippy::print_stdout, reason = "a bench prints")]

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, BenchmarkId, Criterion};
use edgewise_engine::{Bucket, Datafile, Page, VisitorId};
use serde_json::{Value, json};

const SIZES: [usize; 6] = [1, 3, 10, 100, 1_000, 10_000];

/// How many experiments run on each page.
const ON_A_PAGE: usize = 3;

/// The page rules of an experiment: the three of a page are of three kinds.
fn rule(number: usize) -> Value {
    let page = number / ON_A_PAGE;
    match number % ON_A_PAGE {
        0 => json!({"exact": format!("/section-{page}/pricing")}),
        1 => json!({"host": "www.example.com", "prefix": format!("/section-{page}/")}),
        _ => json!({"wildcard": format!("/section-{page}/*i*")}),
    }
}

fn page(number: usize) -> Page {
    let url = format!(
        "https://www.example.com/section-{number}/pricing?plan=team&utm_source=mail"
    );
    Page::parse(&url).unwrap()
}

fn datafile(count: usize) -> Datafile {
    let experiments = (0..count).map(|number| {
        let key = format!("bench-{number}");
        json!({
            "key": key, "name": "Bench", "seed": key, "status": "running",
            "hypothesis": {
                "we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "visitors skim it"
            },
            "pages": {"include": [rule(number)]}, "coverage": 10_000, "variants": [
                {"key": "control", "name": "Control", "weight": 5_000, "allocation": [[0, 5_000]], "changes": []},
                {"key": "b", "name": "B", "weight": 5_000, "allocation": [[5_000, 10_000]], "changes": [
                    {"selector": "#hero h1", "expect": "at-least-one", "text": "Better mornings"},
                    {"selector": "a.cta", "expect": "at-least-one", "attribute": {"href": "/signup?from=b"}},
                    {"selector": "main", "expect": "at-least-one", "insert": {"append": "<p>Free delivery</p>"}},
                ]},
            ],
        })
    });
    let json = json!({
        "schema_version": 1, "hash_version": 1, "revision": 1, "experiments": experiments.collect::<Vec<_>>(),
    });
    Datafile::from_json(json.to_string().as_bytes()).unwrap()
}

/// How many experiments show the visitor a variant.
fn decide(datafile: &Datafile, page: &Page, visitor: &VisitorId) -> usize {
    let candidates = datafile.candidates(page).into_iter();
    let asked = candidates.filter(|experiment| experiment.pages.matches(page));
    asked
        .filter_map(|experiment| {
            experiment.variant_at(Bucket::of(&experiment.seed, visitor))
        })
        .map(black_box)
        .count()
}

/// Medians by what was measured and how many experiments there were.
#[derive(Default)]
struct Medians(Vec<(&'static str, usize, usize, Duration)>);

impl Medians {
    fn print(&self) {
        println!(
            "\n{:>10} {:>12} {:>8} {:>12} {:>12} {:>8}",
            "", "experiments", "shown", "a visit", "each shown", "ratio"
        );
        for (name, count, shown, median) in &self.0 {
            let first = self
                .0
                .iter()
                .find(|(other, count, ..)| other == name && *count == ON_A_PAGE);
            let ratio = first
                .map_or(1.0, |(.., first)| median.as_secs_f64() / first.as_secs_f64());
            let each = *median / u32::try_from(*shown).unwrap();
            println!(
                "{name:>10} {count:>12} {shown:>8} {median:>12.1?} {each:>12.1?} {ratio:>8.2}"
            );
        }
        println!("(ratio: to {ON_A_PAGE} experiments, all of which run on the page)");
    }
}

fn visits(criterion: &mut Criterion, medians: &mut Medians) {
    let visitor = VisitorId::from_random([7; 16]);
    let mut group = criterion.benchmark_group("decide");
    for (name, all) in [("same page", false), ("any page", true)] {
        for count in SIZES {
            let datafile = Datafile::open(datafile(count).compile()).unwrap();
            let sections = if all { count.div_ceil(ON_A_PAGE) } else { 1 };
            let pages: Vec<_> = (0..sections)
                // In an order that no cache foresees; the last section may have fewer experiments.
                .map(|number| page(number * 7_919 % sections.max(2).saturating_sub(1)))
                .collect();
            let shown = decide(&datafile, &pages[0], &visitor);
            assert_eq!(shown, ON_A_PAGE.min(count));
            for page in &pages {
                assert_eq!(decide(&datafile, page, &visitor), shown, "{page:?}");
            }
            let samples = RefCell::new(Vec::new());
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter_custom(|visits| {
                    let mut next = pages.iter().cycle();
                    let start = Instant::now();
                    for _ in 0..visits {
                        let page = next.next().unwrap();
                        black_box(decide(&datafile, black_box(page), &visitor));
                    }
                    let elapsed = start.elapsed();
                    samples.borrow_mut().push(elapsed / u32::try_from(visits).unwrap());
                    elapsed
                });
            });
            let mut samples = samples.into_inner();
            samples.sort();
            if let Some(median) = samples.get(samples.len() / 2) {
                medians.0.push((name, count, shown, *median));
            }
        }
    }
    group.finish();
}

fn opening(criterion: &mut Criterion) {
    let visitor = VisitorId::from_random([7; 16]);
    let mut group = criterion.benchmark_group("open");
    for count in [1, 100, 1_000, 10_000] {
        let datafile = datafile(count);
        let (json, compiled) = (datafile.to_json().into_bytes(), datafile.compile());
        let page = page(0);
        for (name, bytes) in [("JSON", &json), ("compiled", &compiled)] {
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter_batched(
                    || bytes.clone(),
                    |bytes| Datafile::open(bytes).unwrap(),
                    BatchSize::PerIteration,
                );
            });
        }
        group.bench_function(
            BenchmarkId::new("compiled and one visit", count),
            |bencher| {
                bencher.iter_batched(
                    || compiled.clone(),
                    |bytes| {
                        let datafile = Datafile::open(bytes).unwrap();
                        decide(&datafile, &page, &visitor);
                        datafile
                    },
                    BatchSize::PerIteration,
                );
            },
        );
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut medians = Medians::default();
    visits(&mut criterion, &mut medians);
    opening(&mut criterion);
    criterion.final_summary();
    medians.print();
}
