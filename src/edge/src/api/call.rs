//! One request to the API: who asks, for what, on which condition.

use std::collections::BTreeMap;
use std::time::SystemTime;

use edgewise_engine::registry::{Expect, Registry, Signed};
use edgewise_engine::{ExperimentKey, Moment, Role};
use fastly::http::StatusCode;
use fastly::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use fastly::{Request, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::budget::Budget;
use super::problem::Problem;
use crate::access::Caller;
use crate::registry::Kv;
use crate::visit::moment;
use crate::{Context, header};

/// What a route gives.
pub(super) type Answer = Result<Response, Problem>;

/// What the audit log is to say of the request, beside what the table says.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) action: Option<&'static str>,
    pub(super) target: Option<String>,
    pub(super) revision: Option<u64>,
    pub(super) why: String,
}

/// A request that has found its route.
pub(super) struct Call<'c> {
    pub(super) context: &'c mut Context,
    /// Without its body.
    pub(super) request: Request,
    /// What stands in the place of the braces in the route's path.
    pub(super) parts: Vec<String>,
    pub(super) body: Vec<u8>,
    /// None where anybody may ask.
    pub(super) caller: Option<Caller>,
    pub(super) noted: Noted,
    pub(super) now: SystemTime,
    pub(super) budget: Budget,
}

/// What a request says about the state that it was made for.
pub(super) enum Condition {
    /// Nothing.
    None,
    /// Whatever is there, but something.
    Any,
    /// Nothing is there.
    Absent,
    /// This strong tag, without its quotes.
    Tag(String),
}

impl<'c> Call<'c> {
    pub(super) fn new(
        request: Request,
        parts: Vec<String>,
        context: &'c mut Context,
    ) -> Self {
        let (body, caller, noted) = Default::default();
        let now = SystemTime::now();
        let budget = Budget::begin(&context.options);
        Self { context, request, parts, body, caller, noted, now, budget }
    }

    /// Who asks, by name.
    pub(super) fn name(&self) -> &str {
        self.caller.as_ref().map_or("", |caller| caller.holder.name.as_str())
    }

    /// The experiment that the path names.
    pub(super) fn key(&self) -> Result<String, Problem> {
        let text = self.parts.first().map_or("", String::as_str);
        match ExperimentKey::new(text) {
            Ok(key) => Ok(key.as_str().to_owned()),
            Err(_) => Err(no_experiment(text)),
        }
    }

