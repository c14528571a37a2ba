//! A million visitors fall into buckets, variants, layers and holdouts as chance would have it, and their place in one
//! tells nothing of their place in another. The visitors are fixed, so each p value is the same on every run;
//! `cargo test -p edgewise-engine --test uniformity -- --nocapture` prints them.

#![allow(clippy::unwrap_used, reason = "a test may")]
#![allow(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "told to who asks for it"
)]

mod support;

use edgewise_engine::{Bucket, Datafile, Experiment, Seed, VisitorId, validate};
use edgewise_measure::{ChiSquare, chi_square_test, independence};
use serde_json::json;
use support::published::{draft, experiment};

const VISITORS: u32 = 1_000_000;

/// As people number visitors in a test.
fn numbered() -> Vec<VisitorId> {
    let id = |number| VisitorId::new(format!("visitor-{number}")).unwrap();
    (0..VISITORS).map(id).collect()
}

/// As the edge makes them, out of the random bits of `SplitMix64`.
fn random() -> Vec<VisitorId> {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let bits = |_| (u128::from(next()) << 64 | u128::from(next())).to_be_bytes();
    (0..VISITORS).map(bits).map(VisitorId::from_random).collect()
}

/// Ten experiments of three variants, one of them in a layer of three; and a holdout.
fn datafile() -> Datafile {
    let mut experiments: Vec<_> =
        (0..10).map(|number| experiment(number, &[3_334, 3_333, 3_333])).collect();
    for (number, share) in [(0, 5_000), (1, 3_000), (2, 2_000)] {
        experiments[number]["layer"] = json!({"key": "e0", "share": share});
    }
    let mut draft = draft(&experiments);
    draft["layers"] = json!([{"key": "e0", "name": "As the first experiment"}]);
    draft["holdouts"] = json!([{"key": "e0", "name": "As the first", "share": 1_000}]);
    let (datafile, problems) = validate(&draft.to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// Collects p values and looks at them together: one in a hundred may be below 0.01, and none may be out of the world.
#[derive(Default)]
struct Found(Vec<f64>);

impl Found {
    fn note(&mut self, what: &str, found: Option<ChiSquare>) {
        let ChiSquare { statistic, degrees_of_freedom, p_value } = found.unwrap();
        println!(
            "{what}: chi-squared {statistic:.1} of {degrees_of_freedom} degrees, p {p_value:.4}"
        );
        assert!(p_value > 1e-4 && p_value < 1.0 - 1e-4, "{what}: p {p_value}");
        self.0.push(p_value);
    }

    #[track_caller]
    fn look(&self) {
        let below = |limit: f64| self.0.iter().filter(|p| **p < limit).count();
        let count = self.0.len();
        println!(
            "{count} tests, {} below 0.01, {} below 0.1, {} below 0.5",
            below(0.01),
            below(0.1),
            below(0.5)
        );
        assert!(
            below(0.01) <= 1 + count / 25 && below(0.1) <= 2 + count / 5,
            "{:?}",
            self.0
        );
        assert!(
            below(0.5) >= count / 5 && below(0.5) <= count - count / 5,
            "{:?}",
            self.0
        );
    }
}

#[test]
fn buckets_are_even() {
    let mut found = Found::default();
    let even = vec![1.0; 10_000];
    for (ids, visitors) in [("numbered", numbered()), ("random", random())] {
        for seed in [
            "hero",
            "e0",
            "home-headline",
            "900000001",
            "a",
            "layers/checkout",
            "holdouts/2026",
            "",
        ] {
            let mut counts = vec![0; 10_000];
            for visitor in &visitors {
                counts[usize::from(Bucket::of(&Seed::new(seed), visitor).number())] += 1;
            }
            found.note(
                &format!("{ids} visitors, buckets of {seed:?}"),
                chi_square_test(&counts, &even),
            );
        }
    }
    found.look();
}

/// A visitor's place in each of several groupings, as a number from 0.
struct Places {
    names: Vec<String>,
    of: Vec<Vec<u8>>,
}

fn places(datafile: &Datafile, visitors: &[VisitorId]) -> Places {
    let variant = |experiment: &Experiment, visitor| -> u8 {
        let bucket = Bucket::of(&experiment.seed, visitor);
        let variant = experiment.variant_at(bucket).unwrap();
        variant.key.as_str().bytes().last().unwrap() - b'0'
    };
    let mut places = Places { names: Vec::new(), of: Vec::new() };
    for experiment in datafile.experiments() {
        places.names.push(experiment.key.to_string());
        places
            .of
            .push(visitors.iter().map(|visitor| variant(experiment, visitor)).collect());
    }
    // Which of the three has the visitor, in their layer.
    let in_layer: Vec<_> =
        datafile.experiments().filter_map(|one| one.layer.as_ref()).collect();
    let has = |visitor: &VisitorId| {
        let bucket = Bucket::of(&in_layer[0].seed, visitor);
        let place = in_layer.iter().position(|one| one.allocation.contains(bucket));
        u8::try_from(place.unwrap()).unwrap()
    };
    places.names.push("the layer".to_owned());
    places.of.push(visitors.iter().map(has).collect());
    let holdout = &datafile.settings().holdouts[0];
    let held =
        |visitor| u8::from(Bucket::of(&holdout.seed, visitor).number() < holdout.share);
    places.names.push("the holdout".to_owned());
    places.of.push(visitors.iter().map(held).collect());
    places
}

#[test]
fn variants_are_even_and_tell_nothing_of_one_another() {
    let datafile = datafile();
    for (ids, visitors) in [("numbered", numbered()), ("random", random())] {
        let (mut even, mut apart) = (Found::default(), Found::default());
        let Places { names, of } = places(&datafile, &visitors);
        for (one, (name, places)) in names.iter().zip(&of).enumerate() {
            let mut counts = [0; 3];
            for place in places {
                counts[usize::from(*place)] += 1;
            }
            let shares: &[f64] = match name.as_str() {
                "the layer" => &[0.5, 0.3, 0.2],
                "the holdout" => &[0.9, 0.1],
                _ => &[0.3334, 0.3333, 0.3333],
            };
            even.note(
                &format!("{ids} visitors, {name}"),
                chi_square_test(&counts[..shares.len()], shares),
            );
            for (other, with) in names.iter().zip(&of).skip(one + 1) {
                let mut table = [[0; 3]; 3];
                for (a, b) in places.iter().zip(with) {
                    table[usize::from(*a)][usize::from(*b)] += 1;
                }
                apart.note(
                    &format!("{ids} visitors, {name} and {other}"),
                    independence(&table),
                );
            }
        }
        even.look();
        apart.look();
    }
}

/// Also the smallest differences: which hundredth of the buckets of one, and of another.
#[test]
fn buckets_tell_nothing_of_one_another() {
    let mut found = Found::default();
    for (ids, visitors) in [("numbered", numbered()), ("random", random())] {
        for (one, other) in [
            ("e0", "e1"),
            ("hero", "hero-2"),
            ("a", "b"),
            ("e0", "layers/e0"),
            ("layers/e0", "holdouts/e0"),
        ] {
            let mut table = vec![vec![0; 100]; 100];
            for visitor in &visitors {
                let hundredth = |seed| {
                    usize::from(Bucket::of(&Seed::new(seed), visitor).number() / 100)
                };
                table[hundredth(one)][hundredth(other)] += 1;
            }
            found.note(
                &format!("{ids} visitors, buckets of {one:?} and {other:?}"),
                independence(&table),
            );
        }
    }
    found.look();
}
