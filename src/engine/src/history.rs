//! What the visitor's cookie remembers of earlier visits: a few numbers, no addresses and no names.

use crate::time::Moment;

/// After so long without a page, the next page begins another visit; the usual length in web analytics.
const PAUSE_MINUTES: u32 = 30;

const MINUTES_OF_A_DAY: u32 = 24 * 60;

/// A visitor's past, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The day of the first visit, counted from 1970-01-01; none for those whose cookie is older than this record.
    first_day: Option<u32>,
    /// How many visits there have been.
    visits: u32,
    /// The minute of the last page, counted from 1970.
    last_minute: u32,
    /// What kind of place led to the last visit, as a letter.
    source: Option<char>,
}

fn minutes(moment: Moment) -> u32 {
    u32::try_from(moment.unix().max(0) / 60).unwrap_or(u32::MAX)
}

impl History {
    /// Of a visitor of whom only is known that this is not the first page.
    pub(crate) fn unknown() -> Self {
        Self { first_day: None, visits: 1, last_minute: 0, source: None }
    }

    /// Of a visitor who comes for the first time.
    fn begun(now: Moment) -> Self {
        let minute = minutes(now);
        let first_day = Some(minute / MINUTES_OF_A_DAY);
        Self { first_day, visits: 1, last_minute: minute, source: None }
    }

    /// The history with a page at `now`: the visit goes on, or another begins. `source` is what led to this page, if it is
    /// known and is not the site itself; it is kept for the rest of the visit.
    pub(crate) fn with_page(
        before: Option<&Self>,
        now: Moment,
        source: Option<char>,
    ) -> Self {
        let Some(before) = before else {
            return Self { source, ..Self::begun(now) };
        };
        let minute = minutes(now);
        // A clock that runs back begins no visit.
        if minute.saturating_sub(before.last_minute) < PAUSE_MINUTES {
            let last_minute = minute.max(before.last_minute);
            return Self {
                last_minute,
                source: before.source.or(source),
                ..before.clone()
            };
        }
        let visits = before.visits.saturating_add(1);
        Self { visits, last_minute: minute, source, ..before.clone() }
    }

    /// How many visits there have been, the present one included.
    pub fn visits(&self) -> u32 {
        self.visits
    }

    /// Whole days since the day of the first visit.
    pub(crate) fn days(&self, now: Moment) -> Option<u32> {
        Some((minutes(now) / MINUTES_OF_A_DAY).saturating_sub(self.first_day?))
    }

    /// What kind of place led to this visit, as a letter.
    pub(crate) fn source(&self) -> Option<char> {
        self.source
    }

    /// As the cookie has it: first day, visits, last minute in base 36, and the letter of the source.
    pub(crate) fn write(&self) -> String {
        let first_day = self.first_day.map(in_base_36).unwrap_or_default();
        let (visits, last) = (in_base_36(self.visits), in_base_36(self.last_minute));
        let source = self.source.map(String::from).unwrap_or_default();
        format!("{first_day}.{visits}.{last}.{source}")
    }

    /// Reads what `write` wrote.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let first_day = match parts.next()? {
            "" => None,
            day => Some(from_base_36(day)?),
        };
        let visits = from_base_36(parts.next()?)?.max(1);
        let last_minute = from_base_36(parts.next()?)?;
        let mut letters = parts.next()?.chars();
        let source = letters.next();
        let known = source.is_none_or(|letter| letter.is_ascii_lowercase());
        let whole = letters.next().is_none() && parts.next().is_none();
        (known && whole).then_some(Self { first_day, visits, last_minute, source })
    }
}

fn in_base_36(mut number: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(number % 36, 36).expect("below 36"));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

fn from_base_36(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    (digits && !text.is_empty()).then(|| u32::from_str_radix(text, 36).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Moment {
        Moment::from_unix(minute * 60)
    }

    #[test]
    fn visits_are_apart_by_half_an_hour() {
        let first = History::with_page(None, at(1_000_000), Some('s'));
        assert_eq!((first.visits(), first.source()), (1, Some('s')));
        let same = History::with_page(Some(&first), at(1_000_029), Some('d'));
        assert_eq!((same.visits(), same.source()), (1, Some('s')));
        let next = History::with_page(Some(&same), at(1_000_059), Some('d'));
        assert_eq!((next.visits(), next.source()), (2, Some('d')));
        assert_eq!(next.days(at(1_000_000 + 3 * 1_440)), Some(3));
        let back = History::with_page(Some(&next), at(5), None);
        assert_eq!(back, next);
        assert_eq!(back.days(at(5)), Some(0));
        let unknown = History::with_page(Some(&History::unknown()), at(9_000), None);
        assert_eq!((unknown.visits(), unknown.days(at(9_000))), (2, None));
    }

    #[test]
    fn in_a_cookie() {
        for history in [
            History::unknown(),
            History::begun(at(29_550_000)),
            History {
                first_day: Some(0),
                visits: u32::MAX,
                last_minute: u32::MAX,
                source: Some('a'),
            },
        ] {
            assert_eq!(History::read(&history.write()), Some(history));
        }
        assert_eq!(History::begun(at(29_550_000)).write(), "fu0.1.hlcxc.");
        for text in [
            "",
            ".",
            "...",
            ".1.1",
            ".1.1.ab",
            ".1.1.A",
            ".+1.1.",
            ".1.1.a.",
            "-.1.1.",
            "zzzzzzzz.1.1.",
        ] {
            assert_eq!(History::read(text), None, "{text}");
        }
    }
}
