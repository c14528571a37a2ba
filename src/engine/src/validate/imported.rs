//! What an experiment brings along from another tool: its seed, its hash, its exact ranges, and word of where it is from.

use serde_json::Value;

use crate::allocation::{Allocation, BucketRange, anchored};
use crate::draft::{Fields, Place, as_basis_points, as_list, as_text, wrong_kind};
use crate::experiment::{Hypothesis, Variant};
use crate::hash::{BUCKETS, HashMethod, Seed};
use crate::key::ExperimentKey;
use crate::problem::Problems;
use crate::schedule::Schedule;

/// The longest seed, bytes. It is hashed for each visit.
const MAX_SEED: usize = 256;

/// The tools that drafts are imported from.
const TOOLS: [&str; 2] = ["convert", "growthbook"];

/// How an experiment makes buckets.
pub(super) struct Hashing {
    /// None: the key.
    seed: Option<Seed>,
    /// The hash.
    pub(super) method: HashMethod,
}

impl Hashing {
    pub(super) fn seed(&self, key: &ExperimentKey) -> Seed {
        self.seed.clone().unwrap_or_else(|| Seed::new(key.as_str()))
    }
}

pub(super) fn read_hashing(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<Hashing> {
    let seed = fields.optional("seed");
    let seed_at = fields.place("seed");
    let method = fields.optional("hash");
    let method_at = fields.place("hash");
    let seed = seed.map(|value| read_seed(value, &seed_at, problems));
    let method = method.map(|value| read_method(value, &method_at, problems));
    // Noted where it is wrong; both are looked at first.
    let seed = match seed {
        Some(seed) => Some(seed?),
        None => None,
    };
    Some(Hashing { seed, method: method.unwrap_or(Some(HashMethod::default()))? })
}

fn read_seed(value: &Value, at: &Place, problems: &mut Problems) -> Option<Seed> {
    let text = as_text(value, at, problems)?;
    if text.is_empty() || text.len() > MAX_SEED {
        let length = text.len();
        problems.error(
            "not-a-seed",
            at,
            format!("a seed has 1 to {MAX_SEED} bytes, and this has {length}"),
            "Leave it out, and the experiment's key is the seed.",
        );
        return None;
    }
    Some(Seed::new(text))
}

fn read_method(value: &Value, at: &Place, problems: &mut Problems) -> Option<HashMethod> {
    let text = as_text(value, at, problems)?;
    let method = HashMethod::ALL.into_iter().find(|method| method.as_str() == text);
    if method.is_none() {
        problems.error(
            "not-a-hash",
            at,
            format!("{text:?} is not a hash"),
            "Leave it out, or write \"growthbook-1\" or \"growthbook-2\" for an experiment that GrowthBook has run.",
        );
    }
    method
}

/// A hypothesis that is still to be written.
pub(super) fn read_origin(
    mut fields: Fields<'_>,
    problems: &mut Problems,
) -> Option<Hypothesis> {
    let at = fields.at().clone();
    let tool = fields.optional("imported_from")?;
    let tool_at = fields.place("imported_from");
    let alone = fields.finish(problems);
    let tool = as_text(tool, &tool_at, problems)?;
    if !TOOLS.contains(&tool) {
        problems.error(
            "not-a-tool",
            tool_at,
            format!("{tool:?} is not a tool that experiments are imported from"),
            "Write \"convert\" or \"growthbook\", or the three parts of a hypothesis.",
        );
        return None;
    }
    if !alone {
        return None;
    }
    problems.warning(
        "no-hypothesis",
        at,
        "this experiment was imported, and nobody has written down why it is run",
        "Replace \"imported_from\" by \"we_believe\", \"will_cause\" and \"because\"; it decides what you learn.",
    );
    Some(Hypothesis {
        we_believe: String::new(),
        will_cause: String::new(),
        because: String::new(),
        imported_from: Some(tool.to_owned()),
    })
}

/// A variant, and the ranges that the draft gives it, if it gives any.
pub(super) struct Ranged {
    pub(super) variant: Variant,
    pub(super) ranges: Option<Vec<Placed>>,
    pub(super) at: Place,
}

/// A range and where it is written.
pub(super) struct Placed {
    range: BucketRange,
    at: Place,
}

/// The outer `None` where a problem was noted, the inner one where no ranges are given.
#[allow(clippy::option_option, reason = "a problem is no absence")]
pub(super) fn read_ranges(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<Option<Vec<Placed>>> {
    let Some(value) = fields.optional("ranges") else { return Some(None) };
    let at = fields.place("ranges");
    if !value.is_array() {
        wrong_kind(problems, &at, value, "a list");
        return None;
    }
    let items = as_list(value, &at, problems);
    if items.len() > usize::from(BUCKETS) {
        problems.error(
            "too-many",
            &at,
            format!("there are {BUCKETS} buckets, and this has {} ranges", items.len()),
            "Write ranges that touch as one.",
        );
        return None;
    }
    let read = |(index, item): (usize, &Value)| {
        let at = at.item(index);
        let range = read_range(item);
        if range.is_none() {
            problems.error(
                "not-a-range",
                &at,
                "this is not a range of buckets",
                "Write the first bucket and the one behind the last, from 0 to 10000: [0, 2500] is the first quarter.",
            );
        }
        range.map(|range| Placed { range, at })
    };
    let ranges: Vec<_> = items.iter().enumerate().map(read).collect();
    Some(Some(ranges.into_iter().collect::<Option<_>>()?))
}

fn read_range(value: &Value) -> Option<BucketRange> {
    let [start, end] = value.as_array()?.as_slice() else { return None };
    let number = |value: &Value| value.as_u64().and_then(|n| u16::try_from(n).ok());
    BucketRange::new(number(start)?, number(end)?)
}

/// The coverage of a draft, if it gives one.
pub(super) struct Coverage {
    written: bool,
    /// None where it is no number, which was noted.
    points: Option<u16>,
    at: Place,
}

/// The share of visitors who are enrolled, when a ramp has come to its end.
pub(super) fn read_coverage(
    fields: &mut Fields<'_>,
    schedule: Option<&Schedule>,
    problems: &mut Problems,
) -> Coverage {
    let value = fields.optional("coverage");
    let at = fields.place("coverage");
    let last = schedule.and_then(|schedule| schedule.ramp.last());
    if let (Some(_), Some(_)) = (value, last) {
        problems.error(
            "coverage-and-ramp",
            &at,
            "the ramp says how many visitors are enrolled, and so does \"coverage\"",
            "Leave \"coverage\" out: the last step of the ramp stays.",
        );
    }
    let points = match (value, last) {
        (Some(value), _) => as_basis_points(value, &at, problems),
        (None, Some(last)) => Some(last.coverage),
        (None, None) => Some(BUCKETS),
    };
    Coverage { written: value.is_some(), points, at }
}

/// Who has which buckets.
pub(super) struct Layout {
    pub(super) variants: Vec<Variant>,
    pub(super) coverage: u16,
    pub(super) ranges_given: bool,
}

/// The ranges that the draft gives, or the anchored layout of weights and coverage.
pub(super) fn lay_out(
    variants: Vec<Ranged>,
    coverage: &Coverage,
    problems: &mut Problems,
) -> Option<Layout> {
    let given = variants.iter().filter(|one| one.ranges.is_some()).count();
    if given == 0 {
        let coverage = coverage.points?;
        let weights: Vec<_> = variants.iter().map(|one| one.variant.weight).collect();
        let allocations = anchored(&weights, coverage);
        let variants = variants.into_iter().zip(allocations);
        let variants = variants
            .map(|(one, allocation)| Variant { allocation, ..one.variant })
            .collect();
        return Some(Layout { variants, coverage, ranges_given: false });
    }
    if coverage.written {
        problems.error(
            "coverage-beside-ranges",
            &coverage.at,
            "\"coverage\" stands beside \"ranges\", which say exactly who takes part",
            "Leave \"coverage\" out; it follows from the ranges.",
        );
    }
    for one in variants.iter().filter(|one| one.ranges.is_none()) {
        problems.error(
            "missing-field",
            one.at.field("ranges"),
            "\"ranges\" is missing, and other variants have them",
            "Write them for each variant, [] for one that nobody sees, or for none at all.",
        );
    }
    if !note_overlaps(&variants, problems) || given < variants.len() || coverage.written {
        return None;
    }
    let variants: Vec<_> = variants.into_iter().map(allocate).collect();
    let coverage = variants.iter().map(|variant| variant.allocation.width()).sum();
    Some(Layout { variants, coverage, ranges_given: true })
}

/// Gives the variant its ranges as they stand, those that continue the one before as one.
fn allocate(one: Ranged) -> Variant {
    let ranges = one.ranges.unwrap_or_default();
    let mut joined: Vec<BucketRange> = Vec::with_capacity(ranges.len());
    for Placed { range, .. } in ranges {
        match joined.last_mut().filter(|last| last.end() == range.start()) {
            Some(last) => {
                *last = BucketRange::new(last.start(), range.end()).unwrap_or(range);
            }
            None => joined.push(range),
        }
    }
    Variant { allocation: Allocation::of(joined), ..one.variant }
}

/// Notes each range that has a bucket of another; false if there are any.
fn note_overlaps(variants: &[Ranged], problems: &mut Problems) -> bool {
    let all = variants.iter().flat_map(|one| {
        let ranges = one.ranges.iter().flatten();
        ranges.map(move |placed| (placed, one.variant.key.as_str()))
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(placed, _)| placed.range.start());
    let mut good = true;
    let Some((mut furthest, mut owner)) = all.first().copied() else { return true };
    for (placed, key) in all.into_iter().skip(1) {
        let start = placed.range.start();
        if start < furthest.range.end() {
            good = false;
            problems.error(
                "ranges-overlap",
                &placed.at,
                format!("bucket {start} also belongs to {owner:?}, at {}", furthest.at),
                "Let one range end where the other starts: the end itself is not part of a range.",
            );
        }
        if placed.range.end() > furthest.range.end() {
            (furthest, owner) = (placed, key);
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::validate::validate;

    fn draft(ranges: [Value; 2]) -> String {
        let [control, b] = ranges;
        json!({"experiments": [{
            "key": "hero", "name": "Hero", "status": "running", "seed": "42", "hash": "growthbook-2",
            "hypothesis": {"imported_from": "growthbook"},
            "pages": {"include": [{"exact": "/"}]},
            "variants": [
                {"key": "control", "name": "As it is", "weight": 5000, "ranges": control},
                {"key": "b", "name": "B", "weight": 5000, "ranges": b, "changes": [{"selector": "h1", "text": "x"}]},
            ],
        }]})
        .to_string()
    }

    #[test]
    fn given_ranges_are_the_allocation() {
        let ranges = [json!([[100, 200], [0, 3], [3, 5]]), json!([])];
        let (datafile, problems) = validate(&draft(ranges), 1);
        assert_eq!(problems.iter().count(), 1, "{problems}");
        let json: Value = serde_json::from_str(&datafile.unwrap().to_json()).unwrap();
        let hero = &json["experiments"][0];
        assert_eq!(hero["coverage"], 105);
        assert_eq!(
            (&hero["seed"], &hero["hash"]),
            (&json!("42"), &json!("growthbook-2"))
        );
        assert_eq!(hero["hypothesis"]["imported_from"], "growthbook");
        assert_eq!(hero["variants"][0]["allocation"], json!([[100, 200], [0, 5]]));
        assert_eq!(hero["variants"][1]["allocation"], json!([]));
        assert!(hero.get("ranges_given").is_none());
    }

    #[test]
    fn too_many_ranges() {
        let (datafile, problems) =
            validate(&draft([json!(vec![[0, 1]; 10_001]), json!([])]), 1);
        assert!(datafile.is_none());
        let found = problems.iter().find(|problem| problem.code == "too-many").unwrap();
        assert_eq!(found.message, "there are 10000 buckets, and this has 10001 ranges");
    }
}
