//! What variants do: changes, tried out one by one on the validator that will judge the draft.

use std::collections::BTreeSet;

use edgewise_engine::{Severity, validate};
use serde_json::{Value, json};

use super::draft::Change;
use super::report::Loss;

/// Another tool's text as copy of ours, in which two braces would open a token.
pub(super) fn as_copy(text: &str) -> String {
    text.replace("{{", "{{\"{{\"}}")
}

/// The change, if the validator takes it.
pub(super) fn change(selector: Option<&str>, action: Value) -> Result<Change, Loss> {
    let change = Change { selector: selector.map(str::to_owned), action };
    judge(
        &json!({
            "key": "b", "name": "B", "weight": 5000, "changes": [change],
        }),
        &BTreeSet::new(),
    )?;
    Ok(change)
}

/// The redirect to that address, if the validator takes it. Where it names a host, that has to be allowed.
pub(super) fn redirect(to: &str, host: Option<&str>) -> Result<Value, Loss> {
    let redirect = json!({ "to": to });
    let hosts = host.map(str::to_owned).into_iter().collect();
    judge(
        &json!({"key": "b", "name": "B", "weight": 5000, "redirect": redirect}),
        &hosts,
    )?;
    Ok(redirect)
}

/// The first thing that is wrong with a variant, in the validator's words.
fn judge(variant: &Value, hosts: &BTreeSet<String>) -> Result<(), Loss> {
    let mut draft = json!({"experiments": [{
        "key": "import", "name": "Import", "status": "draft",
        "hypothesis": {"imported_from": "convert"},
        // A page that no redirect leads to.
        "pages": {"include": [{"exact": "/_import"}]},
        "variants": [{"key": "a", "name": "A", "weight": 5000}, variant],
    }]});
    if !hosts.is_empty() {
        draft["redirect_hosts"] = json!(hosts);
    }
    let (_, problems) = validate(&draft.to_string(), 1);
    match problems.iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) => Err(Loss::new(&problem.message, &problem.hint)),
        None => Ok(()),
    }
}
