//! The API, `/_edgewise/api/v1/…`: a table of routes, and what all of them have in common. What each does is in the
//! module of its noun.

mod problem;
mod routes;
mod budget;
mod density;
mod call;
mod audit;
mod cors;
mod works;
mod drafts;
mod session;
mod openapi;
mod experiments;
mod transitions;
mod versions;
mod live;
mod off;
mod history;
mod datafile;
mod pages;
mod looking;
mod health;
mod decisions;
mod qa_links;

use std::time::SystemTime;

use edgewise_engine::Role;
use fastly::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    RETRY_AFTER, WWW_AUTHENTICATE,
};
use fastly::http::{HeaderValue, Method, StatusCode};
use fastly::{Request, Response};

use self::call::{Answer, Call};
use self::problem::Problem;
use self::routes::{Operation, ROUTES, Route};
use crate::access::{self, Denied};
use crate::{Context, header};

/// Answers a request for `path`, which follows `/_edgewise/api/`.
pub(crate) fn respond(request: Request, path: &str, context: &mut Context) -> Response {
    let request_id = request
        .get_client_request_id()
        .map_or_else(|| "unknown".to_owned(), str::to_owned);
    let origin = cors::origin(&request, &context.options);
    let mut response = match path.strip_prefix("v1") {
        Some(path) => match cors::preflight(&request, path, origin.as_deref()) {
            Some(response) => Ok(response),
            None => answer(request, path, context),
        },
        None => Err(nothing_there()),
    }
    .unwrap_or_else(|problem| problem.into_response(&request_id));
    if !response.contains_header(CACHE_CONTROL) {
        response.set_header(CACHE_CONTROL, "no-store");
    }
    response.set_header(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; sandbox",
    );
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.set_header("x-request-id", id);
    }
    cors::open(&mut response, origin.as_deref(), &context.options);
    response
}

fn nothing_there() -> Problem {
    Problem::not_found(
        "the API has nothing of that name",
        "GET /_edgewise/api/v1/openapi.json lists what there is.",
    )
}

/// The routes to a path, each with what stands in the place of its braces.
fn routes_to(path: &str) -> Vec<(&'static Route, Vec<String>)> {
    let matches = |route: &'static Route| {
        let mut parts = Vec::new();
        let mut wanted = route.path.split('/');
        for found in path.split('/') {
            match wanted.next()? {
                name if name.starts_with('{') && !found.is_empty() => {
                    parts.push(found.to_owned());
                }
                literal if literal == found => {}
                _ => return None,
            }
        }
        wanted.next().is_none().then_some((route, parts))
    };
    ROUTES.iter().filter_map(matches).collect()
}

fn answer(mut request: Request, path: &str, context: &mut Context) -> Answer {
    let routes = routes_to(path);
    if routes.is_empty() {
        // Who may not come in is not told what there is.
        let now = SystemTime::now();
        return Err(match access::check(&request, &mut context.failures, now) {
            Ok(_) => nothing_there(),
            Err(denied) => refuse(denied),
        });
    }
    // A HEAD request is a GET whose body is not sent.
    let method = match *request.get_method() {
        Method::HEAD => Method::GET,
        ref other => other.clone(),
    };
    let found = routes.iter().find(|(route, _)| route.method == method.as_str());
    let Some((route, parts)) = found else {
        let methods: Vec<_> = routes.iter().map(|(route, _)| route.method).collect();
        let methods = methods.join(", ");
        let now = SystemTime::now();
        if let Err(denied) = access::check(&request, &mut context.failures, now) {
            return Err(refuse(denied));
        }
        return Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            format!("this takes {methods} only"),
            "GET /_edgewise/api/v1/openapi.json lists what there is.",
        )
        .with_header(ALLOW, methods));
    };
    let body = request.take_body();
    let mut call = Call::new(request, parts.clone(), context);
    let admitted = admit(&mut call, route);
    let answer = admitted
        .and_then(|()| read_body(&mut call, route, body))
        .and_then(|()| run(&mut call, route.operation));
    if let Some(action) = route.writes {
        audit::write(&call, action, &answer);
        if answer.is_ok() {
            // Who has written something sees it with the next request that this sandbox answers.
            call.context.datafile.forget();
        }
    }
    answer
}

