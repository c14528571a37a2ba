//! Changing one thing in a draft: the draft that comes of it, as text, and the word for what was done.

use serde_json::Value;

use super::error::RegistryError;
use super::outline::{Outline, Part};
use crate::experiment::Status;

/// Which revision a draft says it was made from.
pub fn revision_of(draft: &Value) -> Option<u64> {
    draft.get("revision")?.as_u64()
}

/// A draft after something was done, and the word for that.
pub(super) type Edited = (String, &'static str);

/// Puts an experiment in the place of the one with its key; a new one goes last.
pub(super) fn put(draft: &Outline<'_>, experiment: &Value) -> Edited {
    (draft.with(experiment).0, "publish")
}

/// Gives an experiment another status.
pub(super) fn set_status(
    draft: &Outline<'_>,
    key: &str,
    status: Status,
) -> Result<Edited, RegistryError> {
    let (place, experiment) = find(draft, key)?;
    let word = match (experiment.status(), status) {
        (Status::Draft, Status::Running) => "start",
        (Status::Paused, Status::Running) => "resume",
        (Status::Running, Status::Paused) => "pause",
        (Status::Running | Status::Paused, Status::Stopped) => "stop",
        (before, after) if before == after => {
            return Err(RegistryError::refuse(
                format!("{key:?} is {} already", after.as_str()),
                "There is nothing to be done.",
            ));
        }
        (Status::Draft, after) => {
            return Err(RegistryError::refuse(
                format!("{key:?} is a draft and cannot be {}", after.as_str()),
                "Nobody sees a draft; start it first, or take it out.",
            ));
        }
        (Status::Stopped, after) => {
            return Err(RegistryError::refuse(
                format!("{key:?} has been stopped and cannot be {}", after.as_str()),
                "Make a new experiment, so that the results stay apart; or go back to the revision in which it ran.",
            ));
        }
        (before, _) => {
            return Err(RegistryError::refuse(
                format!("{key:?} is {} and cannot become a draft again", before.as_str()),
                "Pause it: visitors then see control, and keep their variants for later.",
            ));
        }
    };
    let text = experiment.with_status(status);
    Ok((draft.with_text(place, Some(&text)), word))
}

/// Lets a paused experiment run again. One that has never run is not started by that.
pub(super) fn resume(draft: &Outline<'_>, key: &str) -> Result<Edited, RegistryError> {
    if find(draft, key)?.1.status() == Status::Draft {
        return Err(RegistryError::refuse(
            format!("{key:?} has never run and cannot be resumed"),
            "To start it, write `\"status\": \"running\"` in the draft and publish that.",
        ));
    }
    set_status(draft, key, Status::Running)
}

/// Takes out an experiment that has been stopped, or that has never run.
pub(super) fn take_out(draft: &Outline<'_>, key: &str) -> Result<Edited, RegistryError> {
    let (place, experiment) = find(draft, key)?;
    let status = experiment.status();
    if matches!(status, Status::Running | Status::Paused) {
        return Err(RegistryError::refuse(
            format!("{key:?} is {} and cannot be archived", status.as_str()),
            "Stop it first.",
        ));
    }
    Ok((draft.with_text(place, None), "archive"))
}

fn find<'d, 't>(
    draft: &'d Outline<'t>,
    key: &str,
) -> Result<(usize, &'d Part<'t>), RegistryError> {
    let not_found = || RegistryError::NotFound(format!("experiment {key:?}"));
    let place = draft.position(key).ok_or_else(not_found)?;
    Ok((place, &draft.experiments()[place]))
}
