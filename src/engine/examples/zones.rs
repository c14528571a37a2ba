//! Makes `data/zones.tsv`: the rule that each zone of the tz database keeps from now on.
//!
//! ```text
//! cargo run -q -p edgewise-engine --example zones -- /usr/share/zoneinfo > zones.tsv && mv zones.tsv src/engine/data/
//! ```
//!
//! A compiled zone file ends with that rule, in the notation of POSIX's `TZ` variable. Names of zones and which version
//! it is are read from `tzdata.zi` beside the files. Zones that for some years depart from their rule are named on stderr:
//! what `Zone` says of them in its docs has to be true.

#![allow(clippy::disallowed_methods, reason = "an example is a host")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name the folder of the zone files")?;
    let folder = Path::new(&folder);
    let list = fs::read_to_string(folder.join("tzdata.zi"))?;
    let version = list.lines().next().unwrap_or_default();
    let mut zones: BTreeMap<(i32, String), Vec<&str>> = BTreeMap::new();
    for line in list.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let (["Z", name, ..] | ["L", _, name]) = words[..] else { continue };
        if name == "Factory" {
            continue;
        }
        let file = fs::read(folder.join(name))?;
        let broken = || format!("{name} is no zone file, or its rule is of a new kind");
        let rule =
            file.strip_suffix(b"\n").and_then(|file| file.rsplit(|b| *b == b'\n').next());
        let rule = std::str::from_utf8(rule.ok_or_else(broken)?)?;
        let (east, rule) = translate(rule).ok_or_else(broken)?;
        zones.entry((east, rule)).or_default().push(name);
        if let Some(last) = last_switch(&file).filter(|last| *last > NOW) {
            let note = "departs from its rule at some time until";
            writeln!(io::stderr(), "{name} {note} {last} (seconds since 1970)")?;
        }
    }
    let mut table = HEAD.replace("VERSION", version.trim_start_matches("# "));
    for ((_, rule), mut names) in zones {
        names.sort_unstable();
        table += &format!("{rule}\t{}\n", names.join(" "));
    }
    Ok(io::stdout().write_all(table.as_bytes())?)
}

const HEAD: &str = "\
# Time zones and the rules they keep from late 2026 on, made by examples/zones.rs from the tz database, VERSION:
# it is in the public domain (https://www.iana.org/time-zones).
# Minutes east of UTC; where clocks change: minutes east in the other part of the year, then its begin and end, each as
# month.week.weekday (week 5: the last; weekday 0: sunday), \"/\" and minutes after midnight. A tab, the names.
";

/// When this table is made: what was before is nobody's concern.
const NOW: i64 = 1_795_000_000;

/// `CET-1CEST,M3.5.0,M10.5.0/3` becomes `60 120 3.5.0/120 10.5.0/180`.
fn translate(posix: &str) -> Option<(i32, String)> {
    let mut parts = posix.split(',');
    let (east, rest) = offset(without_letters(parts.next()?)?)?;
    let east = -east?;
    if rest.is_empty() {
        return Some((east, east.to_string()));
    }
    let (other, rest) = offset(without_letters(rest)?)?;
    let other = other.map_or(east + 60, |west| -west);
    let mut rule = format!("{east} {other}");
    for switch in parts {
        let (day, time) =
            switch.strip_prefix('M')?.split_once('/').unwrap_or((&switch[1..], "2"));
        rule += &format!(" {day}/{}", offset(time)?.0?);
    }
    rest.is_empty().then_some((east, rule))
}

/// What follows the abbreviation that a clock's time goes by.
fn without_letters(text: &str) -> Option<&str> {
    match text.strip_prefix('<') {
        Some(quoted) => Some(quoted.split_once('>')?.1),
        None => Some(text.trim_start_matches(|c: char| c.is_ascii_alphabetic())),
    }
}

/// Minutes out of `-9:30`, if there are any, and what follows.
fn offset(text: &str) -> Option<(Option<i32>, &str)> {
    let end = text.find(|c: char| !matches!(c, '0'..='9' | ':' | '-' | '+'));
    let (number, rest) = text.split_at(end.unwrap_or(text.len()));
    if number.is_empty() {
        return Some((None, rest));
    }
    let (hours, minutes) = number.split_once(':').unwrap_or((number, "0"));
    let sign = if hours.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    Some((Some(hours * 60 + sign * minutes), rest))
}

/// The last switch that the file lists one by one, in seconds since 1970: after it, the rule holds.
fn last_switch(file: &[u8]) -> Option<i64> {
    let number = |at: usize| -> Option<usize> {
        let bytes = file.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    // The header of RFC 9636, then a first block for old readers, then the header again and the list.
    let [isut, isstd, leap, times, types, letters] = [20, 24, 28, 32, 36, 40].map(number);
    let first = times? * 5 + types? * 6 + letters? + leap? * 8 + isstd? + isut?;
    let second = 44 + first;
    let count = number(second + 32)?.checked_sub(1)?;
    let at = second + 44 + count * 8;
    Some(i64::from_be_bytes(file.get(at..at + 8)?.try_into().ok()?))
}
