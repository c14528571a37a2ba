//! Two people at once: nobody's work is lost.

use serde_json::json;

use crate::support::{experiment, get, problem, publish, send, site, transition};

#[test]
fn of_two_publishers_the_second_is_told() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    let mut other = experiment("other", "Elsewhere");
    other["status"] = json!("running");
    let draft = json!({ "experiments": [other] });
    let put = |condition: (&str, &str)| {
        let body = json!({ "draft": draft, "why": "mine" });
        send(&site, "PUT", "/live", &body).header(condition.0, condition.1).send()
    };
    let stale = put(("If-Match", "\"0\""));
    stale.is(412).has("etag", "\"1\"");
    let told = problem(&stale);
    assert_eq!(
        (&told["code"], &told["current"]["by"]),
        (&json!("stale"), &json!("tests"))
    );
    put(("If-None-Match", "*")).is(412);
    put(("If-Match", "W/\"1\"")).is(412);
    put(("If-Match", "1")).is(400);
    let unconditional = send(&site, "PUT", "/live", &json!({ "draft": draft })).send();
    assert_eq!(
        problem(unconditional.is(428)),
        json!({
            "type": "about:blank",
            "title": "Precondition Required",
            "status": 428,
            "code": "condition-needed",
            "detail": "the request does not say for which state it was made",
            "hint": "Send If-Match with the ETag that GET /live gave.",
        })
    );
    assert_eq!(put(("If-Match", "\"1\"")).is(200).json()["revision"], 2);
    transition(&site, "other", &json!({ "action": "stop" }), 1)
        .is(412)
        .has("etag", "\"2\"");
    let history = get(&site, "/history").send().json();
    let revisions = history["entries"].as_array().expect("entries").iter();
    assert_eq!(revisions.map(|one| one["revision"].clone()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn of_two_writers_the_second_is_told_by_whom() {
    let site = site();
    let made = send(&site, "POST", "/experiments", &experiment("hero", "A")).send();
    let tag = made.is(201).headers.get("etag").expect("a tag").to_owned();
    made.has("location", "/_edgewise/api/v1/experiments/hero");
    let write = |words: &str, tag: &str| {
        let request = send(&site, "PUT", "/experiments/hero", &experiment("hero", words));
        request.header("If-Match", tag).send()
    };
    let next = write("B", &tag);
    let second = next.is(200).headers.get("etag").expect("a tag").to_owned();
    assert_ne!(tag, second);
    let stale = write("C", &tag);
    stale.is(412).has("etag", &second);
    let told = problem(&stale);
    assert_eq!(told["changed_by"], "tests");
    assert_eq!(told["current"]["variants"][1]["changes"][0]["text"], "B");
    get(&site, "/experiments/hero").header("If-None-Match", &second).send().is(304);
    let unconditional =
        send(&site, "PATCH", "/experiments/hero", &json!({ "name": "x" })).send();
    unconditional.is(428);
    let request = send(&site, "DELETE", "/experiments/hero", &json!(null));
    request.header("If-Match", &tag).send().is(412);
    let request = send(&site, "DELETE", "/experiments/hero", &json!(null));
    request.header("If-Match", &second).send().is(204);
    get(&site, "/experiments/hero").send().is(404);
}

#[test]
fn the_same_creation_twice_is_one() {
    let site = site();
    let create = |words: &str, name: &str| {
        let request = send(&site, "POST", "/experiments", &experiment("hero", words));
        request.header("Idempotency-Key", name).send()
    };
    let first = create("A", "1");
    let again = create("A", "1");
    assert_eq!(first.is(201).json(), again.is(201).json());
    assert_eq!(first.headers.get("etag"), again.headers.get("etag"));
    assert_eq!(problem(create("A", "2").is(409))["code"], "key-taken");
    assert_eq!(
        problem(create("B", "1").is(409))["detail"],
        "there is an experiment \"hero\" already"
    );
}
