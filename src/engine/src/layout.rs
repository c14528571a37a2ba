//! The layouts of other tools, as exact ranges of our buckets. Other tools lay experiments out in fractions and ask at
//! each visit which one a visitor's number falls into. Here each of the numbers that there are is asked once, when an
//! experiment is imported, in the same arithmetic; from then on there are only integers.

use crate::allocation::{Allocation, BucketRange};
use crate::hash::{BUCKETS, HashMethod};

/// What Convert knows of a variant.
#[derive(Debug, Clone, Copy)]
pub struct Share<'a> {
    /// Its id. Packed layouts are in the order that JavaScript gives to ids.
    pub id: &'a str,
    /// Its share of all visitors; none means 100.
    pub percent: Option<f64>,
    /// Whether visitors see it.
    pub running: bool,
}

impl Share<'_> {
    fn percent(&self) -> f64 {
        self.percent.unwrap_or(100.0)
    }

    fn sees_visitors(&self) -> bool {
        self.running && self.percent() > 0.0
    }
}

/// Convert's layout of experiences up to version 11: shares stand one behind the other, so who has which bucket changes
/// whenever a share does. Ids that read like the index of an array come first, by number, and then the others as they
/// stand: that is how the object that holds the shares is walked.
///
/// ```
/// use edgewise_engine::layout::{Share, packed};
/// let share = |id, percent| Share { id, percent: Some(percent), running: true };
/// let ranges = packed(&[share("20", 30.0), share("3", 12.5)]);
/// assert_eq!(ranges[1].ranges()[0].end(), 1_250);
/// assert_eq!(ranges[0].ranges()[0].start(), 1_250);
/// ```
pub fn packed(shares: &[Share<'_>]) -> Vec<Allocation> {
    let mut order: Vec<usize> =
        (0..shares.len()).filter(|&index| shares[index].sees_visitors()).collect();
    // Stable, so that the others stay as they stand.
    order.sort_by_key(|&index| array_index(shares[index].id).unwrap_or(u32::MAX));
    let mut ends = Vec::with_capacity(order.len());
    let mut end = 0.0;
    for index in order {
        end += shares[index].percent() * 100.0;
        ends.push((index, end));
    }
    by_place(HashMethod::Murmur3, shares.len(), |place| {
        let place = f64::from(place);
        ends.iter().find(|(_, end)| place < *end).map(|(index, _)| *index)
    })
}

/// `text` as the index of a JavaScript array: below 2³² - 1, and written as JavaScript writes it.
fn array_index(text: &str) -> Option<u32> {
    let canonical =
        text == "0" || text.starts_with(|first: char| ('1'..='9').contains(&first));
    let digits = canonical && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|index| digits && *index < u32::MAX)
}

