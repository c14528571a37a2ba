//! What becomes of an answer that is, or may be, a page on which experiments run.

use edgewise_engine::event::Answer;
use edgewise_engine::{Canonical, Decision, Page, Repeats};
use fastly::http::Method;
use fastly::{Request, Response};

use crate::finished::{Cache, Wanted};
use crate::gate::PassThrough;
use crate::header::Names;
use crate::store::Cached;
use crate::stream::{OfExperiments, Sent};
use crate::visit::Arrival;
use crate::{destination, gate, log, origin, stream, validators};

impl OfExperiments<'_> {
    /// Sends what the origin gave for a page with experiments: rewritten, if it may be.
    pub(crate) fn send(
        &self,
        mut response: Response,
        canonical: Option<&Canonical>,
        wanted: Option<Wanted>,
        cache: &mut Cache,
        repeats: &mut Repeats,
    ) {
        let Self { plan, visitor, revision, again, .. } = *self;
        let names = Names::of(response.get_header_names());
        let head = gate::check(&response, &names, again);
        if plan.has_destinations() {
            // Also where the page cannot be rewritten: without their cookie, visitors would be asked anew each time.
            stream::for_one_visitor(&mut response, visitor);
        }
        if let Some(canonical) = canonical {
            destination::name_canonical(&mut response, canonical);
        }
        match head {
            Ok(head) => {
                let fingerprint = || {
                    let plan = plan.fingerprint();
                    validators::fingerprint(&plan, &visitor.visitor, revision)
                };
                let may_keep = !plan.has_destinations();
                let tag = may_keep
                    .then(|| validators::tag(&response, &names, fingerprint))
                    .flatten();
                let mut kept = wanted.and_then(|wanted| wanted.from(&response));
                match stream::send(
                    response,
                    &names,
                    self,
                    head,
                    tag,
                    kept.as_mut(),
                    repeats,
                ) {
                    Sent::Whole(report) => {
                        log::exposures(&report, visitor, revision);
                        if let Some(kept) = kept {
                            cache.keep(kept, log::values(&report, visitor, revision));
                        }
                    }
                    Sent::AsItCame => log::led(plan, Answer::Page, visitor, revision),
                    Sent::Not => log::led(plan, Answer::Other, visitor, revision),
                }
            }
            Err(PassThrough::Because(why, found)) => {
                if gate::is_of_page(&response) {
                    stream::keep_private(&mut response);
                }
                visitor.tell(&mut response);
                origin::send_as(response, again.is_head());
                log::passed(why, visitor.page.path(), &found);
                log::led(plan, why.answer(), visitor, revision);
            }
            Err(PassThrough::Head) => {
                stream::headers(&mut response, &names);
                visitor.tell(&mut response);
                origin::send_as(response, again.is_head());
            }
        }
    }
}

/// Whether an experiment that is not for this visit hangs on who the visitor is, or on their earlier visits.
pub(crate) fn hangs_on_cookie(decisions: &[Decision<'_>], visitor: &Arrival) -> bool {
    let hangs = |one: &Decision<'_>| {
        one.hangs_on_history() || visitor.is_new && one.hangs_on_visitor()
    };
    decisions.iter().any(hangs)
}

/// Passes a page on which experiments run, none of them for this visit.
pub(crate) fn pass_left_out(
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
pub(crate) fn pass_file(request: Request, datafile: &mut Cached) {
    let reads = matches!(*request.get_method(), Method::GET | Method::HEAD);
    let url = request.get_url_str().to_owned();
    origin::pass_with(request, |response| {
        if reads && gate::is_of_page(response) && runs_on(&url, datafile) {
            stream::keep_private(response);
        }
    });
}

/// Whether an experiment runs on the page of that address.
fn runs_on(url: &str, datafile: &mut Cached) -> bool {
    let page = Page::parse(url).ok();
    let (Some(page), Some(datafile)) = (page, datafile.running()) else {
        return false;
    };
    datafile.may_run_on(&page)
}
