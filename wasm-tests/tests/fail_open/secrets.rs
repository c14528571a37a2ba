//! Secrets that are missing: what they are for is left out, nothing else, and it is said once.

use edgewise_wasm_tests::{Site, datafile, html, session};
use serde_json::{Value, json};

use crate::faults::PAGE;

fn site() -> Site {
    let changes = json!([datafile::text("h1", "Start free")]);
    let mut experiment = datafile::everybody("headline", "/", changes);
    experiment["sticky"] = json!(true);
    Site::serving("/", html(PAGE)).with_datafile(datafile::of([experiment]))
}

/// Shows the page three times to somebody whose every cookie has to be checked against a signature.
fn view(site: &Site) {
    let link = "headline.control.4102444800.0123456789abcdef0123456789abcdef";
    let cookies = [
        format!("edgewise_qa={link}"),
        "edgewise-debug=4102444800.0123456789abcdef0123456789abcdef".to_owned(),
        "edgewise_sticky=headline.control.0123456789abcdef0123456789abcdef".to_owned(),
    ];
    for _ in 0..3 {
        let reply = cookies
            .iter()
            .fold(site.get("/").visitor("alice"), |request, one| request.cookie(one))
            .navigating()
            .send();
        // Nobody can tell whether what they bear was signed, so it counts for nothing.
        reply.shows("Start free").lacks(&["server-timing"]);
        drop(site.log());
    }
    assert_eq!(site.logged("exposure").len(), 3);
}

fn details(site: &Site) -> Vec<Value> {
    site.logged("fault").into_iter().map(|line| line["detail"].clone()).collect()
}

#[test]
fn a_key_that_is_missing_is_said_once_however_often_it_is_asked_for() {
    for site in [site().without_secrets(), site().without_secret("signing-key")] {
        view(&site);
        assert_eq!(site.faults(), ["secret-missing"].repeat(site.sandboxes()));
        let detail = details(&site).swap_remove(0);
        assert!(
            detail.as_str().is_some_and(|it| it.contains("\"signing-key\"")),
            "{detail}"
        );
    }
}

#[test]
fn a_key_that_is_there_is_no_fault() {
    let site = site().without_secret("access-tokens");
    view(&site);
    assert_eq!(site.log().len(), 3);
}

#[test]
fn each_secret_is_said_by_itself() {
    let site = site().without_secrets();
    view(&site);
    for _ in 0..2 {
        site.get("/_edgewise/api/v1/health").with_token().send().is(503);
        drop(site.log());
    }
    let mut told = details(&site);
    assert!(told.len() <= 2 * site.sandboxes(), "{told:?}");
    told.sort_by_key(Value::to_string);
    told.dedup();
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn without_a_key_to_sign_with_an_access_token_still_counts_and_a_session_does_not() {
    let site = site().without_secret("signing-key");
    site.get("/_edgewise/api/v1/off").with_token().send().is(200);
    let session = session("admin", "tests", edgewise_wasm_tests::TOKEN, 10);
    let reply = site.get("/_edgewise/api/v1/off").bearer(&session).send();
    assert_eq!(reply.is(503).json()["code"], "not-set-up");
}

#[test]
fn a_line_that_is_no_token_is_said_once_and_the_others_count() {
    let site = site().with_tokens("0123 publisher ada\n");
    for _ in 0..3 {
        site.get("/_edgewise/api/v1/off").with_token().send().is(200);
        drop(site.log());
    }
    assert_eq!(site.faults(), ["secret-unreadable"].repeat(site.sandboxes()));
    let told = details(&site).swap_remove(0);
    assert_eq!(told, "secret \"access-tokens\": line 6 is no access token");
}
