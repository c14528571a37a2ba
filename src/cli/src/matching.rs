//! `edgewise match`.

use anyhow::{Context as _, Result};
use edgewise_engine::{Datafile, Experiment, Page, Status, Verdict};
use serde::Serialize;

use crate::args::{Match, Rules};
use crate::validate::summary;
use crate::{Outcome, output};

/// One page and all experiments.
#[derive(Serialize)]
struct Matched<'a> {
    url: &'a str,
    experiments: Vec<Line<'a>>,
}

/// One experiment on one page.
#[derive(Serialize)]
struct Line<'a> {
    experiment: &'a str,
    status: &'static str,
    /// Whether the page is one of the experiment's, which need not be running.
    matches: bool,
    /// The rule that decided, as `include[0]`; none if none holds.
    rule: Option<String>,
    explain: String,
}

pub(crate) fn run(args: &Match) -> Result<Outcome> {
    let Some(datafile) = datafile(&args.rules)? else { return Ok(Outcome::Problems) };
    let pages = args.urls.iter().map(|url| Ok((url.as_str(), Page::parse(url)?)));
    let pages: Vec<_> = pages.collect::<Result<_>>()?;
    let all: Vec<_> = pages
        .iter()
        .map(|(url, page)| {
            let lines = datafile.experiments().map(|one| Line::of(one, page));
            Matched { url, experiments: lines.collect() }
        })
        .collect();
    if args.json {
        output::json(&all)?;
    } else {
        let text: Vec<_> = all.iter().map(Matched::printed).collect();
        output::data(text.join("\n").as_bytes())?;
    }
    Ok(Outcome::Done)
}

/// The datafile, or what the draft would be; none if it has problems, which are then printed.
fn datafile(rules: &Rules) -> Result<Option<Datafile>> {
    let Some(path) = &rules.draft else {
        let path = rules.datafile.as_ref().context("give --datafile or --draft")?;
        return output::read_datafile(path).map(Some);
    };
    let draft = output::read_draft(path)?;
    let (datafile, problems) = edgewise_engine::validate(&draft, 0);
    if datafile.is_none() {
        output::data(problems.to_string().as_bytes())?;
        output::talk(&summary(&problems));
    }
    Ok(datafile)
}

impl<'a> Line<'a> {
    fn of(experiment: &'a Experiment, page: &Page) -> Self {
        let pages = &experiment.pages;
        let verdict = pages.verdict(page);
        let (rule, explain) = match verdict {
            Verdict::Included(at) => (
                Some(format!("include[{at}]")),
                format!("include[{at}] {}", pages.include[at]),
            ),
            Verdict::Excluded(at) => (
                Some(format!("exclude[{at}]")),
                format!("excluded by exclude[{at}] {}", pages.exclude[at]),
            ),
            Verdict::NoRule => (None, "no rule holds".to_owned()),
            Verdict::TooLong => {
                (None, "the address is too long for its regular expressions".to_owned())
            }
        };
        let matches = matches!(verdict, Verdict::Included(_));
        let status = experiment.status;
        let (key, status) = (experiment.key.as_str(), status.as_str());
        Self { experiment: key, status, matches, rule, explain }
    }
}

impl Matched<'_> {
    /// The page's address, and below it a line for each experiment.
    fn printed(&self) -> String {
        let width = self.experiments.iter().map(|line| line.experiment.len()).max();
        let width = width.unwrap_or_default();
        let mut text = format!("{}\n", self.url);
        if self.experiments.is_empty() {
            text.push_str("  there are no experiments\n");
        }
        for Line { experiment, status, matches, explain, .. } in &self.experiments {
            let matches = if *matches { "yes" } else { "no " };
            // What is not running runs nowhere, whatever its rules say.
            let status = match *status {
                running if running == Status::Running.as_str() => String::new(),
                other => format!(" ({other})"),
            };
            text.push_str(&format!(
                "  {experiment:width$}  {matches}  {explain}{status}\n"
            ));
        }
        text
    }
}
