//! The datafile that pages are served from.

use fastly::http::StatusCode;

use super::call::{Answer, Call};
use super::problem::Problem;

/// As JSON, in whichever form it lies in the store.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let datafile = call.context.datafile.current().ok_or_else(none)?;
    let written = serde_json::to_vec(&*datafile).map_err(|error| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "store-unreadable",
            format!("the datafile cannot be written out: {error}"),
            "Publish a draft.",
        )
    })?;
    Ok(call.tagged_json(&datafile.revision().to_string(), || written))
}

/// There is none.
pub(super) fn none() -> Problem {
    Problem::not_found(
        "no datafile has been published, or it cannot be read; the log says why",
        "Publish a draft.",
    )
}
