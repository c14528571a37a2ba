//! Signing in: an access token is shown once, and what the browser keeps in mind lasts a quarter of an hour.

use std::time::{Duration, UNIX_EPOCH};

use edgewise_engine::Session;
use fastly::Response;
use fastly::http::StatusCode;
use serde_json::json;

use super::call::{Answer, Call, json};
use super::problem::Problem;
use crate::visit::{SIGNING_KEY, seconds_since_1970};
use crate::{log, store};

/// Exchanges an access token for the token of a session.
pub(super) fn open(call: &mut Call<'_>) -> Answer {
    call.fields(&[])?;
    let Some(caller) = &call.caller else { return Err(not_an_access_token()) };
    if caller.session.is_some() {
        // Or one that was stolen would never end.
        return Err(not_an_access_token());
    }
    let Some(key) = store::secret(SIGNING_KEY) else {
        return Err(super::refuse(crate::access::Denied::NotSetUp(SIGNING_KEY)));
    };
    let holder = caller.holder.clone();
    let session = Session { holder, issued_at: seconds_since_1970(call.now) };
    let ends = UNIX_EPOCH + Duration::from_secs(session.expires_at());
    let answer = json!({
        "token": session.sign(&key),
        "expires_at": log::timestamp(ends),
        "name": session.holder.name,
        "role": session.holder.role,
    });
    Ok(json(StatusCode::CREATED, &answer))
}

fn not_an_access_token() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "access-token-needed",
        "a session cannot be opened with the token of another",
        "Send the access token itself.",
    )
}

/// Signing out is forgetting the token: nothing of a session is kept here.
pub(super) fn close() -> Response {
    Response::from_status(StatusCode::NO_CONTENT)
}

/// Who asks.
pub(super) fn me(call: &mut Call<'_>) -> Answer {
    let Some(caller) = &call.caller else { return Err(not_an_access_token()) };
    let mut answer = json!({
        "name": caller.holder.name,
        "role": caller.holder.role,
        "fresh": caller.is_fresh(call.now),
    });
    if let Some(session) = &caller.session {
        let ends = UNIX_EPOCH + Duration::from_secs(session.expires_at());
        answer["expires_at"] = log::timestamp(ends).into();
    }
    Ok(json(StatusCode::OK, &answer))
}
