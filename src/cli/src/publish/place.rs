//! `edgewise publish --to` and `--to-fastly`: from a draft to what visitors are served.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use edgewise_engine::registry::{diff, revision_of};
use edgewise_engine::{Datafile, Problems};
use serde::Serialize;
use serde_json::Value;

use super::{count, tell_conflicts};
use crate::args::{Publish, Target};
use crate::place::{self, Live, Place, Problem, Published, Refused};
use crate::refused::{self, Refusal};
use crate::validate::summary;
use crate::{Outcome, output};

/// How often it is tried with `--replace`, where others publish at the same time.
const ATTEMPTS: u32 = 5;

/// How often a place is looked at that tells of an older revision than has been seen there.
const LOOKS: u32 = 4;

#[derive(Serialize)]
struct Printed<'a> {
    problems: &'a [Problem],
    changes: &'a [String],
    /// None if nothing was published.
    revision: Option<u64>,
}

pub(super) fn run(args: &Publish, target: Target<'_>) -> Result<Outcome> {
    let draft = output::read_draft(&args.draft)?;
    // Mistakes need no server to be found.
    let (datafile, problems) = edgewise_engine::validate(&draft, 0);
    if datafile.is_none() || problems.has_errors() {
        return tell_problems(args, &problems);
    }
    let place = place::open(target, &args.reach, args.signed.name.by.as_deref())?;
    let value: Value = serde_json::from_str(draft.trim_start_matches('\u{feff}'))
        .context("read the draft")?;
    let live = live_by_now(&*place, args.expect.or(revision_of(&value)))?;
    let expected = match expected(args, &live, &value) {
        Ok(expected) => expected,
        Err(why) => return Ok(refuse_other(&*place, &live, &why)),
    };

    let before = place.draft()?;
    let before = match &before {
        Some(before) => {
            serde_json::from_str(before).context("read the draft that is live")?
        }
        None => Value::Null,
    };
    let value = without_revision(value);
    if without_revision(before.clone()) == value {
        return tell_same(args, &*place, live.revision);
    }
    let changes = diff(&before, &value);
    // What it moves hangs on the ranges that are live.
    let (datafile, problems) =
        edgewise_engine::publish(&draft, place.datafile()?.as_ref());
    let Some(datafile) = datafile else { return tell_problems(args, &problems) };
    let told = Problem::all(&problems);
    if !args.json {
        output::lines(&changes)?;
        output::data(problems.to_string().as_bytes())?;
    }
    if args.dry_run {
        return tell_dry_run(args, &*place, &told, &changes, &datafile);
    }

    let draft = format!("{value:#}\n");
    match publish(args, &*place, &draft, expected) {
        Ok(published) => {
            if args.json {
                output::json(&Printed {
                    problems: &told,
                    changes: &published.changes,
                    revision: Some(published.revision),
                })?;
            }
            let (revision, count) = (published.revision, count(&datafile));
            output::talk(&format!(
                "revision {revision} with {count} is live {}",
                place.whereabouts()
            ));
            tell_conflicts(&datafile);
            output::talk(&place.await_served(&published));
            Ok(Outcome::Done)
        }
        Err(refused) => {
            if args.json {
                let problems = match &refused {
                    Refused::Problems(problems) => problems.as_slice(),
                    _ => &told,
                };
                output::json(&Printed { problems, changes: &changes, revision: None })?;
            }
            refused::tell(&*place, refused, expected)
        }
    }
}

/// What is live. Where a revision has been live that is newer than what the place tells, it tells what was: stores are
/// eventually consistent.
fn live_by_now(place: &dyn Place, seen: Option<u64>) -> Result<Live> {
    let mut live = place.live()?;
    for look in 1..LOOKS {
        if live.revision >= seen.unwrap_or_default() {
            break;
        }
        thread::sleep(Duration::from_millis(250) * look);
        live = place.live()?;
    }
    Ok(live)
}

/// Publishes; with `--replace`, whatever has become live meanwhile.
fn publish(
    args: &Publish,
    place: &dyn Place,
    draft: &str,
    expected: u64,
) -> Result<Published, Refused> {
    let mut expected = expected;
    let mut attempt = 1;
    loop {
        match place.publish(draft, expected, &args.signed.why) {
            Err(Refused::Changed) if args.replace && attempt < ATTEMPTS => {
                attempt += 1;
                expected = place.live()?.revision;
            }
            outcome => return outcome,
        }
    }
}

/// Why a draft is not published over what is live.
enum Other {
    /// It was made from another revision.
    MadeFrom(u64),
    /// The user expects another one.
    Expected(u64),
    /// Nobody knows which one it was made from.
    Unknown,
}

/// Which revision has to be live for the draft to be published.
fn expected(args: &Publish, live: &Live, draft: &Value) -> Result<u64, Other> {
    let live = live.revision;
    match (args.replace, args.expect, revision_of(draft)) {
        (true, _, _) => Ok(live),
        (_, Some(expected), _) if expected != live => Err(Other::Expected(expected)),
        (_, Some(expected), _) => Ok(expected),
        (_, _, Some(made_from)) if made_from != live => Err(Other::MadeFrom(made_from)),
        (_, _, Some(made_from)) => Ok(made_from),
        (_, _, None) if live == 0 => Ok(0),
        (_, _, None) => Err(Other::Unknown),
    }
}

fn refuse_other(place: &dyn Place, live: &Live, why: &Other) -> Outcome {
    let revision = live.revision;
    let why = match why {
        Other::Unknown => {
            "nothing says from which revision this draft was made".to_owned()
        }
        Other::MadeFrom(other) => {
            format!("this draft was made from revision {other}, which is not live")
        }
        Other::Expected(other) => format!("revision {other} is not live"),
    };
    let hint = match revision {
        0 => "Pass --expect 0 to publish it as the first one.".to_owned(),
        revision => format!(
            "Make your changes in what \"edgewise pull\" prints; or pass --expect {revision} to put this draft in its place all the same."
        ),
    };
    refused::refuse(place, &Refusal { why, live: Some(live), hint })
}

fn without_revision(mut draft: Value) -> Value {
    if let Some(fields) = draft.as_object_mut() {
        fields.remove("revision");
    }
    draft
}

fn tell_problems(args: &Publish, problems: &Problems) -> Result<Outcome> {
    if args.json {
        let problems = Problem::all(problems);
        output::json(&Printed { problems: &problems, changes: &[], revision: None })?;
    } else {
        output::data(problems.to_string().as_bytes())?;
    }
    output::talk(&format!("{}; nothing was published", summary(problems)));
    Ok(Outcome::Problems)
}

fn tell_same(args: &Publish, place: &dyn Place, revision: u64) -> Result<Outcome> {
    if args.json {
        output::json(&Printed { problems: &[], changes: &[], revision: None })?;
    }
    output::talk(&format!(
        "nothing is different from revision {revision} {}; nothing was published",
        place.whereabouts()
    ));
    Ok(Outcome::Done)
}

fn tell_dry_run(
    args: &Publish,
    place: &dyn Place,
    problems: &[Problem],
    changes: &[String],
    datafile: &Datafile,
) -> Result<Outcome> {
    if args.json {
        output::json(&Printed { problems, changes, revision: None })?;
    }
    tell_conflicts(datafile);
    output::talk(&format!(
        "it would be revision {} with {} {}; nothing was published",
        datafile.revision(),
        count(datafile),
        place.whereabouts()
    ));
    Ok(Outcome::Done)
}
