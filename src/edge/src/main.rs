//! Edgewise on Fastly Compute: fastly types to engine types and back, nothing else.

mod header;
mod options;
mod budget;
mod log;
mod store;
mod visit;
mod origin;
mod gate;
mod stream;
mod finished;
mod destination;
mod access;
mod app;
mod api;
mod kept;

use std::time::Duration;

use edgewise_engine::event::Answer;
use edgewise_engine::{
    Canonical, Decision, Facts, Plan, assign_on_page, may_be_remembered,
};
use fastly::Request;
use fastly::http::serve::Serve;

use crate::budget::Budget;
use crate::gate::PassThrough;
use crate::stream::Sent;
use crate::visit::Asked;

/// What a sandbox keeps between requests.
#[derive(Default)]
struct Context {
    datafile: store::Cached,
    options: options::Options,
    finished: finished::Cache,
}

fn main() {
    let mut context = Context { options: options::Options::read(), ..Context::default() };
    Serve::new()
        .with_max_requests(1_000)
        .with_max_lifetime(Duration::from_secs(60))
        .with_max_memory(budget::MEMORY_MIB)
        .run_with_context(serve, &mut context);
}

/// The life of a request. Each step takes values and gives values; whatever goes wrong, the origin's own bytes go on.
fn serve(mut request: Request, context: &mut Context) {
    let budget = Budget::begin(&context.options);
    if origin::is_upgrade(&request) {
        return origin::hand_off(request);
    }
    if let Some(path) = app::path(&request) {
        return app::respond(request, &path, context).send_to_client();
    }
    let Some(mut visitor) = visit::read(&mut request) else {
        return origin::pass(request);
    };
    if !origin::wants_page(&request) {
        return origin::pass(request);
    }
    let Some(datafile) = context.datafile.current() else {
        return origin::pass(request);
    };
    visitor.adopt(&request, &datafile);
    let asked = Asked(&request);
    let visit = visitor.visit(&asked);
    let mut decisions = assign_on_page(&datafile, &visitor.visitor, &visit);
    context.datafile.log_unreadable();
    if decisions.is_empty() {
        return origin::pass(request);
    }
    visitor.remember(&visit, &datafile, &decisions);
    let revision = datafile.revision();
    if let Some(redirect) = destination::redirect(&mut decisions, &visitor) {
        redirect.send_to_client();
        let plan = Plan::for_decisions(&decisions, &Facts::default());
        return log::led(&plan, Answer::Redirect, &visitor, revision);
    }
    let other_page = destination::fetch_page(&request, &mut decisions);
    let mut plan = Plan::for_decisions(&decisions, &visit.facts);
    if plan.is_empty() {
        let hangs = |one: &Decision<'_>| {
            one.hangs_on_history() || visitor.is_new && one.hangs_on_visitor()
        };
        if decisions.iter().any(hangs) && may_be_remembered(&datafile, &visit) {
            return origin::pass_and_remember(request, &visitor);
        }
        return origin::pass(request);
    }
    let cache = &mut context.finished;
    let wanted = cache.wants(&request, &context.options, &plan, &visitor, revision);
    if let Some(found) = wanted.as_ref().and_then(|wanted| cache.find(wanted)) {
        return found.send(&visitor);
    }
    origin::tell(&mut request, &decisions);
    let canonical =
        plan.variants().find_map(|variant| Canonical::of(variant, &visitor.page));
    if let Some(canonical) = &canonical {
        plan = plan.with_canonical(canonical);
    }
    let Some(mut response) = other_page.or_else(|| origin::fetch_page(request)) else {
        origin::unreachable().send_to_client();
        return log::led(&plan, Answer::Other, &visitor, revision);
    };
    let head = gate::check(&response);
    if plan.has_destinations() {
        // Also where the page cannot be rewritten: without their cookie, visitors would be asked anew each time.
        stream::for_one_visitor(&mut response, &visitor);
    }
    if let Some(canonical) = &canonical {
        destination::name_canonical(&mut response, canonical);
    }
    let head = match head {
        Ok(head) => head,
        Err(PassThrough::Because(why, found)) => {
            origin::send(response);
            log::passed(why, visitor.page.path(), &found);
            return log::led(&plan, why.answer(), &visitor, revision);
        }
        Err(PassThrough::Head) => {
            stream::headers(&mut response);
            return origin::send(response);
        }
    };
    let mut kept = wanted.and_then(|wanted| wanted.from(&response));
    match stream::send(response, &plan, head, &visitor, &budget, kept.as_mut()) {
        Sent::Whole(report) => {
            log::exposures(&report, &visitor, revision);
            if let Some(kept) = kept {
                cache.keep(kept, log::values(&report, &visitor, revision));
            }
        }
        Sent::AsItCame => log::led(&plan, Answer::Page, &visitor, revision),
        Sent::Not => log::led(&plan, Answer::Other, &visitor, revision),
    }
}
