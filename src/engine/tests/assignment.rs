//! What visitors are promised, whatever is published: they stay where they are as far as it can be, and nothing that does
//! not concern an experiment changes who is in it.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::sync::OnceLock;

use edgewise_engine::allocation::moved;
use edgewise_engine::{
    Allocation, Bucket, Datafile, Decision, Experiment, ExperimentKey, Facts, Forced,
    Moment, Page, Seed, Sticky, VariantKey, Visit, VisitorId, assign, assign_on_page,
    keep, publish,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use support::published::{NOW, draft, experiment, rough, shares};
use support::soup::cases;

/// A visitor for each bucket of an experiment whose seed is "e0".
fn visitors() -> &'static [VisitorId] {
    static VISITORS: OnceLock<Vec<VisitorId>> = OnceLock::new();
    VISITORS.get_or_init(|| {
        let seed = Seed::new("e0");
        let mut found = vec![None; 10_000];
        let mut missing = found.len();
        for number in 0.. {
            let id = VisitorId::new(format!("visitor-{number}")).unwrap();
            let place = &mut found[usize::from(Bucket::of(&seed, &id).number())];
            if place.is_none() {
                *place = Some(id);
                missing -= 1;
            }
            if missing == 0 {
                break;
            }
        }
        found.into_iter().map(Option::unwrap).collect()
    })
}

fn visit() -> Visit<'static> {
    let page = Page::parse("https://example.com/").unwrap();
    let facts = Facts::of_page(&page).at(Moment::parse(NOW).unwrap());
    Visit { facts, ..Visit::to(page) }
}

/// What each of the visitors sees of the first experiment, and why.
fn seen(datafile: &Datafile) -> Vec<(Option<String>, &'static str)> {
    let visit = visit();
    let see = |visitor| {
        let decisions = assign(datafile, visitor, &visit);
        let variant = decisions[0].variant().map(|one| one.key.as_str().to_owned());
        (variant, decisions[0].reason())
    };
    visitors().iter().map(see).collect()
}

fn published(draft: &Value, live: Option<&Datafile>) -> Datafile {
    let (datafile, problems) = publish(&draft.to_string(), live);
    datafile.unwrap_or_else(|| panic!("{problems}\n{draft}"))
}

/// The buckets of the first experiment's variants.
fn owners(experiment: &Experiment) -> Vec<Option<(&str, bool)>> {
    let owner = |visitor| {
        let variant = experiment.variant_at(Bucket::of(&experiment.seed, visitor))?;
        Some((variant.key.as_str(), variant.stopped))
    };
    visitors().iter().map(owner).collect()
}

fn first(datafile: &Datafile) -> &Experiment {
    datafile.experiments().next().unwrap()
}

/// A coverage that holds now, and the one at the end of a ramp if there is one.
type Coverage = (u16, Option<u16>);

/// Weights and coverage.
type Published = (Vec<u16>, Coverage);

/// A coverage that holds now, either as it is or as the present step of a ramp up to another.
fn coverages() -> impl Strategy<Value = Coverage> {
    let edge = select(vec![0, 1, 2, 3, 9_997, 9_999, 10_000]);
    let share = || prop_oneof![4 => 0..=10_000_u16, 1 => edge.clone()];
    (share(), proptest::option::of(share()))
}

fn covered(mut experiment: Value, (now, later): Coverage) -> Value {
    match later {
        None => experiment["coverage"] = json!(now),
        Some(later) => {
            let ramp = json!([
                {"at": "2026-01-01T00:00:00Z", "coverage": now.min(1)},
                {"at": "2026-02-01T00:00:00Z", "coverage": now},
                {"at": "2027-02-01T00:00:00Z", "coverage": later.max(now)},
            ]);
            experiment["schedule"] = json!({ "ramp": ramp });
        }
    }
    experiment
}

/// Whatever was published before.
fn histories() -> impl Strategy<Value = Vec<Published>> {
    vec((shares(2..5), coverages()), 0..3)
}

fn live(history: &[Published]) -> Option<Datafile> {
    let mut live = None;
    for (weights, coverage) in history {
        let next = draft(&[covered(experiment(0, weights), *coverage)]);
        live = Some(published(&next, live.as_ref()));
    }
    live
}

