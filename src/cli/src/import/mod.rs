//! `edgewise import`: another tool's experiments as a draft of ours. The draft goes to stdout; what became of each piece,
//! and why, is the report on stderr.
//!
//! Nothing is guessed. What means the same here is carried over; what does not is named with its reason, and an
//! experiment that would then be shown to others than before, or not as before, is a draft until somebody has looked.

mod change;
mod convert;
mod draft;
mod growthbook;
mod pattern;
mod place;
mod report;

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use self::draft::Draft;
use self::report::Report;
use crate::args::{Import, ImportFrom};
use crate::{Outcome, output};

/// The largest file that is read, bytes. A tool's file for a thousand experiments is a few MiB.
const MAX_FILE: usize = 32 * 1024 * 1024;

pub(crate) fn run(args: &Import) -> Result<Outcome> {
    let (path, import): (_, fn(&Value, &mut Report) -> Draft) = match &args.from {
        ImportFrom::Convert(file) => (&file.file, convert::import),
        ImportFrom::Growthbook(file) => (&file.file, growthbook::import),
    };
    let file = read(path)?;
    let mut report = Report::default();
    let draft = import(&file, &mut report);
    let done = !draft.experiments.is_empty();
    if done {
        output::json(&draft)?;
    }
    output::talk(&report.to_string());
    Ok(if done { Outcome::Done } else { Outcome::Problems })
}

fn read(path: &Path) -> Result<Value> {
    let place = path.display().to_string();
    let bytes = output::read(path)?;
    if bytes.len() > MAX_FILE {
        bail!("{place:?} is larger than {} MiB", MAX_FILE / 1024 / 1024);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let file: Value = serde_json::from_slice(bytes)
        .with_context(|| format!("{place:?} is not JSON"))?;
    if !file.is_object() {
        bail!("{place:?} holds no JSON object");
    }
    Ok(file)
}

/// The list of that name, or none.
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The text of that name that is not blank.
fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// An id, which some files hold as a number.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
