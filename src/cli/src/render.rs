//! `edgewise render`.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use edgewise_engine::{
    Canonical, Datafile, Destination, Expect, Experiment, Framework, Grade, Page,
    PageHead, Plan, Report, Variant, VisitorId, assign, event, rewrite,
};
use serde::Serialize;

use crate::args::Render;
use crate::{Outcome, output, visit};

#[derive(Serialize)]
struct Printed<'a> {
    passed: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<&'a str>,
    /// What the page on stdin was taken for, if not for the one of the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    /// What takes the page over in the browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    framework: Option<Framework>,
    experiments: &'a [edgewise_engine::Shown<'a>],
}

pub(crate) fn run(args: &Render) -> Result<Outcome> {
    let datafile = output::read_datafile(&args.datafile)?;
    let page = Page::parse(&args.url).context("--url")?;
    if args.visitor.is_none() && args.variants.is_empty() {
        bail!(
            "what is to be rendered? give --visitor ID, or --variant EXPERIMENT=VARIANT"
        );
    }
    let visit = visit::visit(page.clone(), &args.told)?;
    let decisions;
    let mut plan = if let Some(visitor) = &args.visitor {
        let visitor = VisitorId::new(visitor.as_str()).context("--visitor")?;
        decisions = assign(&datafile, &visitor, &visit);
        Plan::for_decisions(&decisions, &visit.facts)
    } else {
        let chosen: Result<Vec<_>> =
            args.variants.iter().map(|choice| choose(&datafile, choice)).collect();
        Plan::for_variants(chosen?, &visit.facts)
    };
    let head = PageHead {
        content_type: Some(args.content_type.clone()),
        policies: args.policies.clone(),
    };
    let destination = plan.variants().find_map(|one| Destination::of(one, &page));
    let destination = destination.as_ref();
    if destination.and_then(Destination::redirect).is_some() {
        // There is no page to render.
        let (_, report) = rewrite(&plan, &head, b"");
        output::talk(&told(&report, destination, args.json)?);
        return Ok(Outcome::Done);
    }
    let canonical = plan.variants().find_map(|one| Canonical::of(one, &page));
    if let Some(canonical) = &canonical {
        plan = plan.with_canonical(canonical);
    }
    let html = output::read(Path::new("-"))?;
    let (html, mut report) = rewrite(&plan, &head, &html);
    for shown in &mut report.experiments {
        shown.exposed = event::is_exposure(shown);
    }
    output::data(&html)?;
    output::talk(&told(&report, destination, args.json)?);
    Ok(Outcome::Done)
}

/// The experiment and the variant of `experiment=variant`.
fn choose<'d>(
    datafile: &'d Datafile,
    choice: &str,
) -> Result<(&'d Experiment, &'d Variant)> {
    let Some((experiment, variant)) = choice.split_once('=') else {
        bail!("--variant: {choice:?} is not a choice; write EXPERIMENT=VARIANT");
    };
    let known = |keys: Vec<&str>| keys.join(", ");
    let Some(found) = datafile.experiment(experiment) else {
        let keys =
            datafile.experiments().map(|experiment| experiment.key.as_str()).collect();
        bail!(
            "--variant: there is no experiment {experiment:?}; there are: {}",
            known(keys)
        );
    };
    let Some(variant) = found.variant(variant) else {
        let keys = found.variants.iter().map(|variant| variant.key.as_str()).collect();
        bail!(
            "--variant: {experiment:?} has no variant {variant:?}; it has: {}",
            known(keys)
        );
    };
    Ok((found, variant))
}

/// What was done, one line a change.
fn told(
    report: &Report<'_>,
    destination: Option<&Destination>,
    json: bool,
) -> Result<String> {
    let redirect = destination.and_then(Destination::redirect);
    let page = destination.and_then(Destination::page);
    if json {
        let printed = Printed {
            passed: report.passed.map(edgewise_engine::Passed::as_str),
            redirect,
            page,
            framework: report.framework,
            experiments: &report.experiments,
        };
        return serde_json::to_string_pretty(&printed).context("write JSON");
    }
    let mut lines = Vec::new();
    if let Some(passed) = report.passed {
        lines.push(format!("the page went out as it came: {}", passed.as_str()));
    }
    if let Some(location) = redirect {
        lines.push(format!("no page is shown: the visitor is sent to {location}"));
    }
    if let Some(page) = page {
        lines.push(format!("the page on stdin was taken for {page}"));
    }
    if let Some(framework) = report.framework {
        lines.push(format!("{} takes the page over in the browser", framework.name()));
    }
    if report.experiments.is_empty() {
        lines.push("no experiment is for this visit".to_owned());
    }
    for shown in &report.experiments {
        lines.push(format!("{} = {}", shown.key(), shown.variant_key()));
        for change in &shown.changes {
            let verb =
                if shown.variant.changes.is_empty() { "would change" } else { "changed" };
            let mut line = format!(
                "  {}: matched {}, {verb} {}",
                change.change.describe(),
                change.matched,
                change.applied
            );
            if change.matched == 0 && change.change.expect == Expect::AtLeastOne {
                line.push_str("; at least one was expected");
            }
            if change.in_doubt {
                line.push_str("; in doubt, because tags of the page overlap");
            }
            if let Some(Grade::Safe | Grade::Protected) = change.grade {
                let how = change.grade.map(Grade::explain).unwrap_or_default();
                line.push_str(&format!(", {how}"));
            }
            for (reason, count) in change.skipped() {
                line.push_str(&format!("; skipped {count}: {}", reason.explain()));
            }
            lines.push(line);
        }
    }
    Ok(lines.join("\n"))
}