    /// A parameter of the query; none if it is missing or empty.
    pub(super) fn query(&self, name: &str) -> Result<Option<String>, Problem> {
        let pairs: Vec<(String, String)> = self.request.get_query().map_err(|_| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid-query",
                "the query cannot be read",
                "Write it as name=value&name=value, percent-encoded.",
            )
        })?;
        let found = pairs.into_iter().find(|(known, _)| known == name);
        Ok(found.map(|(_, value)| value).filter(|value| !value.is_empty()))
    }

    /// A whole number of the query, within bounds.
    pub(super) fn number(
        &self,
        name: &str,
        default: usize,
        most: usize,
    ) -> Result<usize, Problem> {
        let Some(text) = self.query(name)? else { return Ok(default) };
        text.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid-query",
                format!("{name:?} is {text:?}"),
                format!("Write a whole number from 1 to {most}."),
            )
        })
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Problem> {
        serde_json::from_slice(&self.body).map_err(|error| not_json(&error))
    }

    /// The body as a JSON object with no other fields than these. Where nothing has to be said, nothing need be sent.
    pub(super) fn fields(&self, known: &[&str]) -> Result<Fields, Problem> {
        self.fields_and_text("", known).map(|(fields, _)| fields)
    }

    /// The same, but for one field that is not read: its JSON text, if it is there.
    pub(super) fn fields_and_text(
        &self,
        unread: &str,
        known: &[&str],
    ) -> Result<(Fields, Option<String>), Problem> {
        if self.body.is_empty() {
            return Ok((Fields(Map::new()), None));
        }
        let read: Result<BTreeMap<String, &RawValue>, _> =
            serde_json::from_slice(&self.body);
        let Ok(mut fields) = read else {
            // To say why.
            self.json()?;
            return Err(Problem::field(
                "",
                "the body is not an object",
                "Send an object.",
            ));
        };
        if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let known = known.join(", ");
            let hint = format!("Fields here are {known}.");
            return Err(Problem::field(
                &pointer,
                format!("{name:?} is not a field here"),
                &hint,
            ));
        }
        let unread = fields.remove(unread).map(|text| text.get().to_owned());
        let read = |(name, text): (String, &RawValue)| {
            Ok((name, serde_json::from_str(text.get()).map_err(|e| not_json(&e))?))
        };
        let fields: Result<_, Problem> = fields.into_iter().map(read).collect();
        Ok((Fields(fields?), unread))
    }

    /// The condition on which something is to be written.
    pub(super) fn condition(&self) -> Result<Condition, Problem> {
        let unreadable = |name: &str| {
            let detail = format!("{name} cannot be read");
            let hint = "Send back the ETag as it came, quotes and all, and one only.";
            Problem::new(StatusCode::BAD_REQUEST, "invalid-condition", detail, hint)
        };
        if let Some(value) = self.request.get_header(IF_MATCH) {
            let text = value.to_str().map_err(|_| unreadable("If-Match"))?.trim();
            if text == "*" {
                return Ok(Condition::Any);
            }
            // A weak tag never matches where bytes count (RFC 9110, section 13.1.1).
            let tag = text.strip_prefix("W/").map_or(text, |_| "\"\"");
            let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            let tag = tag.filter(|tag| !tag.contains('"'));
            return tag
                .map(|tag| Condition::Tag(tag.to_owned()))
                .ok_or_else(|| unreadable("If-Match"));
        }
        match header::text(&self.request, IF_NONE_MATCH).map(str::trim) {
            None => Ok(Condition::None),
            Some("*") => Ok(Condition::Absent),
            Some(_) => Err(unreadable("If-None-Match")),
        }
    }

    /// Which revision has to be live.
    pub(super) fn expected_revision(&self) -> Result<Expect, Problem> {
        Ok(match self.condition()? {
            Condition::None => return Err(condition_needed("GET /live")),
            Condition::Any => Expect::Any,
            Condition::Absent => Expect::Revision(0),
            // No revision has a number as high as that.
            Condition::Tag(tag) => Expect::Revision(tag.parse().unwrap_or(u64::MAX)),
        })
    }

    /// Notes why it is done, if the body says so.
    pub(super) fn note_why(&mut self, fields: &Fields) -> Result<(), Problem> {
        fields.text("why")?.unwrap_or_default().clone_into(&mut self.noted.why);
        Ok(())
    }

    /// Who does it, when and why.
    pub(super) fn signed(&self) -> Signed<'_> {
        Signed { by: self.name(), at: moment(self.now), why: &self.noted.why }
    }

    /// When.
    pub(super) fn moment(&self) -> Moment {
        moment(self.now)
    }

    /// An answer with a tag; an empty one if the client has it already.
    pub(super) fn tagged(&self, tag: &str, value: &impl Serialize) -> Response {
        self.tagged_json(tag, || serde_json::to_vec(value).unwrap_or_default())
    }

    /// The same of JSON text, which is written only if it is needed.
    pub(super) fn tagged_json(
        &self,
        tag: &str,
        write: impl FnOnce() -> Vec<u8>,
    ) -> Response {
        let etag = format!("\"{tag}\"");
        let known = header::text(&self.request, IF_NONE_MATCH).is_some_and(|known| {
            known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)
        });
        let response = if known {
            Response::from_status(StatusCode::NOT_MODIFIED)
        } else {
            json_bytes(StatusCode::OK, write())
        };
        response.with_header(ETAG, etag).with_header("cache-control", "private, no-cache")
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid-json",
        format!("the body is not JSON: {error}"),
        "Send one JSON value, in UTF-8.",
    )
}

