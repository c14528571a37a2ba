use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::setup::{ALL_SECRETS, Folder, Setup, edgewise};
use crate::viceroy::{Talk, Viceroy};
use crate::{Answer, Origin, Request, history, sha256};

/// A website with Edgewise in front of it. It starts with its first request and ends
/// when it is dropped.
#[must_use]
pub struct Site {
    setup: Setup,
    sent: AtomicUsize,
    running: OnceLock<Running>,
}

struct Running {
    viceroy: Viceroy,
    origin: Origin,
    _folder: Folder,
}

impl Site {
    /// A site whose origin gives this answer at this path, and 404 elsewhere. Until a
    /// datafile is given, it has one without experiments.
    pub fn serving(path: &str, answer: Answer) -> Self {
        let setup = Setup {
            module: edgewise(),
            answers: BTreeMap::from([(path.to_owned(), answer)]),
            origin_lives: true,
            origin_patience: None,
            kv_store: true,
            missing_secrets: Vec::new(),
            more_tokens: "",
            talk: Talk::Requests,
            arguments: Vec::new(),
            datafile: None,
            config_store: true,
            options: Vec::new(),
            stored: Vec::new(),
            shields: Vec::new(),
            geo: Value::Null,
        };
        let (sent, running) = Default::default();
        Self { setup, sent, running }.with_datafile(crate::datafile::of([]))
    }

    /// One more page or file.
    pub fn and(mut self, path: &str, answer: Answer) -> Self {
        self.setup.answers.insert(path.to_owned(), answer);
        self
    }

    /// The datafile in the store.
    #[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
    pub fn with_datafile(self, datafile: Value) -> Self {
        self.with_datafile_bytes(datafile.to_string())
    }

