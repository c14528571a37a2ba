//! `edgewise import`: another tool's experiments as a draft of ours. The draft goes to stdout; what became of each piece,
//! and why, is the report on stderr.
//!
//! Nothing is guessed. What means the same here is carried over; what does not is named with its reason, and an
//! experiment that would then be shown to others than before, or not as before, is a draft until somebody has looked.

mod convert;
mod draft;
mod growthbook;
mod judge;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use edgewise_engine::{Bucket, Severity, VisitorId, validate};
    use serde_json::json;

    use super::*;

    type ImportAll = fn(&Value, &mut Report) -> Draft;

    const TOOLS: [(&str, ImportAll); 2] = [
        ("import-convert/convert.json", convert::import),
        ("import-growthbook/growthbook.json", growthbook::import),
    ];

    const TOGETHER: [&str; 2] = ["too-much-to-read", "redirect-loop"];

    fn sample(file: &str) -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(file);
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// Imports, and holds the draft against the validator.
    #[track_caller]
    fn check(import: ImportAll, file: &Value, what: &str) {
        let mut report = Report::default();
        let draft = import(file, &mut report);
        assert!(!report.to_string().is_empty());
        if draft.experiments.is_empty() {
            return;
        }
        let (_, problems) = validate(&serde_json::to_string(&draft).unwrap(), 1);
        // Pieces are judged one by one: what several make together is left to publish.
        let error = problems.iter().find(|problem| {
            problem.severity == Severity::Error && !TOGETHER.contains(&problem.code)
        });
        assert!(error.is_none(), "{what}: {}", error.unwrap());
    }

    #[test]
    fn drafts_are_good() {
        for (file, import) in TOOLS {
            check(import, &sample(file), file);
        }
    }

    /// Each value of the samples in turn is something that nobody expects.
    #[test]
    fn odd_files_are_no_trouble() {
        let odd = [
            Value::Null,
            json!(-1),
            json!("\u{0}*^$[](){}|\\?#%zz/../\u{1f680}{{"),
            json!([[[]], {}, null, "", 1e300, "x".repeat(3_000)]),
            json!({"": {}, "$or": [], "OR": [{}], "id": []}),
        ];
        for (file, import) in TOOLS {
            let whole = sample(file);
            let mut places = Vec::new();
            let mut open = vec![(String::new(), &whole)];
            while let Some((at, value)) = open.pop() {
                places.push(at.clone());
                match value {
                    Value::Array(items) => open.extend(
                        items
                            .iter()
                            .enumerate()
                            .map(|(i, item)| (format!("{at}/{i}"), item)),
                    ),
                    Value::Object(fields) => open.extend(
                        fields.iter().map(|(name, item)| (format!("{at}/{name}"), item)),
                    ),
                    _ => {}
                }
            }
            assert!(places.len() > 200);
            for at in places {
                for odd in &odd {
                    let mut file = whole.clone();
                    // A name with a slash in it is no place; there are none.
                    let Some(place) = file.pointer_mut(&at) else { continue };
                    *place = odd.clone();
                    check(import, &file, &format!("{at} = {odd:.60}"));
                }
            }
        }
    }

    #[test]
    fn large_files_are_read_in_time() {
        let rule = json!({"rule_type": "url", "matching": {"match_type": "regexMatches", "negated": false}, "value": "(a+)+$"});
        let rules =
            json!({"OR": [{"AND": vec![json!({"OR_WHEN": vec![rule; 100]}); 20]}]});
        let experience = json!({"id": "1", "key": "x", "status": "active", "locations": ["1"], "variations": [
            {"id": "1"}, {"id": "2", "changes": vec![json!({"type": "customCode", "data": {"css": "a{}"}}); 1_000]}]});
        let file = json!({"experiences": vec![experience; 30], "locations": [{"id": "1", "rules": rules}]});
        check(convert::import, &file, "convert");
        let experiment = json!({"key": "x", "variations": vec![json!({"domMutations": vec![json!({"selector": "a", "attribute": "html", "action": "set", "value": "x"}); 500]}); 10]});
        let file = json!({"experiments": vec![experiment; 20]});
        check(growthbook::import, &file, "growthbook");
    }
    /// Each visitor's variant in the samples, as the tools themselves would have it.
    #[test]
    fn no_visitor_moves() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/moved.json");
        let expected: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        for ((file, import), tool) in TOOLS.into_iter().zip(["convert", "growthbook"]) {
            let draft = import(&sample(file), &mut Report::default());
            let draft = serde_json::to_string(&draft).unwrap();
            let datafile = validate(&draft, 1).0.unwrap();
            let expected = expected[tool].as_object().unwrap();
            assert!(expected.len() >= 5);
            for (key, expected) in expected {
                let experiment = datafile.experiment(key).unwrap();
                // The control that is added to a variation alone has no place in the file.
                let added = usize::from(
                    experiment.variants[0].name == "Control" && tool == "convert",
                );
                let found = (0..200).map(|n| {
                    let visitor =
                        VisitorId::new(format!("visitor-{}", n * 7_919)).unwrap();
                    let bucket = Bucket::by(experiment.hash, &experiment.seed, &visitor);
                    let variants = experiment.variants.iter();
                    let mut variants =
                        variants.map(|one| one.allocation.contains(bucket));
                    let place = variants.position(|has| has);
                    place.map_or("-".to_owned(), |place| (place - added).to_string())
                });
                assert_eq!(found.collect::<String>(), *expected, "{tool}: {key}");
            }
        }
    }
}
