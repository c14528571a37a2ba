//! The engine for the web app. Each function takes and gives plain JavaScript values; every rule is the engine's.

mod js;

use edgewise_engine::{
    Canonical, Datafile, Destination, Facts, Geo, Moment, Page, PageHead, Plan, Visit,
    VisitorId, assign, cookie, decide_line, event, rewrite,
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
    let visit = opened(page, &visit.headers, &visit.geo, visit.at);
    to_js(&assign(&datafile, &visitor, &visit))
}

/// The same for many visits: lines of JSON in, lines of JSON out, as `edgewise decide --batch` has them.
#[wasm_bindgen]
pub fn decide_lines(datafile: &str, lines: &str) -> Result<String, JsError> {
    let datafile = Datafile::from_json(datafile.as_bytes()).map_err(error)?;
    let mut decided = String::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        decided.push_str(&decide_line(&datafile, line.as_bytes()).map_err(error)?);
        decided.push('\n');
    }
    Ok(decided)
}

/// A browser opens the page.
fn opened<'h>(
    page: Page,
    headers: &'h [(String, String)],
    geo: &Geo,
    at: Option<Moment>,
) -> Visit<'h> {
    let headers = || headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let cookies = headers().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let history = cookie::remembered(cookies.map(|(_, line)| line));
    let facts = Facts::of_page(&page)
        .with_headers(headers())
        .with_geo(geo)
        .with_history(history.map(|(_, history)| history));
    let facts = match at {
        Some(at) => facts.at(at),
        None => facts,
    };
    Visit { facts, ..Visit::to(page) }
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
    let plan = Plan::for_variants(chosen, &Facts::default());
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
    let PageJs { url, content_type, csp, visitor, variants, headers, geo, at } =
        from_js(page)?;
    let page = Page::parse(&url).map_err(error)?;
    let visit = opened(page.clone(), &headers, &geo, at);
    let decisions;
    let mut plan = match (visitor, variants) {
        (_, Some(variants)) => {
            Plan::for_variants(js::choose(&datafile, &variants)?, &visit.facts)
        }
        (Some(visitor), None) => {
            let visitor = VisitorId::new(visitor).map_err(error)?;
            decisions = assign(&datafile, &visitor, &visit);
            Plan::for_decisions(&decisions, &visit.facts)
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
