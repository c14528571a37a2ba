//! Fastly's KV store as its REST API shows it: the part that `place/kv.rs` cites, with faults on demand.

use std::sync::{Arc, Mutex};

use edgewise_engine::registry::{Store as _, StoreError, Stored, When};

use crate::memory::Memory;
use crate::server::{Answers, Reply, Request, serve};

pub(crate) const STORE: &str = "iaa48y0oxw13s12xpfdkk9";
pub(crate) const TOKEN: &str = "fastly-s3cr3t-token";

/// What goes wrong.
pub(crate) enum Fault {
    /// Nothing is done, and this is answered.
    Refuse(Reply),
    /// It is done, and this is answered all the same.
    DoAndRefuse(Reply),
    /// It is done, and nothing is answered.
    DoAndKeepQuiet,
    /// Nothing is done, and nothing is answered.
    KeepQuiet,
    /// The value before the last write is shown, as where a place has not heard of the write.
    ShowOld,
    /// Something else happens first.
    First(Box<dyn FnOnce() + Send>),
}

struct Rule {
    method: &'static str,
    key: &'static str,
    fault: Fault,
}

#[derive(Default)]
pub(crate) struct FakeKv {
    pub(crate) memory: Memory,
    /// What lay under `live` before the last write to it.
    old: Mutex<Option<Stored>>,
    rules: Mutex<Vec<Rule>>,
    requests: Mutex<Vec<String>>,
}

impl FakeKv {
    /// Starts one, and gives its address.
    pub(crate) fn start() -> (Arc<Self>, String) {
        let kv = Arc::new(Self::default());
        let address = serve(Arc::clone(&kv));
        (kv, address)
    }

    /// Lets the next request of this method for a key that begins so go wrong.
    pub(crate) fn fail(&self, method: &'static str, key: &'static str, fault: Fault) {
        self.rules.lock().unwrap().push(Rule { method, key, fault });
    }

    /// What was asked since the last call, hashes left out.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap())
    }

    fn fault(&self, method: &str, key: &str) -> Option<Fault> {
        let mut rules = self.rules.lock().unwrap();
        let fits = |rule: &Rule| rule.method == method && key.starts_with(rule.key);
        let place = rules.iter().position(fits)?;
        Some(rules.remove(place).fault)
    }

    fn serve_key(&self, request: &Request, key: &str) -> Reply {
        match request.method.as_str() {
            "GET" => match self.memory.get(key).unwrap() {
                Some(stored) => show(&stored),
                None => Reply::status(404).with_body("{\"detail\":\"key not found\"}"),
            },
            "PUT" => {
                if key == "live" {
                    *self.old.lock().unwrap() = self.memory.get(key).unwrap();
                }
                let when = match request.header("if-generation-match") {
                    Some(generation) => When::Unchanged(generation.parse().unwrap()),
                    None if request.parameter("add").as_deref() == Some("true") => {
                        When::Absent
                    }
                    None => When::Always,
                };
                match self.memory.put(key, &request.body, when) {
                    Ok(()) => Reply::status(200),
                    Err(StoreError::Changed) => Reply::status(412),
                    Err(error) => panic!("{error}"),
                }
            }
            "DELETE" => {
                let force = request.parameter("force").as_deref() == Some("true");
                let is_there = self.memory.get(key).unwrap().is_some();
                self.memory.delete(key).unwrap();
                Reply::status(if is_there || force { 204 } else { 404 })
            }
            other => panic!("{other} is not documented"),
        }
    }
}

fn show(stored: &Stored) -> Reply {
    Reply::status(200)
        .with_header("content-type", "application/octet-stream")
        .with_header("generation", stored.generation)
        .with_body(stored.bytes.clone())
}

impl Answers for FakeKv {
    fn answer(&self, request: &Request) -> Reply {
        if request.header("fastly-key") != Some(TOKEN) {
            return Reply::status(401).with_body(
                "{\"msg\":\"Provided credentials are missing or invalid\"}".to_owned(),
            );
        }
        let store = format!("/resources/stores/kv/{STORE}");
        let Some(rest) = request.path().strip_prefix(&store) else {
            return Reply::status(404).with_body("{\"title\":\"Store not found\"}");
        };
        let Some(key) = rest.strip_prefix("/keys/") else {
            return Reply::status(200).with_body("{}");
        };
        let kind = key.split('-').next().unwrap_or_default();
        self.requests.lock().unwrap().push(format!("{} {kind}", request.method));
        match self.fault(&request.method, key) {
            None => self.serve_key(request, key),
            Some(Fault::Refuse(reply)) => reply,
            Some(Fault::DoAndRefuse(reply)) => {
                self.serve_key(request, key);
                reply
            }
            Some(Fault::DoAndKeepQuiet) => {
                self.serve_key(request, key);
                Reply::silence()
            }
            Some(Fault::KeepQuiet) => Reply::silence(),
            Some(Fault::ShowOld) => {
                let old = self.old.lock().unwrap().clone();
                old.as_ref().map_or_else(|| Reply::status(404), show)
            }
            Some(Fault::First(happen)) => {
                happen();
                self.serve_key(request, key)
            }
        }
    }
}
