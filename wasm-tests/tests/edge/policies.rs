//! Policies of rewritten pages: what the headers say when the page goes out.

use edgewise_wasm_tests::{Reply, Site, datafile, html};
use serde_json::{Value, json};

use crate::PAGE;

const SCRIPT: &str = "document.title = 'Edgewise'";
/// Of that script.
const HASH: &str = "'sha256-pFz3hGv84/BpHnUXpDpYKWX33SII/vYgD3LAnF3Veq8='";
const POLICY: &str = "content-security-policy";
const REPORT_ONLY: &str = "content-security-policy-report-only";

fn answer(datafile: Value, policies: &[(&str, &str)]) -> Reply {
    let page =
        policies.iter().fold(html(PAGE), |page, (name, value)| page.header(name, value));
    let site = Site::serving("/", page).with_datafile(datafile);
    site.get("/").visitor("alice").navigating().send()
}

fn with_script(policies: &[(&str, &str)]) -> Reply {
    answer(
        datafile::of([datafile::everybody("x", "/", json!([{ "script": SCRIPT }]))]),
        policies,
    )
}

#[test]
fn the_hash_of_a_script_is_added_where_it_is_needed() {
    let reply = with_script(&[
        (POLICY, "script-src 'self'; img-src *"),
        (POLICY, "default-src 'self' https:"),
        (POLICY, "style-src 'none'"),
        (REPORT_ONLY, "script-src 'self'"),
    ]);
    reply.shows(&format!("<script>{SCRIPT}</script>"));
    assert_eq!(
        reply.headers.all(POLICY),
        [
            format!("script-src 'self' {HASH}; img-src *"),
            format!("default-src 'self' https:; script-src 'self' https: {HASH}"),
            "style-src 'none'".to_owned(),
        ]
    );
    assert_eq!(reply.headers.all(REPORT_ONLY), [format!("script-src 'self' {HASH}")]);
}

#[test]
fn a_nonce_leaves_the_policy_as_it_is() {
    let policy = "script-src 'nonce-r4nd0m' 'strict-dynamic'";
    let reply = with_script(&[(POLICY, policy)]);
    reply
        .shows(&format!("<script nonce=\"r4nd0m\">{SCRIPT}</script>"))
        .has(POLICY, policy);
}

#[test]
fn a_page_that_wants_no_scripts_gets_none() {
    for policy in ["script-src 'none'", "default-src 'none'", "sandbox allow-forms"] {
        let reply = with_script(&[(POLICY, policy), (REPORT_ONLY, "script-src 'self'")]);
        reply.hides("<script").has(POLICY, policy).has(REPORT_ONLY, "script-src 'self'");
    }
}

#[test]
fn without_a_script_of_ours_policies_stay() {
    let policies = [(POLICY, "script-src 'self', default-src x"), (REPORT_ONLY, "a b")];
    let reply = answer(datafile::headline("Start free"), &policies);
    reply.shows("Start free");
    let control =
        datafile::of([datafile::nobody("x", "/", json!([{ "script": SCRIPT }]))]);
    for reply in [reply, answer(control, &policies)] {
        for (name, value) in policies {
            reply.has(name, value);
        }
    }
}
