//! What experiments are to one another: layers and prerequisites.

use std::collections::BTreeMap;

use crate::allocation::anchored;
use crate::audience::{Condition, MAX_CHAIN};
use crate::distance::nearest;
use crate::draft::{Fields, Place, as_basis_points};
use crate::experiment::{Experiment, Status};
use crate::hash::BUCKETS;
use crate::key::{ExperimentKey, GroupKey};
use crate::layer::{InLayer, Layer};
use crate::problem::Problems;

/// Where an experiment stands in a layer; its buckets follow when all shares are known.
pub(super) fn read_layer(
    fields: &mut Fields<'_>,
    layers: &[Layer],
    problems: &mut Problems,
) -> Option<InLayer> {
    let value = fields.optional("layer")?;
    let at = fields.place("layer");
    let what = "an object such as {\"key\": \"checkout\", \"share\": 5000}";
    let mut fields = Fields::of(value, &at, what, problems)?;
    let key = fields.text("key", "Write the key of one of \"layers\".", problems);
    let key = key.and_then(|key| {
        super::checked(GroupKey::new(key), &fields.place("key"), problems)
    });
    let hint = "Write its share of the layer in hundredths of a percent: 5000 is half.";
    let share = fields.required("share", hint, problems);
    let share =
        share.and_then(|value| as_basis_points(value, &fields.place("share"), problems));
    let key_at = fields.place("key");
    fields.finish(problems);
    let (key, share) = (key?, share?);
    let Some(layer) = layers.iter().find(|layer| layer.key == key) else {
        let known: Vec<_> = layers.iter().map(|layer| layer.key.as_str()).collect();
        problems.error(
            "unknown-layer",
            key_at,
            format!("there is no layer {:?}", key.as_str()),
            if let Some(key) = nearest(key.as_str(), known.iter().copied()) {
                format!("Did you mean {key:?}?")
            } else if known.is_empty() {
                format!("Beside \"experiments\", write \"layers\": [{{\"key\": {:?}, \"name\": \"...\"}}].", key.as_str())
            } else {
                format!("There are {}.", known.join(", "))
            },
        );
        return None;
    };
    let allocation = crate::allocation::Allocation::default();
    Some(InLayer { key, seed: layer.seed.clone(), share, allocation })
}

/// The share of its layer that an experiment takes: none once it is over.
pub(crate) fn share_of(experiment: &Experiment) -> u16 {
    match &experiment.layer {
        Some(layer) if experiment.status != Status::Stopped => layer.share,
        _ => 0,
    }
}

/// Gives each experiment of a layer its buckets, and notes layers of more than a whole.
pub(super) fn fill_layers(
    layers: &[Layer],
    experiments: &mut [Experiment],
    places: &[Place],
    problems: &mut Problems,
) {
    for layer in layers {
        let in_layer = |experiment: &Experiment| {
            experiment.layer.as_ref().is_some_and(|place| place.key == layer.key)
        };
        let shares: Vec<_> = experiments
            .iter()
            .map(|one| if in_layer(one) { share_of(one) } else { 0 })
            .collect();
        let sum: u32 = shares.iter().copied().map(u32::from).sum();
        if sum > u32::from(BUCKETS) {
            let last = shares.iter().rposition(|share| *share > 0).unwrap_or_default();
            problems.error(
                "layer-too-full",
                places[last].field("layer").field("share"),
                format!("the shares of the layer {:?} add up to {sum}, more than {BUCKETS}", layer.key.as_str()),
                "Lower one of them, or stop an experiment of the layer: stopped ones take no share.",
            );
            continue;
        }
        let allocations = anchored(&shares, BUCKETS);
        for (experiment, allocation) in experiments.iter_mut().zip(allocations) {
            if in_layer(experiment)
                && let Some(place) = &mut experiment.layer
            {
                place.allocation = allocation;
            }
        }
    }
}

