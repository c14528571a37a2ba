//! What `Accept-Language` asks for (RFC 9110, section 12.5.4), and whether that is what a condition means (RFC 4647,
//! section 3.3.1).

use crate::lines::first_bytes;

/// The most bytes of a header that are read.
const MAX_HEADER: usize = 2_048;

/// The most languages that are kept of a header; browsers send fewer than ten.
pub(crate) const MAX_LANGUAGES: usize = 20;

/// The most characters of a tag. They hold every tag that RFC 5646 (section 4.4.1) asks for.
pub(crate) const MAX_TAG: usize = 35;

/// A language that a visitor accepts: a tag such as `de-CH`, in the letters that the browser sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Language(String);

impl Language {
    /// Reads a tag: subtags of one to eight ASCII letters or digits with hyphens between, the first one of letters only.
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        let fits = |(at, subtag): (usize, &str)| {
            (1..=8).contains(&subtag.len())
                && subtag
                    .bytes()
                    .all(|b| b.is_ascii_alphabetic() || (at > 0 && b.is_ascii_digit()))
        };
        let fits = tag.len() <= MAX_TAG && tag.split('-').enumerate().all(fits);
        fits.then(|| Self(tag.to_owned()))
    }

    /// The tag.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the language lies within a range: `de` holds `de-CH` and `DE`, but not `den`; `*` holds everything.
    pub(crate) fn matches(&self, range: &str) -> bool {
        let tag = self.0.as_bytes();
        let Some((start, rest)) = tag.split_at_checked(range.len()) else {
            return range == "*";
        };
        range == "*"
            || (!range.is_empty()
                && start.eq_ignore_ascii_case(range.as_bytes())
                && matches!(rest.first(), None | Some(b'-')))
    }
}

/// The languages of an `Accept-Language` header, the most wanted first; those wanted alike stay in the header's order.
/// What is refused (`q=0`), malformed, or `*` is left out, and so is what was said before. Reads at most 2 KiB, to the last
/// whole entry in them, and keeps at most [`MAX_LANGUAGES`].
pub(crate) fn accepted(header: &str) -> Vec<Language> {
    let read = first_bytes(header, MAX_HEADER);
    let whole = if read.len() < header.len() {
        &read[..read.rfind(',').unwrap_or(0)]
    } else {
        read
    };
    let mut found: Vec<(u16, &str)> = whole
        .split(',')
        .filter_map(|entry| {
            let (tag, weight) = match entry.split_once(';') {
                Some((tag, parameter)) => (tag, weight(parameter)?),
                None => (entry, 1_000),
            };
            (weight > 0).then(|| (weight, tag.trim_matches([' ', '\t'])))
        })
        .collect();
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let mut languages: Vec<Language> = Vec::new();
    for language in found.iter().filter_map(|(_, tag)| Language::parse(tag)) {
        if languages.len() == MAX_LANGUAGES {
            break;
        }
        if !languages.iter().any(|told| told.0.eq_ignore_ascii_case(&language.0)) {
            languages.push(language);
        }
    }
    languages
}

/// Reads `q=0.8` as thousandths (RFC 9110, section 12.4.2).
fn weight(parameter: &str) -> Option<u16> {
    let parameter = parameter.trim_matches([' ', '\t']);
    let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?;
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{decimals:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(header: &str, expected: &[&str]) {
        let found = accepted(header);
        let found: Vec<_> = found.iter().map(Language::as_str).collect();
        assert_eq!(found, expected, "{header}");
    }

    #[test]
    fn headers() {
        check("de-CH,de;q=0.9,en;q=0.8", &["de-CH", "de", "en"]);
        check(" de-CH;q=1, de", &["de-CH", "de"]);
        check("en;q=0.5, fr;q=0.9 , de ; q=0.9,*;q=0.1", &["fr", "de", "en"]);
        check("en;q=0, de;q=0.000, fr;q=0.001", &["fr"]);
        check("zh-Hant-TW, x-klingon, sr-Latn", &["zh-Hant-TW", "x-klingon", "sr-Latn"]);
        check("en, EN;q=0.9, en;q=0", &["en"]);
        check("en;Q=1.000,de;q=0.", &["en"]);
        check("de;q=0.,en;q=0.2", &["en"]);
    }

    #[test]
    fn malformed() {
        let wrong = [
            "",
            ",",
            ";",
            "*",
            "<b>",
            "de_CH",
            "-de",
            "de-",
            "de--CH",
            "1",
            "é",
            "de;q=",
            "de;q=2",
            "de;q=1.5",
            "de;q=0.1234",
            "de;q=-1",
            "de;q=.5",
            "de;level=1",
            "de;q=0.5;x=1",
            "de;q=1e0",
            "de;q=+1",
            "de en",
            "abcdefghi",
        ];
        for header in wrong {
            check(header, &[]);
        }
        check("de;q=x, en", &["en"]);
    }

    #[test]
    fn bounds() {
        check(&"x".repeat(100_000), &[]);
        check(&"é,".repeat(100_000), &[]);
        check(&format!("de,{}", "x".repeat(100_000)), &["de"]);
        let many: Vec<_> =
            ('a'..='z').flat_map(|a| ['a', 'b'].map(|b| format!("{a}{b}"))).collect();
        assert_eq!(accepted(&many.join(",")).len(), MAX_LANGUAGES);
        // Not read to its end: an entry that is cut in two is not half an entry.
        let cut = format!("{}en-GB;q=0.9", "de,".repeat(681));
        check(&cut, &["de"]);
        assert!(Language::parse(&format!("a{}", "-abcdefg".repeat(4))).is_some());
        assert!(Language::parse(&format!("abcd{}", "-abcdefg".repeat(4))).is_none());
    }

    #[test]
    fn ranges() {
        let swiss = Language::parse("de-CH").unwrap();
        for range in ["de", "DE", "de-ch", "de-CH", "*"] {
            assert!(swiss.matches(range), "{range}");
        }
        for range in ["", "d", "de-", "de-C", "de-CH-1996", "ch", "-", "de-*", "dé"] {
            assert!(!swiss.matches(range), "{range}");
        }
        assert!(!Language::parse("den").unwrap().matches("de"));
        assert!(Language::parse("d").unwrap().matches("*"));
    }

    proptest! {
        #[test]
        fn any_header(header in "\\PC{0,300}|([a-z]{0,9}[-;q=0-9., \t*]{0,4}){0,200}", range in "\\PC{0,9}") {
            let found = accepted(&header);
            prop_assert!(found.len() <= MAX_LANGUAGES);
            for language in found {
                prop_assert!((1..=MAX_TAG).contains(&language.as_str().len()));
                prop_assert!(language.matches(language.as_str()));
                language.matches(&range);
            }
        }
    }
}
