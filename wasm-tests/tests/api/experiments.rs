//! Lists, changes of single fields, and what validation says.

use edgewise_wasm_tests::EDITOR;
use serde_json::{Value, json};

use crate::support::{api, experiment, get, problem, publish, send, site};

#[test]
fn the_list_has_what_is_live_and_what_is_written() {
    let site = site();
    publish(&site, "hero", "Start free", 0).is(200);
    for key in ["about", "pricing"] {
        send(&site, "POST", "/experiments", &experiment(key, "x")).send().is(201);
    }
    let keys = |query: &str| {
        let list = get(&site, &format!("/experiments{query}")).send().is(200).json();
        let keys = list["experiments"].as_array().expect("a list").iter();
        let keys: Vec<_> =
            keys.map(|one| one["key"].as_str().expect("a key").to_owned()).collect();
        (keys.join(" "), list["next_cursor"].clone())
    };
    assert_eq!(keys(""), ("about hero pricing".into(), Value::Null));
    assert_eq!(keys("?status=running"), ("hero".into(), Value::Null));
    assert_eq!(keys("?q=OF%20pri"), ("pricing".into(), Value::Null));
    assert_eq!(keys("?limit=2"), ("about hero".into(), json!("hero")));
    assert_eq!(keys("?limit=2&cursor=hero"), ("pricing".into(), Value::Null));
    get(&site, "/experiments?status=old").send().is(400);
}

#[test]
fn single_fields_are_changed_and_taken_out() {
    let site = site();
    let made = send(&site, "POST", "/experiments", &experiment("hero", "x")).send();
    let tag = made.headers.get("etag").expect("a tag").to_owned();
    let change =
        json!({ "name": "Other", "pages": null, "hypothesis": { "because": "y" } });
    let request = site.request("PATCH", &api("/experiments/hero")).bearer(EDITOR);
    let request = request.header("Content-Type", "application/merge-patch+json");
    let patched = request.header("If-Match", &tag).body(change.to_string()).send();
    let state = patched.is(200).json();
    assert_eq!(state["updated_by"], "edgar");
    let now = &state["experiment"];
    assert_eq!((&now["name"], &now["pages"]), (&json!("Other"), &Value::Null));
    assert_eq!(now["hypothesis"]["we_believe"], "a page written for tests");
    let tag = patched.headers.get("etag").expect("a tag").to_owned();
    let renamed = send(&site, "PATCH", "/experiments/hero", &json!({ "key": "other" }));
    let renamed = renamed.header("If-Match", &tag).send();
    assert_eq!(problem(renamed.is(422))["errors"][0]["pointer"], "/key");
}

#[test]
fn validation_says_where_in_the_experiment() {
    let site = site();
    publish(&site, "first", "x", 0).is(200);
    let mut wrong = experiment("hero", "x");
    wrong["variants"][1]["changes"][0]["selector"] = json!("p:has(img)");
    wrong["variants"][1]["weight"] = json!(9_999);
    send(&site, "POST", "/experiments", &wrong).send().is(201);
    let checked = send(&site, "POST", "/experiments/hero/validate", &Value::Null).send();
    let verdict = checked.is(200).json();
    assert_eq!(verdict["valid"], json!(false));
    let pointers: Vec<_> = verdict["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (
                one["experiment"].as_str().unwrap_or_default(),
                one["pointer"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    assert!(
        pointers.contains(&("hero", "/variants/1/changes/0/selector")),
        "{pointers:?}"
    );
    let request = send(
        &site,
        "POST",
        "/experiments/hero/transitions",
        &json!({ "action": "publish" }),
    );
    let refused = request.header("If-Match", "\"1\"").send();
    let told = problem(refused.is(422));
    assert_eq!(told["code"], "invalid-draft");
    assert_eq!(told["errors"], verdict["problems"]);
    // What is sent is looked at, and not what is kept.
    let good =
        send(&site, "POST", "/experiments/hero/validate", &experiment("hero", "x"))
            .send();
    assert_eq!(good.is(200).json()["valid"], json!(true));
    let draft = json!({ "experiments": [wrong] });
    let whole = send(&site, "POST", "/validate", &draft).send().is(200).json();
    assert_eq!(whole["valid"], json!(false));
    assert_eq!(whole["problems"][0]["pointer"], "/experiments/0/status");
}
