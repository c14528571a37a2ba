//! The limits of what a visitor's browser may tell: at each, and one beyond. `src/edge/LIMITS.md` has the table.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{
    Datafile, Facts, MAX_KEPT, Page, Visit, VisitorId, assign, kept, validate,
};
use serde_json::{Value, json};
use support::published::{draft, experiment};

const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn read(experiments: &[Value]) -> Datafile {
    let (datafile, problems) = validate(&draft(experiments).to_string(), 1);
    datafile.unwrap_or_else(|| panic!("{problems}"))
}

/// Whether a visit takes part in an experiment for those of whom this is known.
fn reason(audience: Value, query: &str, headers: &[(&'static str, String)]) -> String {
    let mut one = experiment(0, &[0, 10_000]);
    one["audience"] = audience;
    let datafile = read(&[one]);
    let page = Page::parse(&format!("https://example.com/?{query}")).unwrap();
    let browser = [("user-agent", BROWSER.to_owned())];
    let headers = headers.iter().cloned().chain(browser);
    let facts = Facts::of_page(&page).with_headers(headers);
    let visit = Visit { facts, ..Visit::to(page) };
    let ada = VisitorId::new("ada").unwrap();
    assign(&datafile, &ada, &visit)[0].reason().to_owned()
}

#[test]
fn cookies_and_parameters() {
    let numbered = |count: usize, between: &str| {
        let one = |number| format!("a{number}=x");
        (0..count).map(one).collect::<Vec<_>>().join(between)
    };
    // As many as there may be: each is known, and so is that there is no other.
    for (name, is_there) in [("a999", true), ("b", false)] {
        let exists =
            |kind: &str| json!({"fact": format!("{kind}.{name}"), "exists": is_there});
        let query = numbered(1_000, "&");
        assert_eq!(reason(exists("query"), &query, &[]), "assigned");
        let cookies = [("cookie", numbered(1_000, "; "))];
        assert_eq!(reason(exists("cookie"), "", &cookies), "assigned");
    }
    // One more, and nothing is known of those that are not among the first.
    for (name, expected) in [("a999", "assigned"), ("a1000", "facts-unknown")] {
        let exists =
            |kind: &str| json!({"fact": format!("{kind}.{name}"), "exists": true});
        let query = numbered(1_001, "&");
        assert_eq!(reason(exists("query"), &query, &[]), expected);
        let cookies = [("cookie", numbered(1_001, "; "))];
        assert_eq!(reason(exists("cookie"), "", &cookies), expected);
    }
}

#[test]
fn texts_that_are_compared() {
    let starts = |fact: &str| json!({"fact": fact, "starts": "x"});
    for (length, expected) in [(4_096, "assigned"), (4_097, "facts-unknown")] {
        let text = "x".repeat(length);
        assert_eq!(reason(starts("query.a"), &format!("a={text}"), &[]), expected);
        let cookie = [("cookie", format!("a={text}"))];
        assert_eq!(reason(starts("cookie.a"), "", &cookie), expected);
        assert_eq!(reason(starts("header.x-a"), "", &[("x-a", text)]), expected);
    }
}

/// What a page's script tells of its changes: entries beyond the last that is looked at are as if they were not there.
#[test]
fn what_a_script_tells() {
    let with_changes = |number: usize| {
        let mut one = experiment(number, &[0, 10_000]);
        let change = json!({"selector": "p", "hide": true});
        one["variants"][1]["changes"] = json!(vec![change; 200]);
        one
    };
    let datafile = read(&[with_changes(0), with_changes(1)]);
    let told = |count: usize| {
        let entry = |number: usize| {
            let (experiment, change) = (number / 200, number % 200 + 1);
            json!({"change": format!("e{experiment}/v1/{change}"), "state": "kept"})
        };
        json!((0..count).map(entry).collect::<Vec<_>>()).to_string()
    };
    let lines = |body: &str| kept(body.as_bytes(), &datafile, "").len();
    assert_eq!(
        (lines(&told(199)), lines(&told(200)), lines(&told(201))),
        (199, 200, 200)
    );
    // What is ignored counts as well, so no body takes longer for it.
    let twice = format!("[{},{}", "{\"change\":\"x\"}", &told(200)[1..]);
    assert_eq!(lines(&twice), 199);
    let mut body = told(200);
    body += &" ".repeat(MAX_KEPT - body.len());
    assert_eq!(lines(&body), 200);
    body.push(' ');
    assert_eq!(lines(&body), 0);
}
