//! Pearson's chi-squared tests: of counts against shares, and of rows against columns.

use serde::Serialize;

use crate::gamma::upper_share;

/// What a test found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChiSquare {
    /// The sum over all cells of (observed - expected)² / expected.
    pub statistic: f64,
    /// How many cells were free to differ.
    pub degrees_of_freedom: u64,
    /// How often chance alone gives at least that statistic, 0 to 1. Trustworthy where no more than a few cells expect
    /// less than 5.
    pub p_value: f64,
}

impl ChiSquare {
    fn new(statistic: f64, degrees_of_freedom: usize) -> Self {
        let half = count(degrees_of_freedom as u64) / 2.0;
        Self {
            statistic,
            degrees_of_freedom: degrees_of_freedom as u64,
            p_value: upper_share(half, statistic / 2.0),
        }
    }
}

/// Whether counts keep to the shares that they should have (goodness of fit): visitors per variant against the variants'
/// weights finds a sample ratio mismatch.
///
/// Shares need not add up to 1. A cell that expects nothing and has nothing is left out, and does not count as free.
///
/// `None` where there is nothing to test: fewer than two cells that expect anything, nothing observed at all, as many
/// counts as shares are not given, a share that is negative or no number; and where a cell that expects nothing has
/// something, which no number of visitors makes likely.
///
/// ```
/// use edgewise_measure::chi_square_test;
/// let split = chi_square_test(&[5_000, 5_200], &[0.5, 0.5]).unwrap();
/// assert_eq!((split.p_value * 1e4).round(), 477.0);
/// ```
pub fn chi_square_test(observed: &[u64], expected_shares: &[f64]) -> Option<ChiSquare> {
    if observed.len() != expected_shares.len() {
        return None;
    }
    let all_shares: f64 = expected_shares.iter().sum();
    let total = total(observed.iter());
    let usable = expected_shares.iter().all(|share| *share >= 0.0);
    if !usable || !all_shares.is_finite() || total == 0.0 {
        return None;
    }
    let (mut statistic, mut cells) = (0.0, 0_usize);
    for (&observed, share) in observed.iter().zip(expected_shares) {
        let expected = total * (share / all_shares);
        if expected > 0.0 {
            statistic += distance(observed, expected);
            cells += 1;
        } else if observed > 0 {
            return None;
        }
    }
    (cells >= 2).then(|| ChiSquare::new(statistic, cells - 1))
}

/// Whether it makes no difference for the columns in which row something is counted (independence, in a contingency
/// table), without a correction for continuity.
///
/// Rows and columns without a single count are left out. `None` where fewer than two of either are left, or the rows are
/// not of one length.
///
/// ```
/// use edgewise_measure::independence;
/// let found = independence(&[[30, 70], [50, 50]]).unwrap();
/// assert_eq!(found.degrees_of_freedom, 1);
/// assert!(found.p_value < 0.01);
/// ```
pub fn independence<Row: AsRef<[u64]>>(table: &[Row]) -> Option<ChiSquare> {
    let width = table.first()?.as_ref().len();
    if table.iter().any(|row| row.as_ref().len() != width) {
        return None;
    }
    let rows: Vec<f64> = table.iter().map(|row| total(row.as_ref().iter())).collect();
    let column = |place: usize| total(table.iter().map(|row| &row.as_ref()[place]));
    let columns: Vec<f64> = (0..width).map(column).collect();
    let all: f64 = rows.iter().sum();
    let used = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count();
    let (height, width) = (used(&rows), used(&columns));
    if height < 2 || width < 2 {
        return None;
    }
    let mut statistic = 0.0;
    for (row, row_sum) in table.iter().zip(&rows) {
        for (&observed, column_sum) in row.as_ref().iter().zip(&columns) {
            // In this order, as the product may be too large for an exact integer.
            let expected = row_sum * (column_sum / all);
            if expected > 0.0 {
                statistic += distance(observed, expected);
            }
        }
    }
    Some(ChiSquare::new(statistic, (height - 1) * (width - 1)))
}

fn distance(observed: u64, expected: f64) -> f64 {
    let off = count(observed) - expected;
    off * off / expected
}

fn total<'a>(counts: impl Iterator<Item = &'a u64>) -> f64 {
    counts.map(|number| count(*number)).sum()
}

#[allow(clippy::cast_precision_loss, reason = "nobody counts to 2^53")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_test() {
        for (observed, shares) in [
            (&[][..], &[][..]),
            (&[10], &[1.0]),
            (&[10, 10], &[1.0]),
            (&[0, 0], &[0.5, 0.5]),
            (&[10, 10], &[0.0, 0.0]),
            (&[10, 10], &[1.0, 0.0]),
            (&[10, 0], &[1.0, 0.0]),
            (&[10, 10], &[1.5, -0.5]),
            (&[10, 10], &[f64::NAN, 1.0]),
            (&[10, 10], &[f64::INFINITY, 1.0]),
            (&[10, 10], &[f64::MAX, f64::MAX]),
        ] {
            assert_eq!(
                chi_square_test(observed, shares),
                None,
                "{observed:?} {shares:?}"
            );
        }
        let none: [[u64; 0]; 0] = [];
        assert_eq!(independence(&none), None);
        assert_eq!(independence(&[[], []]), None);
        assert_eq!(independence(&[[1, 2]]), None);
        assert_eq!(independence(&[[1], [2]]), None);
        assert_eq!(independence(&[[0, 0], [1, 2]]), None);
        assert_eq!(independence(&[[0, 1], [0, 2]]), None);
        assert_eq!(independence(&[vec![1, 2], vec![3]]), None);
    }

    #[test]
    fn empty_cells_rows_and_columns_are_left_out() {
        let two = chi_square_test(&[40, 60], &[0.5, 0.5]);
        assert_eq!(chi_square_test(&[40, 0, 60], &[0.5, 0.0, 0.5]), two);
        assert_eq!(chi_square_test(&[40, 60], &[5_000.0, 5_000.0]), two);
        let table = independence(&[[10, 20], [30, 5]]);
        assert_eq!(independence(&[[10, 0, 20], [0, 0, 0], [30, 0, 5]]), table);
        assert_eq!(table.unwrap().degrees_of_freedom, 1);
    }

    #[test]
    fn ends_of_the_scale() {
        let exact = chi_square_test(&[50, 50], &[0.5, 0.5]).unwrap();
        assert!(exact.statistic == 0.0 && exact.p_value >= 1.0);
        let huge = chi_square_test(&[u64::MAX, 0], &[0.5, 0.5]).unwrap();
        assert!(huge.p_value == 0.0 && huge.statistic.is_finite());
    }
}
