//! What the counts of a simulation say: whether each experiment shares its visitors out as it promises, and whether one
//! experiment's variants depend on another's.

use edgewise_engine::{Exclusion, Moment};
use edgewise_measure::{ChiSquare, chi_square_test, independence};
use serde::Serialize;

use crate::tally::{Counted, Tally};

/// A result that chance gives less often than this, all tests of its kind together, is odd.
const ODD: f64 = 0.001;

/// What came out.
#[derive(Serialize)]
pub(crate) struct Simulation<'a> {
    pub(crate) url: &'a str,
    pub(crate) seed: &'a str,
    pub(crate) visitors: u32,
    pub(crate) odd: bool,
    pub(crate) experiments: Vec<Shared<'a>>,
    /// Those that a test says something about come first, the smallest p value before the others.
    pub(crate) pairs: Vec<Pair<'a>>,
    /// Whether every two experiments that have visitors are among the pairs.
    pub(crate) all_pairs: bool,
}

/// How an experiment's visitors are shared out.
#[derive(Serialize)]
pub(crate) struct Shared<'a> {
    pub(crate) experiment: &'a str,
    pub(crate) enrolled: u64,
    pub(crate) variants: Vec<Part<'a>>,
    pub(crate) test: Test,
    pub(crate) left_out: Vec<NotEnrolled>,
}

#[derive(Serialize)]
pub(crate) struct Part<'a> {
    pub(crate) variant: &'a str,
    pub(crate) visitors: u64,
    /// Of the visitors who take part, 0 to 1; none where nobody does.
    pub(crate) share: Option<f64>,
    /// What its buckets say the share is.
    pub(crate) promised: Option<f64>,
}

/// Visitors who do not take part.
#[derive(Serialize)]
pub(crate) struct NotEnrolled {
    pub(crate) reason: &'static str,
    pub(crate) visitors: u64,
    /// The rest of a sentence that begins with who they are.
    pub(crate) explain: String,
}

/// Two experiments, and who is in both.
#[derive(Serialize)]
pub(crate) struct Pair<'a> {
    pub(crate) first: &'a str,
    pub(crate) second: &'a str,
    /// The layer that keeps them apart, if both are in one.
    pub(crate) layer: Option<&'a str>,
    /// How many visitors are in both.
    pub(crate) together: u64,
    /// A row for each variant of the first, with a column for each of the second.
    pub(crate) counts: Vec<Vec<u64>>,
    pub(crate) test: Test,
}

/// What a test found.
#[derive(Serialize)]
pub(crate) struct Test {
    /// None if there is nothing to compare.
    pub(crate) chi_square: Option<ChiSquare>,
    /// Whether there are visitors enough for a chi-squared test: nobody trusts one where a cell expects less than one
    /// visitor, or more than a fifth of the cells less than five (Cochran 1954). Only then what follows is there.
    pub(crate) enough: bool,
    /// The p value that remains in view of how many tests of this kind there are (Holm 1979).
    pub(crate) corrected_p_value: Option<f64>,
    /// Chance does not explain it.
    pub(crate) odd: bool,
}

impl Test {
    fn of(chi_square: Option<ChiSquare>, expected: &[f64]) -> Self {
        let few = expected.iter().filter(|cell| **cell < 5.0).count();
        let none_tiny = expected.iter().all(|cell| *cell >= 1.0);
        let enough = chi_square.is_some() && none_tiny && few * 5 <= expected.len();
        Self { chi_square, enough, corrected_p_value: None, odd: false }
    }

    /// What is odd without a test.
    fn impossible(self) -> Self {
        Self { odd: true, ..self }
    }

    /// The p value, where it can be trusted.
    pub(crate) fn p_value(&self) -> Option<f64> {
        self.chi_square.filter(|_| self.enough).map(|found| found.p_value)
    }
}

