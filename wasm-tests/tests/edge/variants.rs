//! Who is shown what.

use edgewise_wasm_tests::{Site, asset, datafile, html};
use serde_json::json;

use crate::PAGE;

#[test]
fn two_visitors_see_two_headlines_and_each_sees_theirs_again() {
    let changes = json!([datafile::text("h1", "Start free")]);
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::of([datafile::half("headline", "/", changes)]));
    let headline = |visitor: &str| {
        let reply = site.get("/").visitor(visitor).send();
        reply.is(200);
        reply.text().contains("Start free")
    };
    let visitors: Vec<_> = (1..=20).map(|n| format!("visitor-{n}")).collect();
    let first: Vec<_> = visitors.iter().map(|visitor| headline(visitor)).collect();
    assert!(first.contains(&true) && first.contains(&false), "everybody saw the same");
    let again: Vec<_> = visitors.iter().map(|visitor| headline(visitor)).collect();
    assert_eq!(first, again, "somebody saw another headline than before");
}

#[test]
fn a_page_without_an_experiment_is_the_origins_down_to_its_headers() {
    let page = html(PAGE)
        .header("ETag", "\"v1\"")
        .header("Last-Modified", "Sat, 21 Nov 2026 02:00:00 GMT")
        .header("Cache-Control", "public, max-age=600")
        .header("Set-Cookie", "session=1; Path=/")
        .header("Set-Cookie", "theme=dark; Path=/")
        .header("X-Odd", "kept");
    let packed = page.clone().gzip();
    let site = Site::serving("/about", page.clone())
        .and("/packed", packed.clone())
        .with_datafile(datafile::headline("Start free"));
    site.get("/about").send().is_untouched(&page);
    site.get("/about").visitor("alice").send().is_untouched(&page);
    site.get("/about").navigating().send().is_untouched(&page);
    site.get("/packed").navigating().send().is_untouched(&packed);
    assert_eq!(site.log(), [] as [serde_json::Value; 0]);
}

#[test]
fn two_experiments_edit_one_page() {
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::of([
        datafile::everybody("headline", "/", json!([datafile::text("h1", "Start free")])),
        datafile::everybody("lead", "/", json!([datafile::text(".lead", "No card")])),
    ]));
    site.get("/").visitor("alice").send().holds(
        PAGE.replace(">Hi<", ">Start free<").replace(">We sell\tthings<", ">No card<"),
    );
    let exposures = site.logged("exposure");
    let mut experiments: Vec<_> =
        exposures.iter().map(|line| line["experiment"].as_str()).collect();
    experiments.sort_unstable();
    assert_eq!(experiments, [Some("headline"), Some("lead")]);
}

#[test]
fn control_is_the_origins_page() {
    let changes = json!([datafile::text("h1", "Start free")]);
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::of([datafile::nobody("headline", "/", changes)]));
    site.get("/").visitor("alice").send().is(200).holds(PAGE);
}

#[test]
fn an_asset_passes_even_on_a_path_with_an_experiment() {
    let picture =
        asset("image/svg+xml", "<svg><h1>Hi</h1></svg>").header("ETag", "\"v1\"");
    let site = Site::serving("/", picture.clone())
        .with_datafile(datafile::headline("Start free"));
    let request = || site.get("/").visitor("alice");
    request().header("Sec-Fetch-Dest", "image").send().is_untouched(&picture);
    request().header("Accept", "image/avif,image/*;q=0.8").send().is_untouched(&picture);
    assert_eq!(site.log(), [] as [serde_json::Value; 0]);
    // Where a page was expected, one line says that none came.
    request().navigating().send().is_untouched(&picture);
    assert_eq!(site.log().len(), 1);
    assert_eq!(site.logged("passed")[0]["reason"], "not-html");
}

#[test]
fn an_html_answer_to_a_request_for_a_picture_passes() {
    let page = html(PAGE).header("ETag", "\"v1\"");
    let site =
        Site::serving("/", page.clone()).with_datafile(datafile::headline("Start free"));
    let request = || site.get("/").visitor("alice");
    request().header("Sec-Fetch-Dest", "image").send().is_untouched_but_private(&page);
    request()
        .header("Accept", "image/avif,image/*;q=0.8")
        .send()
        .is_untouched_but_private(&page);
    assert_eq!(site.log(), [] as [serde_json::Value; 0]);
}
