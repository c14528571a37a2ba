//! Time zones: what weekday and hour a moment is somewhere.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::civil::{Weekday, date, day_number, month_length};
use super::moment::Moment;

/// The rules and names of all zones; its head says how it is written.
const ZONES: &str = include_str!("../../data/zones.tsv");
/// The most minutes that a zone may lie east or west of UTC.
const MOST: i32 = 14 * 60;

/// A time zone: one of the tz database's, as `Europe/Berlin`, or a fixed offset, as `+05:30`. UTC by default.
///
/// Rules are those in force from late 2026 on, also for moments before: Edgewise asks about now and what comes. Each is
/// one pair of switches a year, which is all that any zone keeps at present, but for `Asia/Gaza` and `Asia/Hebron`,
/// which switch around Ramadan as well and may be an hour out there, and `America/Havana` until November 2027, as it
/// keeps summer time through one winter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Zone {
    name: Name,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Listed(&'static str),
    /// Minutes east of UTC.
    Fixed(i32),
}

/// Local time at a moment, as far as decisions rest on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// The day of the week.
    pub weekday: Weekday,
    /// The hour, 0 to 23.
    pub hour: u8,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self =
        Self { name: Name::Listed("UTC"), rule: Rule { east: 0, other: None } };

    /// The zone of that name in the tz database, links included, in any case; or the fixed offset that is written so,
    /// as `-03:30`. `None` if there is none.
    ///
    /// ```
    /// use edgewise_engine::Zone;
    /// assert_eq!(Zone::named("europe/berlin").unwrap().name(), "Europe/Berlin");
    /// assert_eq!(Zone::named("+05:30"), Zone::fixed(330));
    /// assert_eq!(Zone::named("Berlin"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        if name.starts_with(['+', '-']) {
            return Self::fixed(read_offset(name)?);
        }
        if name == "UTC" {
            return Some(Self::UTC);
        }
        lines().find_map(|(rule, names)| {
            let name = names.split(' ').find(|own| own.eq_ignore_ascii_case(name))?;
            Some(Self { name: Name::Listed(name), rule: Rule::read(rule)? })
        })
    }

    /// The zone that is always so many minutes east of UTC, west if negative; `None` beyond 14 hours.
    pub fn fixed(minutes: i32) -> Option<Self> {
        let zone = Self { name: Name::Fixed(minutes), rule: Rule::of(minutes) };
        match minutes {
            0 => Some(Self::UTC),
            _ => (-MOST..=MOST).contains(&minutes).then_some(zone),
        }
    }

    /// The name, as [`Zone::named`] reads it.
    pub fn name(&self) -> Cow<'static, str> {
        match self.name {
            Name::Listed(name) => Cow::Borrowed(name),
            Name::Fixed(east) => {
                let sign = if east < 0 { '-' } else { '+' };
                let (hours, minutes) = (east.abs() / 60, east.abs() % 60);
                Cow::Owned(format!("{sign}{hours:02}:{minutes:02}"))
            }
        }
    }

    /// The names of all zones, in no order that means anything: for choosing one.
    pub fn names() -> impl Iterator<Item = &'static str> {
        lines().flat_map(|(_, names)| names.split(' '))
    }

    /// What weekday and hour it is here at that moment.
    pub fn local(&self, moment: Moment) -> LocalTime {
        let minute = moment.unix().div_euclid(60);
        let local = minute + i64::from(self.rule.east_at(minute));
        let hour = local.rem_euclid(DAY) / 60;
        LocalTime {
            weekday: Weekday::of_day(local.div_euclid(DAY)),
            hour: u8::try_from(hour).expect("a day has 24 hours"),
        }
    }
}

impl Default for Name {
    fn default() -> Self {
        Zone::UTC.name
    }
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    ZONES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
}

/// Minutes east out of `+05:30`.
fn read_offset(text: &str) -> Option<i32> {
    let (sign, clock) = text.split_at_checked(1)?;
    let (hours, minutes) = clock.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>().ok().filter(|_| digits)
    };
    let minutes = number(minutes).filter(|minutes| *minutes < 60)?;
    let east = number(hours)? * 60 + minutes;
    Some(if sign == "-" { -east } else { east })
}

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// How far local time is from UTC, all year round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Rule {
    /// Minutes east of UTC.
    east: i32,
    /// The part of the year with another offset.
    other: Option<Other>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Other {
    east: i32,
    /// In the time that was kept before.
    from: Switch,
    /// In this part's own time.
    to: Switch,
}

