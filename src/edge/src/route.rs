//! The way to the origin: straight or by a shield, and once more where that does no harm. The same for all requests of a
//! sandbox.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use edgewise_engine::ORIGIN_HEADER;
use fastly::handle::BodyHandle;
use fastly::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use fastly::http::{HeaderName, HeaderValue, Method};
use fastly::shielding::Shield;
use fastly::{Backend, Request, Response};

use crate::log::{self, Reason};
use crate::options::Options;

/// The name of the backend that is the origin.
pub(crate) const BACKEND: &str = "origin";

/// What one of our points of presence says to the shield, beside `Fastly-FF`, which the platform sets where it does.
const FROM_EDGE: &str = "edgewise-edge";

/// A request that failed sooner than this may be sent once more: what was wrong was the connection, not the work.
const QUICKLY: Duration = Duration::from_secs(1);

/// How the origin is reached.
#[derive(Debug, Default)]
struct Route {
    /// The shield, seen from elsewhere.
    shield: Option<Backend>,
    /// This is the shield.
    is_shield: bool,
    /// Seconds.
    stale_if_error: Option<u32>,
}

static ROUTE: OnceLock<Route> = OnceLock::new();

fn route() -> &'static Route {
    ROUTE.get_or_init(Route::default)
}

/// Finds the way, when a sandbox begins. A shield that is not to be found is logged, and left out.
pub(crate) fn find(options: &Options) {
    let mut route = Route { stale_if_error: options.stale_if_error, ..Route::default() };
    if let Some(name) = &options.shield {
        let found = Shield::new(name).and_then(|shield| {
            route.is_shield = shield.running_on();
            if route.is_shield { Ok(None) } else { shield.encrypted_backend().map(Some) }
        });
        match found {
            Ok(shield) => route.shield = shield,
            Err(error) => {
                let detail = format!("shield {name:?}: {error:?}");
                log::fault(Reason::OriginUnreachable, "", &detail);
            }
        }
    }
    // Nobody else does, so it is the first.
    let _ = ROUTE.set(route);
}

/// Whether another of our points of presence asks, for which this one is the shield: it will rewrite the page itself, and
/// keeps what it gets. Takes the mark out of the request, whoever has put it there.
pub(crate) fn is_from_edge(request: &mut Request) -> bool {
    let route = route();
    if route.shield.is_none() && !route.is_shield {
        return false;
    }
    let marked = request.remove_header(FROM_EDGE).is_some();
    route.is_shield && (marked || request.contains_header("fastly-ff"))
}

/// Sends a request on its way: once more, and straight to the origin, if nothing was sent that must not be sent twice and
/// the first time failed at once. The error is what a log may say.
pub(crate) fn send(mut request: Request) -> Result<Response, String> {
    let route = route();
    let reads = matches!(*request.get_method(), Method::GET | Method::HEAD);
    if let Some(seconds) = route.stale_if_error.filter(|_| reads) {
        request.set_stale_if_error(seconds);
    }
    let begun = Instant::now();
    let sent = match &route.shield {
        // What is made for one visitor is of no use to a shield, which believes nobody who names variants.
        Some(shield) if !request.contains_header(ORIGIN_HEADER) => {
            request.set_header(FROM_EDGE, "1");
            request.send(shield)
        }
        _ => request.send(BACKEND),
    };
    sent.or_else(|error| {
        let why = error.to_string();
        let mut again = error.into_sent_req();
        if !(Again::of(&again).is_safe() && begun.elapsed() < QUICKLY) {
            return Err(why);
        }
        again.remove_header(FROM_EDGE);
        again.send(BACKEND).map_err(|error| error.to_string())
    })
}

/// The same of a request that the answer need not know of: what [`send`] sends is kept by the platform's library with all that
/// is known of the visitor's connection, for which the host is called twenty times more.
pub(crate) fn send_away(request: Request, again: &Again) -> Result<Response, String> {
    let route = route();
    if route.shield.is_some() || route.stale_if_error.is_some() {
        return send(request);
    }
    let backend = Backend::from_name(BACKEND).map_err(|error| error.to_string())?;
    let begun = Instant::now();
    let (request, body) = request.into_handles();
    match request.send_to_backend(body.unwrap_or_else(BodyHandle::new), &backend) {
        Ok((response, body)) => Ok(Response::from_handles(response, body)),
        Err(_) if again.is_safe() && begun.elapsed() < QUICKLY => {
            again.request().send(BACKEND).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// What it takes to ask once more for what has been asked for, where that does no harm.
pub(crate) struct Again {
    method: Method,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    unpacks: bool,
}

impl Again {
    /// Of a request for something that goes on as it comes.
    pub(crate) fn of(request: &Request) -> Self {
        let method = request.get_method().clone();
        // What changes something is never asked again, so its headers need not be read.
        let reads = matches!(method, Method::GET | Method::HEAD);
        let headers = reads.then(|| request.get_headers()).into_iter().flatten();
        Self {
            method,
            url: request.get_url_str().to_owned(),
            headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
            unpacks: false,
        }
    }

    /// Of a request for a page that the platform unpacks.
    pub(crate) fn of_page(request: &Request) -> Self {
        Self { unpacks: true, ..Self::of(request) }
    }

    pub(crate) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// Whether it does no harm: it only reads, and nothing speaks for a body, which would be gone the second time.
    fn is_safe(&self) -> bool {
        let has_body = |(name, value): &(HeaderName, HeaderValue)| {
            *name == CONTENT_LENGTH && value.as_bytes() != b"0"
                || [TRANSFER_ENCODING, CONTENT_TYPE].contains(name)
        };
        matches!(self.method, Method::GET | Method::HEAD)
            && !self.headers.iter().any(has_body)
    }

    /// The same request.
    pub(crate) fn request(&self) -> Request {
        let mut request = Request::new(self.method.clone(), &self.url);
        for (name, value) in &self.headers {
            request.append_header(name, value);
        }
        request.set_auto_decompress_gzip(self.unpacks);
        // As whoever tells the origin of variants has it.
        request.set_pass(request.contains_header(ORIGIN_HEADER));
        request
    }
}
