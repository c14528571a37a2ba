//! Signed links that force a variant.

use std::time::Duration;

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
    let fields = call.fields(&["experiment", "variant", "path"])?;
    let hint = "Say which experiment, which variant and which page.";
    let experiment = ExperimentKey::new(fields.needed("experiment", hint)?)
        .map_err(|error| Problem::field("/experiment", error.to_string(), hint))?;
    let variant = VariantKey::new(fields.needed("variant", hint)?)
        .map_err(|error| Problem::field("/variant", error.to_string(), hint))?;
    call.noted.target = Some(format!("{}.{}", experiment.as_str(), variant.as_str()));
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
    let token =
        Forced::one(experiment, variant).sign(&key, seconds_since_1970(expires_at));
    let separator = if path.contains('?') { '&' } else { '?' };
    let link = json!({
        "url": format!("{path}{separator}{FORCED_PARAMETER}={token}"),
        "expires_at": log::timestamp(expires_at),
    });
    Ok(json(StatusCode::CREATED, &link))
}
