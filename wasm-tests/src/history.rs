//! What lies in the store where something has been published again and again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{datafile, sha256};

/// All of the store, by key: these datafiles as revision 1 and on, and one without experiments that is live.
pub(crate) fn of(datafiles: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    // Nobody edits these drafts, so one is enough.
    let draft = json!({ "experiments": [] }).to_string();
    let draft = file(&mut files, "draft", draft.as_bytes());
    let mut live = datafile::of([]);
    live["revision"] = json!(datafiles.len() + 1);
    let live = live.to_string().into_bytes();
    let mut pointer = Value::Null;
    for (bytes, revision) in datafiles.iter().chain([&live]).zip(1..) {
        let datafile = file(&mut files, "datafile", bytes);
        let record = json!({
            "schema_version": 1, "revision": revision, "at": "2026-01-01T00:00:00Z",
            "by": "tests", "action": "publish", "changes": [], "experiments": [],
            "datafile": datafile, "draft": draft, "previous": pointer["record"],
        });
        let record = file(&mut files, "record", record.to_string().as_bytes());
        pointer = json!({
            "schema_version": 1, "revision": revision, "datafile": datafile, "record": record,
        });
    }
    files.insert("live".to_owned(), pointer.to_string().into_bytes());
    files
}

/// Files bytes by their hash, and gives the hash.
fn file(files: &mut BTreeMap<String, Vec<u8>>, kind: &str, bytes: &[u8]) -> String {
    let hash = sha256(bytes);
    files.insert(format!("{kind}-{hash}"), bytes.to_vec());
    hash
}
