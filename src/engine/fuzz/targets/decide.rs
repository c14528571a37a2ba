//! Whatever a visitor sends is decided without a panic and in bounded time, the same from either encoding of the datafile;
//! leaving out experiments of other pages makes no difference. The input is the parts of a visit, one a line.

#![no_main]

use edgewise_engine::{
    Datafile, Facts, Geo, Moment, Page, Visit, VisitorId, assign, assign_on_page, cookie,
    decide_line,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

#[path = "../visits.rs"]
mod visits;

thread_local! {
    static DATAFILES: [Datafile; 2] = {
        let datafile = visits::datafile();
        let compiled = Datafile::open(datafile.compile()).unwrap();
        [datafile, compiled]
    };
}

/// What the lines after the first are, one header each.
const HEADERS: [&str; 14] = [
    "cookie",
    "user-agent",
    "accept-language",
    "referer",
    "x-plan",
    "sec-ch-ua",
    "sec-ch-ua-full-version-list",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-ch-ua-platform-version",
    "sec-ch-ua-form-factors",
    "sec-gpc",
    "dnt",
    "cookie",
];

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    DATAFILES.with(|[json, compiled]| check(json, compiled, &text));
});

fn check(datafile: &Datafile, compiled: &Datafile, text: &str) {
    let mut lines = text.split('\n');
    let path = lines.next().unwrap_or_default();
    let url = format!("https://shop.example.com/{path}");
    let headers: Vec<(&str, &str)> = HEADERS
        .into_iter()
        .zip(lines.by_ref())
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let mut place = || lines.next().filter(|line| !line.is_empty());
    let geo = [place(), place(), place(), place(), place()];
    let number: i64 = place().and_then(|text| text.parse().ok()).unwrap_or(1_790_000_000);
    let at = Moment::from_unix(number);
    let offset = i16::try_from(number % 2_000).ok();

    let mut values: Map<String, Value> = Map::new();
    for (name, value) in &headers {
        let list = values.entry(*name).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(json!(value));
    }
    let line = json!({
        "visitor": "ada", "url": url, "headers": values, "at": at, "explain": text.len() % 8 == 0,
        "geo": {"city": geo[0], "region": geo[1], "country": geo[2], "country_name": geo[3], "continent": geo[4], "utc_offset": offset},
    })
    .to_string();
    let decided = decide_line(datafile, line.as_bytes());
    let again = decide_line(compiled, line.as_bytes());
    assert_eq!(decided.as_deref().ok(), again.as_deref().ok(), "{line}");
    let Ok(page) = Page::parse(&url) else { return };
    assert!(decided.is_ok(), "{line}");

    let cookies =
        headers.iter().filter(|(name, _)| *name == "cookie").map(|(_, value)| *value);
    let remembered = cookie::remembered(cookies);
    let owned = |index: usize| geo[index].map(str::to_owned);
    let geo = Geo { city: owned(0), country: owned(2), ..Geo::default() };
    let visit = || Visit {
        facts: Facts::of_page(&page)
            .with_headers(headers.iter().copied())
            .with_geo(&geo)
            .with_history(remembered.clone().map(|(_, history)| history))
            .at(at),
        ..Visit::to(page.clone())
    };
    let visitor =
        remembered.clone().map_or_else(|| VisitorId::new("ada").unwrap(), |(id, _)| id);
    let all_visit = visit();
    let all = assign(datafile, &visitor, &all_visit);
    let here_visit = visit();
    let here = assign_on_page(compiled, &visitor, &here_visit);
    let told = |one: &edgewise_engine::Decision<'_>| serde_json::to_string(one).unwrap();
    let matched: Vec<_> =
        all.iter().filter(|one| one.reason() != "page-not-matched").map(told).collect();
    assert_eq!(here.iter().map(told).collect::<Vec<_>>(), matched);
    if let Some(history) = all_visit.facts.history() {
        let line = cookie::set_visitor(&visitor, Some(history));
        let (id, again) = cookie::remembered([line.split(';').next().unwrap()]).unwrap();
        assert_eq!((&id, &again), (&visitor, history), "{line}");
    }
}
