//! Experiments that keep out of each other's way, and visitors who are kept out of all of them.

use serde::{Deserialize, Serialize};

use crate::allocation::Allocation;
use crate::hash::{Bucket, Seed};
use crate::key::{GroupKey, VisitorId};

/// Experiments of which a visitor is in one at most. Each has a share of the layer's own buckets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Immutable.
    pub key: GroupKey,
    /// For people.
    pub name: String,
    /// Mixed into the layer's hash, so that a place in the layer says nothing about one in an experiment.
    pub seed: Seed,
}

/// An experiment's place in a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InLayer {
    /// Of which.
    pub key: GroupKey,
    /// The layer's.
    pub seed: Seed,
    /// How much of the layer it takes, basis points.
    pub share: u16,
    /// The layer's buckets whose visitors it may have.
    pub allocation: Allocation,
}

impl InLayer {
    /// Whether the layer leaves the visitor to this experiment.
    pub(crate) fn has(&self, visitor: &VisitorId) -> bool {
        self.allocation.contains(Bucket::of(&self.seed, visitor))
    }
}

/// Visitors who see the site as it is, whatever runs, so that the sum of all experiments can be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdout {
    /// Immutable.
    pub key: GroupKey,
    /// For people.
    pub name: String,
    /// Mixed into the hash, so that a place in the holdout says nothing about one in an experiment.
    pub seed: Seed,
    /// How many of all visitors, basis points. A higher share adds visitors and lets nobody go.
    pub share: u16,
}

impl Holdout {
    /// Whether the visitor is held out.
    pub(crate) fn has(&self, visitor: &VisitorId) -> bool {
        Bucket::of(&self.seed, visitor).number() < self.share
    }
}
