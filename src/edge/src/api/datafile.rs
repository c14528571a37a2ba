//! The datafile that pages are served from.

use fastly::http::StatusCode;
use serde_json::Value;

use super::call::{Answer, Call};
use super::problem::Problem;

/// As JSON, in whichever form it lies in the store.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let datafile = call.context.datafile.current().ok_or_else(none)?;
    let value = serde_json::to_value(&*datafile).map_err(|error| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store-unreadable",
            format!("the datafile cannot be written out: {error}"),
            "Publish a draft.",
        )
    })?;
    let value: &Value = &value;
    Ok(call.tagged(&datafile.revision().to_string(), value))
}

/// There is none.
pub(super) fn none() -> Problem {
    Problem::not_found(
        "no datafile has been published, or it cannot be read; the log says why",
        "Publish a draft.",
    )
}