/// Convert's layout of experiences from version 12: each variant starts where its part of all shares starts, as in
/// [`anchored`](crate::allocation::anchored), and one that visitors do not see keeps its part and leaves it empty.
pub fn anchored_by_percent(shares: &[Share<'_>]) -> Vec<Allocation> {
    let total = shares.iter().fold(0.0, |total, share| total + share.percent());
    if total <= 0.0 {
        return vec![Allocation::default(); shares.len()];
    }
    let mut before = 0.0;
    let mut spans = Vec::with_capacity(shares.len());
    for share in shares {
        let start = before / total * f64::from(BUCKETS);
        let width = if share.sees_visitors() { share.percent() * 100.0 } else { 0.0 };
        spans.push([start, start + width]);
        before += share.percent();
    }
    by_place(HashMethod::Murmur3, shares.len(), |place| span_of(&spans, f64::from(place)))
}

/// GrowthBook's ranges of weights and coverage, as parts of 1. Weights that are missing, too few or too many, or that
/// do not add up to 1, count as equal ones; a coverage outside 0 to 1 as the nearest of the two.
pub fn spans_of_weights(
    variants: usize,
    weights: Option<&[f64]>,
    coverage: Option<f64>,
) -> Vec<[f64; 2]> {
    let coverage = coverage.unwrap_or(1.0).clamp(0.0, 1.0);
    let fits = |weights: &&[f64]| {
        let total = weights.iter().fold(0.0, |total, weight| weight + total);
        weights.len() == variants && (0.99..=1.01).contains(&total)
    };
    #[allow(clippy::cast_precision_loss, reason = "there are few variants")]
    let equal = || vec![1.0 / variants as f64; variants];
    let weights = weights.filter(fits).map_or_else(equal, <[f64]>::to_vec);
    let mut start = 0.0;
    let span = |weight: f64| {
        let span = [start, start + coverage * weight];
        start += weight;
        span
    };
    weights.into_iter().map(span).collect()
}

/// GrowthBook's ranges, which are parts of 1, for a hash that knows as many places as `method`. A place that lies in
/// several belongs to the first.
pub fn of_spans(method: HashMethod, spans: &[[f64; 2]]) -> Vec<Allocation> {
    by_place(method, spans.len(), |place| {
        span_of(spans, f64::from(place) / f64::from(method.places()))
    })
}

fn span_of(spans: &[[f64; 2]], at: f64) -> Option<usize> {
    spans.iter().position(|[start, end]| at >= *start && at < *end)
}

/// Asks each place that the hash knows whose it is. A place stands for all buckets up to the next one.
fn by_place(
    method: HashMethod,
    variants: usize,
    owner: impl Fn(u16) -> Option<usize>,
) -> Vec<Allocation> {
    let places = method.places();
    let buckets = BUCKETS / places;
    let mut ranges = vec![Vec::new(); variants];
    let mut start = 0;
    let mut current = owner(0);
    for place in 1..=places {
        let next = if place < places { owner(place) } else { None };
        if next == current && place < places {
            continue;
        }
        if let Some(variant) = current {
            ranges[variant].extend(BucketRange::new(start * buckets, place * buckets));
        }
        (start, current) = (place, next);
    }
    ranges.into_iter().map(Allocation::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &[Allocation], expected: &[&[[u16; 2]]]) {
        let found: Vec<Vec<[u16; 2]>> = found
            .iter()
            .map(|one| one.ranges().iter().copied().map(Into::into).collect())
            .collect();
        assert_eq!(found, expected);
    }

    fn share(id: &str, percent: Option<f64>) -> Share<'_> {
        Share { id, percent, running: true }
    }

    #[test]
    fn ids_that_read_like_an_index_come_first() {
        let shares = [
            share("b", Some(10.0)),
            share("100", Some(10.0)),
            share("20", Some(10.0)),
            share("020", Some(10.0)),
            share("4294967295", Some(10.0)),
            share("4294967294", Some(10.0)),
        ];
        check(
            &packed(&shares),
            &[
                &[[3_000, 4_000]],
                &[[1_000, 2_000]],
                &[[0, 1_000]],
                &[[4_000, 5_000]],
                &[[5_000, 6_000]],
                &[[2_000, 3_000]],
            ],
        );
    }

    #[test]
    fn what_nobody_sees_takes_no_room_when_packed_and_keeps_it_when_anchored() {
        let stopped = Share { running: false, ..share("b", Some(25.0)) };
        let shares = [share("a", Some(25.0)), stopped, share("c", Some(50.0))];
        check(&packed(&shares), &[&[[0, 2_500]], &[], &[[2_500, 7_500]]]);
        check(&anchored_by_percent(&shares), &[&[[0, 2_500]], &[], &[[5_000, 10_000]]]);
        let nothing = [share("a", Some(0.0)), share("b", Some(0.0))];
        check(&packed(&nothing), &[&[], &[]]);
        check(&anchored_by_percent(&nothing), &[&[], &[]]);
        check(&packed(&[]), &[]);
    }

    #[test]
    fn more_than_everybody_is_everybody() {
        let shares = [share("a", None), share("b", None)];
        check(&packed(&shares), &[&[[0, 10_000]], &[]]);
        check(&anchored_by_percent(&shares), &[&[[0, 10_000]], &[]]);
        let odd =
            [share("a", Some(-5.0)), share("b", Some(1e300)), share("c", Some(5.0))];
        check(&packed(&odd), &[&[], &[[0, 10_000]], &[]]);
    }

    #[test]
    fn fractions_end_where_the_float_does() {
        let third = Some(100.0 / 3.0);
        let shares = [share("a", third), share("b", third), share("c", third)];
        let thirds: &[&[[u16; 2]]] =
            &[&[[0, 3_334]], &[[3_334, 6_667]], &[[6_667, 10_000]]];
        check(&packed(&shares), thirds);
        check(&anchored_by_percent(&shares), thirds);
    }

    #[test]
    fn growthbooks_spans() {
        let spans = spans_of_weights(3, None, Some(0.5));
        let v2 = of_spans(HashMethod::Growthbook2, &spans);
        check(&v2, &[&[[0, 1_667]], &[[3_334, 5_000]], &[[6_667, 8_334]]]);
        let v1 = of_spans(HashMethod::Growthbook1, &spans);
        check(&v1, &[&[[0, 1_670]], &[[3_340, 5_000]], &[[6_670, 8_340]]]);
        // Not 1 in all, not one for each, and a coverage that is none.
        for weights in [&[0.5, 0.4][..], &[1.0], &[f64::NAN, 0.5]] {
            let spans = spans_of_weights(2, Some(weights), Some(7.0));
            check(
                &of_spans(HashMethod::Growthbook2, &spans),
                &[&[[0, 5_000]], &[[5_000, 10_000]]],
            );
        }
        let overlapping = [[0.25, 0.75], [0.0, 0.5]];
        check(
            &of_spans(HashMethod::Growthbook1, &overlapping),
            &[&[[2_500, 7_500]], &[[0, 2_500]]],
        );
    }
}
