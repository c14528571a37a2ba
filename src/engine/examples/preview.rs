//! A page as one variant shows it: HTML in, HTML out.
//!
//! ```text
//! cargo run -q -p edgewise-engine --example preview -- demo/datafile.json home-headline=benefit < page.html > out.html
//! ```
//!
//! With `experiment=variant` twice or more, all of them are shown together. Tokens show their defaults.

#![allow(clippy::disallowed_methods, reason = "an example is a host")]

use std::error::Error;
use std::io::{Read, Write};

use edgewise_engine::{Datafile, Facts, PageHead, Plan, rewrite};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("name a datafile, then experiment=variant")?;
    let datafile = Datafile::from_json(&std::fs::read(file)?)?;
    let mut chosen = Vec::new();
    for pair in arguments {
        let found = pair.split_once('=').and_then(|(experiment, variant)| {
            let experiment = datafile.experiment(experiment)?;
            Some((experiment, experiment.variant(variant)?))
        });
        chosen.push(found.ok_or_else(|| format!("{pair:?} is not in the datafile"))?);
    }

    let mut html = Vec::new();
    std::io::stdin().read_to_end(&mut html)?;
    let plan = Plan::for_variants(chosen, &Facts::default());
    let (html, report) = rewrite(&plan, &PageHead::default(), &html);
    std::io::stdout().write_all(&html)?;
    serde_json::to_writer_pretty(std::io::stderr(), &report.experiments)?;
    Ok(())
}
