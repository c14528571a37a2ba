//! The incomplete gamma function, of which the chi-squared distribution is a case.

use std::f64::consts::PI;

/// How many terms are tried. About ten square roots of `a` are needed, so this is enough for a million cells.
const TERMS: u32 = 100_000;

/// The regularised upper incomplete gamma function Q(a, x): the share of a gamma distribution of shape `a` and scale 1
/// that lies above `x`. `a` is positive; `x` below 0 counts as 0.
///
/// By the series for the lower part where that is the smaller one, else by the continued fraction for the upper part (NIST
/// Digital Library of Mathematical Functions, 8.7.1 and 8.9.2), so that neither is the small difference of large numbers.
/// At least 10 digits are right, also far out, where the result is tiny; below the smallest float it is 0.
pub(crate) fn upper_share(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let share = if x < a + 1.0 {
        1.0 - density(a, x) * series(a, x) / a
    } else {
        density(a, x) * fraction(a, x)
    };
    share.clamp(0.0, 1.0)
}

/// `x^a e^-x / Γ(a)`.
fn density(a: f64, x: f64) -> f64 {
    if a < 10.0 {
        return libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    }
    // The exponents above are large for large a, and their difference is small. By Stirling's series they are taken from
    // each other before anything is rounded: a (ln t + 1 - t) for t = x / a.
    let off = (x - a) / a;
    let exponent = a * (libm::log1p(off) - off);
    libm::sqrt(a / (2.0 * PI)) * libm::exp(exponent - stirling_rest(a))
}

/// What Stirling's formula for ln Γ(a) leaves out (NIST DLMF 5.11.1), for `a` from 10 on.
fn stirling_rest(a: f64) -> f64 {
    const COEFFICIENTS: [f64; 6] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1_260.0,
        -1.0 / 1_680.0,
        1.0 / 1_188.0,
        -691.0 / 360_360.0,
    ];
    let square = a * a;
    COEFFICIENTS.iter().rev().fold(0.0, |sum, term| sum / square + term) / a
}

/// 1 + x/(a+1) + x²/((a+1)(a+2)) + …, whose terms shrink as `x` is below a + 1.
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut shape) = (1.0, 1.0, a);
    for _ in 0..TERMS {
        shape += 1.0;
        term *= x / shape;
        sum += term;
        if term < sum * f64::EPSILON / 4.0 {
            break;
        }
    }
    sum
}

/// 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - …))), from the front, by the ratio of successive numerators and
/// denominators (modified Lentz).
fn fraction(a: f64, x: f64) -> f64 {
    // Stands in for a denominator of nought.
    const TINY: f64 = 1e-300;
    let or_tiny = |number: f64| if number.abs() < TINY { TINY } else { number };
    let mut partial = x + 1.0 - a;
    let mut numerator = 1.0 / TINY;
    let mut inverse = 1.0 / or_tiny(partial);
    let mut value = inverse;
    for place in 1..TERMS {
        let place = f64::from(place);
        let above = place * (a - place);
        partial += 2.0;
        inverse = 1.0 / or_tiny(above * inverse + partial);
        numerator = or_tiny(partial + above / numerator);
        let step = inverse * numerator;
        value *= step;
        if (step - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(actual: f64, expected: f64) {
        let error = (actual - expected).abs();
        assert!(error <= 1e-12 * expected.abs(), "{actual:e} is not {expected:e}");
    }

    #[test]
    fn shapes_with_a_formula_of_their_own() {
        for tenths in 1..5_000_u32 {
            let x = f64::from(tenths) / 10.0;
            let tail = libm::exp(-x);
            close(upper_share(1.0, x), tail);
            close(upper_share(2.0, x), tail * (1.0 + x));
            close(upper_share(0.5, x), libm::erfc(libm::sqrt(x)));
        }
    }

    #[test]
    fn ends() {
        for a in [0.5, 1.0, 9.5, 10.0, 5e5] {
            close(upper_share(a, 0.0), 1.0);
            close(upper_share(a, -1.0), 1.0);
            close(upper_share(a, f64::INFINITY), 0.0);
            close(upper_share(a, 1e9), 0.0);
            close(upper_share(a, 1e-300), 1.0 - upper_share(a, 1e9));
        }
    }

    #[test]
    fn it_falls_and_has_no_step_where_methods_meet() {
        for halves in (1..200_u32).chain([1_999, 19_999, 999_999]) {
            let a = f64::from(halves) / 2.0;
            let mut last = 1.0;
            for step in 0..=400_u32 {
                let x = a * f64::from(step) / 200.0;
                let share = upper_share(a, x);
                assert!(share <= last + 1e-13, "{a} {x}: {share} after {last}");
                last = share;
            }
            let (below, above) =
                (upper_share(a, a + 1.0 - 1e-9), upper_share(a, a + 1.0));
            assert!((below - above).abs() < 1e-9, "{a}: {below} {above}");
        }
    }
}
