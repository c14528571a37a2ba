//! What went wrong, as RFC 9457 has it.

use edgewise_engine::registry::{RegistryError, StoreError};
use edgewise_engine::{Problems, Severity};
use fastly::Response;
use fastly::http::header::{CONTENT_TYPE, ETAG, RETRY_AFTER};
use fastly::http::{HeaderName, StatusCode};
use serde_json::{Map, Value, json};

/// An error on its way to whoever asked.
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// Stable, for programs.
    code: &'static str,
    detail: String,
    hint: String,
    headers: Vec<(HeaderName, String)>,
    /// Further members: the single errors, and what a status has to say.
    more: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (headers, more) = Default::default();
        let (detail, hint) = (detail.into(), hint.into());
        Self { status, code, detail, hint, headers, more }
    }

    /// One field of what was sent is not what it should be.
    pub(crate) fn field(pointer: &str, message: impl Into<String>, hint: &str) -> Self {
        let message = message.into();
        let entry = json!({
            "pointer": pointer, "code": "invalid-field", "message": message, "hint": hint,
            "severity": Severity::Error,
        });
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, "invalid-body", message, hint).with_errors(vec![entry])
    }

    pub(crate) fn not_found(detail: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail, hint)
    }

    /// A draft has mistakes.
    pub(crate) fn draft(errors: Vec<Value>) -> Self {
        let is_error = |one: &&Value| one["severity"] == "error";
        let count = errors.iter().filter(is_error).count();
        let s = if count == 1 { "" } else { "s" };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let detail = format!("the draft has {count} error{s}");
        let hint = "Mend the errors; each comes with a hint of its own.";
        Self::new(status, "invalid-draft", detail, hint).with_errors(errors)
    }

    pub(crate) fn with_errors(self, errors: Vec<Value>) -> Self {
        if errors.is_empty() { self } else { self.with("errors", errors) }
    }

    pub(crate) fn with_header(
        mut self,
        name: HeaderName,
        value: impl Into<String>,
    ) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// One more member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn into_response(self, request_id: &str) -> Response {
        let mut body = self.more;
        body.insert("type".into(), "about:blank".into());
        let title = self.status.canonical_reason().unwrap_or("Problem");
        body.insert("title".into(), title.into());
        body.insert("status".into(), self.status.as_u16().into());
        body.insert("code".into(), self.code.into());
        body.insert("detail".into(), self.detail.into());
        if !self.hint.is_empty() {
            body.insert("hint".into(), self.hint.into());
        }
        body.insert("request_id".into(), request_id.into());
        let mut response = Response::from_status(self.status)
            .with_header(CONTENT_TYPE, "application/problem+json")
            .with_body(Value::Object(body).to_string());
        for (name, value) in self.headers {
            response.set_header(name, value);
        }
        response
    }
}

/// A draft's problems, each with its place. Those of the experiment at `index` say where in the experiment they are.
pub(crate) fn entries(
    problems: &Problems,
    experiment: Option<(usize, &str)>,
) -> Vec<Value> {
    let entry = |one: &edgewise_engine::Problem| {
        let whole = one.pointer();
        let inside = experiment.and_then(|(index, key)| {
            let rest = whole.strip_prefix(&format!("/experiments/{index}"))?;
            (rest.is_empty() || rest.starts_with('/')).then(|| (rest.to_owned(), key))
        });
        let (pointer, key) = match inside {
            Some((pointer, key)) => (pointer, Some(key)),
            None => (whole, None),
        };
        let mut entry = json!({
            "pointer": pointer, "code": one.code, "message": one.message,
            "hint": one.hint, "severity": one.severity,
        });
        if let Some(key) = key {
            entry["experiment"] = key.into();
        }
        entry
    };
    problems.iter().map(entry).collect()
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        let (detail, hint) = (error.to_string(), error.hint());
        match error {
            RegistryError::Problems(problems) => Self::draft(entries(&problems, None)),
            RegistryError::Changed { live } => {
                let revision = live.as_ref().map_or(0, |live| live.revision);
                let status = StatusCode::PRECONDITION_FAILED;
                let current = serde_json::to_value(live).unwrap_or_default();
                Self::new(status, "stale", detail, hint)
                    .with_header(ETAG, format!("\"{revision}\""))
                    .with("current", current)
            }
            RegistryError::NotFound(_) => Self::not_found(detail, hint),
            RegistryError::GivenUp(_) => {
                let hint = "`edgewise rollback --to-fastly` has it, and GET /history leads back in steps.";
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-far-back", detail, hint)
            }
            RegistryError::NotAllowed(_) => {
                Self::new(StatusCode::CONFLICT, "not-allowed", detail, hint)
            }
            RegistryError::Store(error) => Self::from(error),
            _ => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store-unreadable",
                detail,
                hint,
            ),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        match error {
            StoreError::Changed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "stale",
                detail,
                "Read it again, put your work on top of it, and write it again.",
            ),
            StoreError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store-busy",
                detail,
                "Try again in a few seconds.",
            )
            .with_header(RETRY_AFTER, "2"),
            StoreError::Full(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store-full",
                detail,
                "Archive experiments that have ended.",
            ),
            _ => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store-failed",
                detail,
                "Visitors are served what was live before. Make the KV store \"edgewise\" and link it to the service, then try again.",
            ),
        }
    }
}
