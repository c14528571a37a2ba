//! What is logged: one JSON object a line.

use serde::Serialize;

use crate::key::{ExperimentKey, VariantKey, VisitorId};
use crate::rewrite::Report;

/// A variant was written into a page that the visitor got; for control, would have been.
#[derive(Debug, Serialize)]
pub struct Exposure<'a> {
    /// `exposure`; or `forced-exposure`, so that a query for exposures never counts a QA visit.
    pub r#type: &'static str,
    /// When the page was sent, RFC 3339.
    pub at: &'a str,
    /// To whom.
    pub visitor: &'a VisitorId,
    /// The experiment.
    pub experiment: &'a ExperimentKey,
    /// What was shown.
    pub variant: &'a VariantKey,
    /// Of which datafile.
    pub revision: u64,
    /// The path of the page.
    pub page: &'a str,
    /// For each change: on how many elements it matched and was applied.
    pub changes: Vec<ChangeCount>,
}

/// One change's counts in an exposure.
#[derive(Debug, Serialize)]
pub struct ChangeCount {
    /// Elements that the selector matched.
    pub matched: u32,
    /// Elements that were changed; for control, would have been.
    pub applied: u32,
}

/// The exposures of a page that was sent.
pub fn exposures<'a>(
    report: &'a Report<'_>,
    visitor: &'a VisitorId,
    revision: u64,
    page: &'a str,
    at: &'a str,
) -> Vec<Exposure<'a>> {
    let exposed = report.experiments.iter().filter(|shown| shown.exposed);
    exposed
        .map(|shown| Exposure {
            r#type: if shown.forced { "forced-exposure" } else { "exposure" },
            at,
            visitor,
            experiment: shown.key(),
            variant: shown.variant_key(),
            revision,
            page,
            changes: shown
                .changes
                .iter()
                .map(|change| ChangeCount {
                    matched: change.matched,
                    applied: change.applied,
                })
                .collect(),
        })
        .collect()
}
