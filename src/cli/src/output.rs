//! Words and data on their way out. The only module that prints.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where printing happens"
)]

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::error::ErrorKind;
use edgewise_engine::{Datafile, UnreadableExperiment};
use serde::Serialize;

/// Data, on stdout. A reader that has seen enough is no failure.
pub(crate) fn data(bytes: &[u8]) -> Result<()> {
    match io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("write to stdout"),
    }
}

/// Data as lines of text, on stdout. They may hold what others wrote.
pub(crate) fn lines(lines: &[String]) -> Result<()> {
    let lines = lines.iter().map(|line| printable(line) + "\n");
    data(lines.collect::<String>().as_bytes())
}

/// The text without what would make a terminal do things.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect()
}

/// Data as JSON, on stdout.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    let mut json = serde_json::to_vec_pretty(value).context("write JSON")?;
    json.push(b'\n');
    data(&json)
}

/// Talk, on stderr.
pub(crate) fn talk(text: &str) {
    eprintln!("{}", text.trim_end());
}

/// Why a command could not do its work, with all causes.
pub(crate) fn failure(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(2)
}

/// What clap has to say: help on stdout, anything else on stderr.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let _ = error.print();
    if help { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

/// A file's bytes, or stdin's for "-".
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().read_to_end(&mut bytes).context("read stdin")?;
    } else {
        File::open(path)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .with_context(|| format!("read {:?}", path.display().to_string()))?;
    }
    Ok(bytes)
}

/// A draft's text.
pub(crate) fn read_draft(path: &Path) -> Result<String> {
    let bytes = read(path)?;
    String::from_utf8(bytes)
        .with_context(|| format!("{:?} is not UTF-8 text", path.display().to_string()))
}

/// A datafile in either encoding, all of which can be read.
pub(crate) fn open_datafile(bytes: Vec<u8>) -> Result<Datafile> {
    let datafile = Datafile::open(bytes)?;
    // The edge leaves out what it cannot read; here it would go unnoticed.
    let _ = datafile.experiments().count();
    if let Some(UnreadableExperiment { key, why }) = datafile.unreadable().first() {
        bail!("experiment {key:?} cannot be read: {why}");
    }
    Ok(datafile)
}

/// A file's datafile.
pub(crate) fn read_datafile(path: &Path) -> Result<Datafile> {
    open_datafile(read(path)?).with_context(|| {
        let place = path.display().to_string();
        format!("read datafile {place:?}, which \"edgewise publish\" makes from a draft")
    })
}