proptest! {
    // Each case asks ten thousand visitors several times.
    #![proptest_config(cases(16))]

    #[test]
    fn more_coverage_lets_nobody_go(
        history in histories(), weights in shares(2..6), a in coverages(), b in coverages(),
    ) {
        let (less, more) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        let before = published(&draft(&[covered(experiment(0, &weights), less)]), live(&history).as_ref());
        let after = published(&draft(&[covered(experiment(0, &weights), more)]), Some(&before));
        let (before, after) = (seen(&before), seen(&after));
        for (bucket, (before, after)) in before.iter().zip(&after).enumerate() {
            prop_assert!(before.0.is_none() || before == after, "{}: {:?}, then {:?}", bucket, before, after);
        }
        let enrolled = after.iter().filter(|one| one.0.is_some()).count();
        let most = usize::from(more.0);
        prop_assert!(enrolled <= most && enrolled + weights.len() > most, "{} of {}", enrolled, most);
    }

    #[test]
    fn a_later_step_of_a_ramp_lets_nobody_go(
        history in histories(), weights in shares(2..6), steps in vec(0..=10_000_u16, 1..6),
    ) {
        let mut steps = steps;
        steps.sort_unstable();
        let at = |month: usize| format!("2026-{:02}-01T00:00:00Z", month + 1);
        let ramp: Vec<_> =
            steps.iter().enumerate().map(|(month, step)| json!({"at": at(month), "coverage": step})).collect();
        let mut one = experiment(0, &weights);
        one["schedule"] = json!({ "ramp": ramp });
        let datafile = published(&draft(&[one]), live(&history).as_ref());
        let mut before = vec![None; 10_000];
        for (month, step) in steps.iter().enumerate() {
            let mut visit = visit();
            visit.facts = visit.facts.at(Moment::parse(&at(month)).unwrap());
            let mut enrolled = 0;
            for (visitor, before) in visitors().iter().zip(&mut before) {
                let now = assign(&datafile, visitor, &visit)[0].variant().map(|one| &one.key);
                prop_assert!(before.is_none() || *before == now);
                enrolled += usize::from(now.is_some());
                *before = now;
            }
            let most = usize::from(*step);
            prop_assert!(enrolled <= most && enrolled + weights.len() > most, "{} of {}", enrolled, most);
        }
    }

    #[test]
    fn publish_moves_the_fewest_and_says_when(history in histories(), weights in shares(2..6), coverage in coverages()) {
        let before = published(&draft(&[covered(experiment(0, &weights), (5_000, None))]), live(&history).as_ref());
        let next = draft(&[covered(experiment(0, &history.first().map_or(weights, |one| one.0.clone())), coverage)]);
        let after = published(&next, Some(&before));
        let (old, new) = (first(&before), first(&after));
        let width = |one: &Experiment, key: &str| {
            one.variant(key).map_or(0, |variant| i32::from(variant.allocation.width()))
        };
        let keys: std::collections::BTreeSet<&str> =
            old.variants.iter().chain(&new.variants).map(|one| one.key.as_str()).collect();
        let falls: i32 = keys.iter().map(|key| (width(old, key) - width(new, key)).max(0)).sum();
        let (had, has) = (owners(old), owners(new));
        let left = had.iter().zip(&has).filter(|(had, has)| had.is_some() && had != has).count();
        prop_assert_eq!(left, usize::try_from(falls).unwrap());
        if new.variants.len() >= old.variants.len() {
            let idle = |one| 10_000 - keys.iter().map(|key| width(one, key)).sum::<i32>();
            let all = falls + (idle(old) - idle(new)).max(0);
            let changed = had.iter().zip(&has).filter(|(had, has)| had != has).count();
            prop_assert_eq!(changed, usize::try_from(all).unwrap());
        }
        // The number tells when anybody's place changed.
        prop_assert_eq!(new.allocated_in == after.revision(), had != has);
        prop_assert_eq!(new.allocated_in == old.allocated_in, had == has);
        let again = published(&next, Some(&after));
        prop_assert_eq!(first(&again).allocated_in, new.allocated_in);
    }

    #[test]
    fn a_stopped_variant_moves_nobody_else(history in histories(), weights in shares(2..6), stopped in 1..5_usize) {
        let mut one = experiment(0, &weights);
        let before = published(&draft(std::slice::from_ref(&one)), live(&history).as_ref());
        let stopped = 1 + stopped % (weights.len() - 1);
        one["variants"][stopped]["stopped"] = json!(true);
        let after = published(&draft(&[one.clone()]), Some(&before));
        let key = format!("v{stopped}");
        for (before, after) in seen(&before).iter().zip(seen(&after)) {
            if before.0.as_deref() == Some(&key) {
                prop_assert_eq!(&after, &(None, "variant-stopped"));
            } else {
                prop_assert_eq!(&after, before);
            }
        }
        let changed = weights[stopped] > 0;
        prop_assert_eq!(first(&after).allocated_in == after.revision(), changed);
        one["variants"][stopped]["stopped"] = json!(false);
        prop_assert_eq!(seen(&published(&draft(&[one]), Some(&after))), seen(&before));
    }

    #[test]
    fn a_higher_holdout_only_adds(weights in shares(2..4), a in 0..=10_000_u16, b in 0..=10_000_u16) {
        let of = |share: u16| {
            let mut draft = draft(&[experiment(0, &weights)]);
            draft["holdouts"] = json!([{"key": "all", "name": "All", "share": share}]);
            seen(&published(&draft, None))
        };
        for (less, more) in of(a.min(b)).into_iter().zip(of(a.max(b))) {
            prop_assert!(less == more || more == (None, "held-out"), "{:?}, then {:?}", less, more);
        }
    }
}

