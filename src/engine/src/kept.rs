//! What a page's script tells, when its visitor leaves, about the changes that it kept where a framework takes the page
//! over. Anybody can send such a thing, so only what can be true of the datafile is taken from it, and no words.

use serde::{Deserialize, Serialize};

use crate::datafile::Datafile;
use crate::key::{ExperimentKey, VariantKey};

/// The longest body that is read, bytes.
pub const MAX_KEPT: usize = 16 * 1024;

/// The most entries of one body that are looked at.
const MAX_ENTRIES: usize = 200;

/// What became of a change in one visitor's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptState {
    /// The framework took the page over, and the change stands.
    Kept,
    /// It was undone, and made again.
    Repaired,
    /// It was undone too often, or could not be made, and the page is as the framework wants it.
    GivenUp,
    /// Its element was never there for the script.
    NotFound,
}

/// One line of the log.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Kept<'d> {
    /// `kept`
    pub r#type: &'static str,
    /// When it was told, RFC 3339.
    pub at: &'d str,
    /// The experiment.
    pub experiment: &'d ExperimentKey,
    /// The variant.
    pub variant: &'d VariantKey,
    /// The place of the change among the variant's changes, from 1.
    pub change: usize,
    /// What became of it.
    pub state: KeptState,
}

#[derive(Deserialize)]
struct Told {
    change: String,
    #[serde(default)]
    state: Option<KeptState>,
}

/// Reads what a script told. What is not of this datafile, or told twice, is left out; so is a body that cannot be read.
///
/// ```
/// use edgewise_engine::{Datafile, KeptState, kept, validate};
/// # let draft = r#"{"experiments": [{"key": "a", "name": "A", "status": "running", "hypothesis": {
/// #   "we_believe": "another text", "will_cause": "more sign-ups", "because": "it is shorter"},
/// #   "pages": {"include": [{"exact": "/a"}]}, "variants": [
/// #   {"key": "control", "name": "A", "weight": 5000},
/// #   {"key": "b", "name": "B", "weight": 5000, "changes": [{"selector": "a", "text": "Buy"}]}]}]}"#;
/// # let datafile = validate(draft, 1).0.unwrap();
/// let body = br#"[{"change":"a/b/1","state":"repaired"},{"change":"a/b/2"},{"change":"x"}]"#;
/// let lines = kept(body, &datafile, "2026-01-01T00:00:00Z");
/// assert_eq!(lines.len(), 1);
/// assert_eq!((lines[0].change, lines[0].state), (1, KeptState::Repaired));
/// ```
pub fn kept<'d>(body: &[u8], datafile: &'d Datafile, at: &'d str) -> Vec<Kept<'d>> {
    let told: Vec<Told> = match body.len() {
        0..=MAX_KEPT => serde_json::from_slice(body).unwrap_or_default(),
        _ => Vec::new(),
    };
    let mut lines: Vec<Kept<'d>> = Vec::new();
    for Told { change, state } in told.into_iter().take(MAX_ENTRIES) {
        let mut parts = change.split('/');
        let (Some(experiment), Some(variant), Some(number), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let Some(experiment) = datafile.experiment(experiment) else { continue };
        let Some(variant) = experiment.variant(variant) else { continue };
        let Some(change) = number.parse().ok().filter(|number| *number > 0) else {
            continue;
        };
        let line = Kept {
            r#type: "kept",
            at,
            experiment: &experiment.key,
            variant: &variant.key,
            change,
            state: state.unwrap_or(KeptState::NotFound),
        };
        let same = |other: &Kept<'_>| {
            (other.experiment, other.variant, other.change)
                == (line.experiment, line.variant, line.change)
        };
        if change <= variant.changes.len() && !lines.iter().any(same) {
            lines.push(line);
        }
    }
    lines
}