/// Lets in whoever may do this.
fn admit(call: &mut Call<'_>, route: &Route) -> Result<(), Problem> {
    let Some(role) = route.role else { return Ok(()) };
    let now = call.now;
    let caller =
        access::check(&call.request, &mut call.context.failures, now).map_err(refuse)?;
    let is_allowed = caller.is_at_least(role);
    let is_fresh = caller.is_fresh(now);
    let shown = caller.holder.role;
    call.caller = Some(caller);
    if !is_allowed {
        return Err(call::forbidden(role, shown));
    }
    if route.fresh && !is_fresh {
        return Err(call::sign_in_again());
    }
    Ok(())
}

fn refuse(denied: Denied) -> Problem {
    match denied {
        Denied::Unauthorized => Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "the access token is missing or not accepted",
            "Send \"Authorization: Bearer\" and a token; `edgewise token new` makes one.",
        )
        .with_header(WWW_AUTHENTICATE, "Bearer"),
        Denied::TooMany(seconds) => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-failures",
            "too many wrong tokens came from this address",
            "Wait as long as Retry-After says, and check the token.",
        )
        .with_header(RETRY_AFTER, seconds.to_string()),
        Denied::NotSetUp(secret) => {
            let hint = match secret {
                access::ACCESS_TOKENS => {
                    "Put the line that `edgewise token new` prints into the secret store \"edgewise\" as \"access-tokens\"."
                }
                _ => {
                    "Put 32 random characters or more into the secret store \"edgewise\" as \"signing-key\"."
                }
            };
            let detail = format!("the secret {secret:?} is missing or cannot be read");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-set-up", detail, hint)
        }
    }
}

/// Reads the body, no further than it may go.
fn read_body(
    call: &mut Call<'_>,
    route: &Route,
    mut body: fastly::Body,
) -> Result<(), Problem> {
    let limit = route.body;
    let too_large = || {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            format!("the body is longer than {limit} bytes"),
            match route.operation {
                Operation::PublishDraft | Operation::ValidateDraft => drafts::BY_COMMAND,
                _ => "Send less at a time.",
            },
        )
    };
    let announced = header::text(&call.request, CONTENT_LENGTH)
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    if limit == 0 {
        return Ok(());
    }
    call.body = body.get_prefix_mut(limit + 1).take();
    if call.body.len() > limit {
        return Err(too_large());
    }
    density::check(&call.body)?;
    let kind = header::text(&call.request, CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let known: &[&str] = match route.operation {
        Operation::PatchExperiment => {
            &["application/merge-patch+json", "application/json"]
        }
        Operation::Decide => {
            &["application/x-ndjson", "application/json", "application/jsonl"]
        }
        _ => &["application/json"],
    };
    // A body that does not say what it is, is taken for what it should be.
    if kind.is_empty() || call.body.is_empty() || known.contains(&kind.as_str()) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        format!("the body is labelled {kind:?}"),
        format!("Send {}.", known.join(" or ")),
    ))
}

fn run(call: &mut Call<'_>, operation: Operation) -> Answer {
    match operation {
        Operation::ReadOpenapi => Ok(openapi::read()),
        Operation::OpenSession => session::open(call),
        Operation::CloseSession => Ok(session::close()),
        Operation::ReadMe => session::me(call),
        Operation::ListExperiments => experiments::list(call),
        Operation::CreateExperiment => experiments::create(call),
        Operation::ReadExperiment => experiments::read(call),
        Operation::ReplaceExperiment => experiments::replace(call),
        Operation::PatchExperiment => experiments::patch(call),
        Operation::DeleteExperiment => experiments::delete(call),
        Operation::ValidateExperiment => drafts::validate_experiment(call),
        Operation::ValidateDraft => drafts::validate_draft(call),
        Operation::Transition => transitions::run(call),
        Operation::ListVersions => versions::list(call),
        Operation::ReadVersion => versions::read(call),
        Operation::DiffVersions => versions::compare(call),
        Operation::ReadExperimentLive => live::of_experiment(call),
        Operation::ReadExperimentHealth => health::of_experiment(call),
        Operation::ReadLive => live::read(call),
        Operation::PublishDraft => live::publish(call),
        Operation::Rollback => live::rollback(call),
        Operation::ReadDraft => live::draft(call),
        Operation::ReadHistory => history::read(call),
        Operation::ReadOff => off::read(call),
        Operation::SwitchOff => off::switch_off(call),
        Operation::SwitchOn => off::switch_on(call),
        Operation::ReadHealth => Ok(health::read(call)),
        Operation::ReadDatafile => datafile::read(call),
        Operation::ReadPage => pages::read(call),
        Operation::InspectPage => pages::inspect(call),
        Operation::MatchPages => pages::count(call),
        Operation::Decide => decisions::decide(call),
        Operation::MakeQaLink => qa_links::make(call),
    }
}