/// When clocks change, each year: in which month and week, on which weekday, how many minutes after midnight (also
/// more than a day, or fewer than none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Switch {
    month: u8,
    /// 1 is the weekday's first in that month, 5 its last.
    week: u8,
    /// 0 is sunday.
    weekday: u8,
    minute: i16,
}

impl Rule {
    const fn of(east: i32) -> Self {
        Self { east, other: None }
    }

    /// A rule as the table writes it.
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let east = words.next()?.parse().ok()?;
        let Some(other) = words.next() else { return Some(Self::of(east)) };
        let other = Other {
            east: other.parse().ok()?,
            from: Switch::read(words.next()?)?,
            to: Switch::read(words.next()?)?,
        };
        Some(Self { east, other: Some(other) })
    }

    /// Minutes east of UTC at a minute since 1970.
    fn east_at(&self, minute: i64) -> i32 {
        let Some(other) = self.other else { return self.east };
        // No zone changes clocks within a day of New Year, so it does not matter by which clock the year is told.
        let (year, ..) = date(minute.div_euclid(DAY));
        let from = other.from.minute_in(year) - i64::from(self.east);
        let to = other.to.minute_in(year) - i64::from(other.east);
        let within = if from < to {
            from <= minute && minute < to
        } else {
            minute < to || from <= minute
        };
        if within { other.east } else { self.east }
    }
}

impl Switch {
    fn read(text: &str) -> Option<Self> {
        let (day, minute) = text.split_once('/')?;
        let mut numbers = day.split('.').map(|number| number.parse().ok());
        Some(Self {
            month: numbers.next()??,
            week: numbers.next()??,
            weekday: numbers.next()??,
            minute: minute.parse().ok()?,
        })
    }

    /// The minute since 1970, on a local clock, at which it comes in that year.
    fn minute_in(self, year: i64) -> i64 {
        let month = i64::from(self.month);
        let first = day_number(year, month, 1);
        // Day 0 was a thursday.
        let until = (i64::from(self.weekday) - (first + 4)).rem_euclid(7);
        let mut day = until + 7 * (i64::from(self.week) - 1);
        if day >= month_length(year, month) {
            day -= 7;
        }
        (first + day) * DAY + i64::from(self.minute)
    }
}

/// Why a text is not the name of a [`Zone`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidZone {
    /// The beginning of the text.
    text: String,
}

impl fmt::Display for InvalidZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a time zone. ", self.text)?;
        f.write_str(
            "Write a name such as \"Europe/Berlin\" or an offset of at most 14 ",
        )?;
        f.write_str("hours such as \"+05:30\".")
    }
}

