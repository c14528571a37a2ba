//! `edgewise live` and `edgewise history`.

use anyhow::Result;

use crate::args::{History, Live};
use crate::place::{Deed, Off};
use crate::refused::describe;
use crate::{Outcome, output};

pub(crate) fn run(args: &Live) -> Result<Outcome> {
    let place = args.at.open(None)?;
    let live = place.live()?;
    if args.json {
        output::json(&live)?;
        return Ok(Outcome::Done);
    }
    let mut lines = vec![describe(&live)];
    if let Some(serving) = live.serving.filter(|serving| *serving != live.revision) {
        lines.push(match live.revision {
            0 => format!("served: revision {serving}, which was put there by hand"),
            _ => format!("served where this was answered: revision {serving} still"),
        });
    }
    if let Some(off) = &live.off {
        lines.push(switched_off(off));
    }
    output::lines(&lines)?;
    Ok(Outcome::Done)
}

/// What the kill switch tells of itself.
fn switched_off(off: &Off) -> String {
    let mut text = "switched off".to_owned();
    if let Some(at) = &off.at {
        text += &format!(" at {at}");
    }
    if !off.by.is_empty() {
        text += &format!(" by {:?}", off.by);
    }
    if !off.why.is_empty() {
        text += &format!(": {:?}", off.why);
    }
    text + "; no experiment runs until \"edgewise on\""
}

pub(crate) fn history(args: &History) -> Result<Outcome> {
    let place = args.at.open(None)?;
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let deeds = place.history(limit)?;
    if args.json {
        output::json(&deeds)?;
    } else if deeds.is_empty() {
        output::talk(&format!("nothing has been published {} yet", place.whereabouts()));
    } else {
        output::lines(&deeds.iter().flat_map(paragraph).collect::<Vec<_>>())?;
    }
    Ok(Outcome::Done)
}

/// A revision, and below it what was different; or a line of the kill switch.
fn paragraph(deed: &Deed) -> Vec<String> {
    let entry = match deed {
        Deed::Published(entry) => entry,
        Deed::Switched(switched) => return vec![switched.to_string()],
    };
    let changes = entry.changes.iter().map(|change| format!("  {change}"));
    std::iter::once(entry.to_string()).chain(changes).collect()
}
