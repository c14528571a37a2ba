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
    /// Ranges that have been checked: none has a bucket of another.
    pub(crate) fn of(ranges: Vec<BucketRange>) -> Self {
        Self(ranges)
    }

    /// The ranges, in the order in which they were enrolled.
    pub fn ranges(&self) -> &[BucketRange] {
        &self.0
    }

    /// Whether `bucket` belongs to the variant.
    pub fn contains(&self, bucket: Bucket) -> bool {
        self.0.iter().any(|range| range.contains(bucket))
    }

    /// Its buckets, in the order in which they were enrolled.
    fn buckets(&self) -> impl Iterator<Item = u16> {
        self.0.iter().flat_map(|range| range.start..range.end)
    }

    /// Whether both have the same buckets, enrolled in one order; however they are cut into ranges.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.buckets().eq(other.buckets())
    }

    /// How many of the variant's buckets were enrolled before this one.
    pub(crate) fn place(&self, bucket: Bucket) -> Option<u16> {
        let mut before = 0;
        for range in &self.0 {
            if range.contains(bucket) {
                return Some(before + bucket.number() - range.start);
            }
            before += range.end - range.start;
        }
        None
    }

    /// How many buckets there are, 0 to 10,000.
    pub fn width(&self) -> u16 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }
}

/// How many buckets a variant gets, of a weight and a coverage in basis points; rounded down.
pub(crate) fn width_of(weight: u16, coverage: u16) -> u16 {
    let width = u32::from(weight) * u32::from(coverage.min(BUCKETS)) / u32::from(BUCKETS);
    u16::try_from(width).expect("no wider than the weight")
}

fn widths(weights: &[u16], coverage: u16) -> Vec<u16> {
    weights.iter().map(|weight| width_of(*weight, coverage)).collect()
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
    for (&weight, width) in weights.iter().zip(widths(weights, coverage)) {
        allocations.push(Allocation(
            BucketRange::new(start, start + width).into_iter().collect(),
        ));
        start += weight;
    }
    allocations
}

/// Whether a layout has these widths, and no bucket twice: then nobody has to move.
fn is_laid_out(live: &[Allocation], widths: &[u16]) -> bool {
    let mut ranges: Vec<_> = live.iter().flat_map(Allocation::ranges).copied().collect();
    ranges.sort_by_key(|range| range.start());
    live.iter().map(Allocation::width).eq(widths.iter().copied())
        && ranges.windows(2).all(|pair| pair[0].end() <= pair[1].start())
}

/// The layout of an experiment that visitors are in already: from its live allocations, the one for the new weights
/// and coverage that moves the fewest of them.
///
/// `live[i]` is what variant `i` has now; nothing for a new variant. Buckets that no variant has, and those of variants
/// that are gone, are idle. Every owner, the idle buckets among them, keeps the lesser of what it has and what it is to
/// get, so the buckets that change hands are half the sum of the differences, and no layout moves fewer.
///
/// ```
/// use edgewise_engine::allocation::{anchored, moved, reallocate};
/// let live = anchored(&[5_000, 5_000], 10_000);
/// let next = reallocate(&live, &[7_000, 3_000], 10_000);
/// assert_eq!(moved(&live, &next), 2_000);
/// ```
pub fn reallocate(
    live: &[Allocation],
    weights: &[u16],
    coverage: u16,
) -> Vec<Allocation> {
    let widths = widths(weights, coverage);
    if is_laid_out(live, &widths) {
        return live.to_vec();
    }
    let mut owners: Vec<Bucketed> =
        (0..BUCKETS).map(|bucket| owner(live, bucket)).collect();

    // Whoever has too many gives back those that were enrolled last.
    let mut missing = widths.clone();
    let mut released = 0_u16;
    for (variant, allocation) in live.iter().enumerate() {
        for bucket in allocation.buckets() {
            if owners[usize::from(bucket)] != Bucketed::Variant(variant) {
                // Claimed twice, by a file that was written by hand.
                continue;
            }
            match missing.get_mut(variant).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None => {
                    owners[usize::from(bucket)] = Bucketed::Released;
                    released += 1;
                }
            }
        }
    }

    // Idle visitors are only enrolled for what the released ones do not fill. The buckets of a variant's own anchored
    // share come first, so that ranges stay long.
    let mut from_idle = missing.iter().sum::<u16>().saturating_sub(released);
    let mut start = 0;
    let shares: Vec<_> = weights
        .iter()
        .map(|weight| {
            let share = start..start + weight;
            start += weight;
            share
        })
        .collect();
    for own_share in [true, false] {
        for (variant, share) in shares.iter().enumerate() {
            let range = if own_share { share.clone() } else { 0..BUCKETS };
            for bucket in &mut owners[usize::from(range.start)..usize::from(range.end)] {
                if missing[variant] == 0 {
                    break;
                }
                match bucket {
                    Bucketed::Idle if from_idle > 0 => from_idle -= 1,
                    Bucketed::Released => {}
                    Bucketed::Idle | Bucketed::Variant(_) => continue,
                }
                *bucket = Bucketed::Variant(variant);
                missing[variant] -= 1;
            }
        }
    }
    let none = Allocation::default();
    (0..weights.len())
        .map(|variant| {
            let before = live.get(variant).unwrap_or(&none);
            in_order(&owners, variant, before)
        })
        .collect()
}

/// Who has a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bucketed {
    Variant(usize),
    /// Given back, and not yet given to another.
    Released,
    Idle,
}

fn owner(allocations: &[Allocation], bucket: u16) -> Bucketed {
    let has = |allocation: &Allocation| allocation.contains(Bucket::at(bucket));
    allocations.iter().position(has).map_or(Bucketed::Idle, Bucketed::Variant)
}

/// A variant's buckets as ranges: first those it had, in their order, then those it gets.
fn in_order(owners: &[Bucketed], variant: usize, before: &Allocation) -> Allocation {
    let own = |bucket: &u16| owners[usize::from(*bucket)] == Bucketed::Variant(variant);
    let new = (0..BUCKETS).filter(|bucket| !before.contains(Bucket::at(*bucket)));
    let mut ranges: Vec<BucketRange> = Vec::new();
    for bucket in before.buckets().chain(new).filter(own) {
        match ranges.last_mut().filter(|last| last.end == bucket) {
            Some(last) => last.end += 1,
            None => ranges.push(BucketRange { start: bucket, end: bucket + 1 }),
        }
    }
    Allocation(ranges)
}

/// How many buckets of enrolled visitors have another owner in `next` than in `live`, or none; variants in one order.
pub fn moved(live: &[Allocation], next: &[Allocation]) -> u16 {
    let moves = |bucket: &u16| {
        let before = owner(live, *bucket);
        before != Bucketed::Idle && before != owner(next, *bucket)
    };
    u16::try_from((0..BUCKETS).filter(moves).count()).expect("no more than all buckets")
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
