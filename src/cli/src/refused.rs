//! What is said where something was not done: why, what is live instead, and what to do.

use anyhow::Result;

use crate::place::{Live, Place, Refused};
use crate::{Outcome, output};

/// Why something was not done.
pub(crate) struct Refusal<'a> {
    pub(crate) why: String,
    /// What is live, where that is why.
    pub(crate) live: Option<&'a Live>,
    pub(crate) hint: String,
}

/// Tells it; the exit code is that of a draft with problems.
pub(crate) fn refuse(place: &dyn Place, refusal: &Refusal<'_>) -> Outcome {
    let mut text = format!("refused: {}; nothing was changed", refusal.why);
    if let Some(live) = refusal.live {
        text += &format!("\n  live {}: {}", place.whereabouts(), describe(live));
    }
    if !refusal.hint.is_empty() {
        text += &format!("\n  hint: {}", refusal.hint);
    }
    output::talk(&output::printable(&text));
    Outcome::Problems
}

/// Tells what a place said to something for which revision `expected` had to be live.
pub(crate) fn tell(
    place: &dyn Place,
    refused: Refused,
    expected: u64,
) -> Result<Outcome> {
    match refused {
        Refused::Problems(problems) => {
            for problem in &problems {
                output::talk(&output::printable(&problem.to_string()));
            }
            output::talk("the draft has problems; nothing was changed");
            Ok(Outcome::Problems)
        }
        Refused::Changed => {
            let live = place.live()?;
            let seen = match expected {
                0 => "nothing was live".to_owned(),
                revision => format!("revision {revision} was live"),
            };
            let why = format!("somebody else was faster: {seen} a moment ago");
            let hint = "Look at what they did with \"edgewise history\", and start from what is live now: \"edgewise pull\".";
            let refusal = Refusal { why, live: Some(&live), hint: hint.to_owned() };
            Ok(refuse(place, &refusal))
        }
        Refused::Not { why, hint } => {
            Ok(refuse(place, &Refusal { why, live: None, hint }))
        }
        Refused::Failed(error) => Err(error),
    }
}

/// What is live, in a line.
pub(crate) fn describe(live: &Live) -> String {
    match (&live.record, live.revision) {
        (Some(record), _) => record.to_string(),
        (None, 0) => "nothing".to_owned(),
        (None, revision) => {
            format!("revision {revision}; how it came about cannot be read")
        }
    }
}
