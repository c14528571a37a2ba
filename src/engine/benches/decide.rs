//! What a visit costs however many experiments there are: finding those of its page and deciding each. And what it costs to open a datafile, which a sandbox does once.
//!
//! Three experiments run on each page (one where there is only one). The table at the end holds the medians against
//! each other: `same page` asks for one page again and again, `any page` for another each time, so that memory counts.

#![allow(missing_docs, reason = "criterion's macros make functions without any")]
#![allow(clippy::unwrap_used, reason = "a bench may")]
#![allow(clippy::disallowed_methods, reason = "a bench needs a clock")]
#![allow(clippy::disallowed_macros, reason = "a bench prints")]
#![allow(clippy::print_stdout, reason = "a bench prints")]

mod many;

use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, BenchmarkId, Criterion};
use edgewise_engine::{Datafile, VisitorId};

use self::many::{ON_A_PAGE, datafile, decide, visit};

const SIZES: [usize; 6] = [1, 3, 10, 100, 1_000, 10_000];

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
            let visits: Vec<_> = (0..sections)
                // In an order that no cache foresees; the last section may have fewer experiments.
                .map(|number| visit(number * 7_919 % sections.max(2).saturating_sub(1)))
                .collect();
            let shown = decide(&datafile, &visits[0], &visitor);
            assert_eq!(shown, ON_A_PAGE.min(count));
            for visit in &visits {
                assert_eq!(decide(&datafile, visit, &visitor), shown, "{visit:?}");
            }
            let samples = RefCell::new(Vec::new());
            group.bench_function(BenchmarkId::new(name, count), |bencher| {
                bencher.iter_custom(|times| {
                    let mut next = visits.iter().cycle();
                    let start = Instant::now();
                    for _ in 0..times {
                        let visit = next.next().unwrap();
                        black_box(decide(&datafile, black_box(visit), &visitor));
                    }
                    let elapsed = start.elapsed();
                    samples.borrow_mut().push(elapsed / u32::try_from(times).unwrap());
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
        let visit = visit(0);
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
                        decide(&datafile, &visit, &visitor);
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