/// The fields of a body.
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// A text, which may be missing.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::field(
                &format!("/{name}"),
                format!("{name:?} is not a text"),
                "Write it in double quotes.",
            )),
        }
    }

    /// A text that has to be there.
    pub(super) fn needed(&self, name: &str, hint: &str) -> Result<&str, Problem> {
        let missing =
            || Problem::field(&format!("/{name}"), format!("{name:?} is missing"), hint);
        self.text(name)?.ok_or_else(missing)
    }

    /// The number of a revision, which may be missing.
    pub(super) fn revision(&self) -> Result<Option<u64>, Problem> {
        match self.0.get("revision") {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| {
                Problem::field(
                    "/revision",
                    "\"revision\" is not the number of a revision",
                    "Write it in digits, without quotes.",
                )
            }),
        }
    }

    /// A list of texts that has to be there, no longer than `most`.
    pub(super) fn texts(&self, name: &str, most: usize) -> Result<Vec<&str>, Problem> {
        let wrong = || {
            let hint = format!("Send 1 to {most} texts in square brackets.");
            let message = format!("{name:?} is not a list of 1 to {most} texts");
            Problem::field(&format!("/{name}"), message, &hint)
        };
        let list = self.0.get(name).and_then(Value::as_array).ok_or_else(wrong)?;
        if list.is_empty() || list.len() > most {
            return Err(wrong());
        }
        let text = |(index, one): (usize, &'_ Value)| {
            one.as_str().map(str::len).map(|_| ()).ok_or_else(|| {
                let pointer = format!("/{name}/{index}");
                Problem::field(&pointer, "it is not a text", "Write it in double quotes.")
            })
        };
        list.iter().enumerate().try_for_each(text)?;
        Ok(list.iter().filter_map(Value::as_str).collect())
    }
}

/// A revision that a path names.
pub(super) fn revision(text: &str) -> Result<u64, Problem> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| no_revision(text))
}

/// The KV store.
pub(super) fn store() -> Result<Kv, Problem> {
    Kv::open()?.ok_or_else(|| {
        let detail = "there is no KV store \"edgewise\"";
        let hint = "Make it, link it to the service, and publish.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-set-up", detail, hint)
    })
}

/// What is published.
pub(super) fn registry(kv: &Kv) -> Registry<'_> {
    Registry::new(kv)
}

pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    json_bytes(status, serde_json::to_vec(value).unwrap_or_default())
}

fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    Response::from_status(status)
        .with_header(CONTENT_TYPE, "application/json")
        .with_body(body)
}

pub(super) fn no_experiment(key: &str) -> Problem {
    Problem::not_found(
        format!("there is no experiment {key:?}"),
        "GET /experiments lists those there are.",
    )
}

pub(super) fn no_revision(text: &str) -> Problem {
    Problem::not_found(
        format!("there is no revision {text:?}"),
        "GET /history lists those there are.",
    )
}

/// A write says for which state it was made.
pub(super) fn condition_needed(from: &str) -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_REQUIRED,
        "condition-needed",
        "the request does not say for which state it was made",
        format!("Send If-Match with the ETag that {from} gave."),
    )
}

/// Somebody else was faster.
pub(super) fn stale(tag: &str) -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "stale",
        "it has changed since you read it",
        "Read it again, put your work on top of it, and write it again.",
    )
    .with_header(ETAG, format!("\"{tag}\""))
}

pub(super) fn forbidden(needed: Role, shown: Role) -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "role",
        format!("this needs the role \"{needed}\", and yours is \"{shown}\""),
        "Ask whoever set up Edgewise for an access token with that role.",
    )
    .with("role", needed.as_str())
}

pub(super) fn sign_in_again() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "sign-in-again",
        "you signed in more than 5 minutes ago, and this changes what visitors see",
        "Sign in again: exchange the access token for a new session.",
    )
}
