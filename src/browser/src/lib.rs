//! The engine for the web app. Each function takes and gives plain JavaScript values; every rule is the engine's.

mod js;

use edgewise_engine::{
    Canonical, Datafile, Decision, Destination, Facts, Forced, Page, PageHead, Plan,
    Reach, Visit, VisitorId, assign, cookie, event, rewrite,
};
use wasm_bindgen::prelude::*;

use crate::js::{
    Described, Led, PageJs, Validated, VisitJs, error, from_js, rendered, to_js,
};

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
    to_js(&opened(&datafile, &visitor, page))
}

/// What is decided for a visitor who opens a page.
fn opened<'d>(
    datafile: &'d Datafile,
    visitor: &VisitorId,
    page: Page,
) -> Vec<Decision<'d>> {
    let visit = Visit { page, forced: Forced::default(), reach: Reach::Anywhere };
    assign(datafile, visitor, &visit)
}

/// Where the variants named, `{experiment: variant}`, lead a visit of an address instead of showing its page:
/// `{redirect, page}`, each null if they do not. `page` is what to fetch for `render`.
#[wasm_bindgen]
pub fn destination(
    datafile: &str,
    url: &str,
    variants: JsValue,
) -> Result<JsValue, JsError> {
    let datafile = Datafile::from_json(datafile.as_bytes()).map_err(error)?;
    let page = Page::parse(url).map_err(error)?;
    let chosen = js::choose(&datafile, &from_js(variants)?)?;
    let plan = Plan::for_variants(chosen, Facts::default);
    let found = plan.variants().find_map(|one| Destination::of(one, &page));
    to_js(&Led::to(found.as_ref()))
}

/// Rewrites a page: for `visitor` as the edge would, or with the `variants` named and no other. Where they show another
/// page, `html` has to be that one; where they redirect, there is nothing to show. Tokens in the copy are filled from the
/// address, from `headers` and from `geo`. `csp` tells with which lines of `Content-Security-Policy` the page has to be
/// sent, if not with those that came.
#[wasm_bindgen]
pub fn render(datafile: &str, page: JsValue, html: &[u8]) -> Result<JsValue, JsError> {
    let datafile = Datafile::from_json(datafile.as_bytes()).map_err(error)?;
    let PageJs { url, content_type, csp, visitor, variants, headers, geo } =
        from_js(page)?;
    let page = Page::parse(&url).map_err(error)?;
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let facts = Facts::of_page(&page).with_headers(headers).with_geo(&geo);
    let decisions;
    let mut plan = match (visitor, variants) {
        (_, Some(variants)) => {
            Plan::for_variants(js::choose(&datafile, &variants)?, || facts)
        }
        (Some(visitor), None) => {
            let visitor = VisitorId::new(visitor).map_err(error)?;
            decisions = opened(&datafile, &visitor, page.clone());
            Plan::for_decisions(&decisions, || facts)
        }
        (None, None) => return Err(JsError::new("name a visitor or variants")),
    };
    let led = plan.variants().find_map(|one| Destination::of(one, &page));
    let led = Led::to(led.as_ref());
    let canonical = plan.variants().find_map(|one| Canonical::of(one, &page));
    if let Some(canonical) = &canonical {
        plan = plan.with_canonical(canonical);
    }
    let html = if led.redirects() { &[] } else { html };
    let head = PageHead { content_type, policies: csp };
    let (html, mut report) = rewrite(&plan, &head, html);
    for shown in &mut report.experiments {
        shown.exposed = event::is_exposure(shown);
    }
    let csp = head.policies_for(&plan, &[]).map(|sent| sent.enforced);
    rendered(&html, &report, csp, led)
}

/// What every variant changes and where it leads, in words.
#[wasm_bindgen]
pub fn describe(datafile: &str) -> Result<JsValue, JsError> {
    let datafile = Datafile::from_json(datafile.as_bytes()).map_err(error)?;
    to_js(&datafile.experiments().map(Described::new).collect::<Vec<_>>())
}

/// An id as the edge would make for somebody new.
#[wasm_bindgen]
pub fn new_visitor() -> Result<String, JsError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(error)?;
    Ok(VisitorId::from_random(bits).to_string())
}
