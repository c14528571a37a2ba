//! The engine for the web app. Each function takes and gives plain JavaScript values; every rule is the engine's.

mod js;

use edgewise_engine::{
    Datafile, Facts, Forced, Page, PageHead, Plan, Visit, VisitorId, assign, cookie,
    rewrite,
};
use wasm_bindgen::prelude::*;

use crate::js::{Described, PageJs, Validated, VisitJs, error, from_js, rendered, to_js};

/// Checks a draft: `{problems, datafile}`, the datafile null if there are errors.
#[wasm_bindgen]
pub fn validate(draft: &str) -> Result<JsValue, JsError> {
    let (datafile, problems) = edgewise_engine::validate(draft, 0);
    to_js(&Validated { problems: &problems, datafile: datafile.as_ref() })
}

/// Decides every experiment of a datafile for `{url, visitor, headers?}`.
#[wasm_bindgen]
pub fn decide(datafile: &str, visit: JsValue) -> Result<JsValue, JsError> {
    let datafile = Datafile::from_json(datafile.as_bytes()).map_err(error)?;
    let visit: VisitJs = from_js(visit)?;
    let page = Page::parse(&visit.url).map_err(error)?;
    let visitor = match visit.visitor {
        Some(visitor) => VisitorId::new(visitor).map_err(error)?,
        None => cookie::visitor(visit.headers.iter().filter_map(js::cookie_line))
            .ok_or_else(|| JsError::new("the visit names no visitor"))?,
    };
    to_js(&assign(&datafile, &visitor, &Visit { page, forced: Forced::default() }))
}

/// Rewrites a page: for `visitor` as the edge would, or with the `variants` named and no other. Tokens in the copy are
/// filled from the address, from `headers` and from `geo`.
#[wasm_bindgen]
pub fn render(datafile: &str, page: JsValue, html: &[u8]) -> Result<JsValue, JsError> {
    let datafile = Datafile::from_json(datafile.as_bytes()).map_err(error)?;
    let PageJs { url, content_type, csp, visitor, variants, headers, geo } =
        from_js(page)?;
    let page = Page::parse(&url).map_err(error)?;
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let facts = Facts::of_page(&page).with_headers(headers).with_geo(&geo);
    let decisions;
    let plan = match (visitor, variants) {
        (_, Some(variants)) => {
            Plan::for_variants(js::choose(&datafile, &variants)?, || facts)
        }
        (Some(visitor), None) => {
            let visitor = VisitorId::new(visitor).map_err(error)?;
            decisions =
                assign(&datafile, &visitor, &Visit { page, forced: Forced::default() });
            Plan::for_decisions(&decisions, || facts)
        }
        (None, None) => return Err(JsError::new("name a visitor or variants")),
    };
    let (html, report) = rewrite(&plan, &PageHead { content_type, policies: csp }, html);
    rendered(&html, &report)
}

/// What every variant changes, in words.
#[wasm_bindgen]
pub fn describe(datafile: &str) -> Result<JsValue, JsError> {
    let datafile = Datafile::from_json(datafile.as_bytes()).map_err(error)?;
    to_js(&datafile.experiments().iter().map(Described::new).collect::<Vec<_>>())
}

/// An id as the edge would make for somebody new.
#[wasm_bindgen]
pub fn new_visitor() -> Result<String, JsError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(error)?;
    Ok(VisitorId::from_random(bits).to_string())
}
