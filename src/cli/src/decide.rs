//! `edgewise decide`.

use anyhow::{Context as _, Result};
use edgewise_engine::{Forced, Page, Reach, Visit, VisitorId, assign, cookie};

use crate::args::Decide;
use crate::{Outcome, facts, output};

pub(crate) fn run(args: &Decide) -> Result<Outcome> {
    let datafile = output::read_datafile(&args.datafile)?;
    let page = Page::parse(&args.url).context("--url")?;
    let visitor = visitor(args)?;
    let visit = Visit { page, forced: Forced::default(), reach: Reach::Anywhere };
    let decisions = assign(&datafile, &visitor, &visit);
    if args.json {
        output::json(&decisions)?;
    } else {
        let width =
            decisions.iter().map(|decision| decision.experiment.key.as_str().len()).max();
        let width = width.unwrap_or_default();
        let lines = decisions.iter().map(|decision| {
            format!(
                "{:width$}  {}\n",
                decision.experiment.key.as_str(),
                decision.explain()
            )
        });
        output::data(lines.collect::<String>().as_bytes())?;
    }
    Ok(Outcome::Done)
}

/// As the edge finds out: by the cookie, unless it is said outright.
fn visitor(args: &Decide) -> Result<VisitorId> {
    let headers = facts::headers(&args.headers)?;
    let cookies = headers
        .into_iter()
        .filter_map(|(name, value)| name.eq_ignore_ascii_case("cookie").then_some(value));
    if let Some(visitor) = &args.visitor {
        return VisitorId::new(visitor.as_str()).context("--visitor");
    }
    cookie::visitor(cookies).context(
        "who is the visitor? give --visitor ID, or --header 'Cookie: edgewise=1.ID'",
    )
}
