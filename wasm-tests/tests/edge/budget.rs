//! A page that takes more than it may goes on as the origin sent it, and the log says so once.

use edgewise_wasm_tests::{Reply, Site, datafile, html};
use serde_json::{Value, json};

/// Headlines all over a page of that many.
fn headlines(count: usize, words: &str) -> String {
    let rest = "<p>more of the page</p>\n".repeat(20);
    let part = format!("<h1>{words}</h1>\n{rest}");
    format!(
        "<!doctype html>\n<title>Site</title>\n<body>\n{}</body>\n",
        part.repeat(count)
    )
}

/// Claims one line about it in the log.
#[track_caller]
fn logs(site: &Site, detail: &str) {
    let faults = site.logged("fault");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0]["reason"], "over-budget");
    assert_eq!(faults[0]["page"], "/");
    let found = faults[0]["detail"].as_str().unwrap_or_default();
    assert!(found.starts_with(detail), "{found}");
}

/// How often a page shows the new words, if everything behind them is as the origin sent it.
#[track_caller]
fn shown(reply: &Reply, count: usize) -> usize {
    let new = reply.text().matches("<h1>New</h1>").count();
    let expected = headlines(count, "Old").replacen("<h1>Old</h1>", "<h1>New</h1>", new);
    reply.is(200).holds(expected);
    new
}

#[test]
fn without_any_time_the_page_is_the_origins() {
    let site = Site::serving("/", html(headlines(500, "Old")))
        .with_datafile(datafile::headline("New"))
        .with_option("cpu-budget-ms", "0");
    let reply = site.get("/").visitor("alice").send();
    assert_eq!(shown(&reply, 500), 0);
    assert_eq!(
        reply.sets_cookie("edgewise").len(),
        1,
        "the visitor is known all the same"
    );
    logs(&site, "cpu-budget-ms is used up after 0 bytes");
    assert_eq!(site.logged("exposure"), [] as [Value; 0]);
}

#[test]
fn little_time_is_used_up_somewhere() {
    // More than a megabyte, and every element asked for by twenty changes.
    let count = 3_000;
    let mut changes = vec![datafile::text("h1", "New")];
    changes.extend((0..20).map(
        |n| json!({ "selector": format!("p:nth-child({}n)", n + 9_000), "hide": true }),
    ));
    let site = Site::serving("/", html(headlines(count, "Old")).chunked())
        .with_datafile(datafile::of([datafile::everybody("a", "/", json!(changes))]))
        .with_option("cpu-budget-ms", "3");
    let reply = site.get("/").visitor("alice").send();
    let new = reply.text().matches("<h1>New</h1>").count();
    assert!(new < count, "the whole page was rewritten");
    // What a machine does in that time differs, but not that everything arrives.
    assert!(reply.text().ends_with("</body>\n"));
    assert_eq!(reply.text().matches("<h1>").count(), count);
    logs(&site, "cpu-budget-ms is used up after ");
}

#[test]
fn so_many_bytes_are_rewritten() {
    let count = 100;
    let page = headlines(count, "Old");
    let cut = page.match_indices("<h1>").nth(60).expect("so many").0 + 2;
    let site = Site::serving("/", html(&page))
        .and("/gzip", html(&page).gzip())
        .with_datafile(datafile::below("/"))
        .with_option("page-bytes", &cut.to_string());
    for path in ["/", "/gzip"] {
        let reply = site.get(path).visitor("alice").send();
        let expected = page.replacen("<h1>Old</h1>", "<h1>Start free</h1>", 60);
        reply.is(200).holds(expected);
    }
    let faults = site.logged("fault");
    assert_eq!(faults.len(), 2, "{faults:?}");
    let detail = format!("page-bytes is used up after {cut} bytes of the page");
    assert!(faults.iter().all(|fault| fault["detail"] == detail.as_str()), "{faults:?}");
    let exposures = site.logged("exposure");
    assert_eq!(exposures.len(), 2, "what was shown counts");
    assert_eq!(exposures[0]["changes"][0]["applied"], 60);
}

#[test]
fn a_page_of_exactly_so_many_bytes_is_rewritten_whole() {
    let page = headlines(10, "Old");
    let site = Site::serving("/", html(&page))
        .with_datafile(datafile::headline("New"))
        .with_option("page-bytes", &page.len().to_string());
    assert_eq!(shown(&site.get("/").visitor("alice").send(), 10), 10);
    assert_eq!(site.faults(), [] as [String; 0]);
}

#[test]
fn an_element_that_waits_for_its_end_stays_as_it_was() {
    let page =
        format!("<!doctype html><main><p>Old</p>{}</main>", "<i>x</i>".repeat(10_000));
    let site = Site::serving("/", html(&page))
        .with_datafile(datafile::of([datafile::everybody(
            "a",
            "/",
            json!([{ "selector": "main", "replace": "<p>New</p>" }]),
        )]))
        .with_option("page-bytes", "40000");
    site.get("/").visitor("alice").send().is(200).holds(&page);
    logs(&site, "page-bytes is used up after 40000 bytes");
    assert_eq!(site.logged("exposure"), [] as [Value; 0], "nothing was shown");
}

#[test]
fn memory_is_bounded_on_a_page_that_asks_for_much_of_it() {
    // Each open element keeps what is to be written at its end.
    let much = "<p>words</p>".repeat(5_000);
    let changes: Vec<_> = (0..4)
        .map(|_| json!({ "selector": "div", "insert": { "append": &much } }))
        .collect();
    let page = format!("<!doctype html>{}", "<div>".repeat(505));
    let site = Site::serving("/", html(&page))
        .and("/later", html("<h1>Old</h1>"))
        .with_datafile(datafile::of([
            datafile::everybody("a", "/", json!(changes)),
            datafile::everybody("b", "/later", json!([datafile::text("h1", "New")])),
        ]));
    let reply = site.get("/").visitor("alice").send();
    reply.is(200).holds(&page);
    // The next sandbox has its memory for itself.
    for _ in 0..8 {
        site.get("/later").visitor("alice").send().shows("New");
    }
    let faults: Vec<_> =
        site.log_by_now().into_iter().filter(|line| line["type"] == "fault").collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let detail = faults[0]["detail"].as_str().unwrap_or_default();
    assert!(detail.starts_with("memory is used up after "), "{detail}");
}
