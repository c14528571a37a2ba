//! `edgewise publish`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result};
use edgewise_engine::{Datafile, Problems, conflicts};
use serde::Serialize;

use crate::args::Publish;
use crate::validate::summary;
use crate::{Outcome, output};

#[derive(Serialize)]
struct Printed<'a> {
    problems: &'a Problems,
    /// None if nothing was written.
    revision: Option<u64>,
}

pub(crate) fn run(args: &Publish) -> Result<Outcome> {
    let draft = output::read_draft(&args.draft)?;
    let live = live(&args.out)?;
    let (datafile, problems) = edgewise_engine::publish(&draft, live.as_ref());
    if let Some(datafile) = &datafile {
        // The last to be written is what the next publish goes on from.
        if let Some(compiled) = &args.compiled {
            write(compiled, &datafile.compile())?;
        }
        write(&args.out, datafile.to_json().as_bytes())?;
    }
    if args.json {
        output::json(&Printed {
            problems: &problems,
            revision: datafile.as_ref().map(Datafile::revision),
        })?;
    } else if !problems.is_empty() {
        output::data(problems.to_string().as_bytes())?;
    }
    let place = args.out.display().to_string();
    match datafile {
        Some(datafile) => {
            let count = datafile.len();
            let plural = if count == 1 { "" } else { "s" };
            let revision = datafile.revision();
            output::talk(&format!(
                "revision {revision} with {count} experiment{plural} is in {place:?}"
            ));
            tell_conflicts(&datafile);
            Ok(Outcome::Done)
        }
        None => {
            output::talk(&format!(
                "{}; nothing was written to {place:?}",
                summary(&problems)
            ));
            Ok(Outcome::Problems)
        }
    }
}

/// Running experiments that are in one another's way are published all the same: which of them has an element is settled
/// by their order.
fn tell_conflicts(datafile: &Datafile) {
    let found = conflicts(datafile).conflicts;
    let Some(first) = found.first() else { return };
    let more = match found.len() - 1 {
        0 => String::new(),
        1 => "\n\"edgewise conflicts\" tells of one more".to_owned(),
        more => format!("\n\"edgewise conflicts\" tells of {more} more"),
    };
    output::talk(&format!("conflict: {}{more}", first.explain()));
}

/// The datafile that is about to be replaced, if there is one. A file that is no datafile is not replaced: it may be
/// somebody's work.
fn live(path: &Path) -> Result<Option<Datafile>> {
    match fs::read(path) {
        Ok(bytes) => {
            let place = path.display().to_string();
            let datafile = output::open_datafile(bytes).with_context(|| {
                format!("{place:?} is in the way; move it or choose another --out")
            })?;
            Ok(Some(datafile))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(error).with_context(|| format!("read {:?}", path.display().to_string()))
        }
    }
}

/// Whole or not at all: whoever reads the file meanwhile sees the old one.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let context = || format!("write {:?}", path.display().to_string());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, bytes).with_context(context)?;
    fs::rename(&beside, path).with_context(context)
}
