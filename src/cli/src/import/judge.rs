//! What is carried over is tried out on the validator that will judge the draft, piece by piece: so one piece that it would
//! refuse is named and left out, and the draft that is written is a good one.

use std::collections::BTreeSet;

use edgewise_engine::{Problem, Severity, validate};
use serde_json::{Value, json};

use super::draft::{Change, Experiment};
use super::report::{Loss, Parts};

/// What says nothing of one experiment alone: that another one is not there.
const PARDONED: &str = "unknown-experiment";

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
    match first_error(&draft) {
        Some(problem) => Err(Loss::new(problem.message, problem.hint)),
        None => Ok(()),
    }
}

fn first_error(draft: &Value) -> Option<Problem> {
    let (_, problems) = validate(&draft.to_string(), 1);
    let is_error = |problem: &&Problem| {
        problem.severity == Severity::Error && problem.code != PARDONED
    };
    problems.iter().find(is_error).cloned()
}

/// Takes out of the experiment what the validator would refuse; an error if that is more than its pages or audience.
pub(super) fn experiment(
    experiment: &mut Experiment,
    hosts: &BTreeSet<String>,
    parts: &mut Parts,
) -> Result<(), Loss> {
    loop {
        let mut draft = json!({ "experiments": [experiment] });
        if !hosts.is_empty() {
            draft["redirect_hosts"] = json!(hosts);
        }
        let Some(problem) = first_error(&draft) else { return Ok(()) };
        let loss = Loss::new(problem.message, problem.hint);
        let field = problem.at.strip_prefix("experiments[0].").unwrap_or_default();
        let every = json!({"include": [{"prefix": "/"}]});
        if field.starts_with("audience") && experiment.audience.take().is_some() {
            parts.lost("the audience", &loss);
        } else if field.starts_with("pages") && experiment.pages != every {
            experiment.pages = every;
            parts.lost("the pages", &loss);
        } else if field.contains(".redirect") && experiment.takes_redirects() {
            parts.lost("the redirects", &loss);
        } else {
            return Err(loss);
        }
        experiment.hold();
    }
}
