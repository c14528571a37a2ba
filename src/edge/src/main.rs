//! Edgewise on Fastly Compute: fastly types to engine types and back, nothing else.

mod header;
mod options;
mod budget;
mod log;
mod registry;
mod store;
mod timing;
mod validators;
mod visit;
mod route;
mod origin;
mod unpack;
mod gate;
mod stream;
mod finished;
mod destination;
mod page;
mod damping;
mod access;
mod app;
mod api;
mod kept;

use std::rc::Rc;
use std::time::Duration;

use edgewise_engine::event::Answer;
use edgewise_engine::{
    Canonical, Datafile, Facts, Page, Plan, Repeats, assign_on_page, may_be_remembered,
};
use fastly::Request;
use fastly::http::Method;
use fastly::http::serve::Serve;

use crate::budget::Budget;
use crate::header::Names;
use crate::route::Again;
use crate::visit::Asked;

/// What a sandbox keeps between requests.
#[derive(Default)]
struct Context {
    datafile: store::Cached,
    options: options::Options,
    failures: damping::Failures,
    finished: finished::Cache,
    repeats: Repeats,
}

fn main() {
    let mut context = Context { options: options::Options::read(), ..Context::default() };
    route::find(&context.options);
    Serve::new()
        .with_max_requests(1_000)
        .with_max_lifetime(Duration::from_secs(60))
        .with_max_memory(budget::MEMORY_MIB)
        .run_with_context(serve, &mut context);
}

/// A request, and what is better done when nobody waits for it any more.
fn serve(request: Request, context: &mut Context) {
    answer(request, context);
    context.datafile.refresh_after();
}

/// The life of a request. Each step takes values and gives values; whatever goes wrong, the origin's own bytes go on.
fn answer(mut request: Request, context: &mut Context) {
    if let Some(path) = app::path(&request) {
        return app::respond(request, &path, context).send_to_client();
    }
    let names = Names::of(request.get_header_names());
    let ours = visit::take(&mut request, &names);
    if origin::is_upgrade(&request, &names) {
        return origin::hand_off(request);
    }
    if origin::is_refused(&request) {
        return origin::refuse().send_to_client();
    }
    header::strip_hop_by_hop_of(&mut request, &names);
    if route::is_from_edge(&mut request) {
        return origin::pass(request);
    }
    if !origin::wants_page(&request) {
        return page::pass_file(request, &mut context.datafile);
    }
    let Ok(page) = Page::parse(request.get_url_str()) else {
        return origin::pass(request);
    };
    let datafile = context.datafile.running();
    let has_none = |one: &Rc<Datafile>| one.candidates(&page).is_empty();
    if !ours.asks_for_timing() && datafile.as_ref().is_some_and(has_none) {
        context.datafile.log_unreadable();
        return origin::pass(request);
    }
    let budget = Budget::begin(&context.options);
    let Some(mut visitor) = visit::read(&request, page, &names, ours) else {
        return origin::pass(request);
    };
    let Some(datafile) = datafile else {
        return origin::pass_with(request, |response| visitor.tell(response));
    };
    visitor.adopt(&request, &datafile);
    let asked = Asked { request: &request, names: &names };
    let visit = visitor.visit(&asked);
    let mut decisions = assign_on_page(&datafile, &visitor.visitor, &visit);
    context.datafile.log_unreadable();
    let revision = datafile.revision();
    if let Some(timing) = &mut visitor.timing {
        timing.decide(&decisions, revision);
    }
    if decisions.is_empty() {
        return origin::pass_with(request, |response| visitor.tell(response));
    }
    visitor.remember(&visit, &datafile, &decisions);
    if let Some(mut redirect) = destination::redirect(&mut decisions, &visitor) {
        visitor.tell(&mut redirect);
        redirect.send_to_client();
        let plan = Plan::for_decisions(&decisions, &Facts::default());
        return log::led(&plan, Answer::Redirect, &visitor, revision);
    }
    let other_page = destination::fetch_page(&request, &mut decisions);
    let mut plan = Plan::for_decisions(&decisions, &visit.facts);
    if plan.is_empty() {
        let remembers = page::hangs_on_cookie(&decisions, &visitor)
            && may_be_remembered(&datafile, &visit);
        let cookie_for = remembers.then_some(&visitor);
        return page::pass_left_out(request, &decisions, cookie_for, &visitor);
    }
    let cache = &mut context.finished;
    let wanted = cache.wants(&request, &context.options, &plan, &visitor, revision);
    if let Some(found) = wanted.as_ref().and_then(|wanted| cache.find(wanted)) {
        return found.send(&visitor, revision);
    }
    origin::tell(&mut request, &decisions);
    let canonical =
        plan.variants().find_map(|variant| Canonical::of(variant, &visitor.page));
    if let Some(canonical) = &canonical {
        plan = plan.with_canonical(canonical);
    }
    // Where variants lead elsewhere, a page counts each time it is shown, so it is shown each time.
    let may_keep = *request.get_method() == Method::GET && !plan.has_destinations();
    let mut current = None;
    let fetched = other_page.or_else(|| {
        origin::ask_for_page(&mut request);
        if may_keep && !visitor.held.is_empty() {
            let plan = plan.fingerprint();
            let fingerprint = validators::fingerprint(&plan, &visitor.visitor, revision);
            current = visitor.held.ask(&fingerprint, &mut request);
        }
        let again = Again::of_page(&request);
        Some((origin::fetch_away(request, &again)?, again))
    });
    let Some((response, again)) = fetched else {
        origin::unreachable().send_to_client();
        return log::led(&plan, Answer::Other, &visitor, revision);
    };
    if let Some(current) = current.filter(|one| one.is_confirmed_by(&response)) {
        return stream::send_not_modified(response, current.tag(), &visitor);
    }
    let page = stream::OfExperiments {
        plan: &plan,
        visitor: &visitor,
        revision,
        budget: &budget,
        again: &again,
    };
    let repeats = context.repeats.of(&datafile);
    page.send(response, canonical.as_ref(), wanted, &mut context.finished, repeats);
}
