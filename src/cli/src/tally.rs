//! Decisions of many visitors on one page, counted.

use edgewise_engine::{
    Datafile, Decision, Exclusion, Experiment, Outcome, Variant, Visit, VisitorId,
    assign_on_page,
};
use sha2::{Digest as _, Sha256};

/// The most experiments that are compared with one another; each pair has a table.
pub(crate) const MAX_COMPARED: usize = 100;

/// What was decided for many visitors.
pub(crate) struct Tally<'d> {
    /// The experiments that run on the page, in the datafile's order.
    pub(crate) experiments: Vec<Counted<'d>>,
    /// How many visitors are in two variants at once: a row and a column for each variant of the compared experiments,
    /// one row after the other, and only above the diagonal.
    together: Vec<u64>,
    width: usize,
}

/// One experiment's visitors.
pub(crate) struct Counted<'d> {
    pub(crate) experiment: &'d Experiment,
    /// Visitors of each variant.
    pub(crate) variants: Vec<u64>,
    /// Visitors who do not take part, by the reason.
    pub(crate) left_out: Vec<LeftOut<'d>>,
    /// Its first column; none if it is not compared.
    column: Option<usize>,
}

/// Visitors who do not take part for one reason.
pub(crate) struct LeftOut<'d> {
    /// The first one's.
    pub(crate) why: Exclusion<'d>,
    pub(crate) visitors: u64,
}

impl Counted<'_> {
    /// How many take part.
    pub(crate) fn enrolled(&self) -> u64 {
        self.variants.iter().sum()
    }
}

/// The visitor of that number among all that a seed gives.
fn visitor(seed: &str, number: u32) -> VisitorId {
    let hash = Sha256::new().chain_update(number.to_be_bytes()).chain_update(seed);
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash.finalize()[..16]);
    VisitorId::from_random(bits)
}

impl<'d> Tally<'d> {
    /// Decides `visitors` of them, who are alike in everything but who they are.
    pub(crate) fn of(
        datafile: &'d Datafile,
        visit: &Visit<'_>,
        visitors: u32,
        seed: &str,
    ) -> Self {
        // Which experiments run on the page hangs on the page only, so they are the same for everybody.
        let first = assign_on_page(datafile, &visitor(seed, 0), visit);
        let mut tally = Self::empty(&first);
        let mut columns = Vec::new();
        for number in 0..visitors {
            let visitor = visitor(seed, number);
            columns.clear();
            let decisions = assign_on_page(datafile, &visitor, visit);
            for (counted, decision) in tally.experiments.iter_mut().zip(decisions) {
                columns.extend(counted.add(decision));
            }
            for (index, row) in columns.iter().enumerate() {
                for column in &columns[index + 1..] {
                    tally.together[row * tally.width + column] += 1;
                }
            }
        }
        tally
    }

    fn empty(decisions: &[Decision<'d>]) -> Self {
        let mut width = 0;
        let mut experiments = Vec::new();
        for decision in decisions {
            let experiment = decision.experiment;
            let compared = experiments.len() < MAX_COMPARED;
            let column = compared.then_some(width);
            if compared {
                width += experiment.variants.len();
            }
            let variants = vec![0; experiment.variants.len()];
            experiments.push(Counted {
                experiment,
                variants,
                left_out: Vec::new(),
                column,
            });
        }
        Self { experiments, together: vec![0; width * width], width }
    }

    /// How many visitors are in both experiments: a row for each variant of the first, which stands before the second.
    /// None if one of them is not compared.
    pub(crate) fn together(
        &self,
        first: &Counted<'d>,
        second: &Counted<'d>,
    ) -> Option<Vec<Vec<u64>>> {
        let (top, left) = (first.column?, second.column?);
        let row = |row: usize| {
            let start = (top + row) * self.width + left;
            self.together[start..start + second.variants.len()].to_vec()
        };
        Some((0..first.variants.len()).map(row).collect())
    }
}

impl<'d> Counted<'d> {
    /// Counts one visitor; gives the column of the variant.
    fn add(&mut self, decision: Decision<'d>) -> Option<usize> {
        match decision.outcome {
            Outcome::Assigned { variant, .. } => {
                let is_it = |one: &Variant| one.key == variant.key;
                let index = self.experiment.variants.iter().position(is_it)?;
                self.variants[index] += 1;
                Some(self.column? + index)
            }
            Outcome::Excluded(why) => {
                match self.left_out.iter_mut().find(|one| is_same(&one.why, &why)) {
                    Some(one) => one.visitors += 1,
                    None => self.left_out.push(LeftOut { why, visitors: 1 }),
                }
                None
            }
        }
    }
}

/// Whether two visitors are left out for the same reason.
fn is_same(one: &Exclusion<'_>, other: &Exclusion<'_>) -> bool {
    match (one, other) {
        (Exclusion::HeldOut(one), Exclusion::HeldOut(other)) => one.key == other.key,
        (Exclusion::VariantStopped(one), Exclusion::VariantStopped(other)) => {
            one.key == other.key
        }
        _ => one.reason() == other.reason(),
    }
}
