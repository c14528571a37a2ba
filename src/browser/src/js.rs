//! JavaScript values to engine types and back: the one place that knows `JsValue`'s shapes.

use std::collections::BTreeMap;

use edgewise_engine::{
    Change, Datafile, Destination, Experiment, Framework, Geo, Moment, Passed, Problems,
    Report, Variant,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsError, JsValue};

/// Plain objects, and null for what is missing; the default would give `Map`s and `undefined`.
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    value.serialize(&Serializer::json_compatible()).map_err(error)
}

pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, JsError> {
    serde_wasm_bindgen::from_value(value).map_err(error)
}

/// Only for what the app got wrong; what people got wrong comes back as data.
pub(crate) fn error(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

#[derive(Deserialize)]
pub(crate) struct VisitJs {
    pub(crate) url: String,
    pub(crate) visitor: Option<String>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) geo: Geo,
    pub(crate) at: Option<Moment>,
}

/// The value of a `Cookie` header.
pub(crate) fn cookie_line((name, value): &(String, String)) -> Option<&str> {
    name.eq_ignore_ascii_case("cookie").then_some(value.as_str())
}

#[derive(Deserialize)]
pub(crate) struct PageJs {
    pub(crate) url: String,
    pub(crate) content_type: Option<String>,
    #[serde(default)]
    pub(crate) csp: Vec<String>,
    pub(crate) visitor: Option<String>,
    pub(crate) variants: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) geo: Geo,
    pub(crate) at: Option<Moment>,
}

/// Experiments and variants by their keys.
pub(crate) fn choose<'d>(
    datafile: &'d Datafile,
    variants: &BTreeMap<String, String>,
) -> Result<Vec<(&'d Experiment, &'d Variant)>, JsError> {
    // The datafile's order settles conflicts, not the order of the names.
    for (experiment, variant) in variants {
        let known =
            datafile.experiment(experiment).and_then(|found| found.variant(variant));
        if known.is_none() {
            return Err(error(format!(
                "there is no variant {variant:?} of {experiment:?}"
            )));
        }
    }
    let chosen = datafile.experiments().filter_map(|experiment| {
        let variant = experiment.variant(variants.get(experiment.key.as_str())?)?;
        Some((experiment, variant))
    });
    Ok(chosen.collect())
}

#[derive(Serialize)]
pub(crate) struct Validated<'a> {
    pub(crate) problems: &'a Problems,
    pub(crate) datafile: Option<&'a Datafile>,
}

/// Where a visit is led instead of to the page it asked for.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Led<'a> {
    redirect: Option<&'a str>,
    page: Option<&'a str>,
}

impl<'a> Led<'a> {
    pub(crate) fn to(destination: Option<&'a Destination>) -> Self {
        Self {
            redirect: destination.and_then(Destination::redirect),
            page: destination.and_then(Destination::page),
        }
    }

    pub(crate) fn redirects(self) -> bool {
        self.redirect.is_some()
    }
}

#[derive(Serialize)]
struct Rendered<'a> {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    html: JsValue,
    passed: Option<&'static str>,
    csp: Option<Vec<String>>,
    redirect: Option<&'a str>,
    page: Option<&'a str>,
    framework: Option<Framework>,
    experiments: &'a [edgewise_engine::Shown<'a>],
}

/// A rewritten page and what was done to it.
pub(crate) fn rendered(
    html: &[u8],
    report: &Report<'_>,
    csp: Option<Vec<String>>,
    led: Led<'_>,
) -> Result<JsValue, JsError> {
    to_js(&Rendered {
        html: js_sys::Uint8Array::from(html).into(),
        passed: report.passed.map(Passed::as_str),
        csp,
        redirect: led.redirect,
        page: led.page,
        framework: report.framework,
        experiments: &report.experiments,
    })
}

#[derive(Serialize)]
pub(crate) struct Described<'a> {
    experiment: &'a str,
    variants: Vec<DescribedVariant<'a>>,
}

#[derive(Serialize)]
struct DescribedVariant<'a> {
    variant: &'a str,
    leads: Option<String>,
    changes: Vec<String>,
}

impl<'a> Described<'a> {
    pub(crate) fn new(experiment: &'a Experiment) -> Self {
        let variants = experiment.variants.iter().map(|variant| DescribedVariant {
            variant: variant.key.as_str(),
            leads: variant.describe_destination(),
            changes: variant.changes.iter().map(Change::describe).collect(),
        });
        Self { experiment: experiment.key.as_str(), variants: variants.collect() }
    }
}
