//! Asking a server, with a token, and with patience where asking twice can do no harm.

use std::thread;
use std::time::Duration;

use anyhow::Result;
use ureq::http::Request;
use ureq::{Agent, Error, Proxy, Timeout};

use super::address;
use super::secret::Secret;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;

/// The longest time that a server is waited for because it asks for that.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The most that is read of an answer; a value in Fastly's store has 25 MB at most.
const MAX_ANSWER: u64 = 32 * 1024 * 1024;

/// The most of a server's own words that is shown.
const MAX_WORDS: usize = 300;

/// A server, and the token that is shown to it.
#[derive(Debug)]
pub(crate) struct Client {
    /// `https://host`.
    pub(crate) address: String,
    agent: Agent,
    header: &'static str,
    before_token: &'static str,
    token: Secret,
}

/// How a token is shown: the header, and what stands in front of the token there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scheme {
    pub(crate) header: &'static str,
    pub(crate) before: &'static str,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) method: &'static str,
    /// With the query.
    pub(crate) path: &'a str,
    pub(crate) headers: &'a [(&'static str, &'a str)],
    pub(crate) body: Option<&'a [u8]>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Self { method: "GET", path, headers: &[], body: None }
    }
}

/// What came back, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the server was not able to do anything, and may be a moment later.
    pub(crate) fn is_trouble(&self) -> bool {
        self.status >= 500
    }

    /// How long the server asks to be left alone.
    fn wanted_wait(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct NoAnswer {
    pub(crate) why: String,
    /// Whether the server may have done what it was asked for all the same.
    pub(crate) may_have_arrived: bool,
}

impl Client {
    /// `address` as [`address::read`] gives it.
    pub(crate) fn new(
        address: String,
        scheme: Scheme,
        token: Secret,
        timeout: Duration,
    ) -> Self {
        // What is meant for this machine must not go through another one.
        let proxy = (!address::is_local(&address)).then(Proxy::try_from_env).flatten();
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // The token is for this server, not for wherever it points.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy)
            .user_agent(concat!("edgewise/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(timeout.min(Duration::from_secs(10))))
            .timeout_global(Some(timeout))
            .build()
            .into();
        Self { address, agent, header: scheme.header, before_token: scheme.before, token }
    }

    /// Asks once.
    pub(crate) fn send(&self, ask: Ask<'_>) -> Result<Answer, NoAnswer> {
        let shown = format!("{}{}", self.before_token, self.token.reveal());
        let mut request = Request::builder()
            .method(ask.method)
            .uri(format!("{}{}", self.address, ask.path))
            .header(self.header, shown);
        for (name, value) in ask.headers {
            request = request.header(*name, *value);
        }
        let unsent = |_| NoAnswer {
            why: "the request cannot be written".to_owned(),
            may_have_arrived: false,
        };
        let sent = match ask.body {
            Some(body) => self.agent.run(request.body(body).map_err(unsent)?),
            None => self.agent.run(request.body(()).map_err(unsent)?),
        };
        let mut answer = sent.map_err(|error| self.no_answer(&error))?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_vec()
            .map_err(|error| self.no_answer(&error))?;
        let (parts, _) = answer.into_parts();
        Ok(Answer { status: parts.status.as_u16(), body, headers: parts.headers })
    }

    /// Asks again where the server is in trouble or does not answer. For what changes nothing.
    pub(crate) fn read(&self, path: &str) -> Result<Answer, NoAnswer> {
        self.repeat(Ask::get(path), |outcome| match outcome {
            Ok(answer) => answer.is_trouble() || answer.status == 429,
            Err(_) => true,
        })
    }

    /// Asks again only where the server has said that it did nothing because it has too much to do, or was not there.
    pub(crate) fn write(&self, ask: Ask<'_>) -> Result<Answer, NoAnswer> {
        self.repeat(ask, |outcome| match outcome {
            Ok(answer) => answer.status == 429,
            Err(error) => !error.may_have_arrived,
        })
    }

    fn repeat(
        &self,
        ask: Ask<'_>,
        again: impl Fn(&Result<Answer, NoAnswer>) -> bool,
    ) -> Result<Answer, NoAnswer> {
        let mut attempt = 1;
        loop {
            let outcome = self.send(ask);
            if attempt == ATTEMPTS || !again(&outcome) {
                return outcome;
            }
            let wait = outcome.as_ref().ok().and_then(Answer::wanted_wait);
            let wait = wait.unwrap_or_else(|| pause_before(attempt));
            if wait > LONGEST_WAIT {
                return outcome;
            }
            thread::sleep(wait);
            attempt += 1;
        }
    }

    fn no_answer(&self, error: &Error) -> NoAnswer {
        let (why, may_have_arrived) = match error {
            Error::HostNotFound => ("there is no host of that name".to_owned(), false),
            Error::ConnectionFailed
            | Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                ("it cannot be reached".to_owned(), false)
            }
            Error::Io(cause) if cause.kind() == std::io::ErrorKind::ConnectionRefused => {
                ("nothing listens there".to_owned(), false)
            }
            Error::Timeout(_) => ("it did not answer in time".to_owned(), true),
            Error::BodyExceedsLimit(_) => {
                ("its answer is longer than 32 MiB".to_owned(), true)
            }
            other => (self.token.hide_in(&other.to_string()), true),
        };
        NoAnswer { why, may_have_arrived }
    }

    /// What the server has to say about a request that it did not serve, in one line: its own words if it has some.
    pub(crate) fn words(&self, answer: &Answer) -> String {
        let status = match answer.status {
            301 | 302 | 303 | 307 | 308 => {
                let to = answer.header("location").unwrap_or_default();
                let to = self.token.hide_in(to);
                return self.one_line(&format!("it points to another address, {to:?}"));
            }
            status => format!("status {status}"),
        };
        let told: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
        let told = told.and_then(|told| {
            ["detail", "msg", "message", "title"].into_iter().find_map(|name| {
                let words = told[name].as_str()?.trim();
                (!words.is_empty()).then(|| words.to_owned())
            })
        });
        match told {
            Some(words) => self.one_line(&format!("{words} ({status})")),
            None => status,
        }
    }

    /// A stranger's words may hold anything.
    fn one_line(&self, words: &str) -> String {
        let words = self.token.hide_in(words);
        let line = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        line.take(MAX_WORDS).collect()
    }
}

/// Longer each time: 0.25, 0.5, 1 second.
pub(crate) fn pause_before(attempt: u32) -> Duration {
    Duration::from_millis(125 << attempt.min(6))
}
