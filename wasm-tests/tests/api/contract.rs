//! The document that the API serves, against the table of routes and against what the API does.

use std::collections::BTreeSet;
use std::process::Command;

use edgewise_wasm_tests::{Site, TOKEN};
use serde_json::{Value, json};

use crate::routes::{ROUTES, path};
use crate::support::{api, get, publish, site};

fn document(site: &Site) -> Value {
    let reply = site.get(&api("/openapi.json")).send();
    reply.is(200).has("content-type", "application/json");
    reply.json()
}

fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().expect("paths");
    let methods = ["get", "put", "post", "patch", "delete"];
    let operations = paths.iter().flat_map(|(path, item)| {
        let there = methods.into_iter().filter(|method| !item[*method].is_null());
        there.map(move |method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

#[test]
fn each_route_is_in_the_document_and_each_operation_in_the_table() {
    let documented = operations(&document(&site()));
    let routes =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned()));
    assert_eq!(documented, routes.collect());
}

#[test]
fn the_document_says_who_may() {
    let document = document(&site());
    for route in ROUTES {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        let role = route.role.map(|role| format!("{role:?}").to_lowercase());
        assert_eq!(operation["x-role"], json!(role), "{} {}", route.method, route.path);
        assert_eq!(operation["security"] == json!([]), route.role.is_none());
        let takes_body = !operation["requestBody"].is_null();
        assert_eq!(takes_body, route.body > 0, "{} {}", route.method, route.path);
    }
}

#[test]
fn the_document_says_where_nothing_new_is_no_answer() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    let document = document(&site);
    let mut answered = Vec::new();
    for route in ROUTES.iter().filter(|route| route.method == "GET") {
        let target = path(route);
        let first = get(&site, &target).send();
        let Some(tag) = first.headers.get("etag") else { continue };
        let again = get(&site, &target).header("If-None-Match", tag).send();
        let documented = &document["paths"][route.path]["get"]["responses"]["304"];
        assert_eq!(again.status == 304, !documented.is_null(), "{}", route.path);
        if again.status == 304 {
            assert!(again.body.is_empty());
            again.has("etag", tag);
            answered.push(route.path);
        }
    }
    assert_eq!(answered, ["/experiments/{key}", "/draft", "/datafile"]);
}

/// Requests that schemathesis thinks up from the document, valid ones and others: no answer may be a fault of the
/// module's or one that the document does not have.
#[test]
#[ignore = "needs schemathesis: cargo xtask test contract"]
fn every_answer_is_one_that_the_contract_has() {
    let python = std::env::var_os("SCHEMATHESIS").expect("SCHEMATHESIS names its Python");
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    let output = Command::new(python)
        .args(["-m", "schemathesis.cli", "run"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../src/edge/openapi.json"))
        .args(["--url", &format!("http://{}/_edgewise/api/v1", site.address())])
        .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
        .args(["--seed", "1", "--max-examples", "30", "--workers", "1"])
        .args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure"])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        ])
        .args(["--suppress-health-check", "all", "--no-color", "--warnings", "off"])
        .current_dir(std::env::temp_dir())
        .output()
        .expect("schemathesis starts");
    let words = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
}
