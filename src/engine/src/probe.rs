//! How often selectors match on a page, counted as the edge does it and without changing anything.

use crate::allocation::Allocation;
use crate::experiment::{Experiment, Hypothesis, Rendering, Status, Variant};
use crate::facts::Facts;
use crate::hash::{HashMethod, Seed};
use crate::key::{ExperimentKey, VariantKey};
use crate::page::PageRules;
use crate::plan::Plan;
use crate::rewrite::Report;
use crate::schedule::Schedule;
use crate::selector::Selector;

/// Selectors to be counted: an experiment of ours that nobody takes part in, whose control is shown.
#[derive(Debug)]
pub struct Probe(Experiment);

impl Probe {
    /// For these selectors.
    ///
    /// ```
    /// use edgewise_engine::{PageHead, Probe, Selector, rewrite};
    /// let probe = Probe::new([Selector::parse("li").unwrap(), Selector::parse("#a").unwrap()]);
    /// let page = b"<ul><li id=a>1<li>2</ul>";
    /// let plan = probe.plan();
    /// let (html, report) = rewrite(&plan, &PageHead::default(), page);
    /// assert_eq!((html.as_slice(), Probe::counts(&report)), (page.as_slice(), vec![2, 1]));
    /// ```
    pub fn new(selectors: impl IntoIterator<Item = Selector>) -> Self {
        let changes = selectors.into_iter().map(|selector| {
            serde_json::from_value(serde_json::json!({
                "selector": selector.as_str(), "class": {"add": ["edgewise"]}
            }))
        });
        // Every selector that can be read is one that a change can have.
        let changes = changes.filter_map(Result::ok).collect();
        let variant = |key: &str, changes| Variant {
            key: VariantKey::new(key).expect("a key of ours"),
            name: key.to_owned(),
            weight: 0,
            allocation: Allocation::default(),
            stopped: false,
            redirect: None,
            page: None,
            changes,
        };
        Self(Experiment {
            key: ExperimentKey::new("probe").expect("a key of ours"),
            name: "Probe".to_owned(),
            seed: Seed::new("probe"),
            hash: HashMethod::default(),
            status: Status::Draft,
            hypothesis: Hypothesis {
                we_believe: String::new(),
                will_cause: String::new(),
                because: String::new(),
                imported_from: None,
            },
            pages: PageRules { include: Vec::new(), exclude: Vec::new() },
            rendering: Rendering::Auto,
            audience: None,
            schedule: Schedule::default(),
            layer: None,
            sticky: false,
            coverage: 0,
            allocated_in: 0,
            variants: vec![variant("control", Vec::new()), variant("probe", changes)],
            ranges_given: true,
        })
    }

    /// What is done to each page: everything is looked for, nothing is changed.
    pub fn plan(&self) -> Plan<'_> {
        Plan::for_variants([(&self.0, &self.0.variants[0])], &Facts::default())
    }

    /// Of a report on such a plan: how many elements each selector matched, in the order of the selectors.
    pub fn counts(report: &Report<'_>) -> Vec<u32> {
        let changes = report.experiments.iter().flat_map(|one| &one.changes);
        changes.map(|change| change.matched).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rewrite::{PageHead, rewrite};

    #[test]
    fn counts_stand_in_the_order_of_the_selectors_and_the_page_stays() {
        let selectors = ["p", "title", "p.lead", "section", "*"];
        let probe =
            Probe::new(selectors.map(|one| Selector::parse(one).expect("a selector")));
        let page =
            b"<!doctype html><title>x</title><p class=lead>a<p>b<script>'<p>'</script>";
        let plan = probe.plan();
        let (html, report) = rewrite(&plan, &PageHead::default(), page);
        assert_eq!(html, page);
        assert_eq!(Probe::counts(&report), [2, 1, 1, 0, 7]);
    }
}
