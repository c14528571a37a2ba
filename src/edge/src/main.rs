//! Edgewise on Fastly Compute: fastly types to engine types and back, nothing else.

mod log;
mod store;
mod visit;
mod origin;
mod gate;
mod stream;
mod access;
mod app;
mod api;

use std::time::Duration;

use edgewise_engine::{Plan, Rewriter, assign};
use fastly::Request;
use fastly::http::serve::Serve;

use crate::gate::PassThrough;
use crate::stream::Sent;

/// What a sandbox keeps between requests.
#[derive(Default)]
struct Context {
    datafile: store::Cached,
}

fn main() {
    Serve::new()
        .with_max_requests(1_000)
        .with_max_lifetime(Duration::from_secs(60))
        .with_max_memory(96)
        .run_with_context(serve, &mut Context::default());
}

/// The life of a request. Each step takes values and gives values; whatever goes wrong, the origin's own bytes go on.
fn serve(mut request: Request, context: &mut Context) {
    if origin::is_upgrade(&request) {
        return origin::hand_off(request);
    }
    if let Some(path) = app::path(&request) {
        return app::respond(request, &path, context).send_to_client();
    }
    let Some(visit) = visit::read(&mut request) else {
        return origin::pass(request);
    };
    if !origin::wants_page(&request) {
        return origin::pass(request);
    }
    let Some(datafile) = context.datafile.current() else {
        return origin::pass(request);
    };
    let decisions = assign(&datafile, &visit.visitor, &visit.visit);
    let plan =
        Plan::for_decisions(&decisions, || visit::facts(&request, &visit.visit.page));
    if plan.is_empty() {
        return origin::pass(request);
    }
    let Some(mut response) = origin::fetch_page(request) else {
        return origin::unreachable().send_to_client();
    };
    let head = match gate::check(&response) {
        Ok(head) => head,
        Err(PassThrough::Because(why, found)) => {
            origin::send(response);
            return log::passed(why, visit.visit.page.path(), &found);
        }
        Err(PassThrough::Head) => {
            stream::headers(&mut response);
            return origin::send(response);
        }
    };
    let rewriter = Rewriter::new(&plan, head);
    if let Sent::Whole(report) = stream::send(response, rewriter, &visit) {
        log::exposures(&report, &visit, datafile.revision());
    }
}
