//! Versions such as `17.4.1`, compared number by number.

use std::cmp::Ordering;

/// The most numbers of a version that are looked at.
const MAX_NUMBERS: usize = 8;

/// The order of two versions; what one of them lacks at its end counts as 0. None if one of them is no version: numbers
/// with dots (or `_`, as iOS writes them) in between, and perhaps words behind a `-`, which are not looked at.
pub(crate) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (numbers(a)?, numbers(b)?);
    Some(a.cmp(&b))
}

/// Whether the text is a version.
pub(crate) fn is_version(text: &str) -> bool {
    numbers(text).is_some()
}

fn numbers(text: &str) -> Option<[u64; MAX_NUMBERS]> {
    let text = text.trim();
    let text = text.split(['-', '+', ' ']).next().unwrap_or_default();
    let mut numbers = [0; MAX_NUMBERS];
    for (index, part) in text.split(['.', '_']).enumerate() {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            return None;
        }
        if let Some(number) = numbers.get_mut(index) {
            // More digits than fit are more than any number that people write.
            *number = part.parse().unwrap_or(u64::MAX);
        }
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(compare(a, b), expected, "{a} and {b}");
        assert_eq!(compare(b, a), expected.map(Ordering::reverse), "{b} and {a}");
    }

    #[test]
    fn number_by_number() {
        check("17.4", "17.10", Some(Ordering::Less));
        check("17", "17.0.0", Some(Ordering::Equal));
        check("16_7_2", "16.7.2", Some(Ordering::Equal));
        check("9", "10", Some(Ordering::Less));
        check("1.2-beta", "1.2", Some(Ordering::Equal));
        check("99999999999999999999999", "9", Some(Ordering::Greater));
        check("1.2.3.4.5.6.7.8.9", "1.2.3.4.5.6.7.8.1", Some(Ordering::Equal));
        for none in ["", "a", "1..2", "1.x", "-1", ".", "v1"] {
            check(none, "1", None);
        }
    }
}
