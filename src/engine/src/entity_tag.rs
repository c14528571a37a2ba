//! Entity tags of rewritten pages. Ours is `W/"edgewise.FINGERPRINT.ORIGIN"`: the fingerprint is of everything but the
//! origin's page that decides the bytes; ORIGIN is the page's own validator, for the origin to compare. The origin never
//! sees a tag of ours.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What every tag of ours begins with, behind its quote.
const OURS: &str = "edgewise.";

/// The longest validator of an origin that is carried in a tag of ours, bytes. Others get none.
const MAX_CARRIED: usize = 256;

/// The most tags of ours that are looked at in one header. Browsers send one.
const MAX_TAGS: usize = 8;

/// The origin's own validator of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validator {
    /// An entity tag, with its quotes.
    Tag(String),
    /// A date as the origin wrote it.
    Date(String),
}

impl Validator {
    /// That of an answer, by the values of its `ETag` and `Last-Modified` headers. None if there is none that could be
    /// carried in a tag of ours.
    pub fn of(tags: &[String], dates: &[String]) -> Option<Self> {
        match (tags, dates) {
            ([tag], _) if is_tag(tag) => Some(Self::Tag(tag.clone())),
            ([], [date]) if is_date(date) => Some(Self::Date(date.clone())),
            _ => None,
        }
    }

    /// Whether both are of the same state of a page: tags by weak comparison (RFC 9110, section 8.8.3.2), dates to the
    /// letter.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tag(one), Self::Tag(other)) => opaque(one) == opaque(other),
            (Self::Date(one), Self::Date(other)) => one == other,
            _ => false,
        }
    }
}

/// A tag of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTag {
    /// See [`fingerprint`].
    pub fingerprint: String,
    /// The origin's.
    pub origin: Validator,
}

impl PageTag {
    /// As it stands in a header.
    ///
    /// ```
    /// use edgewise_engine::entity_tag::{PageTag, Validator, fingerprint};
    /// let origin = Validator::of(&["\"v1\"".to_owned()], &[]).unwrap();
    /// let tag = PageTag { fingerprint: fingerprint(&[b"ada", b"7"]), origin };
    /// assert_eq!(PageTag::read(&tag.write()), Some(tag));
    /// ```
    pub fn write(&self) -> String {
        let (kind, value) = match &self.origin {
            Validator::Tag(tag) => ('e', tag),
            Validator::Date(date) => ('d', date),
        };
        let value = BASE64_URL_SAFE_NO_PAD.encode(value);
        format!("W/\"{OURS}{}.{kind}{value}\"", self.fingerprint)
    }

    /// Reads what `write` wrote, with or without `W/`.
    pub fn read(text: &str) -> Option<Self> {
        let inner = opaque(text).strip_prefix('"')?.strip_suffix('"')?;
        let (fingerprint, origin) = inner.strip_prefix(OURS)?.split_once('.')?;
        // Some proxies write how they packed the page behind its tag.
        let origin = ["-gzip", "-br", "-zstd", "-df"]
            .iter()
            .find_map(|packed| origin.strip_suffix(packed))
            .unwrap_or(origin);
        let value = BASE64_URL_SAFE_NO_PAD.decode(origin.get(1..)?).ok()?;
        let value = String::from_utf8(value).ok()?;
        let origin = match origin.as_bytes().first()? {
            b'e' if is_tag(&value) => Validator::Tag(value),
            b'd' if is_date(&value) => Validator::Date(value),
            _ => return None,
        };
        Some(Self { fingerprint: fingerprint.to_owned(), origin })
    }

    /// Whether who holds the one has what the other stands for.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.origin.is_same_as(&other.origin)
    }
}

/// What of a tag is compared where it is not asked for the same bytes.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Whether it is an entity tag as RFC 9110, section 8.8.3 has it, of ASCII and not too long.
fn is_tag(text: &str) -> bool {
    let inner = opaque(text).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    text.len() <= MAX_CARRIED
        && inner
            .is_some_and(|inner| inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
}

/// Whether it may be a date of HTTP.
fn is_date(text: &str) -> bool {
    let allowed =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b',' | b':' | b'-');
    (8..=40).contains(&text.len()) && text.bytes().all(allowed)
}

/// What decides the bytes of a page besides the origin's own, part by part, as text for a tag.
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
}

/// A list of entity tags, ours apart from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted {
    /// The first of ours that can be read.
    pub ours: Vec<PageTag>,
    /// The others as a list, in their order; empty if there are none.
    pub others: String,
}

/// Sorts the tags of a header's lines. None if there is none of ours.
pub fn sort(lines: &[&[u8]]) -> Option<Sorted> {
    let ours =
        |line: &&[u8]| line.windows(OURS.len()).any(|window| window == OURS.as_bytes());
    if !lines.iter().any(ours) {
        return None;
    }
    let mut sorted = Sorted { ours: Vec::new(), others: String::new() };
    for line in lines.iter().map(|line| String::from_utf8_lossy(line)) {
        for tag in tags(&line) {
            if !tag.contains(OURS) {
                let between = if sorted.others.is_empty() { "" } else { ", " };
                sorted.others.push_str(between);
                sorted.others.push_str(tag);
            } else if sorted.ours.len() < MAX_TAGS {
                sorted.ours.extend(PageTag::read(tag));
            }
        }
    }
    Some(sorted)
}

