//! Draft + what is live → the next datafile, in which visitors stay where they are.

use crate::allocation::{Allocation, moved, reallocate};
use crate::datafile::Datafile;
use crate::draft::Place;
use crate::experiment::{Experiment, Status, Variant};
use crate::hash::BUCKETS;
use crate::layer::Layer;
use crate::problem::Problems;
use crate::validate::{share_of, validate};

/// Checks a draft and numbers it one higher than the datafile that is live, or 1 if none is.
///
/// An experiment that visitors are in already keeps its live ranges as far as the new weights and coverage allow; a
/// warning says how many visitors have to move. It cannot become a draft again: a draft's ranges are made anew.
pub fn publish(draft: &str, live: Option<&Datafile>) -> (Option<Datafile>, Problems) {
    let revision = live.map_or(0, Datafile::revision) + 1;
    let (datafile, mut problems) = validate(draft, revision);
    let next = datafile.map(|datafile| {
        let mut next: Vec<_> = datafile.experiments().cloned().collect();
        if let Some(live) = live {
            for (index, experiment) in next.iter_mut().enumerate() {
                let before = live.experiment(experiment.key.as_str());
                if let Some(before) = before.filter(|one| one.status != Status::Draft) {
                    *experiment = keep_visitors(experiment, before, index, &mut problems);
                }
            }
            for layer in &datafile.settings().layers {
                keep_layer(layer, &mut next, live, &mut problems);
            }
            for experiment in &mut next {
                let before = live.experiment(experiment.key.as_str());
                if let Some(before) =
                    before.filter(|one| has_same_ranges(one, experiment))
                {
                    experiment.allocated_in = before.allocated_in;
                }
            }
        }
        datafile.with_experiments(next)
    });
    (next.filter(|_| !problems.has_errors()), problems)
}

/// Whether each visitor has the same place in both.
fn has_same_ranges(before: &Experiment, next: &Experiment) -> bool {
    let with_visitors = |one: &Experiment| {
        one.variants.iter().filter(|one| one.allocation.width() > 0).count()
    };
    let is_like = |old: &Variant| {
        next.variant(old.key.as_str()).is_some_and(|new| {
            new.stopped == old.stopped && new.allocation.is_like(&old.allocation)
        })
    };
    let enrolled = before.variants.iter().filter(|old| old.allocation.width() > 0);
    let layers_are_like = match (&before.layer, &next.layer) {
        (None, None) => true,
        (Some(old), Some(new)) => {
            old.seed == new.seed && old.allocation.is_like(&new.allocation)
        }
        _ => false,
    };
    before.seed == next.seed
        && before.hash == next.hash
        && layers_are_like
        && with_visitors(before) == with_visitors(next)
        && enrolled.into_iter().all(is_like)
}

/// Gives each experiment of a layer its buckets, so that the fewest visitors change between them.
fn keep_layer(
    layer: &Layer,
    next: &mut [Experiment],
    live: &Datafile,
    problems: &mut Problems,
) {
    let place_in = |one: &Experiment| {
        let place = one.layer.as_ref();
        place.filter(|at| at.key == layer.key && at.seed == layer.seed).cloned()
    };
    let live_place = |one: &Experiment| {
        let before = live.experiment(one.key.as_str()).and_then(place_in);
        before.map_or_else(Allocation::default, |at| at.allocation)
    };
    let mut members: Vec<_> =
        next.iter_mut().enumerate().filter(|(_, one)| place_in(one).is_some()).collect();
    let before: Vec<_> = members.iter().map(|(_, one)| live_place(one)).collect();
    let shares: Vec<_> = members.iter().map(|(_, one)| share_of(one)).collect();
    let allocations = reallocate(&before, &shares, BUCKETS);
    let places = members.iter_mut().zip(before).zip(allocations);
    for (((index, experiment), before), allocation) in places {
        let Some(at) = &mut experiment.layer else { continue };
        let leaving = moved(&[before], std::slice::from_ref(&allocation));
        at.allocation = allocation;
        if leaving > 0 && experiment.status != Status::Stopped {
            let at = Place::root().field("experiments").item(*index).field("layer");
            problems.warning(
                "visitors-move",
                at,
                format!(
                    "{}.{:02} % of all visitors leave {:?}, because its share of the layer {:?} is lower",
                    leaving / 100,
                    leaving % 100,
                    experiment.key.as_str(),
                    layer.key.as_str()
                ),
                "That is the fewest this share allows.",
            );
        }
    }
}

