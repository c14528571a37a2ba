//! Pairs of running experiments that change the same part of a page for the same visitors. Such visitors see one change
//! and not the other, or both on top of each other, so neither result is about what its experiment asks.

mod pages;
mod touched;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use self::pages::may_meet;
use self::touched::{Part, Touch, touched};
use crate::assign::percent;
use crate::datafile::Datafile;
use crate::experiment::{Experiment, Status};
use crate::hash::BUCKETS;
use crate::key::{ExperimentKey, VariantKey};
use crate::layer::InLayer;

/// The most conflicts that are told.
pub const MAX_CONFLICTS: usize = 1_000;
/// The most parts that are named for one conflict.
const MAX_SHARED: usize = 20;

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflicts<'d> {
    /// In the order of the datafile, by their first experiments and then by their second ones.
    pub conflicts: Vec<Conflict<'d>>,
    /// Whether these are all. They are not where there are more than [`MAX_CONFLICTS`], or where page rules are so many
    /// and so long that looking further would take too long.
    pub complete: bool,
}

/// Two running experiments that get in each other's way. Its JSON says so in a sentence too, as `explain`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict<'d> {
    /// The one that stands first in the datafile, whose change is made where only one can be.
    pub first: &'d ExperimentKey,
    /// The other.
    pub second: &'d ExperimentKey,
    /// What both change, at most 20 parts.
    pub shared: Vec<Shared<'d>>,
    /// How many more parts both change.
    pub untold: usize,
    /// The share of all visitors who are given a variant of each that changes the same, 0 to 1. Of those who come to the
    /// pages in question no more are in both: audiences and schedules are not looked at.
    pub visitors: f64,
}

/// A part of the page that both experiments change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shared<'d> {
    /// A selector as the first experiment writes it, or `the title`, `the meta description`, `the destination`.
    pub part: String,
    /// Which of the first experiment's variants change it.
    pub first: Vec<&'d VariantKey>,
    /// Which of the second one's.
    pub second: Vec<&'d VariantKey>,
}

/// Finds the conflicts among the running experiments.
///
/// Two experiments are in conflict if their page rules may hold for one page (what regular expressions and parameters of
/// the query exclude is not followed), if some visitor may be in both, and if a variant of one changes
///
/// - an element for which a variant of the other has the same selector, in whatever spelling and as one of a list, or a
///   selector that names the same id,
/// - or the title, or the same `<meta>`,
/// - or which page is shown, which the other does too.
///
/// That two other selectors are for the same element, only a page could tell.
///
/// Who is in both: seeds that differ make experiments independent; experiments with one seed share the buckets that both
/// of them have.
pub fn conflicts(datafile: &Datafile) -> Conflicts<'_> {
    let mut running = Vec::new();
    let mut numbers = BTreeMap::new();
    for experiment in datafile.experiments() {
        if experiment.status == Status::Running {
            let parts = number(touched(experiment), &mut numbers);
            running.push(Running { experiment, parts, ranges: ranges(experiment) });
        }
    }
    drop(numbers);

    let owners = owners(&running);
    let mut effort = Effort::new();
    let mut found = Vec::new();
    for (place, first) in running.iter().enumerate() {
        for second in others(place, first, &owners).map(|other| &running[other]) {
            let conflict = first.conflict(second, &mut effort);
            if effort.is_spent() || (conflict.is_some() && found.len() == MAX_CONFLICTS) {
                return Conflicts { conflicts: found, complete: false };
            }
            found.extend(conflict);
        }
    }
    Conflicts { conflicts: found, complete: true }
}

/// How much more may be compared, in bytes or so: about a second's worth.
struct Effort(u64);

impl Effort {
    fn new() -> Self {
        Self(500_000_000)
    }

    fn spend(&mut self, work: usize) {
        self.0 = self.0.saturating_sub(work as u64);
    }

    fn is_spent(&self) -> bool {
        self.0 == 0
    }
}

/// A running experiment, prepared for being compared.
struct Running<'d> {
    experiment: &'d Experiment,
    /// Ascending by the number that stands for the part.
    parts: Vec<(usize, Told<'d>)>,
    /// All of its ranges and whose they are, ascending.
    ranges: Vec<(u16, u16, usize)>,
}

/// A part in words, and who touches it.
struct Told<'d> {
    kind: Kind,
    touch: Touch<'d>,
}

#[derive(Clone, Copy)]
enum Kind {
    Element,
    Title,
    Meta,
    Destination,
}

impl Told<'_> {
    fn words(&self) -> String {
        match self.kind {
            Kind::Element => self.touch.words.to_owned(),
            Kind::Title => "the title".to_owned(),
            Kind::Meta => format!("the meta {}", self.touch.words),
            Kind::Destination => "the destination".to_owned(),
        }
    }
}

