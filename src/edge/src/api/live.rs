//! What is live, and making another draft live.

use edgewise_engine::registry::RegistryError;
use fastly::compute_runtime;
use fastly::http::StatusCode;
use fastly::http::header::ETAG;
use serde_json::json;

use super::call::{Answer, Call, json, no_experiment, registry, store};
use super::problem::{Problem, entries};
use super::{density, drafts, history};
use crate::log;

/// Where the answer comes from.
fn served_by() -> &'static str {
    compute_runtime::pop()
}

/// What the pointer says now, and what this sandbox serves.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let kv = store()?;
    let registry = registry(&kv);
    let live = registry.live()?;
    let record = match &live {
        Some((live, _)) => {
            Some(history::with_hash(&live.record, &registry.record(&live.record)?))
        }
        None => None,
    };
    let serving = call.context.datafile.current().map(|datafile| datafile.revision());
    let revision = live.map_or(0, |(live, _)| live.revision);
    let answer = json!({
        "revision": revision,
        "record": record,
        "off": registry.off()?,
        "serving": serving,
        "read_at": log::timestamp(call.now),
        "served_by": served_by(),
    });
    // Not only the revision is in it, so the tag is for writing, not for knowing it already.
    Ok(json(StatusCode::OK, &answer).with_header(ETAG, format!("\"{revision}\"")))
}

/// The same of one experiment.
pub(super) fn of_experiment(call: &mut Call<'_>) -> Answer {
    let key = call.key()?;
    let kv = store()?;
    let registry = registry(&kv);
    let live = registry.live()?;
    let off = registry.off()?;
    let published = match &live {
        Some((live, _)) => registry.datafile(live)?.experiment(&key).map(|one| {
            let share = |variant: &edgewise_engine::Variant| {
                json!({ "key": variant.key, "weight": variant.weight, "stopped": variant.stopped })
            };
            let variants: Vec<_> = one.variants.iter().map(share).collect();
            json!({ "status": one.status, "coverage": one.coverage, "variants": variants })
        }),
        None => None,
    };
    let serving = call.context.datafile.current().map(|datafile| {
        let status = datafile.experiment(&key).map(|one| one.status);
        json!({ "revision": datafile.revision(), "status": status })
    });
    let is_served = serving.as_ref().is_some_and(|one| !one["status"].is_null());
    if published.is_none() && !is_served {
        return Err(no_experiment(&key));
    }
    let answer = json!({
        "key": key,
        "revision": live.map_or(0, |(live, _)| live.revision),
        "live": published,
        "serving": serving,
        "off": off,
        "read_at": log::timestamp(call.now),
        "served_by": served_by(),
    });
    Ok(json(StatusCode::OK, &answer))
}

/// The draft that is live.
pub(super) fn draft(call: &mut Call<'_>) -> Answer {
    let kv = store()?;
    let registry = registry(&kv);
    let Some((live, _)) = registry.live()? else {
        return Err(Problem::not_found(
            "nothing has been published here, or it was put there by hand",
            "Publish a draft.",
        ));
    };
    let text = registry.draft(&live)?;
    let draft = drafts::outline(&text)?;
    // So that publishing it again says what it was made from.
    let write = || draft.write(Some(live.revision)).into_bytes();
    Ok(call.tagged_json(&live.revision.to_string(), write))
}

/// Makes a whole draft live.
pub(super) fn publish(call: &mut Call<'_>) -> Answer {
    let (fields, draft) = call.fields_and_text("draft", &["draft", "why"])?;
    call.body = Vec::new();
    call.note_why(&fields)?;
    let expect = call.expected_revision()?;
    let draft = match draft {
        // Its text, of which the body's own check has seen no more than that it is one.
        Some(draft) if draft.starts_with('"') => {
            let text = serde_json::from_str::<String>(&draft).map_err(|error| {
                let why = format!("\"draft\" is a text that cannot be read: {error}");
                Problem::field("/draft", why, "Send the draft as it is.")
            })?;
            density::check(text.as_bytes())?;
            text
        }
        Some(draft) if draft.starts_with('{') => draft,
        _ => {
            return Err(Problem::field(
                "/draft",
                "\"draft\" is not an object",
                "Send the draft as it is, or its text.",
            ));
        }
    };
    drafts::check_size(&draft, call.budget.used())?;
    let kv = store()?;
    let may_tell = || call.budget.has_half();
    let registry = registry(&kv).telling_while(&may_tell);
    let published = registry.publish(&draft, expect, call.signed())?;
    call.noted.revision = Some(published.revision);
    let answer = json!({
        "revision": published.revision,
        "changes": published.changes,
        "problems": entries(&published.problems, None),
    });
    Ok(json(StatusCode::OK, &answer)
        .with_header(ETAG, format!("\"{}\"", published.revision)))
}

/// Makes live again what was live before.
pub(super) fn rollback(call: &mut Call<'_>) -> Answer {
    let fields = call.fields(&["revision", "why"])?;
    call.note_why(&fields)?;
    let revision = fields.revision()?.ok_or_else(|| {
        let hint = "Say to which revision; GET /history lists those there are.";
        Problem::field("/revision", "\"revision\" is missing", hint)
    })?;
    let expect = call.expected_revision()?;
    let kv = store()?;
    let (may_go_on, may_tell) = (|| !call.budget.is_spent(), || call.budget.has_half());
    let registry = registry(&kv).walking_while(&may_go_on).telling_while(&may_tell);
    let done = registry.rollback(revision, expect, call.signed());
    let published = done.map_err(|error| match error {
        RegistryError::NotFound(_) => super::call::no_revision(&revision.to_string()),
        error => error.into(),
    })?;
    call.noted.revision = Some(published.revision);
    let answer = json!({
        "revision": published.revision,
        "restores": revision,
        "changes": published.changes,
        "problems": entries(&published.problems, None),
    });
    Ok(json(StatusCode::OK, &answer)
        .with_header(ETAG, format!("\"{}\"", published.revision)))
}