/// The experiment with ranges that follow from those it has.
fn keep_visitors(
    experiment: &Experiment,
    before: &Experiment,
    index: usize,
    problems: &mut Problems,
) -> Experiment {
    if experiment.status == Status::Draft {
        problems.error(
            "has-run",
            Place::root().field("experiments").item(index).field("status"),
            format!(
                "{:?} is {} and cannot become a draft again",
                experiment.key.as_str(),
                before.status.as_str()
            ),
            "Write \"paused\": visitors then see control, and keep their variants for later.",
        );
    }
    if (&before.seed, before.hash) != (&experiment.seed, experiment.hash) {
        problems.warning(
            "visitors-move",
            Place::root().field("experiments").item(index).field("seed"),
            format!(
                "all visitors of {:?} are chosen anew, because its seed or its hash is another",
                experiment.key.as_str()
            ),
            "Write those that are live, unless that is what you want; a new experiment keeps the results apart.",
        );
    }
    let mut next = experiment.clone();
    let keys = next.variants.iter().map(|variant| variant.key.as_str());
    let mut live: Vec<Allocation> = keys
        .map(|key| {
            before.variant(key).map_or_else(Allocation::default, |v| v.allocation.clone())
        })
        .collect();
    let weights: Vec<_> = next.variants.iter().map(|variant| variant.weight).collect();
    let allocations = if next.ranges_given {
        next.variants.iter().map(|variant| variant.allocation.clone()).collect()
    } else {
        reallocate(&live, &weights, next.coverage)
    };

    // Who was in a variant that is gone has moved too.
    let gone =
        before.variants.iter().filter(|old| next.variant(old.key.as_str()).is_none());
    live.extend(gone.map(|old| old.allocation.clone()));
    let moved = moved(&live, &allocations);
    if moved > 0 {
        let at = Place::root().field("experiments").item(index).field("variants");
        problems.warning(
            "visitors-move",
            at,
            format!(
                "{}.{:02} % of all visitors leave the variant of {:?} that they have seen",
                moved / 100,
                moved % 100,
                experiment.key.as_str()
            ),
            if next.ranges_given {
                "The draft's ranges are not those that are live. Take these over, or leave \"ranges\" out, and the fewest move that the weights allow."
            } else {
                "That is the fewest these weights allow. Results before and after are not alike; a new experiment keeps them apart."
            },
        );
    }
    for (variant, allocation) in next.variants.iter_mut().zip(allocations) {
        variant.allocation = allocation;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(status: &str, coverage: u16, weights: &[(&str, u16)]) -> String {
        let variants: Vec<_> = weights
            .iter()
            .map(|(key, weight)| {
                serde_json::json!({"key": key, "name": key, "weight": weight, "changes":
                    if *key == "control" { vec![] } else { vec![serde_json::json!({"selector": "h1", "text": "x"})] }})
            })
            .collect();
        serde_json::json!({"experiments": [{
            "key": "hero", "name": "Hero", "status": status, "coverage": coverage, "variants": variants,
            "hypothesis": {"we_believe": "a shorter headline", "will_cause": "more sign-ups", "because": "people skim it"},
            "pages": {"include": [{"exact": "/"}]},
        }]})
        .to_string()
    }

    #[track_caller]
    fn check(first: &str, second: &str, warning: Option<&str>) -> Datafile {
        let live = publish(first, None).0.expect("a good draft");
        let (next, problems) = publish(second, Some(&live));
        let messages: Vec<_> =
            problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, warning.into_iter().collect::<Vec<_>>());
        let next = next.expect("a good draft");
        assert_eq!(next.revision(), 2);
        next
    }

    #[test]
    fn who_has_seen_a_variant_stays_if_it_can_be() {
        let half = [("control", 5_000), ("b", 5_000)];
        check(&draft("running", 2_000, &half), &draft("running", 8_000, &half), None);
        check(
            &draft("running", 10_000, &half),
            &draft("running", 10_000, &[("control", 2_500), ("b", 7_500)]),
            Some(
                "25.00 % of all visitors leave the variant of \"hero\" that they have seen",
            ),
        );
        check(
            &draft("paused", 10_000, &half),
            &draft("running", 10_000, &[("control", 5_000), ("c", 5_000)]),
            Some(
                "50.00 % of all visitors leave the variant of \"hero\" that they have seen",
            ),
        );
    }

    #[test]
    fn what_has_run_is_no_draft_again() {
        let half = [("control", 5_000), ("b", 5_000)];
        let live =
            publish(&draft("running", 10_000, &half), None).0.expect("a good draft");
        let (next, problems) = publish(&draft("draft", 10_000, &half), Some(&live));
        assert!(next.is_none());
        assert_eq!(
            problems.to_string(),
            "error[has-run] at experiments[0].status: \"hero\" is running and cannot become a draft again\n  \
             hint: Write \"paused\": visitors then see control, and keep their variants for later.\n"
        );
    }

    #[test]
    fn nobody_was_in_a_draft() {
        let next = check(
            &draft("draft", 10_000, &[("control", 5_000), ("b", 5_000)]),
            &draft("running", 10_000, &[("control", 2_500), ("b", 7_500)]),
            None,
        );
        let hero = next.experiment("hero").expect("it is there");
        assert_eq!(hero.variants[1].allocation.ranges().len(), 1);
    }

    #[test]
    fn ranges_that_the_draft_gives_are_not_moved() {
        let ranged = |ranges: [[u16; 2]; 2]| {
            let mut draft: serde_json::Value = serde_json::from_str(&draft(
                "running",
                0,
                &[("control", 5_000), ("b", 5_000)],
            ))
            .expect("JSON");
            let hero = &mut draft["experiments"][0];
            hero.as_object_mut().expect("an object").remove("coverage");
            for (variant, range) in ranges.into_iter().enumerate() {
                hero["variants"][variant]["ranges"] = serde_json::json!([range]);
            }
            draft.to_string()
        };
        let first = ranged([[0, 1_000], [1_000, 2_000]]);
        check(&first, &ranged([[0, 1_000], [1_000, 5_000]]), None);
        let next = check(
            &first,
            &ranged([[0, 1_500], [1_500, 3_000]]),
            Some(
                "5.00 % of all visitors leave the variant of \"hero\" that they have seen",
            ),
        );
        let hero = next.experiment("hero").expect("it is there");
        assert_eq!(hero.variants[1].allocation.ranges()[0].start(), 1_500);
        assert_eq!(hero.coverage, 3_000);
    }
    #[test]
    fn another_seed_chooses_all_anew() {
        let first = draft("running", 10_000, &[("control", 5_000), ("b", 5_000)]);
        let mut next: serde_json::Value = serde_json::from_str(&first).expect("JSON");
        next["experiments"][0]["seed"] = "other".into();
        check(
            &first,
            &next.to_string(),
            Some(
                "all visitors of \"hero\" are chosen anew, because its seed or its hash is another",
            ),
        );
    }
}
