//! A store in which much has been published, made without publishing.

use edgewise_wasm_tests::{Published, Site, sha256};
use serde_json::{Value, json};

/// The site with a draft that is live as the last of so many revisions. Each record names these experiments.
#[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
pub(crate) fn with_revisions(
    site: Site,
    draft: Value,
    revisions: u64,
    experiments: &[String],
) -> Site {
    let filed = Filed::of(&draft);
    let last = usize::try_from(revisions).expect("few");
    with_history(filed.put(site), &vec![&filed; last], experiments)
}

/// The site with the second of two drafts live, and the first before it.
pub(crate) fn with_two(site: Site, before: &Filed, live: &Filed) -> Site {
    with_history(live.put(before.put(site)), &[before, live], &[])
}

/// A draft and what comes of it.
pub(crate) struct Filed {
    text: String,
    datafile: Vec<u8>,
    /// The hashes of both.
    draft: String,
    served: String,
}

impl Filed {
    pub(crate) fn of(draft: &Value) -> Self {
        let text = draft.to_string();
        // Its own number is always 1, so no page is served by it if it is live as another.
        let datafile = Published::of(&text).compiled;
        let (draft, served) = (sha256(text.as_bytes()), sha256(&datafile));
        Self { text, datafile, draft, served }
    }

    fn put(&self, site: Site) -> Site {
        site.with_stored(&format!("draft-{}", self.draft), &self.text)
            .with_stored(&format!("datafile-{}", self.served), &self.datafile)
    }
}

fn with_history(mut site: Site, revisions: &[&Filed], experiments: &[String]) -> Site {
    let mut previous = None;
    for (revision, Filed { draft, served, .. }) in (1_u32..).zip(revisions) {
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
    let served = revisions.last().map(|filed| &filed.served);
    let pointer = json!({
        "schema_version": 1, "revision": revisions.len(), "datafile": served, "record": previous,
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