impl<'a> Simulation<'a> {
    pub(crate) fn of(
        (url, seed, visitors): (&'a str, &'a str, u32),
        tally: &'a Tally<'_>,
        now: Option<Moment>,
    ) -> Self {
        let counted = &tally.experiments;
        let mut experiments: Vec<_> =
            counted.iter().map(|one| share_out(one, now)).collect();
        let with_visitors: Vec<_> =
            counted.iter().filter(|one| one.enrolled() > 0).collect();
        let mut pairs = Vec::new();
        let mut all_pairs = true;
        for (index, first) in with_visitors.iter().enumerate() {
            for second in &with_visitors[index + 1..] {
                match tally.together(first, second) {
                    Some(counts) => pairs.push(compare(first, second, counts)),
                    None => all_pairs = false,
                }
            }
        }
        correct(experiments.iter_mut().map(|one| &mut one.test).collect());
        correct(pairs.iter_mut().map(|one| &mut one.test).collect());
        let order = |pair: &Pair<'_>| pair.test.p_value().unwrap_or(2.0);
        pairs.sort_by(|one, other| {
            other.test.odd.cmp(&one.test.odd).then(order(one).total_cmp(&order(other)))
        });
        let odd = experiments.iter().any(|one| one.test.odd)
            || pairs.iter().any(|pair| pair.test.odd);
        Self { url, seed, visitors, odd, experiments, pairs, all_pairs }
    }
}

fn share_out<'a>(counted: &'a Counted<'_>, now: Option<Moment>) -> Shared<'a> {
    let experiment = counted.experiment;
    let enrolled = counted.enrolled();
    let buckets = experiment.open_buckets(now);
    let all: u64 = buckets.iter().map(|width| u64::from(*width)).sum();
    let part = |number: u64, of: u64| (of > 0).then(|| ratio(number, of));
    let promised: Vec<_> =
        buckets.iter().map(|width| part(u64::from(*width), all)).collect();
    let variants = experiment.variants.iter().zip(&counted.variants).zip(&promised);
    let variants = variants.map(|((variant, visitors), promised)| Part {
        variant: variant.key.as_str(),
        visitors: *visitors,
        share: part(*visitors, enrolled),
        promised: *promised,
    });
    let left_out = counted.left_out.iter().map(|one| NotEnrolled {
        reason: one.why.reason(),
        visitors: one.visitors,
        explain: explain(&one.why, counted),
    });
    let shares: Vec<f64> =
        promised.iter().map(|share| share.unwrap_or_default()).collect();
    let promised = shares.iter().filter(|share| **share > 0.0);
    let expected: Vec<f64> = promised.map(|share| share * count(enrolled)).collect();
    let test = Test::of(chi_square_test(&counted.variants, &shares), &expected);
    let unpromised = |(visitors, share): (&u64, &f64)| *visitors > 0 && *share <= 0.0;
    let impossible = counted.variants.iter().zip(&shares).any(unpromised);
    Shared {
        experiment: experiment.key.as_str(),
        enrolled,
        variants: variants.collect(),
        test: if impossible { test.impossible() } else { test },
        left_out: left_out.collect(),
    }
}

fn compare<'a>(
    first: &'a Counted<'_>,
    second: &'a Counted<'_>,
    counts: Vec<Vec<u64>>,
) -> Pair<'a> {
    let layers = (&first.experiment.layer, &second.experiment.layer);
    let layer = match layers {
        (Some(one), Some(other)) if one.key == other.key => Some(one.key.as_str()),
        _ => None,
    };
    let rows: Vec<u64> = counts.iter().map(|row| row.iter().sum()).collect();
    let column = |column: usize| counts.iter().map(|row| row[column]).sum();
    let columns: Vec<u64> = (0..second.variants.len()).map(column).collect();
    let together = rows.iter().sum();
    let filled = |sums: &[u64]| sums.iter().copied().filter(|sum| *sum > 0).collect();
    let (rows, columns): (Vec<u64>, Vec<u64>) = (filled(&rows), filled(&columns));
    let expected = rows.iter().flat_map(|row| {
        columns.iter().map(|column| count(*row) * ratio(*column, together))
    });
    let test = Test::of(independence(&counts), &expected.collect::<Vec<_>>());
    Pair {
        first: first.experiment.key.as_str(),
        second: second.experiment.key.as_str(),
        layer,
        together,
        test: if layer.is_some() && together > 0 { test.impossible() } else { test },
        counts,
    }
}