/// One number for each part, so that parts are compared as texts once.
fn number<'d>(
    touched: BTreeMap<Part, Touch<'d>>,
    numbers: &mut BTreeMap<Part, usize>,
) -> Vec<(usize, Told<'d>)> {
    let mut parts = Vec::with_capacity(touched.len());
    for (part, touch) in touched {
        let kind = match part {
            Part::Element(_) => Kind::Element,
            Part::Title => Kind::Title,
            Part::Meta(_) => Kind::Meta,
            Part::Destination => Kind::Destination,
        };
        let next = numbers.len();
        parts.push((*numbers.entry(part).or_insert(next), Told { kind, touch }));
    }
    parts.sort_unstable_by_key(|(number, _)| *number);
    parts
}

fn ranges(experiment: &Experiment) -> Vec<(u16, u16, usize)> {
    let mut ranges = Vec::new();
    for (place, variant) in experiment.variants.iter().enumerate() {
        let own = variant.allocation.ranges().iter();
        ranges.extend(own.map(|range| (range.start(), range.end(), place)));
    }
    ranges.sort_unstable();
    ranges
}

/// For each part that several experiments touch, which do: one bit each.
fn owners(running: &[Running]) -> BTreeMap<usize, Vec<u64>> {
    let mut lists: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, one) in running.iter().enumerate() {
        for (part, _) in &one.parts {
            lists.entry(*part).or_default().push(place);
        }
    }
    lists.retain(|_, owners| owners.len() > 1);
    let words = running.len().div_ceil(64);
    let bits = |owners: Vec<usize>| {
        let mut bits = vec![0_u64; words];
        for owner in owners {
            bits[owner / 64] |= 1 << (owner % 64);
        }
        bits
    };
    lists.into_iter().map(|(part, owners)| (part, bits(owners))).collect()
}

/// Those behind `first`, which stands at `place`, that touch something it touches.
fn others(
    place: usize,
    first: &Running,
    owners: &BTreeMap<usize, Vec<u64>>,
) -> impl Iterator<Item = usize> {
    let mut all: Vec<u64> = Vec::new();
    for bits in first.parts.iter().filter_map(|(part, _)| owners.get(part)) {
        all.resize(bits.len(), 0);
        all.iter_mut().zip(bits).for_each(|(all, own)| *all |= own);
    }
    let end = all.len() * 64;
    (place + 1..end).filter(move |other| all[other / 64] & (1 << (other % 64)) != 0)
}

