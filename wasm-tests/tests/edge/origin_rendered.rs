//! Variants that the site renders itself, told by a header.

use edgewise_wasm_tests::{Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

fn rendered_by_origin(mut experiment: Value) -> Value {
    experiment["rendering"] = json!("origin");
    datafile::of([experiment])
}

#[test]
fn the_origin_is_told_the_variant_and_the_visitor_counts() {
    for (experiment, variant) in [
        (datafile::everybody("hero", "/", json!([])), "benefit"),
        (datafile::nobody("hero", "/", json!([])), "control"),
    ] {
        let site =
            Site::serving("/", html(PAGE)).with_datafile(rendered_by_origin(experiment));
        site.get("/").visitor("alice").navigating().send().is(200).holds(PAGE);
        let seen = site.origin().seen();
        let told: Vec<_> =
            seen.iter().map(|request| request.headers.all("edgewise")).collect();
        assert_eq!(told, [[format!("hero={variant}")]]);
        let lines = site.log();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["variant"], json!(variant));
    }
}

#[test]
fn nobody_else_tells_it() {
    let site =
        Site::serving("/", html(PAGE)).with_datafile(datafile::headline("Start free"));
    for path in ["/", "/style.css"] {
        site.get(path).header("Edgewise", "hero=benefit").visitor("alice").send();
    }
    let seen = site.origin().seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|request| !request.headers.has("edgewise")));
}