/// Experiments of one layer as they come and go: each with its share, or none where it is not there; and whether it is
/// over.
fn layers() -> impl Strategy<Value = Vec<Vec<Option<(u16, bool)>>>> {
    let one = (shares(5..6), vec(0..4_u8, 5)).prop_map(|(shares, fates)| {
        let fate = |(share, fate): (u16, u8)| match fate {
            0 => None,
            fate => Some((share, fate == 1)),
        };
        shares.into_iter().zip(fates).map(fate).collect::<Vec<_>>()
    });
    vec(one, 2..6)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_layer_gives_each_visitor_to_one_and_moves_the_fewest(publishes in layers(), reverse in any::<bool>()) {
        let mut live: Option<Datafile> = None;
        for (round, members) in publishes.iter().enumerate() {
            let member = |(number, member): (usize, &Option<(u16, bool)>)| {
                let (share, over) = (*member)?;
                let mut one = experiment(number, &[5_000, 5_000]);
                one["layer"] = json!({"key": "shop", "share": share});
                one["status"] = json!(if over { "stopped" } else { "running" });
                Some(one)
            };
            let mut all: Vec<_> = members.iter().enumerate().filter_map(member).collect();
            if reverse && round % 2 == 1 {
                all.reverse();
            }
            let mut next = draft(&all);
            next["layers"] = json!([{"key": "shop", "name": "Shop"}]);
            let next = published(&next, live.as_ref());
            let place = |datafile: &Datafile, number: usize| -> Allocation {
                let one = datafile.experiment(&format!("e{number}"));
                one.and_then(|one| one.layer.clone()).map(|layer| layer.allocation).unwrap_or_default()
            };
            let all: Vec<_> = (0..5).map(|number| place(&next, number)).collect();
            for (allocation, member) in all.iter().zip(members) {
                let share = member.map_or(0, |(share, over)| if over { 0 } else { share });
                prop_assert_eq!(allocation.width(), share);
            }
            let mut ranges: Vec<_> = all.iter().flat_map(Allocation::ranges).copied().collect();
            ranges.sort_by_key(|range| range.start());
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{:?}", ranges);
            if let Some(live) = &live {
                let before: Vec<_> = (0..5).map(|number| place(live, number)).collect();
                let pairs = || before.iter().zip(&all);
                let falls: u16 = pairs().map(|(old, new)| old.width().saturating_sub(new.width())).sum();
                prop_assert_eq!(moved(&before, &all), falls);
                for (number, (old, new)) in pairs().enumerate() {
                    let key = format!("e{number}");
                    let (Some(was), Some(is)) = (live.experiment(&key), next.experiment(&key)) else { continue };
                    let same = moved(std::slice::from_ref(old), std::slice::from_ref(new)) == 0
                        && old.width() == new.width();
                    prop_assert_eq!(was.allocated_in == is.allocated_in, same);
                    prop_assert_eq!(is.allocated_in == next.revision(), !same);
                }
            }
            live = Some(next);
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn what_runs_beside_makes_no_difference(
        experiments in vec(rough(), 2..6), order in any::<u64>(), who in 0..1_000_u32,
    ) {
        let numbered: Vec<_> = experiments.iter().enumerate().map(|(number, one)| one.numbered(number)).collect();
        let whole = published(&draft(&numbered), None);
        let mut others = numbered.clone();
        others.rotate_left(usize::try_from(order % 7).unwrap() % numbered.len());
        if order % 2 == 0 {
            others.reverse();
        }
        let turned = published(&draft(&others), None);
        let visitor = VisitorId::new(format!("visitor-{who}")).unwrap();
        let visit = visit();
        for decision in assign(&whole, &visitor, &visit) {
            let key = decision.experiment.key.as_str();
            let told = serde_json::to_string(&decision).unwrap();
            let mine = numbered.iter().find(|one| one["key"] == key).unwrap().clone();
            let alone = published(&draft(&[mine]), None);
            prop_assert_eq!(&serde_json::to_string(&assign(&alone, &visitor, &visit)[0]).unwrap(), &told);
            let there = assign(&turned, &visitor, &visit).into_iter().find(|one| one.experiment.key.as_str() == key);
            prop_assert_eq!(&serde_json::to_string(&there.unwrap()).unwrap(), &told);
        }
    }

    #[test]
    fn leaving_out_other_pages_makes_no_difference(
        experiments in vec(rough(), 1..7), who in 0..1_000_u32, path in select(vec!["", "a", "b", "a/b?x=1"]),
    ) {
        let experiments: Vec<_> = experiments.iter().enumerate().map(|(number, one)| one.leading(number)).collect();
        let json = published(&draft(&experiments), None);
        let compiled = Datafile::open(json.compile()).unwrap();
        let visitor = VisitorId::new(format!("visitor-{who}")).unwrap();
        let page = Page::parse(&format!("https://example.com/{path}")).unwrap();
        let visit = Visit { facts: Facts::of_page(&page).at(Moment::parse(NOW).unwrap()), ..Visit::to(page) };
        let all = assign(&json, &visitor, &visit);
        let here = assign_on_page(&compiled, &visitor, &visit);
        let told = |one| serde_json::to_string(one).unwrap();
        let matching = all.iter().filter(|one| one.reason() != "page-not-matched");
        prop_assert_eq!(here.iter().map(told).collect::<Vec<_>>(), matching.map(told).collect::<Vec<_>>());
        prop_assert!(all.iter().filter(|one| one.destination.is_some()).count() <= 1);
    }

    #[test]
    fn forced_beats_all_but_the_page(
        experiments in vec(rough(), 1..6), who in 0..1_000_u32, held in select(vec![0, 10_000]),
    ) {
        let experiments: Vec<_> = experiments.iter().enumerate().map(|(number, one)| one.asking(number)).collect();
        let mut draft = draft(&experiments);
        draft["holdouts"] = json!([{"key": "all", "name": "All", "share": held}]);
        draft["consent"] = json!({"required": "everywhere", "cookie": {"name": "none"}});
        let datafile = published(&draft, None);
        let visitor = VisitorId::new(format!("visitor-{who}")).unwrap();
        let plain = assign(&datafile, &visitor, &visit()).iter().map(Decision::reason).collect::<Vec<_>>();
        for (number, reason) in plain.iter().enumerate() {
            prop_assert!(!matches!(*reason, "assigned" | "kept" | "forced"));
            let forced = Forced::one(
                ExperimentKey::new(format!("e{number}")).unwrap(), VariantKey::new("v1").unwrap());
            let visit = Visit { forced, ..visit() };
            let decided = &assign(&datafile, &visitor, &visit)[number];
            if *reason == "page-not-matched" {
                prop_assert_eq!(decided.reason(), *reason);
            } else {
                prop_assert_eq!((decided.reason(), decided.variant().unwrap().key.as_str()), ("forced", "v1"));
            }
        }
    }

    #[test]
    fn sticky_variants_are_kept(
        a in shares(2..4), b in shares(2..4), coverage in 0..=10_000_u16, who in 0..1_000_u32, stopped in any::<bool>(),
    ) {
        let visitor = VisitorId::new(format!("visitor-{who}")).unwrap();
        let sticky = |mut one: Value| { one["sticky"] = json!(true); one };
        let before = published(&draft(&[sticky(experiment(0, &a))]), None);
        let decisions = assign(&before, &visitor, &visit());
        let kept = keep(&before, &decisions, &Sticky::default()).unwrap();
        let token = kept.sign(b"secret", &visitor);
        let kept = Sticky::verify(b"secret", &visitor, &token).unwrap();
        let variant = decisions[0].variant().unwrap().key.clone();

        let mut next = covered(sticky(experiment(0, &b)), (coverage, None));
        next["audience"] = json!({"fact": "query.never", "exists": true});
        if stopped {
            next["variants"][1]["stopped"] = json!(true);
        }
        let after = published(&draft(&[next]), Some(&before));
        let visit = Visit { sticky: kept, ..visit() };
        let decision = &assign(&after, &visitor, &visit)[0];
        let there = first(&after).variant(variant.as_str());
        match there {
            None => prop_assert_eq!(decision.reason(), "not-in-audience"),
            Some(variant) if variant.stopped => prop_assert_eq!(decision.reason(), "variant-stopped"),
            Some(variant) => {
                prop_assert_eq!(decision.reason(), "kept");
                prop_assert_eq!(&decision.variant().unwrap().key, &variant.key);
            }
        }
    }
}

/// A condition, and whether it holds by the tables of Kleene's logic.
#[derive(Debug, Clone)]
struct Known(Value, Option<bool>);

fn conditions() -> impl Strategy<Value = Known> {
    let leaf = select(vec![
        Known(json!({"fact": "query.here", "exists": true}), Some(true)),
        Known(json!({"fact": "query.here", "less": 5}), Some(true)),
        Known(json!({"in_experiment": "e1", "variant": "v1"}), Some(true)),
        Known(json!({"fact": "query.gone", "exists": true}), Some(false)),
        Known(json!({"in_experiment": "e2"}), Some(false)),
        Known(json!({"fact": "geo.country", "is": "DE"}), None),
        Known(json!({"fact": "page.path", "version": {"is": "1"}}), None),
        Known(json!({"in_experiment": "e3"}), None),
    ]);
    leaf.prop_recursive(6, 40, 4, |inner| {
        let several = || vec(inner.clone(), 1..4);
        let json =
            |all: &[Known]| all.iter().map(|one| one.0.clone()).collect::<Vec<_>>();
        prop_oneof![
            several().prop_map(move |all| {
                let falls = all.iter().any(|one| one.1 == Some(false));
                let holds = all.iter().all(|one| one.1 == Some(true));
                Known(
                    json!({"all": json(&all)}),
                    if falls { Some(false) } else { holds.then_some(true) },
                )
            }),
            several().prop_map(move |all| {
                let holds = all.iter().any(|one| one.1 == Some(true));
                let fails = all.iter().all(|one| one.1 == Some(false));
                Known(
                    json!({"any": json(&all)}),
                    if holds { Some(true) } else { fails.then_some(false) },
                )
            }),
            inner
                .clone()
                .prop_map(|one| Known(json!({"not": one.0}), one.1.map(|holds| !holds))),
        ]
    })
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn conditions_are_those_of_kleene(known in conditions()) {
        let Known(condition, expected) = known;
        let mut experiments: Vec<_> = (0..4).map(|number| experiment(number, &[0, 10_000])).collect();
        experiments[0]["audience"] = condition;
        experiments[2]["status"] = json!("paused");
        experiments[3]["audience"] = json!({"fact": "geo.city", "is": "Bern"});
        let datafile = published(&draft(&experiments), None);
        let page = Page::parse("https://example.com/?here=1").unwrap();
        let decisions = assign(&datafile, &VisitorId::new("ada").unwrap(), &Visit::to(page));
        let reason = match expected {
            Some(true) => "assigned",
            Some(false) => "not-in-audience",
            None => "facts-unknown",
        };
        prop_assert_eq!(decisions[0].reason(), reason, "{}", decisions[0].story());
    }
}