/// Corrects p values for how many there are, after Holm: the smallest is multiplied by their number, the next by one less.
fn correct(tests: Vec<&mut Test>) {
    let mut tests: Vec<_> = tests
        .into_iter()
        .filter_map(|test| test.p_value().map(|p_value| (p_value, test)))
        .collect();
    tests.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let mut least = 0.0_f64;
    let mut left = tests.len();
    for (p_value, test) in tests {
        least = least.max(p_value * count(left as u64)).min(1.0);
        left -= 1;
        test.corrected_p_value = Some(least);
        test.odd |= least < ODD;
    }
}

/// Why visitors do not take part, whoever they are.
fn explain(why: &Exclusion<'_>, counted: &Counted<'_>) -> String {
    let experiment = counted.experiment;
    match why {
        Exclusion::PageNotMatched => "it does not run on this page".to_owned(),
        Exclusion::PageTooLong => {
            "whether it runs on this page would take too long to find out".to_owned()
        }
        Exclusion::NotOpened => {
            "only a browser that opens a page can be led to another".to_owned()
        }
        Exclusion::AlreadyThere => "the page is one that it leads to".to_owned(),
        Exclusion::LedElsewhere => {
            "an experiment before it leads them to another page".to_owned()
        }
        Exclusion::NotRunning => {
            format!("its status is {}", experiment.status.as_str())
        }
        Exclusion::NotStarted(start) => format!("it starts at {start}"),
        Exclusion::Ended(end) => format!("it ended at {end}"),
        Exclusion::TimeUnknown => "the time is not known".to_owned(),
        Exclusion::Bot => "the headers are those of a program".to_owned(),
        Exclusion::OptedOut => "the browser says that they do not want to".to_owned(),
        Exclusion::NoConsent => "they have not agreed to".to_owned(),
        Exclusion::HeldOut(holdout) => {
            format!("held out of all experiments by \"{}\"", holdout.name)
        }
        Exclusion::OtherInLayer(layer) => format!(
            "in the layer \"{}\" they belong to another experiment or to none",
            layer.key
        ),
        Exclusion::NotInAudience(_) => match &experiment.audience {
            Some(audience) => format!("it is for visits where {audience}"),
            None => "it is for others".to_owned(),
        },
        Exclusion::FactsUnknown(_) => match &experiment.audience {
            Some(audience) => {
                format!("it is not known whether {audience}")
            }
            None => "what it hangs on is not known".to_owned(),
        },
        Exclusion::VariantStopped(variant) => {
            format!("their variant \"{}\" has been stopped", variant.name)
        }
        Exclusion::NotCovered(_) => {
            "outside the share of visitors who take part".to_owned()
        }
    }
}

fn ratio(part: u64, all: u64) -> f64 {
    count(part) / count(all)
}

#[allow(clippy::cast_precision_loss, reason = "visitors are ten million at most")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(p_value: f64) -> Test {
        let found = ChiSquare { statistic: 1.0, degrees_of_freedom: 1, p_value };
        Test::of(Some(found), &[50.0, 50.0])
    }

    #[test]
    fn many_tests_make_a_small_p_likely() {
        let mut tests = [test(0.5), test(0.000_3), test(0.000_2), test(0.02)];
        correct(tests.iter_mut().collect());
        let corrected =
            tests.iter().map(|test| test.corrected_p_value.unwrap_or_default());
        let expected = [0.5, 0.000_9, 0.000_8, 0.04];
        for (corrected, expected) in corrected.zip(expected) {
            assert!((corrected - expected).abs() < 1e-12, "{corrected} {expected}");
        }
        let odd: Vec<_> = tests.iter().map(|test| test.odd).collect();
        assert_eq!(odd, [false, true, true, false]);
    }

    #[test]
    fn few_visitors_say_nothing() {
        let found = ChiSquare { statistic: 900.0, degrees_of_freedom: 1, p_value: 0.0 };
        for (expected, enough) in [
            (&[99.0, 0.9][..], false),
            (&[99.0, 4.9], false),
            (&[99.0, 5.0], true),
            (&[99.0, 99.0, 99.0, 99.0, 4.9], true),
            (&[99.0, 99.0, 99.0, 99.0, 0.9], false),
        ] {
            let mut test = Test::of(Some(found), expected);
            correct(vec![&mut test]);
            assert_eq!((test.enough, test.odd), (enough, enough), "{expected:?}");
        }
    }
}