/// The tags of a list. Commas may stand in a tag, but not its quote.
fn tags(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let parts = line.split(move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(origin: &str) -> String {
        let origin = Validator::Tag(origin.to_owned());
        PageTag { fingerprint: "abc".to_owned(), origin }.write()
    }

    #[track_caller]
    fn check(lines: &[&str], expected: Option<(usize, &str)>) {
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        let sorted = sort(&lines);
        let found = sorted.as_ref().map(|one| (one.ours.len(), one.others.as_str()));
        assert_eq!(found, expected);
    }

    #[test]
    fn lists() {
        let one = ours("\"v1\"");
        check(&[], None);
        check(&["*", "\"v1\", W/\"v2\""], None);
        check(&[&one], Some((1, "")));
        check(&[&format!("\"a,b\" ,, {one},W/\"c\"")], Some((1, "\"a,b\", W/\"c\"")));
        check(&["\"a\"", &one], Some((1, "\"a\"")));
        check(&[&vec![one.as_str(); 20].join(",")], Some((MAX_TAGS, "")));
        // What only looks like ours is kept from the origin as well.
        check(&["\"edgewise.x\", \"b\""], Some((0, "\"b\"")));
        check(&["\"edgewise."], Some((0, "")));
        let broken = [b"\"\xff\", ".as_slice(), one.as_bytes()].concat();
        assert_eq!(sort(&[&broken]).unwrap().others, "\"\u{fffd}\"");
    }

    #[test]
    fn what_proxies_make_of_them() {
        let one = ours("W/\"v1\"");
        let read = PageTag::read(&one);
        assert!(read.is_some());
        assert_eq!(PageTag::read(one.strip_prefix("W/").unwrap()), read);
        assert_eq!(PageTag::read(&one.replace('"', "")), None);
        let packed = format!("{}-gzip\"", one.strip_suffix('"').unwrap());
        assert_eq!(PageTag::read(&packed), read);
    }

    #[test]
    fn what_is_carried() {
        let of = |tag: &str| Validator::of(&[tag.to_owned()], &[]);
        assert!(of("\"v1\"").is_some() && of("W/\"\"").is_some());
        for tag in ["v1", "\"a\"b\"", "\"a b\"", "\"é\"", "\"", ""] {
            assert_eq!(of(tag), None, "{tag}");
            assert_eq!(PageTag::read(&ours(tag)), None, "{tag}");
        }
        let of_length = |length: usize| format!("\"{}\"", "a".repeat(length - 2));
        assert!(of(&of_length(MAX_CARRIED)).is_some());
        assert_eq!(of(&of_length(MAX_CARRIED + 1)), None);
        let date = "Sat, 21 Nov 2026 12:00:00 GMT".to_owned();
        assert!(Validator::of(&[], std::slice::from_ref(&date)).is_some());
        assert_eq!(Validator::of(&[], &[date.clone(), date.clone()]), None);
        assert_eq!(Validator::of(&["v1".to_owned()], &[date]), None);
        assert_eq!(Validator::of(&[], &["\"quoted\"".to_owned()]), None);
    }

    #[test]
    fn what_is_compared() {
        let of = |fingerprint: &str, tags: &[&str], dates: &[&str]| {
            let owned = |values: &[&str]| -> Vec<_> {
                values.iter().map(|value| (*value).to_owned()).collect()
            };
            let origin = Validator::of(&owned(tags), &owned(dates)).unwrap();
            PageTag { fingerprint: fingerprint.to_owned(), origin }
        };
        let strong = of("a", &["\"v1\""], &[]);
        let date = of("a", &[], &["Sat, 21 Nov 2026 12:00:00 GMT"]);
        assert!(strong.is_same_as(&strong) && date.is_same_as(&date));
        let weak = of("a", &["W/\"v1\""], &[]);
        assert!(strong.is_same_as(&weak) && weak.is_same_as(&strong));
        for other in [
            of("b", &["\"v1\""], &[]),
            of("a", &["\"v2\""], &[]),
            of("a", &["\"W/v1\""], &[]),
            of("a", &[], &["Sat, 21 Nov 2026 12:00:01 GMT"]),
        ] {
            assert!(!strong.is_same_as(&other), "{other:?}");
            assert!(!date.is_same_as(&other) && !other.is_same_as(&date), "{other:?}");
        }
        // As it is kept beside a finished page.
        let kept = serde_json::to_string(&weak.origin).unwrap();
        assert_eq!(kept, r#"{"tag":"W/\"v1\""}"#);
        assert_eq!(serde_json::from_str::<Validator>(&kept).unwrap(), weak.origin);
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
        assert_ne!(fingerprint(&[b"ab"]), fingerprint(&[b"ab", b""]));
        assert_eq!(fingerprint(&[b"ab"]).len(), 22);
    }
}
