//! `edgewise validate`.

use anyhow::Result;
use edgewise_engine::{Datafile, Problems};
use serde::Serialize;

use crate::args::Validate;
use crate::{Outcome, output};

#[derive(Serialize)]
struct Printed<'a> {
    problems: &'a Problems,
}

pub(crate) fn run(args: &Validate) -> Result<Outcome> {
    let draft = output::read_draft(&args.draft)?;
    // The number is not used: nothing is published.
    let (datafile, problems) = edgewise_engine::validate(&draft, 0);
    if args.json {
        output::json(&Printed { problems: &problems })?;
    } else if problems.is_empty() {
        let count = datafile.as_ref().map_or(0, Datafile::len);
        output::talk(&format!(
            "no problems in {count} experiment{}",
            if count == 1 { "" } else { "s" }
        ));
    } else {
        output::data(problems.to_string().as_bytes())?;
        output::talk(&summary(&problems));
    }
    Ok(if problems.has_errors() { Outcome::Problems } else { Outcome::Done })
}

/// `2 errors, 1 warning`.
pub(crate) fn summary(problems: &Problems) -> String {
    let count = |severity, word: &str| {
        let count =
            problems.iter().filter(|problem| problem.severity == severity).count();
        (count > 0)
            .then(|| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
    };
    let counts = [
        count(edgewise_engine::Severity::Error, "error"),
        count(edgewise_engine::Severity::Warning, "warning"),
    ];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
