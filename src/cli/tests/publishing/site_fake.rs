//! Edgewise's own API, the part that the command line uses, over the real registry.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use edgewise_engine::Moment;
use edgewise_engine::Status;
use edgewise_engine::registry::{Expect, Published, Registry, RegistryError, Signed};
use serde_json::{Value, json};

use crate::memory::Memory;
use crate::server::{Answers, Reply, Request, serve};

pub(crate) const TOKEN: &str = "ew_s3cr3t-of-ada";

/// What goes wrong with the next write.
pub(crate) enum Fault {
    Refuse(Reply),
    DoAndKeepQuiet,
    KeepQuiet,
    First(Box<dyn FnOnce() + Send>),
}

#[derive(Default)]
pub(crate) struct FakeSite {
    pub(crate) memory: Memory,
    fault: Mutex<Option<Fault>>,
    /// How often the revision before is said to be served still.
    pub(crate) late: AtomicUsize,
}

impl FakeSite {
    pub(crate) fn start() -> (Arc<Self>, String) {
        let site = Arc::new(Self::default());
        let address = serve(Arc::clone(&site));
        (site, address)
    }

    pub(crate) fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    fn route(&self, request: &Request, path: &str) -> Reply {
        let registry = Registry::new(&self.memory);
        let live = registry.live().unwrap().map(|(live, _)| live);
        match (request.method.as_str(), path) {
            ("GET", "/live") => {
                let revision = live.as_ref().map_or(0, |live| live.revision);
                let record = live.map(|live| registry.record(&live.record).unwrap());
                let is_late = revision > 1 && self.late.load(Ordering::SeqCst) > 0;
                if is_late {
                    self.late.fetch_sub(1, Ordering::SeqCst);
                }
                answer(&json!({
                    "revision": revision, "record": record, "off": registry.off().unwrap(),
                    "serving": revision - u64::from(is_late),
                }))
            }
            ("GET", "/draft") => match live {
                Some(live) => {
                    Reply::status(200).with_body(registry.draft(&live).unwrap())
                }
                None => problem(404, "nothing has been published", ""),
            },
            ("GET", "/datafile") => match live {
                Some(live) => {
                    let datafile = registry.datafile(&live).unwrap();
                    Reply::status(200).with_body(datafile.to_json())
                }
                None => problem(404, "no datafile has been published", ""),
            },
            ("GET", "/history") => {
                let limit = request.parameter("limit").unwrap().parse().unwrap();
                let from = request.parameter("cursor");
                // Pages of two, so that there are several.
                let limit = std::cmp::min(limit, 2);
                let found = registry.history(limit, from.as_deref()).unwrap();
                let next = found.last().and_then(|(_, record)| record.previous.clone());
                let entries: Vec<_> =
                    found.into_iter().map(|(_, record)| record).collect();
                let switches = match from {
                    None => registry.switches().unwrap(),
                    Some(_) => Vec::new(),
                };
                answer(
                    &json!({ "entries": entries, "next_cursor": next, "switches": switches }),
                )
            }
            ("PUT", "/live") => self.publish(request, |fields, signed, expect| {
                registry.publish(&fields["draft"].to_string(), expect, signed)
            }),
            ("POST", "/live/rollback") => {
                self.publish(request, |fields, signed, expect| {
                    registry.rollback(
                        fields["revision"].as_u64().unwrap(),
                        expect,
                        signed,
                    )
                })
            }
            ("POST", _) if path.ends_with("/transitions") => {
                let key = path.split('/').nth(2).unwrap();
                self.publish(request, |fields, signed, expect| {
                    let status = match fields["action"].as_str().unwrap() {
                        "pause" => Status::Paused,
                        "resume" => Status::Running,
                        "stop" => Status::Stopped,
                        other => panic!("{other:?}"),
                    };
                    registry.set_status(key, status, expect, signed)
                })
            }
            ("PUT", "/off") => {
                let fields: Value = serde_json::from_slice(&request.body).unwrap();
                let _ = registry.switch_off(signed(&fields)).unwrap();
                answer(&json!({ "off": registry.off().unwrap() }))
            }
            ("DELETE", "/off") => {
                let _ = registry.switch_on(signed(&Value::Null)).unwrap();
                Reply::status(204)
            }
            (method, path) => panic!("{method} {path}"),
        }
    }

    fn publish(
        &self,
        request: &Request,
        publish: impl Fn(&Value, Signed<'_>, Expect) -> Result<Published, RegistryError>,
    ) -> Reply {
        let fault = self.fault.lock().unwrap().take();
        let quiet = match fault {
            Some(Fault::Refuse(reply)) => return reply,
            Some(Fault::KeepQuiet) => return Reply::silence(),
            Some(Fault::First(happen)) => {
                happen();
                false
            }
            Some(Fault::DoAndKeepQuiet) => true,
            None => false,
        };
        let tag = request.header("if-match").map(|tag| tag.trim_matches('"'));
        let expect = match (tag, request.header("if-none-match")) {
            (Some(tag), None) => Expect::Revision(tag.parse().unwrap()),
            (None, Some("*")) => Expect::Revision(0),
            other => panic!("{other:?}"),
        };
        let fields: Value = serde_json::from_slice(&request.body).unwrap();
        match publish(&fields, signed(&fields), expect) {
            Ok(_) if quiet => Reply::silence(),
            Ok(done) => answer(&json!({
                "revision": done.revision, "changes": done.changes,
                "problems": done.problems,
            })),
            Err(error) => {
                let status = match &error {
                    RegistryError::Problems(_) => 422,
                    RegistryError::Changed { .. } => 412,
                    RegistryError::NotFound(_) => 404,
                    RegistryError::NotAllowed(_) => 409,
                    _ => 503,
                };
                problem(status, &error.to_string(), error.hint())
            }
        }
    }
}

fn signed(fields: &Value) -> Signed<'_> {
    let at = Moment::parse("2026-12-01T09:00:00Z").unwrap();
    Signed { by: "ada", at, why: fields["why"].as_str().unwrap_or_default() }
}

fn answer(value: &Value) -> Reply {
    Reply::status(200)
        .with_header("content-type", "application/json")
        .with_body(value.to_string())
}

/// What the API answers where it does not do what it is asked for.
pub(crate) fn problem(status: u16, detail: &str, hint: &str) -> Reply {
    let body = json!({ "type": "about:blank", "status": status, "detail": detail, "hint": hint });
    Reply::status(status)
        .with_header("content-type", "application/problem+json")
        .with_body(body.to_string())
}

impl Answers for FakeSite {
    fn answer(&self, request: &Request) -> Reply {
        let Some(path) = request.path().strip_prefix("/_edgewise/api/v1") else {
            return Reply::status(404).with_body("<h1>Not here</h1>");
        };
        if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return problem(401, "the access token is missing or not the right one", "");
        }
        self.route(request, path)
    }
}
