//! A point in time: whole seconds since 1970, written as RFC 3339.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::civil::{date, day_number, month_length};

const DAY: i64 = 86_400;

/// A point in time to the second, from 1970 to the end of 9999. Its text is RFC 3339 in UTC.
///
/// ```
/// use edgewise_engine::Moment;
/// let moment = Moment::parse("2026-11-21T13:00:00.5+01:00").unwrap();
/// assert_eq!(moment.to_string(), "2026-11-21T12:00:00Z");
/// assert_eq!(moment.unix(), 1_795_262_400);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// Why a text is not a [`Moment`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidMoment {
    /// The beginning of the text.
    text: String,
}

impl Moment {
    /// The earliest, 1970-01-01T00:00:00Z.
    pub const FIRST: Self = Self(0);
    /// The latest, 9999-12-31T23:59:59Z.
    pub const LAST: Self = Self(253_402_300_799);

    /// The moment so many seconds after 1970-01-01T00:00:00Z; the nearest there is where that is out of range.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds.clamp(Self::FIRST.0, Self::LAST.0))
    }

    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339: any offset, also `-00:00`; a blank or small letter in place of `T`; fractions of a second are
    /// dropped and a leap second is the second before it.
    pub fn parse(text: &str) -> Result<Self, InvalidMoment> {
        read(text.as_bytes())
            .filter(|seconds| (Self::FIRST.0..=Self::LAST.0).contains(seconds))
            .map(Self)
            .ok_or_else(|| InvalidMoment { text: text.chars().take(40).collect() })
    }
}

fn read(text: &[u8]) -> Option<i64> {
    let (head, rest) = text.split_first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b't' | b' ', clock @ ..] =
        head
    else {
        return None;
    };
    let [h1, h2, b':', n1, n2, b':', s1, s2] = clock else { return None };
    let year = 100 * pair(*y1, *y2)? + pair(*y3, *y4)?;
    let month = within(pair(*m1, *m2)?, 1, 12)?;
    let day = within(pair(*d1, *d2)?, 1, month_length(year, month))?;
    let hour = within(pair(*h1, *h2)?, 0, 23)?;
    let minute = within(pair(*n1, *n2)?, 0, 59)?;
    let second = within(pair(*s1, *s2)?, 0, 60)?.min(59);
    let east = match without_fraction(rest)? {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = within(pair(*h1, *h2)?, 0, 23)?;
            let minutes = within(pair(*m1, *m2)?, 0, 59)?;
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let day = day_number(year, month, day);
    Some(day * DAY + hour * 3600 + minute * 60 + second - east)
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    Some(10 * digit(tens)? + digit(ones)?)
}

fn within(number: i64, least: i64, most: i64) -> Option<i64> {
    (least..=most).contains(&number).then_some(number)
}

fn without_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else { return Some(text) };
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (digits > 0).then(|| &fraction[digits..])
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.div_euclid(DAY));
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl InvalidMoment {
    /// The beginning of the text that is none.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for InvalidMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a point in time. ", self.text)?;
        f.write_str("Write date, time and offset, as \"2026-11-21T12:00:00Z\" or ")?;
        f.write_str("\"2026-11-21T13:00:00+01:00\".")
    }
}

impl std::error::Error for InvalidMoment {}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a point in time, as \"2026-11-21T12:00:00Z\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
                Moment::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_fractions() {
        for (text, moment) in [
            ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z"),
            ("2026-11-21t12:00:00z", "2026-11-21T12:00:00Z"),
            ("2026-11-21 12:00:00.999999999999Z", "2026-11-21T12:00:00Z"),
            ("2026-12-31T23:59:60Z", "2026-12-31T23:59:59Z"),
            ("2026-03-01T00:30:00+14:00", "2026-02-28T10:30:00Z"),
            ("2028-02-29T23:30:00-00:45", "2028-03-01T00:15:00Z"),
            ("1969-12-31T23:00:00-01:00", "1970-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59-00:00", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), moment, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T12:00:00",
            "2026-11-21T12:00Z",
            "2026-02-29T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-00-01T12:00:00Z",
            "2026-04-31T12:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T12:60:00Z",
            "2026-11-21T12:00:61Z",
            "2026-11-21T12:00:00.Z",
            "2026-11-21T12:00:00+0100",
            "2026-11-21T12:00:00+24:00",
            "2026-11-21T12:00:00Z ",
            "2026-11-21T12:00:00é",
            "+026-11-21T12:00:00Z",
            "1970-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
        let error = Moment::parse(&"é".repeat(1_000)).unwrap_err().to_string();
        assert!(error.len() < 250, "{error}");
    }

    #[test]
    fn serde_and_range() {
        let moment: Moment =
            serde_json::from_str("\"2026-11-21T13:00:00+01:00\"").unwrap();
        assert_eq!(serde_json::to_string(&moment).unwrap(), "\"2026-11-21T12:00:00Z\"");
        assert!(serde_json::from_str::<Moment>("5").is_err());
        assert_eq!(Moment::from_unix(-1), Moment::FIRST);
        assert_eq!(Moment::from_unix(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
    }
}
