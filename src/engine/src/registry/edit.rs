//! Changing one thing in a draft.

use serde_json::Value;

use super::error::RegistryError;
use crate::experiment::Status;

/// Which revision a draft says it was made from.
pub fn revision_of(draft: &Value) -> Option<u64> {
    draft.get("revision")?.as_u64()
}

/// The draft as JSON. A draft that is none has problems, which validation tells better.
pub(super) fn parse(draft: &str) -> Option<Value> {
    // Some editors write a byte order mark, which JSON does not know.
    serde_json::from_str(draft.trim_start_matches('\u{feff}')).ok()
}

/// The draft as text. One that is filed says no revision: it would be another one each time.
pub(super) fn write(mut draft: Value) -> String {
    if let Some(fields) = draft.as_object_mut() {
        fields.remove("revision");
    }
    // The alternate form of a JSON value is indented.
    format!("{draft:#}\n")
}

/// Puts an experiment in the place of the one with its key; a new one goes last.
pub(super) fn put(draft: &mut Value, experiment: Value) {
    let key = experiment.get("key").and_then(Value::as_str);
    let place = key.and_then(|key| position(draft, key));
    let Some(all) = list(draft) else { return };
    match place {
        Some(place) => all[place] = experiment,
        None => all.push(experiment),
    }
}

/// Gives an experiment another status, and the word for doing so.
pub(super) fn set_status(
    draft: &mut Value,
    key: &str,
    status: Status,
) -> Result<&'static str, RegistryError> {
    let (experiment, before) = find(draft, key)?;
    let word = match (before, status) {
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
    experiment["status"] = status.as_str().into();
    Ok(word)
}

/// Lets a paused experiment run again, and the word for doing so. One that has never run is not started by that.
pub(super) fn resume(
    draft: &mut Value,
    key: &str,
) -> Result<&'static str, RegistryError> {
    if let (_, Status::Draft) = find(draft, key)? {
        return Err(RegistryError::refuse(
            format!("{key:?} has never run and cannot be resumed"),
            "To start it, write `\"status\": \"running\"` in the draft and publish that.",
        ));
    }
    set_status(draft, key, Status::Running)
}

/// Takes out an experiment that has been stopped, or that has never run.
pub(super) fn take_out(draft: &mut Value, key: &str) -> Result<(), RegistryError> {
    let (_, status) = find(draft, key)?;
    if matches!(status, Status::Running | Status::Paused) {
        return Err(RegistryError::refuse(
            format!("{key:?} is {} and cannot be archived", status.as_str()),
            "Stop it first.",
        ));
    }
    if let Some(place) = position(draft, key)
        && let Some(all) = list(draft)
    {
        all.remove(place);
    }
    Ok(())
}

fn list(draft: &mut Value) -> Option<&mut Vec<Value>> {
    draft.get_mut("experiments")?.as_array_mut()
}

fn position(draft: &Value, key: &str) -> Option<usize> {
    let has_key = |one: &Value| one.get("key").and_then(Value::as_str) == Some(key);
    draft.get("experiments")?.as_array()?.iter().position(has_key)
}

fn find<'d>(
    draft: &'d mut Value,
    key: &str,
) -> Result<(&'d mut Value, Status), RegistryError> {
    let not_found = || RegistryError::NotFound(format!("experiment {key:?}"));
    let place = position(draft, key).ok_or_else(not_found)?;
    let experiment = &mut list(draft).ok_or_else(not_found)?[place];
    let text = experiment.get("status").and_then(Value::as_str);
    let status = Status::ALL.into_iter().find(|status| Some(status.as_str()) == text);
    Ok((experiment, status.unwrap_or(Status::Draft)))
}
