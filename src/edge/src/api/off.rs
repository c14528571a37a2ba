//! The kill switch.

use edgewise_engine::registry::Note;
use fastly::Response;
use fastly::http::StatusCode;
use serde_json::json;

use super::call::{Answer, Call, json, registry, store};
use crate::log::{self, Reason};

/// Whether experiments run.
pub(super) fn read(_: &mut Call<'_>) -> Answer {
    let kv = store()?;
    let off = registry(&kv).off()?;
    Ok(json(StatusCode::OK, &json!({ "off": off })))
}

/// Stops all experiments. Nothing has to be read for it, and doing it twice is doing it once.
pub(super) fn switch_off(call: &mut Call<'_>) -> Answer {
    let fields = call.fields(&["why"])?;
    call.note_why(&fields)?;
    let kv = store()?;
    tell(registry(&kv).switch_off(call.signed())?);
    let off = json!({ "at": call.moment(), "by": call.name(), "why": call.noted.why });
    Ok(json(StatusCode::OK, &json!({ "off": off })))
}

/// Lets experiments run again.
pub(super) fn switch_on(call: &mut Call<'_>) -> Answer {
    let kv = store()?;
    tell(registry(&kv).switch_on(call.signed())?);
    Ok(Response::from_status(StatusCode::NO_CONTENT))
}

/// The switch is what was asked for. That the history does not tell of it is for the log, where the audit line does.
fn tell(note: Note) {
    if let Note::Lost(error) = note {
        let detail = format!("the history does not tell of the kill switch: {error}");
        log::fault(Reason::StoreFailed, "", &detail);
    }
}
