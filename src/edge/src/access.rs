//! Who may use the API: whoever shows an access token whose hash is listed in the secret store, or the token of a session
//! that one was exchanged for. Only the `Authorization` header counts, which no other site can make a browser send.

use std::time::SystemTime;

use edgewise_engine::{AccessTokens, Holder, Role, Session, is_session_token};
use fastly::Request;
use fastly::http::header::AUTHORIZATION;

use crate::damping::{Address, Failures};
use crate::log::Reason;
use crate::visit::{SIGNING_KEY, seconds_since_1970};
use crate::{header, store};

/// The name of the secret that lists the access tokens.
pub(crate) const ACCESS_TOKENS: &str = "access-tokens";

/// Who asks.
pub(crate) struct Caller {
    pub(crate) holder: Holder,
    /// The session whose token was shown; none if it was an access token.
    pub(crate) session: Option<Session>,
}

impl Caller {
    /// Whether they may do what this role may.
    pub(crate) fn is_at_least(&self, role: Role) -> bool {
        self.holder.role >= role
    }

    /// Whether they have shown their access token not long ago.
    pub(crate) fn is_fresh(&self, now: SystemTime) -> bool {
        let now = seconds_since_1970(now);
        self.session.as_ref().is_none_or(|session| session.is_fresh(now))
    }
}

/// Why a request may not pass.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Denied {
    /// No token, or none that is accepted; which of these is not told.
    Unauthorized,
    /// Too many wrong tokens came from there; for so many seconds none is looked at.
    TooMany(u64),
    /// Nobody can sign in, because this secret is missing or empty.
    NotSetUp(&'static str),
}

/// Says who shows the token.
pub(crate) fn check(
    request: &Request,
    failures: &mut Failures,
    now: SystemTime,
) -> Result<Caller, Denied> {
    let token = bearer(request).ok_or(Denied::Unauthorized)?;
    let address = Address::of(request);
    if let Some(seconds) = failures.blocked(&address, now) {
        return Err(Denied::TooMany(seconds));
    }
    let list = store::secret(ACCESS_TOKENS).ok_or(Denied::NotSetUp(ACCESS_TOKENS))?;
    let (tokens, unreadable) = AccessTokens::read(&list);
    let fault = unreadable.first().map(|line| format!("line {line} is no access token"));
    store::tell_of_secret(ACCESS_TOKENS, Reason::SecretUnreadable, fault.as_deref());
    if tokens.is_empty() {
        return Err(Denied::NotSetUp(ACCESS_TOKENS));
    }
    let seconds = seconds_since_1970(now);
    let found = if is_session_token(token) {
        let key = store::secret(SIGNING_KEY).ok_or(Denied::NotSetUp(SIGNING_KEY))?;
        Session::verify(&key, token, &tokens, seconds).map(|session| Caller {
            holder: session.holder.clone(),
            session: Some(session),
        })
    } else {
        let holder = tokens.holder(token, seconds).cloned();
        holder
            .map(|holder| Caller { holder, session: None })
            .ok_or(edgewise_engine::RejectedSession::NotOurs)
    };
    found.map_err(|why| {
        // Sessions end while people look away; that is no guess.
        if why != edgewise_engine::RejectedSession::Expired {
            failures.count(&address, now);
        }
        Denied::Unauthorized
    })
}

fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = header::text(request, AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
