//! A store in which much has been published, made without publishing.

use edgewise_wasm_tests::{Published, Site, sha256};
use serde_json::{Value, json};

/// The site with a draft that is live as the last of so many revisions. Each record names these experiments.
#[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
pub(crate) fn with_revisions(
    mut site: Site,
    draft: Value,
    revisions: u64,
    experiments: &[String],
) -> Site {
    let text = draft.to_string();
    // Its own number is always 1, and nobody here looks at that.
    let datafile = Published::of(&text).compiled;
    let (draft, served) = (sha256(text.as_bytes()), sha256(&datafile));
    site = site
        .with_stored(&format!("draft-{draft}"), &text)
        .with_stored(&format!("datafile-{served}"), &datafile);
    let mut previous = None;
    for revision in 1..=revisions {
        let mut record = json!({
            "schema_version": 1, "revision": revision, "at": "2026-01-31T00:00:00Z", "by": "ada",
            "action": "publish", "changes": [], "experiments": experiments, "datafile": served,
            "draft": draft,
        });
        if let Some(previous) = previous {
            record["previous"] = previous;
        }
        let bytes = record.to_string();
        let hash = sha256(bytes.as_bytes());
        site = site.with_stored(&format!("record-{hash}"), &bytes);
        previous = Some(Value::from(hash));
    }
    let pointer = json!({
        "schema_version": 1, "revision": revisions, "datafile": served, "record": previous,
    });
    site.with_stored("live", pointer.to_string())
}

/// The site with so many working copies of about so many bytes.
pub(crate) fn with_copies(mut site: Site, count: usize, bytes: usize) -> Site {
    for index in 0..count {
        let key = format!("copy-{index:04}");
        let change = json!({ "selector": "h1", "text": "word" });
        let changes = vec![change; bytes / 34];
        let copy = json!({
            "by": "ada", "at": "2026-01-31T00:00:00Z", "base": 0,
            "experiment": { "key": key, "name": key, "variants": [{ "changes": changes }] },
        });
        site = site.with_stored(&format!("work-{key}"), copy.to_string());
    }
    site
}
