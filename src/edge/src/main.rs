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
mod destination;
mod damping;
mod access;
mod app;
mod api;
mod kept;

use std::time::Duration;

use edgewise_engine::event::Answer;
use edgewise_engine::{
    Canonical, Decision, Facts, Page, Plan, Status, assign_on_page, may_be_remembered,
};
use fastly::http::Method;
use fastly::http::serve::Serve;
use fastly::{Request, Response};

use crate::budget::Budget;
use crate::gate::PassThrough;
use crate::stream::Sent;
use crate::visit::{Arrival, Asked};

/// What a sandbox keeps between requests.
#[derive(Default)]
struct Context {
    datafile: store::Cached,
    options: options::Options,
    failures: damping::Failures,
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
    let budget = Budget::begin(&context.options);
    if let Some(path) = app::path(&request) {
        return app::respond(request, &path, context).send_to_client();
    }
    let ours = visit::take(&mut request);
    if origin::is_upgrade(&request) {
        return origin::hand_off(request);
    }
    if origin::is_refused(&request) {
        return origin::refuse().send_to_client();
    }
    if route::is_from_edge(&mut request) {
        return origin::pass(request);
    }
    if !origin::wants_page(&request) {
        return pass_file(request, context);
    }
    let Some(mut visitor) = visit::read(&request, ours) else {
        return origin::pass(request);
    };
    let Some(datafile) = context.datafile.running() else {
        return origin::pass_with(request, |response| visitor.tell(response));
    };
    visitor.adopt(&request, &datafile);
    let asked = Asked(&request);
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
        let remembers =
            hangs_on_cookie(&decisions, &visitor) && may_be_remembered(&datafile, &visit);
        let cookie_for = remembers.then_some(&visitor);
        return pass_left_out(request, &decisions, cookie_for, &visitor);
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
            let fingerprint = validators::fingerprint(&plan, &visitor.visitor, revision);
            current = visitor.held.ask(&fingerprint, &mut request);
        }
        origin::fetch(request)
    });
    let Some(mut response) = fetched else {
        origin::unreachable().send_to_client();
        return log::led(&plan, Answer::Other, &visitor, revision);
    };
    if let Some(current) = current.filter(|one| one.is_confirmed_by(&response)) {
        // Who saw the page counted when it was sent; the browser shows it once more.
        current.confirm(&mut response);
        stream::for_one_visitor(&mut response, &visitor);
        visitor.tell(&mut response);
        return origin::send(response);
    }
    send_page(response, &plan, canonical.as_ref(), &visitor, revision, &budget);
}

/// Sends what the origin gave for a page with experiments: rewritten, if it may be.
fn send_page(
    mut response: Response,
    plan: &Plan<'_>,
    canonical: Option<&Canonical>,
    visitor: &Arrival,
    revision: u64,
    budget: &Budget,
) {
    let head = gate::check(&response);
    if plan.has_destinations() {
        // Also where the page cannot be rewritten: without their cookie, visitors would be asked anew each time.
        stream::for_one_visitor(&mut response, visitor);
    }
    if let Some(canonical) = canonical {
        destination::name_canonical(&mut response, canonical);
    }
    match head {
        Ok(head) => {
            let fingerprint =
                || validators::fingerprint(plan, &visitor.visitor, revision);
            let may_keep = !plan.has_destinations();
            let tag =
                may_keep.then(|| validators::tag(&response, &fingerprint())).flatten();
            match stream::send(response, plan, head, tag, visitor, budget) {
                Sent::Whole(report) => log::exposures(&report, visitor, revision),
                Sent::AsItCame => log::led(plan, Answer::Page, visitor, revision),
                Sent::Not => log::led(plan, Answer::Other, visitor, revision),
            }
        }
        Err(PassThrough::Because(why, found)) => {
            if gate::is_of_page(&response) {
                stream::keep_private(&mut response);
            }
            visitor.tell(&mut response);
            origin::send(response);
            log::passed(why, visitor.page.path(), &found);
            log::led(plan, why.answer(), visitor, revision);
        }
        Err(PassThrough::Head) => {
            stream::headers(&mut response);
            visitor.tell(&mut response);
            origin::send(response);
        }
    }
}

/// Whether an experiment that is not for this visit hangs on who the visitor is, or on their earlier visits.
fn hangs_on_cookie(decisions: &[Decision<'_>], visitor: &Arrival) -> bool {
    let hangs = |one: &Decision<'_>| {
        one.hangs_on_history() || visitor.is_new && one.hangs_on_visitor()
    };
    decisions.iter().any(hangs)
}

/// Passes a page on which experiments run, none of them for this visit.
fn pass_left_out(
    request: Request,
    decisions: &[Decision<'_>],
    cookie_for: Option<&Arrival>,
    visitor: &Arrival,
) {
    let is_open = decisions.iter().any(Decision::hangs_on_request);
    origin::pass_with(request, |response| {
        if let Some(visitor) = cookie_for.filter(|_| gate::page_type(response).is_ok()) {
            stream::for_one_visitor(response, visitor);
        } else if is_open && gate::is_of_page(response) {
            stream::keep_private(response);
        }
        visitor.tell(response);
    });
}

/// Passes a request that is not for a page. What comes may be one all the same, as to a script that asks ahead; where an
/// experiment runs on it, no cache may give it to those who open it.
fn pass_file(request: Request, context: &mut Context) {
    let reads = matches!(*request.get_method(), Method::GET | Method::HEAD);
    origin::pass_with(request, |response| {
        if reads && gate::is_of_page(response) && runs_on(response, context) {
            stream::keep_private(response);
        }
    });
}

/// Whether an experiment runs on the page that the response is of.
fn runs_on(response: &Response, context: &mut Context) -> bool {
    let asked = response.get_backend_request().map(Request::get_url_str);
    let page = asked.and_then(|url| Page::parse(url).ok());
    let (Some(page), Some(datafile)) = (page, context.datafile.running()) else {
        return false;
    };
    let candidates = datafile.candidates(&page).into_iter();
    let mut running = candidates.filter(|one| one.status == Status::Running);
    running.any(|one| one.pages.matches(&page))
}
