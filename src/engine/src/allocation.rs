//! Which buckets belong to which variant. Computed once, at publish; the edge only looks a bucket up.

use serde::{Deserialize, Serialize};

use crate::hash::{BUCKETS, Bucket};

/// A half-open range of buckets, written `[start, end]` in a datafile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "[u16; 2]", try_from = "[u16; 2]")]
pub struct BucketRange {
    start: u16,
    end: u16,
}

impl BucketRange {
    /// The range from `start` up to, not including, `end`; `None` unless `start < end <= 10000`.
    pub fn new(start: u16, end: u16) -> Option<Self> {
        (start < end && end <= BUCKETS).then_some(Self { start, end })
    }

    /// The first bucket.
    pub fn start(self) -> u16 {
        self.start
    }

    /// One past the last bucket.
    pub fn end(self) -> u16 {
        self.end
    }

    /// Whether `bucket` lies in it.
    pub fn contains(self, bucket: Bucket) -> bool {
        (self.start..self.end).contains(&bucket.number())
    }
}

impl From<BucketRange> for [u16; 2] {
    fn from(range: BucketRange) -> Self {
        [range.start, range.end]
    }
}

impl TryFrom<[u16; 2]> for BucketRange {
    type Error = String;
    fn try_from([start, end]: [u16; 2]) -> Result<Self, String> {
        Self::new(start, end)
            .ok_or_else(|| format!("[{start}, {end}] is not a range of buckets"))
    }
}

/// The buckets of one variant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Allocation(Vec<BucketRange>);

impl Allocation {
    /// The ranges, in ascending order.
    pub fn ranges(&self) -> &[BucketRange] {
        &self.0
    }

    /// Whether `bucket` belongs to the variant.
    pub fn contains(&self, bucket: Bucket) -> bool {
        self.0.iter().any(|range| range.contains(bucket))
    }

    /// How many buckets there are, 0 to 10,000.
    pub fn width(&self) -> u16 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }
}

/// The anchored layout of a new experiment: each variant starts where its share of all visitors starts, and fills
/// `coverage` of that share from the left. So a higher coverage only lengthens ranges and moves nobody who is
/// already enrolled.
///
/// `weights` and `coverage` are basis points; weights add up to 10,000. A range is rounded down to whole buckets.
///
/// ```
/// use edgewise_engine::allocation::anchored;
/// let half = anchored(&[5_000, 5_000], 5_000);
/// assert_eq!(half[1].ranges()[0].start(), 5_000);
/// assert_eq!(half[1].width(), 2_500);
/// ```
pub fn anchored(weights: &[u16], coverage: u16) -> Vec<Allocation> {
    let mut start = 0;
    let mut allocations = Vec::with_capacity(weights.len());
    for &weight in weights {
        let width = u32::from(weight) * u32::from(coverage) / u32::from(BUCKETS);
        let width = u16::try_from(width).expect("no wider than the weight");
        allocations.push(Allocation(
            BucketRange::new(start, start + width).into_iter().collect(),
        ));
        start += weight;
    }
    allocations
}

/// The first bucket that two of the allocations claim, if any.
pub(crate) fn overlap<'a>(
    allocations: impl Iterator<Item = &'a Allocation>,
) -> Option<u16> {
    let mut ranges: Vec<_> =
        allocations.flat_map(|allocation| allocation.0.iter()).collect();
    ranges.sort_by_key(|range| range.start);
    ranges.windows(2).find(|pair| pair[1].start < pair[0].end).map(|pair| pair[1].start)
}
