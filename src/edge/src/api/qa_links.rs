//! Signed links that force a variant.

use std::time::Duration;

use edgewise_engine::debug::{self, DEBUG_PARAMETER};
use edgewise_engine::forced::FORCED_PARAMETER;
use edgewise_engine::{ExperimentKey, Forced, VariantKey};
use fastly::http::StatusCode;
use serde_json::json;

use super::call::{Answer, Call, json};
use super::problem::Problem;
use super::{datafile, pages};
use crate::access::Denied;
use crate::visit::{SIGNING_KEY, seconds_since_1970};
use crate::{log, store};

/// How long a QA link works.
const QA_LINK_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Makes one, for a page of the site.
pub(super) fn make(call: &mut Call<'_>) -> Answer {
    let fields = call.fields(&["experiment", "variant", "path", "debug"])?;
    let hint = "Say which experiment, which variant and which page.";
    let experiment = ExperimentKey::new(fields.needed("experiment", hint)?)
        .map_err(|error| Problem::field("/experiment", error.to_string(), hint))?;
    let variant = VariantKey::new(fields.needed("variant", hint)?)
        .map_err(|error| Problem::field("/variant", error.to_string(), hint))?;
    call.noted.target = Some(format!("{}.{}", experiment.as_str(), variant.as_str()));
    let debugs = match fields.0.get("debug") {
        None => false,
        Some(value) => value.as_bool().ok_or_else(|| {
            let message = "\"debug\" is not true or false";
            Problem::field("/debug", message, "Write true or false, without quotes.")
        })?,
    };
    let path = fields.needed("path", hint)?.to_owned();
    if !pages::is_path(&path) {
        return Err(pages::bad_path("/path"));
    }
    let datafile = call.context.datafile.current().ok_or_else(datafile::none)?;
    let known = datafile
        .experiment(experiment.as_str())
        .is_some_and(|experiment| experiment.variant(variant.as_str()).is_some());
    if !known {
        let (variant, experiment) = (variant.as_str(), experiment.as_str());
        return Err(Problem::not_found(
            format!("there is no variant {variant:?} of {experiment:?}"),
            "A link works for what is published, also as a draft.",
        ));
    }
    let Some(key) = store::secret(SIGNING_KEY) else {
        return Err(super::refuse(Denied::NotSetUp(SIGNING_KEY)));
    };
    let expires_at = call.now + QA_LINK_LIFETIME;
    let seconds = seconds_since_1970(expires_at);
    let token = Forced::one(experiment, variant).sign(&key, seconds);
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut url = format!("{path}{separator}{FORCED_PARAMETER}={token}");
    if debugs {
        url.push_str(&format!("&{DEBUG_PARAMETER}={}", debug::sign(&key, seconds)));
    }
    let link = json!({
        "url": url,
        "expires_at": log::timestamp(expires_at),
    });
    Ok(json(StatusCode::CREATED, &link))
}
