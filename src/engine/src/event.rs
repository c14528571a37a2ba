//! What is logged: one JSON object a line.

use serde::Serialize;

use crate::address::Address;
use crate::experiment::{Experiment, Variant};
use crate::key::{ExperimentKey, VariantKey, VisitorId};
use crate::plan::Plan;
use crate::rewrite::{ChangeReport, Report, Shown};

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
    /// The path of the page that was asked for.
    pub page: &'a str,
    /// Where the variant leads, if it does not show that page: as the experiment says it, without what the visitor
    /// brought along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<&'a str>,
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

/// Of whom and when, for the exposures of one answer.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// To whom the answer went.
    pub visitor: &'a VisitorId,
    /// Of which datafile the decisions were made.
    pub revision: u64,
    /// The path of the page that was asked for.
    pub page: &'a str,
    /// When the answer was sent, RFC 3339.
    pub at: &'a str,
}

impl<'a> Seen<'a> {
    fn exposure(
        self,
        experiment: &'a Experiment,
        variant: &'a Variant,
        forced: bool,
        changes: Vec<ChangeCount>,
    ) -> Exposure<'a> {
        Exposure {
            r#type: if forced { "forced-exposure" } else { "exposure" },
            at: self.at,
            visitor: self.visitor,
            experiment: &experiment.key,
            variant: &variant.key,
            revision: self.revision,
            page: self.page,
            leads_to: variant.leads_to().map(Address::as_str),
            changes,
        }
    }
}

/// Whether a page that was sent to its end exposed its visitor. Where an experiment leads to other pages, whichever page
/// was sent is what is compared, also if none of the changes to it found its place.
pub fn is_exposure(shown: &Shown<'_>) -> bool {
    shown.exposed || shown.experiment.has_destinations()
}

/// The exposures of a page that was sent to its end.
pub fn exposures<'a>(report: &'a Report<'_>, seen: Seen<'a>) -> Vec<Exposure<'a>> {
    let exposed = report.experiments.iter().filter(|shown| is_exposure(shown));
    exposed
        .map(|shown| {
            let count = |change: &ChangeReport<'_>| ChangeCount {
                matched: change.matched,
                applied: change.applied,
            };
            let changes = shown.changes.iter().map(count).collect();
            seen.exposure(shown.experiment, shown.variant, shown.forced, changes)
        })
        .collect()
}

/// What a visitor was answered who was not sent a page through the rewriter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Our redirect.
    Redirect,
    /// A whole HTML page with status 200, as the origin gave it.
    Page,
    /// Anything else, or nothing that arrived.
    Other,
}

/// The exposures of such an answer: those of experiments that lead to other pages, counted by a rule that is the same
/// for each of their variants.
///
/// Who is redirected has been sent somewhere, and what they find there is not known here. So where an experiment
/// redirects, everybody who takes part is counted, also where control's page was an error. Where it only shows other
/// pages, whoever was sent a page is counted. A redirect by another experiment counts for both: whoever would have been
/// led by this one would not have got that far.
pub fn exposures_without_report<'a>(
    plan: &'a Plan<'_>,
    answer: Answer,
    seen: Seen<'a>,
) -> Vec<Exposure<'a>> {
    let counted = plan.experiments.iter().filter(|planned| {
        planned.experiment.has_destinations()
            && (answer != Answer::Other
                || planned.experiment.redirects().next().is_some())
    });
    counted
        .map(|planned| {
            seen.exposure(planned.experiment, planned.variant, planned.forced, Vec::new())
        })
        .collect()
}
