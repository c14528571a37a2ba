//! A page that comes again as it was is not read again. Nobody can tell.

use edgewise_wasm_tests::{Answer, Site, datafile, html};
use serde_json::json;

use crate::PAGE;

/// Everybody sees the changed page.
fn site(answer: Answer) -> Site {
    let changes = json!([datafile::text("h1", "Start free")]);
    let experiment = datafile::everybody("headline", "/again", changes);
    let site = Site::serving("/", html(PAGE)).and("/again", answer);
    site.with_datafile(datafile::of([experiment]))
}

#[test]
fn everybody_gets_the_same_page_and_counts() {
    let site = site(html(PAGE));
    let first = site.get("/again").visitor("visitor-0").send();
    first.shows("Start free");
    for number in 1..6 {
        let again = site.get("/again").visitor(&format!("visitor-{number}")).send();
        again.is(200).holds(&first.body);
    }
    let shown = site.logged("exposure");
    assert_eq!(shown.len(), 6);
    for (number, line) in shown.iter().enumerate() {
        assert_eq!(line["visitor"], format!("visitor-{number}"));
        assert_eq!(line["changes"], shown[0]["changes"]);
    }
}

#[test]
fn another_page_each_time_is_another_page() {
    let page = format!("{PAGE}<p>Your number is (number).");
    let site = site(html(page).numbered());
    for number in 0..6 {
        let answer = site.get("/again").visitor("somebody").send();
        answer.shows("Start free").shows(&format!("Your number is {number:08}."));
    }
}
