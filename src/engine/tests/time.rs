//! Moments and zones, held against another implementation of both with its own copy of the tz database.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{Moment, Zone};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use support::soup::cases;

/// Texts that are RFC 3339, or nearly. The other implementation ends a day before ours.
fn moments() -> impl Strategy<Value = String> {
    let number = |most: u32| (0..=most).prop_map(|number| format!("{number:02}"));
    let year = prop_oneof![1968..=2110_u32, 9990..=9998_u32, Just(10_000_u32)];
    let date = (year, number(13), number(32))
        .prop_map(|(year, month, day)| format!("{year:04}-{month}-{day}"));
    let clock = (number(24), number(60), number(61), "|[.][0-9]{0,9}").prop_map(
        |(hour, minute, second, rest)| format!("{hour}:{minute}:{second}{rest}"),
    );
    let offset = (select(vec!["+", "-"]), number(23), number(60))
        .prop_map(|(sign, hours, minutes)| format!("{sign}{hours}:{minutes}"));
    let offset = prop_oneof![Just("Z".to_owned()), Just("z".to_owned()), offset];
    (date, select(vec!["T", "t", " "]), clock, offset).prop_map(
        |(date, between, clock, offset)| [&date, between, &clock, &offset].concat(),
    )
}

proptest! {
    #![proptest_config(cases(20_000))]

    #[test]
    fn texts_are_read_alike(text in moments()) {
        let ours = Moment::parse(&text).ok().map(Moment::unix);
        let theirs = text.parse::<Timestamp>().ok().map(|stamp| {
            stamp.as_nanosecond().div_euclid(1_000_000_000)
        });
        let theirs = theirs.map(|seconds| i64::try_from(seconds).unwrap());
        let range = Moment::FIRST.unix()..=Moment::LAST.unix();
        prop_assert_eq!(ours, theirs.filter(|seconds| range.contains(seconds)));
    }

    #[test]
    fn any_text_is_survived(text in "[-+0-9TZtz:. é]{0,40}", at in 0..20_usize, byte in any::<char>()) {
        let _ = Moment::parse(&text);
        let _ = Zone::named(&text);
        let mut near = "2026-11-21T12:00:00Z".to_owned();
        near.replace_range(at..=at, &byte.to_string());
        if let Ok(moment) = Moment::parse(&near) {
            prop_assert_eq!(moment.unix(), near.parse::<Timestamp>().unwrap().as_second());
        }
    }

    #[test]
    fn moments_are_written_alike(seconds in 0..253_402_200_000_i64) {
        let moment = Moment::from_unix(seconds);
        prop_assert_eq!(Moment::parse(&moment.to_string()), Ok(moment));
        prop_assert_eq!(moment.to_string(), Timestamp::from_second(seconds).unwrap().to_string());
    }
}

/// Where a zone is not the same from April 2027 to 2035, years in which no zone is known to break its rule: around each
/// switch, and every seven hours.
fn differences(name: &str) -> Option<String> {
    let (ours, theirs) = (Zone::named(name).unwrap(), TimeZone::get(name).unwrap());
    let start = "2027-04-01T00:00:00Z".parse::<Timestamp>().unwrap();
    let end = Moment::parse("2036-01-01T00:00:00Z").unwrap().unix();
    let switches = theirs
        .following(start)
        .map(|switch| switch.timestamp().as_second())
        .take_while(|second| *second < end)
        .flat_map(|second| [second - 1, second]);
    let sampled = (start.as_second()..end).step_by(7 * 3_600 - 1);
    sampled.chain(switches).find_map(|second| {
        let local = theirs.to_datetime(Timestamp::from_second(second).unwrap());
        let found = ours.local(Moment::from_unix(second));
        let weekday = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap();
        let alike = i16::from(local.hour()) == i16::from(found.hour)
            && edgewise_engine::Weekday::ALL[weekday] == found.weekday;
        (!alike).then(|| format!("{name} at {second}: {local} is not {found:?}"))
    })
}

#[test]
fn every_zone_keeps_its_rule() {
    let found: Vec<_> = Zone::names().filter_map(differences).collect();
    assert!(found.is_empty(), "{found:#?}");
}
