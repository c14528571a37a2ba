//! Days since 1970 to years, months and weekdays, and back, in the calendar that RFC 3339 uses.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A day of the week, monday first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All seven, in order.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// As people write it: `monday` to `sunday`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// The day of that name; `None` for any other text, capital letters included.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.as_str() == text)
    }

    /// The weekday of a day counted from 1970-01-01, a Thursday.
    pub(super) fn of_day(day: i64) -> Self {
        let place = (day + 3).rem_euclid(7);
        Self::ALL[usize::try_from(place).expect("a remainder of 7 is small")]
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Days in 400 years, after which the calendar repeats itself.
const CYCLE: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const TO_1970: i64 = 719_468;

/// How many days lie between 1970-01-01 and this date, whose month is 1 to 12. Days past the month's end run on.
///
/// Years are taken to begin in March, so that the leap day comes last and needs no special case.
pub(super) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let year = year.rem_euclid(400);
    cycle * CYCLE + year * 365 + year / 4 - year / 100
        + before_month((month + 9) % 12)
        + (day - 1)
        - TO_1970
}

/// The year, month and day of a day counted from 1970-01-01.
pub(super) fn date(day: i64) -> (i64, i64, i64) {
    let day = day + TO_1970;
    let cycle = day.div_euclid(CYCLE);
    let day = day.rem_euclid(CYCLE);
    // The leap days before this one taken out, all years have 365 days.
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let year = cycle * 400 + year + i64::from(month >= 10);
    (year, (month + 2) % 12 + 1, day - before_month(month) + 1)
}

/// Days of a year before its month, March being 0: months of 31, 30, 31, 30, 31 days, over and over.
fn before_month(month: i64) -> i64 {
    (153 * month + 2) / 5
}

/// The days of a month.
pub(super) fn month_length(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_800_years_follows_the_one_before() {
        let (mut year, mut month, mut day) = (1969, 12, 31);
        for number in -1..2 * CYCLE {
            assert_eq!(date(number), (year, month, day));
            assert_eq!(day_number(year, month, day), number);
            day += 1;
            if day > month_length(year, month) {
                (day, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
    }

    #[test]
    fn weekdays_have_names() {
        assert_eq!(Weekday::of_day(0), Weekday::Thursday);
        assert_eq!(Weekday::of_day(-4), Weekday::Sunday);
        for day in Weekday::ALL {
            assert_eq!(Weekday::parse(day.as_str()), Some(day));
            assert_eq!(
                serde_json::to_string(&day).unwrap(),
                format!("\"{}\"", day.as_str())
            );
        }
        assert_eq!(Weekday::parse("Monday"), None);
    }
}
