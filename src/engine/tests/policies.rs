//! The policies that a page with scripts is sent with.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use edgewise_engine::{Datafile, Facts, PageHead, Plan, Policies, rewrite};
use serde_json::json;
use support::soup::datafile;

const HASH: &str = "'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='";

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

fn sent(
    datafile: &Datafile,
    variant: &str,
    csp: &[&str],
    report: &[&str],
) -> Option<Policies> {
    let one = datafile.experiments().next().unwrap();
    let plan =
        Plan::for_variants([(one, one.variant(variant).unwrap())], &Facts::default());
    let head = PageHead { content_type: None, policies: lines(csp) };
    let policies = head.policies_for(&plan, &lines(report));
    let (html, report) = rewrite(&plan, &head, b"<!doctype html><title>a</title><p>b");
    let applied = report.experiments[0].changes[0].applied;
    let written = String::from_utf8(html).unwrap().contains("go()");
    assert_eq!(written, applied == 1 && variant != "control", "{csp:?}");
    policies
}

#[test]
fn hashes_are_added_where_they_are_needed() {
    let datafile = datafile(&[vec![json!({"script": "go()"})]]);
    let same = |csp: &[&str], report: &[&str]| {
        assert_eq!(sent(&datafile, "b", csp, report), None, "{csp:?}");
    };
    same(&[], &[]);
    same(&[], &["script-src 'none'", "style-src 'self'"]);
    same(&["script-src 'none'"], &["script-src 'self'"]);
    same(&["script-src 'self'", "sandbox"], &["script-src 'self'"]);
    same(&["script-src 'nonce-abc'"], &["script-src 'nonce-def' 'nonce-abc'", "sandbox"]);
    let listed = format!("script-src {HASH}");
    same(&[&listed], &[]);

    let added = |csp: &[&str], report: &[&str], enforced: &[&str], reported: &[&str]| {
        let hashed = |all: &[&str]| {
            all.iter().map(|line| line.replace("HASH", HASH)).collect::<Vec<_>>()
        };
        let wanted =
            Policies { enforced: hashed(enforced), report_only: hashed(reported) };
        assert_eq!(sent(&datafile, "b", csp, report), Some(wanted));
        // Control is the page as it came.
        assert_eq!(sent(&datafile, "control", csp, report), None);
    };
    added(&["script-src a"], &[], &["script-src a HASH"], &[]);
    added(&[], &["script-src a"], &[], &["script-src a HASH"]);
    let any = "default-src 'unsafe-inline'";
    added(&[any], &["script-src 'nonce-abc'"], &[any], &["script-src 'nonce-abc' HASH"]);
    added(
        &["img-src *, default-src a ,script-src 'nonce-abc'"],
        &["script-src 'nonce-def'"],
        &["img-src *, default-src a; script-src a HASH,script-src 'nonce-abc'"],
        &["script-src 'nonce-def' HASH"],
    );
}

#[test]
fn every_script_has_its_own_hash() {
    let changes = vec![json!({"script": "go()"}), json!({"script": "back()"})];
    let datafile = datafile(&[changes]);
    let policies = sent(&datafile, "b", &["script-src a"], &[]).unwrap();
    assert_eq!(policies.enforced[0].matches("'sha256-").count(), 2);
}