impl std::error::Error for InvalidZone {}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl TryFrom<Cow<'_, str>> for Zone {
    type Error = InvalidZone;

    fn try_from(text: Cow<'_, str>) -> Result<Self, InvalidZone> {
        let invalid = || InvalidZone { text: text.chars().take(40).collect() };
        Self::named(&text).ok_or_else(invalid)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(from)?;
        Self::try_from(text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, moment: &str) -> String {
        let zone = Zone::named(zone).unwrap_or_else(|| panic!("no {zone}"));
        let local = zone.local(Moment::parse(moment).unwrap());
        format!("{} {}", local.weekday, local.hour)
    }

    #[test]
    fn around_the_switches() {
        // The last second before each switch and the first after it, in UTC; computed with Python's zoneinfo.
        for (zone, moment, before, after) in [
            ("Europe/Berlin", "2027-03-28T01:00:00Z", "sunday 1", "sunday 3"),
            ("Europe/Berlin", "2027-10-31T01:00:00Z", "sunday 2", "sunday 2"),
            ("Europe/London", "2028-03-26T01:00:00Z", "sunday 0", "sunday 2"),
            ("Europe/Dublin", "2028-10-29T01:00:00Z", "sunday 1", "sunday 1"),
            ("Europe/Dublin", "2028-03-26T01:00:00Z", "sunday 0", "sunday 2"),
            ("America/New_York", "2027-03-14T07:00:00Z", "sunday 1", "sunday 3"),
            ("America/Los_Angeles", "2026-11-01T09:00:00Z", "sunday 1", "sunday 1"),
            ("America/St_Johns", "2027-03-14T05:30:00Z", "sunday 1", "sunday 3"),
            ("America/Nuuk", "2027-03-28T01:00:00Z", "saturday 22", "sunday 0"),
            ("America/Santiago", "2027-04-04T03:00:00Z", "saturday 23", "saturday 23"),
            ("Pacific/Easter", "2027-09-05T04:00:00Z", "saturday 21", "saturday 23"),
            ("Africa/Cairo", "2027-10-28T21:00:00Z", "thursday 23", "thursday 23"),
            ("Asia/Jerusalem", "2027-03-26T00:00:00Z", "friday 1", "friday 3"),
            ("Australia/Lord_Howe", "2027-04-03T15:00:00Z", "sunday 1", "sunday 1"),
            ("Pacific/Chatham", "2027-09-25T14:00:00Z", "sunday 2", "sunday 3"),
            ("Pacific/Auckland", "2027-04-03T14:00:00Z", "sunday 2", "sunday 2"),
            ("Antarctica/Troll", "2027-03-28T01:00:00Z", "sunday 0", "sunday 3"),
        ] {
            let second = Moment::parse(moment).unwrap();
            let last = Moment::from_unix(second.unix() - 1).to_string();
            assert_eq!(at(zone, &last), before, "{zone} before {moment}");
            assert_eq!(at(zone, moment), after, "{zone} at {moment}");
        }
    }

    #[test]
    fn halves_of_the_world_and_new_year() {
        assert_eq!(at("Australia/Sydney", "2026-12-31T12:59:59Z"), "thursday 23");
        assert_eq!(at("Australia/Sydney", "2026-12-31T13:00:00Z"), "friday 0");
        assert_eq!(at("Pacific/Kiritimati", "2026-12-31T10:00:00Z"), "friday 0");
        assert_eq!(at("Asia/Kolkata", "2026-06-30T18:29:59Z"), "tuesday 23");
        assert_eq!(at("Asia/Kathmandu", "1970-01-01T00:00:00Z"), "thursday 5");
        assert_eq!(at("-12:00", "1970-01-01T00:00:00Z"), "wednesday 12");
        assert_eq!(at("Pacific/Kiritimati", "9999-12-31T23:59:59Z"), "saturday 13");
    }

    #[test]
    fn names() {
        for name in Zone::names() {
            let zone = Zone::named(name).unwrap();
            assert_eq!(zone.name(), name);
            let text = serde_json::to_string(&zone).unwrap();
            assert_eq!(serde_json::from_str::<Zone>(&text).unwrap(), zone);
        }
        assert!(Zone::names().count() > 590);
        assert_eq!(Zone::default(), Zone::UTC);
        assert_eq!(Zone::named("UTC"), Some(Zone::UTC));
        assert_eq!(Zone::named("utc"), Some(Zone::UTC));
        assert_eq!(Zone::fixed(0), Some(Zone::UTC));
        assert_eq!(Zone::named("-03:30").unwrap().name(), "-03:30");
        assert_eq!(Zone::fixed(840).unwrap().name(), "+14:00");
    }

    #[test]
    fn what_is_no_zone() {
        for name in [
            "",
            " ",
            "Berlin",
            "Europe/Berlin ",
            "#",
            "0",
            "+1:00",
            "+14:01",
            "+00:60",
            "++1:00",
            "+01:00:00",
            "é",
            "+é:00",
            "120 180 3.5.0/0 10.5.0/0",
        ] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
        assert_eq!(Zone::fixed(i32::MIN), None);
        assert_eq!(Zone::fixed(841), None);
        let error = serde_json::from_str::<Zone>("\"Mars\"").unwrap_err().to_string();
        assert!(error.starts_with("\"Mars\" is not a time zone. Write"), "{error}");
    }
}