    /// The datafile in the store, whether or not it is one.
    pub fn with_datafile_bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.setup.datafile = Some(bytes.as_ref().to_vec());
        self
    }

    /// One entry of the config store, in place of any of that key.
    pub fn with_option(mut self, key: &str, value: &str) -> Self {
        self.setup.options.retain(|(other, _)| other != key);
        self.setup.options.push((key.to_owned(), value.to_owned()));
        self
    }

    /// One more value in the KV store.
    pub fn with_stored(mut self, key: &str, value: impl AsRef<[u8]>) -> Self {
        self.setup.stored.push((key.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// A datafile that was published: filed by its hash, with the pointer to it. Its number is the datafile's.
    #[expect(clippy::needless_pass_by_value, reason = "reads better with json!")]
    pub fn with_live(self, datafile: Value) -> Self {
        let bytes = datafile.to_string();
        let hash = sha256(bytes.as_bytes());
        self.with_stored(&format!("datafile-{hash}"), &bytes)
            .with_pointer(&datafile["revision"], &hash)
    }

    /// A pointer to the datafile with that hash, whether or not it is there.
    pub fn with_pointer(self, revision: &Value, hash: &str) -> Self {
        let pointer = json!({
            "schema_version": 1, "revision": revision, "datafile": hash, "record": sha256(b""),
        });
        self.with_stored("live", pointer.to_string())
    }

    /// Datafiles that were live one after another, as revision 1 and on, each filed as its bytes are. What is live now
    /// is one more, without experiments; a rollback makes any of them live again while the site runs.
    pub fn with_history(mut self, datafiles: &[Vec<u8>]) -> Self {
        self.setup.stored.extend(history::of(datafiles));
        self
    }

    /// The same as [`Site::with_live`], with the draft that it was made from and the record of who published it.
    pub fn with_record(self, datafile: &Value, draft: &Value) -> Self {
        let (bytes, draft) = (datafile.to_string(), draft.to_string());
        let (hash, of_draft) = (sha256(bytes.as_bytes()), sha256(draft.as_bytes()));
        let record = json!({
            "schema_version": 1, "revision": datafile["revision"], "at": "2026-11-21T12:00:00Z",
            "by": "ada", "action": "publish", "changes": [], "experiments": [],
            "datafile": hash, "draft": of_draft,
        });
        let record = record.to_string();
        let of_record = sha256(record.as_bytes());
        let pointer = json!({
            "schema_version": 1, "revision": datafile["revision"], "datafile": hash, "record": of_record,
        });
        self.with_stored(&format!("datafile-{hash}"), &bytes)
            .with_stored(&format!("draft-{of_draft}"), draft)
            .with_stored(&format!("record-{of_record}"), record)
            .with_stored("live", pointer.to_string())
    }

    /// This site is the shield of that name.
    pub fn as_shield(mut self, name: &str) -> Self {
        self.setup.shields.push((name.to_owned(), None));
        self.with_option("shield", name)
    }

    /// Another site is the shield in front of the origin.
    pub fn behind_shield(mut self, name: &str, shield: &Self) -> Self {
        self.setup.shields.push((name.to_owned(), Some(shield.address())));
        self.with_option("shield", name)
    }

    /// A shield that refuses every connection.
    pub fn behind_dead_shield(mut self, name: &str) -> Self {
        let dead = SocketAddr::from(([127, 0, 0, 1], 1));
        self.setup.shields.push((name.to_owned(), Some(dead)));
        self.with_option("shield", name)
    }

    /// Visitors who seem to be there, as `{"city": "Berlin", "country": "DE"}`.
    pub fn with_geo(mut self, geo: Value) -> Self {
        self.setup.geo = geo;
        self
    }

    /// A datafile that was cut in the middle.
    pub fn with_broken_datafile(self) -> Self {
        let whole = json!({ "schema_version": 1, "experiments": [] }).to_string();
        self.with_datafile_bytes(&whole[..whole.len() / 2])
    }

    /// A store without a datafile in it.
    pub fn without_datafile(mut self) -> Self {
        self.setup.datafile = None;
        self
    }

    /// No store at all.
    pub fn without_kv_store(mut self) -> Self {
        self.setup.kv_store = false;
        self
    }

    /// No config store.
    pub fn without_config_store(mut self) -> Self {
        self.setup.config_store = false;
        self
    }

    /// No secret store.
    pub fn without_secrets(mut self) -> Self {
        self.setup.missing_secrets = ALL_SECRETS.to_vec();
        self
    }

    /// More lines in the list of tokens, whether or not they are any.
    pub fn with_tokens(mut self, lines: &'static str) -> Self {
        self.setup.more_tokens = lines;
        self
    }

    /// A secret store that lacks this one.
    pub fn without_secret(mut self, name: &'static str) -> Self {
        self.setup.missing_secrets = vec![name];
        self
    }

    /// A runtime that waits no longer for the origin's first byte, milliseconds.
    pub fn with_origin_patience(mut self, milliseconds: u32) -> Self {
        self.setup.origin_patience = Some(milliseconds);
        self
    }

    /// A service in which nobody may leave HTTP.
    pub fn without_websockets(mut self) -> Self {
        self.setup.arguments.push("--enable-local-websocket-passthrough=false");
        self
    }

    /// An origin that refuses every connection.
    pub fn with_dead_origin(mut self) -> Self {
        self.setup.origin_lives = false;
        self
    }

    /// Another module than the product.
    pub fn through(mut self, module: PathBuf) -> Self {
        self.setup.module = module;
        self
    }

    /// A runtime that says less. Its log cannot be read.
    pub fn for_measuring(mut self) -> Self {
        self.setup.talk = Talk::Address;
        self
    }

    /// A GET request.
    pub fn get(&self, target: &str) -> Request<'_> {
        self.request("GET", target)
    }

    /// A HEAD request.
    pub fn head(&self, target: &str) -> Request<'_> {
        self.request("HEAD", target)
    }

    /// A POST request.
    pub fn post(&self, target: &str, body: impl AsRef<[u8]>) -> Request<'_> {
        self.request("POST", target).body(body)
    }

    /// Any request.
    pub fn request(&self, method: &str, target: &str) -> Request<'_> {
        Request::new(self, method, target)
    }

    /// The origin, for what it saw.
    pub fn origin(&self) -> &Origin {
        &self.running().origin
    }

    /// Every line of the log, once everything about the requests so far is in it.
    pub fn log(&self) -> Vec<Value> {
        let sent = self.sent.load(Ordering::Acquire);
        parse(&self.running().viceroy.log_after(sent, "edgewise"))
    }

    /// How many sandboxes the requests so far have come to.
    pub fn sandboxes(&self) -> usize {
        drop(self.log());
        self.running().viceroy.sandboxes()
    }

    /// Every line that is in the log by now.
    pub fn log_by_now(&self) -> Vec<Value> {
        parse(&self.running().viceroy.log_after(0, "edgewise"))
    }

    /// The lines of one type, once everything about the requests so far is in the log.
    pub fn logged(&self, kind: &str) -> Vec<Value> {
        let mut lines = self.log();
        lines.retain(|line| line["type"] == kind);
        lines
    }

    /// The reasons of the faults in the log, in order.
    pub fn faults(&self) -> Vec<String> {
        let faults = self.logged("fault");
        let reason = |line: &Value| line["reason"].as_str().map(str::to_owned);
        faults.iter().map(|line| reason(line).expect("a fault has a reason")).collect()
    }

    /// Where visitors connect to.
    pub fn address(&self) -> SocketAddr {
        self.running().viceroy.address()
    }

    /// The runtime's process.
    pub fn pid(&self) -> u32 {
        self.running().viceroy.pid()
    }

    pub(crate) fn count_request(&self) {
        self.sent.fetch_add(1, Ordering::AcqRel);
    }

    fn running(&self) -> &Running {
        self.running.get_or_init(|| {
            let origin = Origin::serving(self.setup.answers.clone());
            let folder = self.setup.write(origin.address());
            let manifest = folder.file("fastly.toml");
            let viceroy = Viceroy::start(&self.setup, &manifest);
            // The runtime has called on the origin by now, to see whether it is up.
            origin.forget();
            Running { viceroy, origin, _folder: folder }
        })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let Some(running) = self.running.get() else { return };
        let traps = running.viceroy.traps();
        // A trap loses whatever the sandbox was doing, so no test may pass with one.
        assert!(traps.is_empty() || thread::panicking(), "{}", traps.join("\n"));
    }
}

fn parse(lines: &[String]) -> Vec<Value> {
    let parse = |line: &String| {
        serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{error} in the log line {line}"))
    };
    lines.iter().map(parse).collect()
}