/// Notes prerequisites that name nothing, and those that ask for one another in a circle or a chain too long.
pub(super) fn check_prerequisites(
    experiments: &[Experiment],
    places: &[Place],
    problems: &mut Problems,
) {
    let index: BTreeMap<&ExperimentKey, usize> =
        experiments.iter().enumerate().map(|(index, one)| (&one.key, index)).collect();
    let mut asked: Vec<Vec<usize>> = Vec::with_capacity(experiments.len());
    for (experiment, place) in experiments.iter().zip(places) {
        let at = place.field("audience");
        let mut needed = Vec::new();
        for leaf in experiment.audience.iter().flat_map(Condition::leaves) {
            let Condition::InExperiment { in_experiment, variant } = leaf else {
                continue;
            };
            let Some(&other) = index.get(in_experiment) else {
                let message =
                    format!("there is no experiment {:?}", in_experiment.as_str());
                let keys = index.keys().map(|key| key.as_str());
                let hint = match nearest(in_experiment.as_str(), keys) {
                    Some(key) => format!("Did you mean {key:?}?"),
                    None => "Write the key of one in this draft.".to_owned(),
                };
                problems.error("unknown-experiment", &at, message, hint);
                continue;
            };
            if let Some(variant) = variant
                && experiments[other].variant(variant.as_str()).is_none()
            {
                problems.error(
                    "unknown-variant",
                    &at,
                    format!(
                        "{:?} has no variant {:?}",
                        in_experiment.as_str(),
                        variant.as_str()
                    ),
                    "Write the key of one of its variants, or leave \"variant\" out.",
                );
            }
            needed.push(other);
        }
        asked.push(needed);
    }
    for (one, length) in chains(&asked).into_iter().enumerate() {
        let key = experiments[one].key.as_str();
        let at = places[one].field("audience");
        match length {
            None => problems.error(
                "asks-for-itself",
                at,
                format!("{key:?} asks for experiments that ask for it, or for one another"),
                "Leave one of these conditions out: who is in the one cannot hang on who is in the other.",
            ),
            Some(length) if length > usize::from(MAX_CHAIN) => problems.error(
                "chain-too-long",
                at,
                format!("{key:?} asks for a chain of {length} experiments"),
                format!("At most {MAX_CHAIN} may ask for one another in a row."),
            ),
            Some(_) => {}
        }
    }
}

/// How much there may be to read in all experiments, in tenths of a microsecond in wasm or less: the first visit to a page
/// reads all that may run on it.
const MAX_WEIGHT: usize = 250_000;

/// What a condition and a change take to be read, beside their regular expressions and selectors.
const CONDITION: usize = 25;
const CHANGE: usize = 8;

/// What it takes to read an experiment. A regular expression counts about as much as it has letters when its repetitions
/// are written out, and a selector as many as it has bytes.
fn weight(experiment: &Experiment) -> usize {
    let audience = experiment
        .audience
        .as_ref()
        .map_or(0, |condition| condition.leaves().len() * CONDITION + condition.weight());
    let changes = experiment.variants.iter().flat_map(|variant| &variant.changes);
    let changes = changes.map(|change| {
        let selector = change.selector.as_ref().map_or(0, |one| one.as_str().len());
        CHANGE + selector
    });
    experiment.pages.weight() + audience + changes.sum::<usize>()
}

/// Notes if there is too much to read for one visit.
pub(super) fn weigh(experiments: &[Experiment], problems: &mut Problems) {
    let all: usize = experiments.iter().map(weight).sum();
    // The first of the heaviest.
    let heaviest = experiments.iter().rev().max_by_key(|one| weight(one));
    let Some(heaviest) = heaviest.filter(|_| all > MAX_WEIGHT) else { return };
    problems.error(
        "too-much-to-read",
        Place::root().field("experiments"),
        format!(
            "all experiments together are too much to read for one visit: {all}, and {MAX_WEIGHT} is the most (a condition counts {CONDITION}, a change {CHANGE} and the bytes of its selector, a regular expression its letters, as often as they are repeated)"
        ),
        format!(
            "Archive experiments that have ended, or make {:?} smaller, which counts {}.",
            heaviest.key.as_str(),
            weight(heaviest)
        ),
    );
}

/// How long the longest chain below each is, of those that each asks for; none for what stands in a circle or asks for
/// one. Each is looked at once all that it asks for are known.
fn chains(asked: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut asked_by: Vec<Vec<usize>> = vec![Vec::new(); asked.len()];
    for (one, needed) in asked.iter().enumerate() {
        for other in needed {
            asked_by[*other].push(one);
        }
    }
    let mut unknown: Vec<usize> = asked.iter().map(Vec::len).collect();
    let mut known: Vec<usize> =
        (0..asked.len()).filter(|one| unknown[*one] == 0).collect();
    let mut length: Vec<Option<usize>> = vec![None; asked.len()];
    while let Some(one) = known.pop() {
        let below = asked[one].iter().filter_map(|other| length[*other]);
        length[one] = Some(below.max().map_or(0, |most| most + 1));
        for above in &asked_by[one] {
            unknown[*above] -= 1;
            if unknown[*above] == 0 {
                known.push(*above);
            }
        }
    }
    length
}
