//! `edgewise conflicts`.

use anyhow::Result;
use edgewise_engine::{Conflict, conflicts};

use crate::args::Conflicts;
use crate::{Outcome, output};

/// Conflicts are warnings: finding some is no failure.
pub(crate) fn run(args: &Conflicts) -> Result<Outcome> {
    let datafile = output::read_datafile(&args.datafile)?;
    let found = conflicts(&datafile);
    if args.json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let lines = found.conflicts.iter().map(|conflict| explain(conflict) + "\n");
    output::data(lines.collect::<String>().as_bytes())?;
    if !found.complete {
        output::talk(
            "there may be more: not every experiment was compared with every other",
        );
    } else if found.conflicts.is_empty() {
        output::talk("no two running experiments change the same for the same visitors");
    }
    Ok(Outcome::Done)
}

/// The sentences, and who changes what on lines of their own.
fn explain(conflict: &Conflict) -> String {
    let mut text = conflict.explain();
    for shared in &conflict.shared {
        let sides = [(conflict.first, &shared.first), (conflict.second, &shared.second)];
        let sides = sides.map(|(experiment, variants)| {
            let variants = variants.iter().map(|variant| variant.as_str());
            format!("{experiment}={}", variants.collect::<Vec<_>>().join(","))
        });
        text += &format!("\n  {}: {}", shared.part, sides.join(" and "));
    }
    if conflict.untold > 0 {
        text += &format!("\n  and {} more", conflict.untold);
    }
    text
}
