//! The kill switch.

use fastly::Response;
use fastly::http::StatusCode;
use serde_json::json;

use super::call::{Answer, Call, json, registry, store};

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
    registry(&kv).switch_off(call.signed())?;
    let off = json!({ "at": call.moment(), "by": call.name(), "why": call.noted.why });
    Ok(json(StatusCode::OK, &json!({ "off": off })))
}

/// Lets experiments run again.
pub(super) fn switch_on(_: &mut Call<'_>) -> Answer {
    let kv = store()?;
    registry(&kv).switch_on()?;
    Ok(Response::from_status(StatusCode::NO_CONTENT))
}
