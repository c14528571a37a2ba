//! `edgewise decide`.

use std::io::{self, BufRead as _, BufWriter, Write as _};

use anyhow::{Context as _, Result};
use edgewise_engine::{Datafile, Decision, Page, assign, decide_line};
use serde::Serialize;

use crate::args::Decide;
use crate::{Outcome, output, visit};

pub(crate) fn run(args: &Decide) -> Result<Outcome> {
    let datafile = output::read_datafile(&args.datafile)?;
    if args.batch {
        return batch(&datafile);
    }
    let url = args.url.as_deref().unwrap_or_default();
    let page = Page::parse(url).context("--url")?;
    let visitor = visit::visitor(args.visitor.as_deref(), &args.told)?;
    let visit = visit::visit(page, &args.told)?;
    let decisions = assign(&datafile, &visitor, &visit);
    if args.json {
        output::json(&decisions)?;
    } else {
        let told = if args.explain {
            decisions.iter().map(Decision::story).collect::<Vec<_>>().join("\n")
        } else {
            lines(&decisions)
        };
        output::data(told.as_bytes())?;
    }
    Ok(Outcome::Done)
}

fn lines(decisions: &[Decision<'_>]) -> String {
    let keys = || decisions.iter().map(|decision| decision.experiment.key.as_str());
    let width = keys().map(str::len).max().unwrap_or_default();
    let lines = decisions
        .iter()
        .zip(keys())
        .map(|(decision, key)| format!("{key:width$}  {}\n", decision.explain()));
    lines.collect()
}

/// What is written for a line that is not a visit.
#[derive(Serialize)]
struct Refused {
    line: usize,
    error: String,
}

/// Each line of stdin, in order; a line that is not a visit is answered by what is wrong with it.
fn batch(datafile: &Datafile) -> Result<Outcome> {
    let mut input = io::stdin().lock();
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = Vec::new();
    let (mut number, mut refused) = (0, 0);
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).context("read stdin")? == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = decide_line(datafile, &line).or_else(|error| {
            refused += 1;
            serde_json::to_string(&Refused { line: number, error: error.to_string() })
        });
        let written = out
            .write_all(answer.context("write JSON")?.as_bytes())
            .and_then(|()| out.write_all(b"\n"));
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            written => written.context("write to stdout")?,
        }
    }
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return Err(error).context("write to stdout");
        }
        _ => {}
    }
    if refused == 0 {
        return Ok(Outcome::Done);
    }
    output::talk(&format!(
        "{refused} of {number} lines are not visits; the answers say why"
    ));
    Ok(Outcome::Problems)
}
