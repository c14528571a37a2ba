//! The noun in the middle.

use serde::{Deserialize, Serialize};

use crate::allocation::Allocation;
use crate::change::Change;
use crate::hash::{Bucket, Seed};
use crate::key::{ExperimentKey, VariantKey};
use crate::page::PageRules;

/// Where an experiment is in its life. Only a running one enrols visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written.
    Draft,
    /// Visitors are enrolled.
    Running,
    /// Everyone sees control; the allocation is kept.
    Paused,
    /// Over.
    Stopped,
}

impl Status {
    /// The word people write and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }

    /// All of them, in the order of a life.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Running, Self::Paused, Self::Stopped];
}

/// Why the experiment is worth visitors' time. Required, so that the result can teach something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// What is changed.
    pub we_believe: String,
    /// The effect that is expected.
    pub will_cause: String,
    /// The evidence.
    pub because: String,
}

/// One version of the page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Variant {
    /// Unique in the experiment.
    pub key: VariantKey,
    /// For people.
    pub name: String,
    /// Share among enrolled visitors, basis points.
    pub weight: u16,
    /// The buckets whose visitors see it.
    pub allocation: Allocation,
    /// What is done to the page, in order.
    #[serde(default)]
    pub changes: Vec<Change>,
}

/// A question put to visitors.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Experiment {
    /// Immutable.
    pub key: ExperimentKey,
    /// For people.
    pub name: String,
    /// Mixed into the hash.
    pub seed: Seed,
    /// Where it is in its life.
    pub status: Status,
    /// Why it is run.
    pub hypothesis: Hypothesis,
    /// Where it runs.
    pub pages: PageRules,
    /// Share of visitors who are enrolled, basis points.
    pub coverage: u16,
    /// Control first.
    pub variants: Vec<Variant>,
}

impl Experiment {
    /// The variant that owns the bucket; none if the bucket is not covered.
    pub fn variant_at(&self, bucket: Bucket) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.allocation.contains(bucket))
    }

    /// The variant of that key.
    pub fn variant(&self, key: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.key.as_str() == key)
    }

    /// Whether `variant` is the first of the list.
    pub fn is_control(&self, variant: &Variant) -> bool {
        self.variants.first().is_some_and(|control| control.key == variant.key)
    }
}