impl<'d> Running<'d> {
    fn conflict(&self, second: &Self, effort: &mut Effort) -> Option<Conflict<'d>> {
        if !may_meet(&self.experiment.pages, &second.experiment.pages, effort) {
            return None;
        }
        effort.spend(self.parts.len() + second.parts.len());
        let common = self.common(second);
        let mut variants = BTreeSet::new();
        for (first, other) in &common {
            for one in &first.touch.variants {
                variants.extend(other.touch.variants.iter().map(|other| (*one, *other)));
            }
        }
        let visitors = self.visitors(second, &variants, effort);
        // Nobody is in both.
        if visitors <= 0.0 {
            return None;
        }
        // The members of one list stand side by side, and are told as one.
        let lists = common.chunk_by(|(one, _), (next, _)| one.words() == next.words());
        let untold = lists.clone().skip(MAX_SHARED).count();
        let shared = lists.take(MAX_SHARED).map(|list| {
            let own = list.iter().map(|(own, _)| *own);
            let other = list.iter().map(|(_, other)| *other);
            Shared {
                part: list[0].0.words(),
                first: keys(self.experiment, own),
                second: keys(second.experiment, other),
            }
        });
        let shared = shared.collect();
        let (first, second) = (&self.experiment.key, &second.experiment.key);
        Some(Conflict { first, second, shared, untold, visitors })
    }

    /// What both touch, in the order in which this one does.
    fn common<'a>(&'a self, second: &'a Self) -> Vec<(&'a Told<'d>, &'a Told<'d>)> {
        let mut theirs = second.parts.iter().peekable();
        let mut common = Vec::new();
        for (part, own) in &self.parts {
            while theirs.next_if(|(other, _)| other < part).is_some() {}
            if let Some((_, other)) = theirs.next_if(|(other, _)| other == part) {
                common.push((own, other));
            }
        }
        common.sort_unstable_by_key(|(own, _)| own.touch.place);
        common
    }

    /// The share of all visitors who are in one of those pairs of variants.
    fn visitors(
        &self,
        second: &Self,
        variants: &BTreeSet<(usize, usize)>,
        effort: &mut Effort,
    ) -> f64 {
        let (one, other) = (self.experiment, second.experiment);
        let all = f64::from(BUCKETS);
        let same_layer = |one: &InLayer, other: &InLayer| one.key == other.key;
        let places = one.layer.as_ref().zip(other.layer.as_ref());
        if places.is_some_and(|(one, other)| same_layer(one, other)) {
            return 0.0;
        }
        let layers = [one, other].into_iter().filter_map(|one| one.layer.as_ref());
        let in_layers: f64 =
            layers.map(|layer| f64::from(layer.allocation.width()) / all).product();
        in_layers * self.in_variants(second, variants, effort)
    }

    /// The same, if no layer took visitors from either.
    fn in_variants(
        &self,
        second: &Self,
        variants: &BTreeSet<(usize, usize)>,
        effort: &mut Effort,
    ) -> f64 {
        let (one, other) = (self.experiment, second.experiment);
        let all = f64::from(BUCKETS);
        if one.seed == other.seed && one.hash == other.hash {
            effort.spend(self.ranges.len() + second.ranges.len());
            return f64::from(self.same_buckets(second, variants)) / all;
        }
        let width = |experiment: &Experiment, variant: usize| {
            let variant = &experiment.variants[variant];
            if variant.stopped { 0.0 } else { f64::from(variant.allocation.width()) }
        };
        let both = variants.iter().map(|(a, b)| width(one, *a) * width(other, *b));
        both.sum::<f64>() / (all * all)
    }

    /// How many buckets belong to one of those pairs of variants, where both have the same seed.
    fn same_buckets(&self, second: &Self, variants: &BTreeSet<(usize, usize)>) -> u16 {
        let (mut one, mut other) = (self.ranges.iter(), second.ranges.iter());
        let (mut left, mut right) = (one.next(), other.next());
        let mut buckets = 0;
        while let (Some((start, end, a)), Some((other_start, other_end, b))) =
            (left, right)
        {
            let common = *end.min(other_end);
            if variants.contains(&(*a, *b)) {
                buckets += common.saturating_sub(*start.max(other_start));
            }
            if *end == common {
                left = one.next();
            }
            if *other_end == common {
                right = other.next();
            }
        }
        buckets
    }
}

/// Those of the experiment's variants that touch one of the parts.
fn keys<'a, 'd: 'a>(
    experiment: &'d Experiment,
    parts: impl Iterator<Item = &'a Told<'d>>,
) -> Vec<&'d VariantKey> {
    let variants: BTreeSet<_> = parts.flat_map(|told| &told.touch.variants).collect();
    variants.into_iter().map(|variant| &experiment.variants[*variant].key).collect()
}

impl Conflict<'_> {
    /// What it is about, and what can be done, in sentences.
    pub fn explain(&self) -> String {
        let (first, second) = (self.first, self.second);
        let told = self.shared.len().min(3);
        let mut parts: Vec<_> =
            self.shared[..told].iter().map(|shared| shared.part.clone()).collect();
        let more = self.shared.len() - told + self.untold;
        if more > 0 {
            parts.push(format!("{more} more"));
        }
        let last = parts.pop().unwrap_or_default();
        let and = if parts.is_empty() { "" } else { " and " };
        let parts = [parts.join(", ").as_str(), and, &last].concat();
        format!(
            "\"{first}\" and \"{second}\" both change {parts}: {} of visitors are in both. \
             Where only one change can be made, it is that of \"{first}\". To keep \
             visitors of one out of the other, put both into a layer: \
             \"layer\": {{\"key\": \"{first}\", \"share\": 5000}}.",
            self.share()
        )
    }

    fn share(&self) -> String {
        let basis_points = (self.visitors * f64::from(BUCKETS)).round();
        // No more than all visitors are in both.
        #[allow(clippy::cast_possible_truncation, reason = "0 to 10,000")]
        #[allow(clippy::cast_sign_loss, reason = "0 to 10,000")]
        match basis_points as u16 {
            0 => "less than 0.01 %".to_owned(),
            share => format!("up to {} %", percent(share)),
        }
    }
}

impl Serialize for Conflict<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut conflict = serializer.serialize_struct("Conflict", 6)?;
        conflict.serialize_field("first", self.first)?;
        conflict.serialize_field("second", self.second)?;
        conflict.serialize_field("shared", &self.shared)?;
        conflict.serialize_field("untold", &self.untold)?;
        conflict.serialize_field("visitors", &self.visitors)?;
        conflict.serialize_field("explain", &self.explain())?;
        conflict.end()
    }
}
