//! `edgewise publish --out`: the datafile as a file.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result};
use edgewise_engine::{Datafile, Problems};
use serde::Serialize;

use super::{count, tell_conflicts};
use crate::args::Publish;
use crate::validate::summary;
use crate::{Outcome, output};

#[derive(Serialize)]
struct Printed<'a> {
    problems: &'a Problems,
    /// None if nothing was written.
    revision: Option<u64>,
}

pub(super) fn run(args: &Publish, out: &Path) -> Result<Outcome> {
    let draft = output::read_draft(&args.draft)?;
    let live = live(out)?;
    let (datafile, problems) = edgewise_engine::publish(&draft, live.as_ref());
    if let Some(datafile) = &datafile {
        // The last to be written is what the next publish goes on from.
        if let Some(compiled) = &args.compiled {
            write(compiled, &datafile.compile())?;
        }
        write(out, datafile.to_json().as_bytes())?;
    }
    if args.json {
        output::json(&Printed {
            problems: &problems,
            revision: datafile.as_ref().map(Datafile::revision),
        })?;
    } else if !problems.is_empty() {
        output::data(problems.to_string().as_bytes())?;
    }
    let place = out.display().to_string();
    match datafile {
        Some(datafile) => {
            let (revision, count) = (datafile.revision(), count(&datafile));
            output::talk(&format!("revision {revision} with {count} is in {place:?}"));
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
